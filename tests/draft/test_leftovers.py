from __future__ import annotations

import pytest

from patchkit.draft import Draft
from patchkit.draft.leftovers import (
    drop_config_if_unused,
    drop_network_if_unused,
    drop_secret_if_unused,
    drop_volume_if_unused,
)
from patchkit.errors import EditRefused
from patchkit.tree import RecipeTree

DROPS = {
    "configs": drop_config_if_unused,
    "secrets": drop_secret_if_unused,
    "volumes": drop_volume_if_unused,
    "networks": drop_network_if_unused,
}
APP = "services:\n  app:\n    image: nginx:1.27\n"


def draft_of(files):
    return Draft(RecipeTree.from_files(files))


def files_of(draft):
    return {path: draft.tree.text(path) for path in draft.tree.paths()}


# --- what must stay -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "use"),
    [
        ("configs", "[x]"),
        ("configs", "[{source: x, target: /y}]"),
        ("configs", "\n      - source: x\n"),
        ("secrets", "[x]"),
        ("secrets", "\n      - {source: x, target: y}\n"),
        ("volumes", "['x:/y:ro']"),
        ("volumes", "\n      - type: volume\n        source: x\n        target: /y\n"),
        ("networks", "[x]"),
        ("networks", "{x: }"),
        ("networks", "\n      x:\n        aliases: [y]\n"),
    ],
)
@pytest.mark.parametrize("file", ["compose.yml", "compose.x.yml"])
def test_what_a_service_uses_stays(kind, use, file):
    text = f"{APP}    {kind}: {use}\n{kind}:\n  x: {{}}\n"
    files = {"compose.yml": APP + f"{kind}:\n  x: {{}}\n"} | {file: text}
    draft = draft_of(files)
    assert DROPS[kind](draft, "x") == []
    assert files_of(draft) == files


@pytest.mark.parametrize("kind", DROPS)
def test_what_a_service_uses_through_an_alias_stays(kind):
    use = "x:/x" if kind == "volumes" else "x"
    text = (
        f"x-base: &base\n  image: a:1\n  {kind}: ['{use}']\n"
        f"services:\n  app:\n    <<: *base\n{kind}:\n  x: {{}}\n"
    )
    draft = draft_of({"compose.yml": text})
    assert DROPS[kind](draft, "x") == []
    assert files_of(draft) == {"compose.yml": text}


@pytest.mark.parametrize("kind", DROPS)
def test_nothing_of_that_key_is_nothing_to_do(kind):
    draft = draft_of({"compose.yml": APP + f"{kind}:\n  y: {{}}\n"})
    assert DROPS[kind](draft, "x") == []
    assert draft.notes == []


def test_the_default_network_is_joined_by_saying_nothing():
    draft = draft_of({"compose.yml": APP + "networks:\n  default:\n    driver: overlay\n"})
    assert drop_network_if_unused(draft, "default") == []


# --- what goes ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", DROPS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_an_unused_entry_goes_from_every_file_with_its_comment(kind, newline):
    text = f"{APP}\n# those of the app\n{kind}:\n  # old\n  x:\n    labels: {{a: b}}\n  y: {{}}\n"
    overlay = f"{APP}{kind}:\n  y: {{}}\n  x: {{}}\n"
    draft = draft_of(
        {
            "compose.yml": text.replace("\n", newline),
            "compose.x.yml": overlay.replace("\n", newline),
        }
    )
    done = DROPS[kind](draft, "x")
    word = kind.removesuffix("s")
    assert done == [
        f"removed the {word} x from compose.yml, compose.x.yml: nothing uses it any more"
    ]
    assert files_of(draft) == {
        "compose.yml": f"{APP}\n# those of the app\n{kind}:\n  y: {{}}\n".replace("\n", newline),
        "compose.x.yml": f"{APP}{kind}:\n  y: {{}}\n".replace("\n", newline),
    }


@pytest.mark.parametrize("kind", DROPS)
def test_the_last_entry_takes_its_section_along(kind):
    draft = draft_of({"compose.yml": f"{APP}\n{kind}:\n  x: {{}}\n\nx-more: 1\n"})
    assert DROPS[kind](draft, "x")
    assert files_of(draft) == {"compose.yml": f"{APP}\nx-more: 1\n"}


@pytest.mark.parametrize("kind", DROPS)
def test_an_anchor_in_it_goes_to_its_first_user(kind):
    draft = draft_of(
        {"compose.yml": f"{APP}{kind}:\n  x: &e\n    labels: {{a: b}}\n  y: *e\n  z: *e\n"}
    )
    assert DROPS[kind](draft, "x")
    after = f"{APP}{kind}:\n  y: &e\n    labels: {{a: b}}\n  z: *e\n"
    assert files_of(draft) == {"compose.yml": after}


def test_an_entry_of_a_merge_key_is_refused():
    text = "x-c: &c\n  x: {file: x}\n" + APP + "configs:\n  <<: *c\n  y: {file: y}\n"
    with pytest.raises(EditRefused, match="alias"):
        drop_config_if_unused(draft_of({"compose.yml": text}), "x")


# --- a config's file and export -----------------------------------------------------------

CONFIG = "  x:\n    name: ${STACK_NAME}_x_${X_VERSION}\n    file: ./conf/x.ini\n"
OTHER = "  y:\n    name: ${STACK_NAME}_y_${Y_VERSION}\n    file: y.ini\n"
ABRA = "#!/bin/bash\n\nexport X_VERSION=v2\nexport Y_VERSION=v1\n"
CONFIGS = {
    "compose.yml": f"{APP}configs:\n{CONFIG}{OTHER}",
    "abra.sh": ABRA,
    "conf/x.ini": "x\n",
    "y.ini": "y\n",
}


def test_a_config_takes_its_file_and_its_export_along():
    draft = draft_of(CONFIGS)
    assert drop_config_if_unused(draft, "x") == [
        "removed the config x from compose.yml: nothing uses it any more",
        "removed the file conf/x.ini",
        "removed X_VERSION from abra.sh",
    ]
    assert files_of(draft) == {
        "compose.yml": f"{APP}configs:\n{OTHER}",
        "abra.sh": "#!/bin/bash\n\nexport Y_VERSION=v1\n",
        "y.ini": "y\n",
    }


@pytest.mark.parametrize(
    ("path", "text"),
    [
        pytest.param(
            "compose.yml",
            CONFIGS["compose.yml"] + "  z:\n    file: conf/x.ini\n    name: ${X_VERSION}\n",
            id="another config has both",
        ),
        pytest.param(
            "compose.z.yml",
            "services:\n  app:\n    volumes: ['./conf/x.ini:/x']\n    labels: {v: $X_VERSION}\n",
            id="an overlay names both",
        ),
    ],
)
def test_a_file_and_an_export_that_others_need_stay(path, text):
    draft = draft_of(CONFIGS | {path: text})
    assert len(drop_config_if_unused(draft, "x")) == 1
    assert draft.tree.text("conf/x.ini") == "x\n"
    assert draft.tree.text("abra.sh") == ABRA


def test_a_file_that_abra_sh_names_stays():
    abra = ABRA + 'show() {\n  cat "conf/x.ini"\n}\n'
    draft = draft_of(CONFIGS | {"abra.sh": abra})
    drop_config_if_unused(draft, "x")
    assert "conf/x.ini" in draft.tree
    assert draft.tree.text("abra.sh") == abra.replace("export X_VERSION=v2\n", "")


def test_a_path_in_a_container_is_another_file():
    text = CONFIGS["compose.yml"].replace("1.27\n", "1.27\n    command: run /etc/conf/x.ini\n")
    draft = draft_of(CONFIGS | {"compose.yml": text})
    drop_config_if_unused(draft, "x")
    assert "conf/x.ini" not in draft.tree


def test_a_config_without_file_and_export_just_goes():
    draft = draft_of({"compose.yml": f"{APP}configs:\n  x:\n    external: true\n"})
    assert len(drop_config_if_unused(draft, "x")) == 1
    assert files_of(draft) == {"compose.yml": APP}


# --- a secret's version -------------------------------------------------------------------

SECRET = "secrets:\n  x:\n    external: true\n    name: ${STACK_NAME}_x_${SECRET_X_VERSION:-v1}\n"


@pytest.mark.parametrize(
    "line",
    ["SECRET_X_VERSION=v1 # length=32\n", "#SECRET_X_VERSION=v1\n", "# why\nSECRET_X_VERSION=v1\n"],
)
def test_a_secret_takes_its_version_along(line):
    draft = draft_of({"compose.yml": APP + SECRET, ".env.sample": f"A=b\n\n{line}\nC=d\n"})
    done = drop_secret_if_unused(draft, "x")
    assert done[1:] == ["removed SECRET_X_VERSION from .env.sample"]
    assert files_of(draft) == {"compose.yml": APP, ".env.sample": "A=b\n\nC=d\n"}


def test_a_version_that_others_need_stays():
    text = APP.replace("1.27\n", "1.27\n    environment:\n      - SECRET_X_VERSION\n")
    env = "SECRET_X_VERSION=v1\n"
    draft = draft_of({"compose.yml": text + SECRET, ".env.sample": env})
    assert len(drop_secret_if_unused(draft, "x")) == 1
    assert draft.tree.text(".env.sample") == env


# --- a volume's labels and data -----------------------------------------------------------


def test_a_volume_takes_its_backup_labels_along():
    labels = (
        "    deploy:\n      labels:\n        - backupbot.backup=true\n"
        "        - backupbot.backup.volumes.x=false\n"
        "        - backupbot.backup.volumes.x.path=a,b\n"
        "        - backupbot.backup.volumes.xy=false\n"
    )
    overlay = (
        "services:\n  app:\n    labels:\n      a: b\n      backupbot.backup.volumes.x: 'false'\n"
    )
    draft = draft_of({"compose.yml": APP + labels + "volumes:\n  x:\n", "compose.x.yml": overlay})
    done = drop_volume_if_unused(draft, "x")
    assert done[1:] == [
        "removed the label backupbot.backup.volumes.x of app",
        "removed the label backupbot.backup.volumes.x.path of app",
    ]
    assert files_of(draft) == {
        "compose.yml": APP
        + "    deploy:\n      labels:\n        - backupbot.backup=true\n"
        + "        - backupbot.backup.volumes.xy=false\n",
        "compose.x.yml": "services:\n  app:\n    labels:\n      a: b\n",
    }


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("", "docker volume rm ${STACK_NAME}_x"),
        (" {name: '${STACK_NAME}_data'}", "docker volume rm ${STACK_NAME}_data"),
    ],
)
def test_the_operator_learns_how_to_remove_the_data(body, command):
    draft = draft_of({"compose.yml": f"{APP}volumes:\n  x:{body}\n"})
    drop_volume_if_unused(draft, "x")
    assert [note.rpartition("\n")[2].strip() for note in draft.notes] == [command]


def test_an_external_volume_is_not_ours_to_remove():
    draft = draft_of({"compose.yml": f"{APP}volumes:\n  x: {{external: true}}\n"})
    assert drop_volume_if_unused(draft, "x")
    assert draft.notes == []
