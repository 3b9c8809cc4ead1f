"""The fix of gitea on recipes that nobody has seen: what it makes, and what it leaves."""

from __future__ import annotations

import copy

import pytest
from variants import (
    COMPOSE,
    Unindented,
    added,
    as_lists,
    as_mappings,
    bom,
    commented,
    crlf,
    dumped,
    each,
    environment_as_mapping,
    fields_reversed,
    four_spaces,
    in_every_service,
    labels_as_mapping,
    long_secrets,
    long_volumes,
    moved,
    no_final_newline,
    quoted_items,
    replaced,
    resub,
    same,
    sample,
    sections_reversed,
    services_reversed,
    then,
    view,
    without,
)

SCRIPT = "docker-setup.sh.tmpl"
OLD, NEW = "/etc/gitea/app.ini", "/etc/gitea-template/app.ini"


def mended(files, *, app="app", config="app_ini", to=NEW):
    """Return what the compose files must say afterwards."""
    after = copy.deepcopy(view(files))
    for data in after.values():
        for mount in data["services"].get(app, {}).get("configs", []):
            if mount["source"] == config:
                mount["target"] = to
    return after


def raised(text):
    return text.replace("DOCKER_SETUP_VERSION=v2", "DOCKER_SETUP_VERSION=v3")


@pytest.fixture
def check(check_applies):
    """Check the fix on a variant of the sample; what was inserted into the script is returned."""

    def run(variant, abra=None, *, head=None, script=SCRIPT, params=None, **names):
        files = variant(sample("gitea"))
        after = check_applies(
            "gitea",
            files,
            mended(files, **names),
            {"abra.sh": raised(files["abra.sh"]) if abra is None else abra},
            gone=r"^ *(- )?\{?(source: \w+, )?target: [\"']?[/$]|_VERSION=|^ *# above",
            params=params,
            aside=(script,),
        )
        return inserted(files[script], after[script], head)

    return run


def inserted(before, after, head=None):
    """Return the lines that are new in a script; they stand in one place, apart from others."""
    start = len(before) if head is None else len(head)
    while not after.startswith(before[:start]):
        start -= 1
    block = after[start : start + len(after) - len(before)]
    assert before[:start] + block + before[start:] == after
    assert before[:start] == (head if head is not None else before[:start])
    assert block.count("write_app_ini() (") == 1
    return block


PLAIN = {
    "the sample": same,
    "labels as a mapping": labels_as_mapping,
    "environment as a mapping": environment_as_mapping,
    "items in double quotes": each(COMPOSE)(lambda text: quoted_items(text, '"')),
    "four spaces": four_spaces,
    "comments everywhere": commented,
    "CRLF": crlf(COMPOSE),
    "CRLF in settings": crlf("[.a]*"),
    "BOM": bom(COMPOSE),
    "no final newline": no_final_newline(COMPOSE),
    "no final newline in any file": no_final_newline("*"),
    "written by a program": dumped(),
    "lists not indented": dumped(dumper=Unindented),
    "four spaces, lists indented": dumped(indent=4),
    "services in another order": dumped(services_reversed),
    "sections in another order": dumped(sections_reversed),
    "fields in another order": dumped(fields_reversed),
    "all as mappings": dumped(in_every_service(as_mappings)),
    "all as lists": dumped(in_every_service(as_lists)),
    "volumes in the long syntax": dumped(in_every_service(long_volumes)),
    "secrets in the long syntax": dumped(in_every_service(long_secrets)),
    "another registry": resub(COMPOSE, (r"image: ", "image: registry.example.com:5000/mirror/")),
    "digests": resub(COMPOSE, (r"(image: .*)$", rf"\1@sha256:{'0f' * 32}")),
    "images with variables": resub(
        COMPOSE, (r"image: (.*):(.*)$", r"image: ${IMAGE:-\1}:${TAG:-\2}")
    ),
    "no README": without("README.md"),
    "no release notes": without("release/*"),
    "no overlays": without("compose.*.yml"),
    "no COMPOSE_FILE": resub(".env.sample", (r"^.*COMPOSE_FILE.*\n", "")),
    "path from a variable": resub(
        COMPOSE, (r"target: /etc/gitea/app\.ini", "target: ${GITEA_APP_INI:-/etc/gitea/app.ini}")
    ),
    "mounts in braces": resub(
        "compose.yml",
        (
            r"- source: app_ini\n +target: /etc/gitea/app.ini",
            "- {source: app_ini, target: /etc/gitea/app.ini, mode: 0440}",
        ),
    ),
    "quoted paths": resub(
        COMPOSE, (r"target: /etc/gitea/app\.ini", 'target: "/etc/gitea/app.ini"')
    ),
    "another overlay": added(
        "compose.extra.yml",
        'version: "3.8"\nservices:\n  app:\n    configs:\n      - source: app_ini\n'
        "        target: /etc/gitea/app.ini\n        mode: 0444\n",
    ),
    "other volume": resub(
        COMPOSE, (r"config:/etc/gitea", "gitea_etc:/etc/gitea"), (r"^  config:$", "  gitea_etc:")
    ),
}


HEAD = """\
#!/bin/bash
# Called by /usr/local/bin/docker-entrypoint.sh of the image, as the user git (1000),
# right before it starts `gitea -c $GITEA_APP_INI web`.

set -eu
"""


@pytest.mark.parametrize("name", PLAIN)
def test_applies(name, check):
    block = check(PLAIN[name], head=HEAD)
    assert block.startswith("\n# Gitea saves")
    assert block.endswith("}\n")


def mounted_by_an_overlay(files):
    mount = "      - source: app_ini\n        target: /etc/gitea/app.ini\n"
    overlay = f'version: "3.8"\nservices:\n  app:\n    configs:\n{mount}'
    return replaced("compose.yml", (mount, ""))(added("compose.ini.yml", overlay)(files))


NAMED = {
    "config gitea_ini": (resub(COMPOSE, (r"\bapp_ini\b", "gitea_ini")), {"config": "gitea_ini"}),
    "service gitea": (
        resub(COMPOSE, (r"^  app:", "  gitea:")),
        {"app": "gitea"},
    ),
    "mounted by an overlay": (mounted_by_an_overlay, {}),
    "other place": (same, {"to": "/run/app.ini", "params": {"source": "/run/app.ini"}}),
    "script with another key": (resub(COMPOSE, (r"\bdocker_setup\b", "setup_sh")), {}),
    "script in a folder": (
        moved(SCRIPT, "scripts/docker-setup.sh"),
        {"script": "scripts/docker-setup.sh"},
    ),
    "script that is no template": (
        then(
            replaced(
                "compose.yml",
                (f"    file: {SCRIPT}\n    template_driver: golang\n", f"    file: ./{SCRIPT}\n"),
            ),
            resub(SCRIPT, (r"^\{\{.*\}\}\n", "")),
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_applies_to_other_names(name, check):
    variant, names = NAMED[name]
    check(variant, **names)


MOUNTS = """\
    configs:
      - source: app_ini
        target: /etc/gitea/app.ini
      # stands in for the script of the image, which would run environment-to-ini
      - source: docker_setup
        target: /usr/local/bin/docker-setup.sh
        mode: 0555
"""
LIST = "".join(line[4:] + "\n" for line in MOUNTS.splitlines()[1:])
ANCHORED = {
    "by an alias": replaced(
        "compose.yml",
        (MOUNTS, "    configs: *configs\n"),
        ("services:\n", f"x-configs: &configs\n{LIST}\nservices:\n"),
    ),
    "by a merge key": replaced(
        "compose.yml",
        (MOUNTS, "    <<: *configs\n"),
        ("services:\n", f"x-configs: &configs\n{MOUNTS}\nservices:\n".replace("\n    ", "\n  ")),
    ),
    "one by an alias": replaced(
        "compose.yml",
        (MOUNTS, MOUNTS.replace("source: app_ini\n        target: /etc/gitea/app.ini", "*mount")),
        (
            "services:\n",
            "x-mount: &mount\n  source: app_ini\n  target: /etc/gitea/app.ini\n\nservices:\n",
        ),
    ),
}


@pytest.mark.parametrize("name", ANCHORED)
def test_follows_aliases(name, check_applies):
    files = ANCHORED[name](sample("gitea"))
    expected = mended(files)
    for key in [key for key in expected["compose.yml"] if key.startswith("x-")]:
        del expected["compose.yml"][key]
    texts = {"abra.sh": raised(files["abra.sh"])}
    check_applies("gitea", files, expected, texts, gone="", aside=(SCRIPT,))


def script(text):
    return lambda files: files | {SCRIPT: text}


SCRIPTS = {
    "sh": ("#!/bin/sh\n", "\nmkdir -p $HOME\n"),
    "sh and its options": ("#!/bin/sh\n\nset -e\n", "mkdir -p $HOME\n"),
    "options of the shebang": ("#!/bin/sh -eu\n", "mkdir -p $HOME\n"),
    "options over several lines": ("#!/bin/sh\nset -e\nset -u # strictly\n", "\nmkdir -p $HOME\n"),
    "no options": ("#!/bin/bash\n", "\n# Home\nmkdir -p $HOME\n"),
    "no blank lines": ("#!/bin/bash\n", "mkdir -p $HOME\nchmod 0700 $HOME\n"),
    "a licence": ("#!/bin/bash\n# Copyright the authors\n# MIT\n", "\nmkdir -p $HOME\n"),
    "no shebang": ("", "mkdir -p $HOME\n"),
    "a template's comment": ("", "{{/* made by hand */}}mkdir -p $HOME\n"),
    "options later": ("#!/bin/bash\n", "\n# Be strict\nset -eu\nmkdir -p $HOME\n"),
    "that makes the file itself": (
        "#!/bin/bash\n",
        "\nif [ ! -f ${GITEA_APP_INI} ]; then\n  cp /etc/templates/app.ini ${GITEA_APP_INI}\nfi\n",
    ),
    "only a shebang": ("#!/bin/sh\n", ""),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_inserts_behind_the_head_of_the_script(name, check):
    head, rest = SCRIPTS[name]
    block = check(script(head + rest), head=head)
    assert block.lstrip("\n").startswith("# Gitea saves")
    assert block.startswith("\n") == bool(head)
    if head and rest:
        assert block.endswith("\n\n") != rest.startswith("\n")


ABRA = {
    "quoted": (
        replaced("abra.sh", ("DOCKER_SETUP_VERSION=v2", "DOCKER_SETUP_VERSION='v2'")),
        "DOCKER_SETUP_VERSION='v2'",
        "DOCKER_SETUP_VERSION='v3'",
    ),
    "two digits": (
        replaced("abra.sh", ("DOCKER_SETUP_VERSION=v2", "DOCKER_SETUP_VERSION=v19")),
        "DOCKER_SETUP_VERSION=v19",
        "DOCKER_SETUP_VERSION=v20",
    ),
    "by default in the name": (
        then(
            replaced("compose.yml", ("${DOCKER_SETUP_VERSION}", "${DOCKER_SETUP_VERSION:-v3}")),
            replaced("abra.sh", ("export DOCKER_SETUP_VERSION=v2\n", "")),
        ),
        "export PG_BACKUP_VERSION=v1\n",
        "export PG_BACKUP_VERSION=v1\nexport DOCKER_SETUP_VERSION=v4\n",
    ),
    "both, which disagree": (
        replaced("compose.yml", ("${DOCKER_SETUP_VERSION}", "${DOCKER_SETUP_VERSION:-v7}")),
        "DOCKER_SETUP_VERSION=v2",
        "DOCKER_SETUP_VERSION=v3",
    ),
}


@pytest.mark.parametrize("name", ABRA)
def test_raises_the_version_of_the_script(name, check):
    variant, old, new = ABRA[name]
    text = variant(sample("gitea"))["abra.sh"]
    assert old in text
    check(variant, text.replace(old, new))


def test_exports_the_version_where_there_is_no_abra_sh(check):
    variant = then(
        without("abra.sh"), resub(COMPOSE, (r"_\$\{([A-Z_]+_VERSION)\}$", r"_${\1:-v4}"))
    )
    check(lambda files: variant(files) | {"abra.sh": ""}, "export DOCKER_SETUP_VERSION=v5\n")


DRIFTED = {
    "no Gitea": (
        resub(COMPOSE, ("gitea/gitea:", "forge/forgejo:")),
        ("no service with image 'gitea'", "app (forge/forgejo:1.24.6-rootless)", "--param app="),
    ),
    "no volume": (
        resub("compose.yml", (r"^      - config:/etc/gitea\n", ""), (r"^  config:\n", "")),
        ("expected a volume of app at /etc/gitea", "no place where a saved secret would survive"),
    ),
    "no config": (
        resub(COMPOSE, ("target: /etc/gitea/app.ini", "target: /etc/templates/app.ini")),
        ("no config of app at /etc/gitea/app.ini", "app_ini at /etc/templates/app.ini"),
    ),
    "config in the short syntax": (
        then(
            without("compose.lfs.yml"),
            resub(COMPOSE, (r"- source: app_ini\n +target: /etc/gitea/app.ini$", "- app_ini")),
        ),
        ("no config of app at /etc/gitea/app.ini", "app_ini at /app_ini"),
    ),
    "no script of its own": (
        then(
            resub("compose.yml", (r"^      - source: docker_setup\n.*\n.*\n", "")),
            resub("compose.yml", (r"^  docker_setup:\n(    .*\n)*", "")),
        ),
        ("no config of app at /usr/local/bin/docker-setup.sh", "app_ini at /etc/gitea/app.ini"),
    ),
    "an external script": (
        resub(
            "compose.yml",
            (r"^  docker_setup:\n(    .*\n?)*", "  docker_setup:\n    external: true\n"),
        ),
        ("no file of a config 'docker_setup'",),
    ),
    "a script with Windows line ends": (
        crlf(SCRIPT),
        ("no shell runs a script with Windows line ends",),
    ),
    "another config at the new place": (
        added(
            "compose.more.yml",
            'version: "3.8"\nservices:\n  app:\n    configs:\n      - source: more\n'
            "        target: /etc/gitea-template/app.ini\nconfigs:\n  more:\n    file: more.ini\n",
        ),
        ("2 candidates", "app_ini, more", "--param config="),
    ),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    check_drifts("gitea", variant(sample("gitea")), *words)
