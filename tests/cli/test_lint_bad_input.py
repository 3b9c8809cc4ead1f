"""`patchkit lint` on recipes that are broken: findings with places or one clear error."""

from __future__ import annotations

import json
import os

import pytest
import schemas
from cli_tools import ROOT, git
from test_lint import GOOD

V = 'version: "3.8"\n'
MORE = GOOD | {
    "compose.yml": GOOD["compose.yml"] + "configs:\n  x: {file: x.conf}\n",
    "abra.sh": "export X_VERSION=v1\n",
    "x.conf": "http://app:80\n",
    "README.md": "# Small\n",
}
OVER = "compose.over.yml"
BOMB = "x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"x-{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)
HUGE = b"#" * (50 * 1024 * 1024)

# The file, what stands in it, and where the finding must be.
FILES = {
    "broken": (OVER, "services: {\n", f"{OVER}:2:1"),
    "an empty base": ("compose.yml", "", "compose.yml:1:1"),
    "an empty overlay": (OVER, "", f"{OVER}:1:1"),
    "only a comment": (OVER, "# later\n", f"{OVER}:1:1"),
    "binary": (OVER, bytes(range(256)), f"{OVER}:1"),
    "not UTF-8": (OVER, V.encode() + b"# caf\xe9\n", f"{OVER}:2"),
    "UTF-16": (OVER, "services: {}\n".encode("utf-16"), f"{OVER}:1"),
    "huge": (OVER, HUGE, OVER),
    "an alias bomb": (OVER, BOMB, f"{OVER}:"),
    "an alias within its anchor": (OVER, "services: &s\n  app: *s\n", f"{OVER}:2:8"),
    "a merge of itself": (OVER, "services:\n  app: &a\n    <<: *a\n", f"{OVER}:3:9"),
    "an alias of nothing": (OVER, "services: *s\n", f"{OVER}:1:11"),
    "a tag that would run a program": (
        OVER, f"{V}services: !!python/object/apply:os.system ['true']\n", f"{OVER}:2:",
    ),
    "a key twice": (OVER, f"{V}services: {{}}\nservices: {{}}\n", f"{OVER}:3:1"),
    "a key that is a list": (OVER, "? [a, b]\n: c\n", f"{OVER}:1:"),
    "keys that are numbers": (OVER, f"{V}services: {{1: {{image: a}}, 2: null}}\n", f"{OVER}:2:"),
    "deep": (OVER, "[" * 100_000, f"{OVER}:1:"),
    "deep and whole": (OVER, "{a: " * 3000 + "}" * 3000, f"{OVER}:1:"),
    "a tab": (OVER, "services:\n\tapp: {}\n", f"{OVER}:2:1"),
    "half a character": (OVER, f'{V}services: {{"\\ud800": {{image: a}}}}\n', f"{OVER}:2:"),
    "services that are a list": (OVER, f"{V}services: [app]\n", f"{OVER}:2:11"),
    "services that are null": (OVER, f"{V}services:\n", f"{OVER}:2:"),
    "a service that is null": (OVER, f"{V}services:\n  app:\n", f"{OVER}:3:"),
    "a service that is a list": (OVER, f"{V}services:\n  app: [image]\n", f"{OVER}:3:8"),
    "labels that are a number": (
        OVER, f"{V}services:\n  app:\n    deploy: {{labels: 3}}\n", f"{OVER}:4:22",
    ),
    "a label that is a list": (
        OVER, f"{V}services:\n  app:\n    deploy: {{labels: {{a: [b]}}}}\n", f"{OVER}:4:26",
    ),
    "an unknown key at the top": (OVER, f"{V}servces: {{}}\n", f"{OVER}:2:1"),
    "a merge of a list onto a mapping": (
        OVER, f"{V}services:\n  app:\n    deploy: [a]\n", f"{OVER}:4:13",
    ),
    "a merge of a mapping onto a text": (
        OVER, f"{V}services:\n  app:\n    image: {{a: b}}\n", f"{OVER}:4:12",
    ),
    "a version that is a list": (OVER, "version: [3]\nservices: {}\n", f"{OVER}:1:10"),
    "sections of another kind": (OVER, f"{V}configs: [x]\nsecrets: 1\n", f"{OVER}:2:10"),
    "binary settings": (".env.sample", b"A=\0", ".env.sample:1"),
    "settings that are not UTF-8": (".env.sample", b"A=\xe9", ".env.sample:1"),
    "huge settings": (".env.sample", HUGE, ".env.sample"),
    "a binary abra.sh": ("abra.sh", b"\0", "abra.sh:1"),
    "a binary README": ("README.md", b"\0", "README.md:1"),
    "a huge README": ("README.md", HUGE, "README.md"),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    for name, text in MORE.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def told(patchkit, folder):
    """Lint the folder in each format; return the code, where findings are, and what is shown."""

    def ask():
        results = {f: patchkit("lint", "--in", folder, "--format", f) for f in ("text", "json")}
        sarif = patchkit("lint", "--in", folder, "--format", "sarif")
        for result in (*results.values(), sarif):
            assert result.code == results["text"].code
            assert "Traceback" not in result.err
        schemas.of_sarif().validate(json.loads(sarif.out))
        found = [
            f"{finding['path']}:{finding['line'] or ''}:{finding['column'] or ''}"
            for report in json.loads(results["json"].out)
            for rule in report["rules"]
            for finding in rule["findings"]
        ]
        return results["text"].code, found, results["text"]

    return ask


@pytest.mark.parametrize(("path", "content", "place"), FILES.values(), ids=FILES)
def test_file(told, folder, path, content, place):
    (folder / path).write_bytes(content.encode() if isinstance(content, str) else content)
    code, found, shown = told()
    assert code == 4
    assert any(one.startswith(place) for one in found), found
    assert f"{place}" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("content", [os.urandom(999), HUGE], ids=["binary", "huge"])
def test_config_that_nobody_reads_as_text(told, folder, content):
    (folder / "x.conf").write_bytes(content)
    assert told()[0] == 0


def test_many_lines(told, folder):
    """Each of them a setting, or a finding: time grows with them, not with their square."""
    (folder / ".env.sample").write_text("DOMAIN=a.example.com\n" + "A=b\n" * 20_000)
    (folder / "abra.sh").write_text("export X_VERSION=v1\n" * 20_000)
    (folder / "README.md").write_text("<!-- metadata -->\n* **Image**: a\n" * 20_000)
    mounts = "".join(f"      - v{number}:/v{number}\n" for number in range(5_000))
    (folder / OVER).write_text(f"{V}services:\n  app:\n    volumes:\n{mounts}")
    code, found, _ = told()
    assert code == 4
    assert len([one for one in found if one.startswith(OVER)]) == 5_000


def test_what_no_rule_could_judge_is_told_in_one_line(patchkit, folder):
    (folder / "compose.yml").write_text("services: [\n")
    result = patchkit("lint", "--in", folder)
    (line,) = (row for row in result.out.splitlines() if "not judged" in row)
    assert line.endswith(" rules: the recipe cannot be read")


def test_no_files(told, folder):
    for path in folder.iterdir():
        path.unlink()
    code, found, _ = told()
    assert code == 4
    assert {"compose.yml:1:1", ".env.sample:1:1"} <= set(found)


def pipe(path):
    os.mkfifo(path)


def directory(path):
    path.mkdir()


@pytest.mark.parametrize("make", [pipe, directory])
def test_what_is_no_file_is_none_of_the_recipes(told, folder, make):
    make(folder / OVER)
    assert told()[0] == 0


@pytest.mark.parametrize("target", ["nowhere.yml", OVER, "/etc/hostname", "../../x", "/dev/zero"])
def test_link_that_leads_nowhere_good(told, folder, target):
    (folder / OVER).symlink_to(target)
    code, found, shown = told()
    assert code == 4
    assert any(one.startswith(OVER) for one in found), found
    assert OVER in shown.out


def test_settings_behind_a_link_out_of_the_recipe(told, folder):
    (folder / ".env.sample").unlink()
    (folder / ".env.sample").symlink_to("/etc/hostname")
    code, found, _ = told()
    assert code == 4
    assert any(one.startswith(".env.sample") for one in found)


@pytest.mark.parametrize("name", [b"compose.\xff.yml", b"compose.a\nb.yml", b"compose.\x1b[0m.yml"])
def test_odd_names(told, folder, name):
    (folder / os.fsdecode(name)).write_text("services: [\n")
    code, _, shown = told()
    assert code == 4
    assert "\x1b" not in shown.out


def test_sets_of_files_that_lead_out_of_the_recipe(told, folder):
    """Nothing of the machine is read, however `.env.sample` names it."""
    line = 'COMPOSE_FILE="$COMPOSE_FILE:../../etc/passwd:/etc/hostname:$(id)"\n'
    (folder / ".env.sample").write_text("DOMAIN=a.example.com\n" + line * 20)
    code, found, shown = told()
    assert code == 0
    assert "passwd" not in shown.out + str(found)


def test_repository_that_is_broken(patchkit, folder):
    """One clear error: whether tags are annotated cannot be told."""
    (folder / ".git").write_text("gitdir: /nowhere\n")
    result = patchkit("lint", "--in", folder)
    assert (result.code, result.out) == (5, "")
    assert f"{folder}: error: git for-each-ref failed" in result.err
    assert "help:" in result.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give up its rights and take them back")
def test_file_that_may_not_be_read(patchkit, folder):
    (folder / OVER).write_text(f"{V}services: {{}}\n")
    (folder / OVER).chmod(0)
    for path in (folder, *folder.parents):
        if path.owner() == "root" and "pytest" in str(path):
            path.chmod(0o755)
    os.seteuid(65534)
    try:
        result = patchkit("lint", "--in", folder)
    finally:
        os.seteuid(0)
    assert result.code in {3, 4}
    assert OVER in result.out + result.err
    assert "Traceback" not in result.err


def test_base_that_cannot_be_read(patchkit, folder):
    """What a change repairs is judged as it is."""
    git(folder, "init", "-q")
    (folder / OVER).write_text("services: [\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "broken")
    (folder / OVER).unlink()
    result = patchkit("lint", "--in", folder, "--base", "HEAD")
    assert result.code == 0
    assert "not judged: stale-config-version" in result.out


def test_the_samples_are_told_as_they_are(patchkit):
    """Against a test that finds something wrong in everything."""
    assert patchkit("lint", "--in", ROOT / "tests" / "recipes" / "discourse-migrated").code == 4
