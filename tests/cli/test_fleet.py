"""Commands over many recipes: which are meant, what is written, what is told, how it ends."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest
import unidiff
from cli_tools import ROOT, SAMPLES, content, git
from fleet_tools import COMPOSE, PIN, PINNED, recipe

from patchkit.report.sarif import LOG

MATTERMOST = ROOT / "fixes" / "mattermost.yml"


@pytest.fixture
def fleet(tmp_path):
    """Five folders: two to fix, one fixed, one drifted, one that is no recipe; and a fix."""
    (tmp_path / "pin.yml").write_text(PIN)
    for number, compose in enumerate((COMPOSE, COMPOSE, PINNED, COMPOSE.replace("app", "web"))):
        recipe(tmp_path / f"r{number}" / "cache", compose)
    (tmp_path / "r4" / "cache").mkdir(parents=True)
    (tmp_path / "list").write_text("".join(f"r{number}/cache\n" for number in range(5)))
    return tmp_path


def test_each_recipe_is_a_line_and_the_highest_code_wins(patchkit, fleet):
    result = patchkit("diff", "pin.yml", "--list", "list")
    assert result.code == 3
    lines = result.err.splitlines()
    assert lines[:3] == [
        "1/5 r0/cache: pin: applies (1 file, +1 -1)",
        "2/5 r1/cache: pin: applies (1 file, +1 -1)",
        "3/5 r2/cache: pin: already fixed",
    ]
    assert lines[3].startswith("4/5 r3/cache: pin: drifted: ")
    told = lines[lines.index("did not go well:") + 1 :]
    assert [line.split(": ")[:3] for line in told[:2]] == [
        ["  r3/cache", "pin", "drifted"],
        ["  r4/cache", "pin", "failed"],
    ]
    assert told[2] == "5 done: 2 applies, 1 already fixed, 1 drifted, 1 failed"


def test_the_diff_applies_in_the_folder_above(patchkit, tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "all")
    result = patchkit("diff", "mattermost", "gitea", "--recipes", "all")
    assert result.code == 0, result.err
    assert {file.path.split("/")[0] for file in unidiff.PatchSet(result.out)} == {
        "gitea",
        "mattermost-lts",
    }
    subprocess.run(["git", "apply"], input=result.out.encode(), check=True, cwd=tmp_path / "all")
    for fix, name in (("mattermost", "mattermost-lts"), ("gitea", "gitea")):
        applied = tmp_path / "one" / name
        shutil.copytree(SAMPLES / name, applied)
        patchkit("apply", fix, "--in", applied)
        assert content(tmp_path / "all" / name) == content(applied)


def test_apply_writes_each_folder_as_alone(patchkit, fleet):
    before = content(fleet / "r3"), content(fleet / "r2")
    result = patchkit("apply", "pin.yml", "--list", "list", "--format", "stat")
    assert result.code == 3
    assert "5 done: 2 applied, 1 already fixed, 1 drifted, 1 failed" in result.err
    assert result.out == "cache/compose.yml  changed   +1 -1\n" * 2
    assert [(fleet / f"r{n}/cache/compose.yml").read_text() for n in (0, 1)] == [PINNED, PINNED]
    assert (content(fleet / "r3"), content(fleet / "r2")) == before


def test_apply_refuses_one_with_uncommitted_changes_and_writes_the_others(patchkit, fleet):
    dirty = fleet / "r0" / "cache"
    git(dirty, "init", "-q")
    git(dirty, "add", "-A")
    git(dirty, "commit", "-qm", "start")
    (dirty / "compose.yml").write_text(COMPOSE + "# mine\n")
    result = patchkit("apply", "pin.yml", "--list", "list", "--only", "r[012]/*")
    assert result.code == 3
    assert "r0/cache: pin: failed: r0/cache has uncommitted changes" in result.err
    assert (dirty / "compose.yml").read_text() == COMPOSE + "# mine\n"
    assert (fleet / "r1/cache/compose.yml").read_text() == PINNED
    assert patchkit("apply", "pin.yml", "--list", "list", "--only", "r0/*", "--force").code == 0
    assert (dirty / "compose.yml").read_text() == PINNED + "# mine\n"


def test_fixes_of_one_recipe_build_on_each_other_when_written(patchkit, fleet):
    folder = fleet / "r0" / "cache"
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "start")
    (fleet / "more.yml").write_text(
        "id: more\ntitle: More\nrecipe: cache\nwhy: To see.\n"
        "expects:\n  - {service: app, image: 'redis:7.4.5-alpine'}\n"
        "ops:\n  - {op: environment.set, service: app, variables: {B: '2'}}\n"
    )
    result = patchkit("apply", "pin.yml", "more.yml", "--list", "list", "--only", "r0/*")
    assert result.code == 0, result.err
    assert (folder / "compose.yml").read_text() == PINNED + "      - B=2\n"


def test_apply_of_samples_goes_to_workspaces(patchkit, tmp_path):
    result = patchkit("apply", "mattermost", "gitea", "--jobs", "2", "--quiet")
    assert result.code == 0, result.err
    assert {path.name for path in (tmp_path / ".patchkit/work").iterdir()} == {
        "gitea",
        "mattermost-lts",
    }
    assert result.err == "2 done: 2 applied\n"


def test_two_recipes_of_one_name_do_not_share_a_workspace(patchkit, fleet, monkeypatch):
    monkeypatch.setenv("PATCHKIT_CACHE", str(fleet / "clones"))
    for number in (0, 1):
        folder = fleet / f"r{number}" / "cache"
        git(folder, "init", "-qb", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "start")
    urls = [(fleet / f"r{n}" / "cache").as_uri() for n in (0, 1)]
    (fleet / "urls").write_text("\n".join(urls))
    result = patchkit("apply", "pin.yml", "--list", "urls")
    assert result.code == 3
    assert f"holds the recipe of the same name from {urls[0]}" in result.err


def test_check_finds_a_change_and_writes_nothing(patchkit, fleet):
    before = {name: content(fleet / name) for name in ("r0", "r1", "r2")}
    for command in ("diff", "apply"):
        wanted = ("--list", "list", "--skip", "r[34]/*", "--check")
        assert patchkit(command, "pin.yml", *wanted).code == 1
        assert patchkit(command, "pin.yml", *wanted, "--only", "r2/*").code == 0
    assert {name: content(fleet / name) for name in before} == before


def test_json_has_those_that_failed_too(patchkit, fleet):
    found = json.loads(patchkit("diff", "pin.yml", "--list", "list", "--format", "json").out)
    assert [(one["source"], one["verdict"]) for one in found] == [
        ("r0/cache", "applies"),
        ("r1/cache", "applies"),
        ("r2/cache", "already fixed"),
        ("r3/cache", "drifted"),
        ("r4/cache", None),
    ]
    assert found[4]["error"]["code"] == 3
    alone = json.loads(patchkit("diff", "pin.yml", "--in", "r0/cache", "--format", "json").out)
    assert alone == found[:1]


def test_a_broken_fix_does_not_stop_the_others(patchkit, fleet):
    (fleet / "broken.yml").write_text("id: [\n")
    result = patchkit("diff", "broken.yml", "pin.yml", "--list", "list", "--only", "r0/*")
    assert result.code == 2
    assert "broken.yml" in result.err
    assert "2 done: 1 failed, 1 applies" in result.err


def test_a_fix_whose_recipe_is_not_there_is_told(patchkit, fleet):
    result = patchkit("diff", "pin.yml", "gitea", "--list", "list", "--only", "r0/*")
    assert result.code == 2
    assert "gitea: none of the recipes is gitea" in result.err
    assert "1 done: 1 applies" in result.err


def test_all_is_every_fix_on_its_sample(patchkit):
    result = patchkit("diff", "--all", "--format", "json", "--quiet")
    assert result.code == 0, result.err
    names = {path.stem for path in (ROOT / "fixes").glob("*.yml")} - {"bluesky-pds-alias"}
    assert {one["fix"] for one in json.loads(result.out)} == names


def test_a_password_in_a_list_is_not_told(patchkit, fleet):
    (fleet / "urls").write_text("https://user:secret@git.example.com/a/cache.git\n")
    result = patchkit("diff", "pin.yml", "--list", "urls", "--format", "json")
    assert result.code == 2
    assert "the mirror's URL holds a password" in result.err
    assert "secret" not in result.out + result.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "Missing argument 'FIX...'"),
        (("pin.yml", "--recipes", "nowhere"), "nowhere: error: cannot be read"),
        (("pin.yml", "--list", "list", "--only", "cach"), "none of 5 recipes is left"),
        (("pin.yml", "--list", "list", "--in", "r0/cache"), "leave one of them out"),
        (("pin.yml", "--list", "list", "--executor", "dask"), "--scheduler tcp://"),
        (("pin.yml", "--list", "list", "--scheduler", "x", "--executor", "threads"), "dask's"),
        (("pin.yml", "--list", "list", "--limit", "0"), "--limit"),
        (("classes/pg-backup", "--jobs", "2"), "for every recipe of a kind"),
    ],
)
def test_wrong_command_lines(patchkit, fleet, options, said):
    result = patchkit("diff", *options)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "Traceback" not in result.err


def test_a_class_is_for_every_recipe(patchkit, tmp_path):
    for name in ("mattermost-lts", "bluesky-pds"):
        shutil.copytree(SAMPLES / name, tmp_path / "all" / f"my-{name}")
    (tmp_path / "all" / "nothing").mkdir()
    result = patchkit("apply", "classes/pg-backup", "--recipes", "all")
    assert result.code == 3
    assert "all/my-bluesky-pds: classes/pg-backup: not this kind" in result.err
    assert "3 done: 1 not this kind, 1 applied, 1 failed" in result.err
    assert (tmp_path / "all/my-mattermost-lts/pg_backup.sh").is_file()


def test_lint_of_many_is_what_lint_of_each_says(patchkit, tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "all", ignore=shutil.ignore_patterns("cc-ci"))
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    each = [argument for name in names for argument in ("--in", f"all/{name}")]
    for style in ("text", "json", "sarif"):
        many = patchkit("lint", "--recipes", "all", "--format", style)
        one = patchkit("lint", *each, "--format", style)
        assert many.out == one.out
        assert many.code == one.code == 4


def test_lint_tells_what_is_no_recipe(patchkit, fleet):
    result = patchkit("lint", "--list", "list", "--format", "json")
    assert result.code == 4
    found = json.loads(result.out)
    assert found[4]["error"]["message"] == "this is no recipe: there is no compose*.yml"
    result = patchkit("lint", "--list", "list", "--only", "r4/*", "--format", "sarif")
    assert (result.code, json.loads(result.out)) == (3, {**LOG, "runs": []})


def test_verify_of_many(patchkit, tmp_path):
    shutil.copytree(SAMPLES, tmp_path / "all")
    wanted = ("--recipes", "all", "--only", "shellcheck", "--require", "shellcheck")
    result = patchkit("verify", "mattermost", "gitea", *wanted, "--format", "json")
    assert result.code == 0, result.err
    found = json.loads(result.out)
    assert {(one["fix"], one["judgements"][0]["state"]) for one in found} == {
        ("mattermost", "passed"),
        ("gitea", "passed"),
    }
    text = patchkit("verify", "mattermost", *wanted).out
    assert text.startswith("mattermost on all/mattermost-lts\npassed: shellcheck")
    chosen = patchkit("verify", "mattermost", *wanted, "--only-recipe", "gitea")
    assert (chosen.code, "none of the recipes is mattermost-lts" in chosen.err) == (2, True)


@pytest.mark.parametrize(
    ("judge", "there", "word"),
    [("shellcheck", (), "passed"), ("compose", ("git",), "not judged")],
)
def test_what_nobody_judged_has_not_passed(patchkit, tmp_path, monkeypatch, judge, there, word):
    (tmp_path / "bin").mkdir()
    for name in there:
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    if there:
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    result = patchkit(
        "verify", "gitea", "--recipes", SAMPLES, "--only-recipe", "gitea", "--only", judge
    )
    assert (result.code, result.err.splitlines()[-1]) == (0, f"1 done: 1 {word}")


def test_all_kinds_of_bad_input_are_a_line_each(patchkit, tmp_path):
    top = tmp_path / "all"
    recipe(top / "good")
    big = recipe(top / "many-files")
    for number in range(5000):
        (big / f"f{number}").write_text("x")
    recipe(top / "broken-yaml", "services: {\n")
    (top / "no-recipe").mkdir()
    git(tmp_path, "init", "-q", "--bare", "all/empty.git")
    git(top / "good", "init", "-q")
    git(top / "good", "add", "-A")
    git(top / "good", "commit", "-qm", "start")
    shutil.copytree(top / "good" / ".git", top / "corrupt.git")
    sha = git(top / "corrupt.git", "rev-parse", "HEAD:compose.yml").strip()
    loose = top / "corrupt.git" / "objects" / sha[:2] / sha[2:]
    loose.chmod(0o644)
    loose.write_bytes(loose.read_bytes()[:10])
    (tmp_path / "list").write_text(
        "".join(f"all/{path.name}\n" for path in top.iterdir()) + "./gone\nhttp://localhost:1/a/b\n"
    )
    result = patchkit("scan", "--list", "list", "--format", "json")
    codes = {row["source"]: (row["error"] or {"code": 0})["code"] for row in json.loads(result.out)}
    assert codes == {
        "all/good": 0,
        "all/many-files": 0,
        "all/broken-yaml": 3,
        "all/no-recipe": 3,
        "all/empty.git": 5,
        "all/corrupt.git": 5,
        "gone": 2,
        "http://localhost:1/a/b": 5,
    }
    assert result.code == 5
    told = [line for line in result.err.splitlines() if line.startswith("  ")]
    bad = [name for name, code in codes.items() if code]
    assert sorted(line.split(": ")[0].strip() for line in told) == sorted(bad)
    assert "Traceback" not in result.err


def test_a_judge_that_says_no_is_told_in_the_summary(patchkit, fleet):
    (fleet / "sh.yml").write_text(
        "id: sh\ntitle: Shell\nrecipe: cache\nwhy: To see.\n"
        'ops:\n  - {op: file.add, path: a.sh, text: "#!/bin/sh\\nif\\n"}\n'
    )
    wanted = ("--list", "list", "--only", "shellcheck", "--only-recipe", "r[01]/*")
    result = patchkit("verify", "sh.yml", "pin.yml", *wanted)
    assert result.code == 1
    told = [line for line in result.err.splitlines() if line.startswith("  ")]
    assert told == [f"  r{n}/cache: sh: did not pass: 1 failed" for n in (0, 1)]
    assert patchkit("verify", "sh.yml", *wanted, "--fail-fast").err.count("did not pass") == 3


@pytest.mark.parametrize("words", ["['diff', '-h']", "['diff', 'mattermost', '--jobs', '1']"])
def test_neither_rich_nor_processes_are_imported_where_they_are_not_needed(words):
    script = (
        f"import sys; from patchkit.cli.boundary import run; run({words})\n"
        "print(sorted({'rich', 'distributed', 'pygit2', 'github'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
