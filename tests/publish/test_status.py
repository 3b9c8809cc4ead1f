"""`patchkit status`: every fix with its pull request, CI's word and the next step; no write."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime

import pytest
from cli_tools import ROOT, git
from dashboard import run_of, say
from faults import Fault

from patchkit.cli import status
from patchkit.forge.gitea import Gitea
from patchkit.publish.row import Row
from patchkit.report.status_text import status_table

KEYS = ["fix", "recipe", "mirror", "verdict", "editors", "pull", "ci", "next", "error"]
PULL = ["number", "url", "state", "draft", "mergeable", "head", "created", "days"]
CI = ["state", "green", "level", "rungs", "rules_failed", "enrolled", "url", "text"]


@pytest.fixture
def rows(patchkit, world, monkeypatch):
    """Run it and return exit code and JSON; it must write nothing. It is nine days later."""

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return cls(2026, 1, 10, 12, tzinfo=tz)

    monkeypatch.setattr(status, "datetime", Later)

    def call(*arguments):
        before = len(world.writes())
        result = patchkit("status", "--format", "json", *arguments or ("gitea",))
        assert len(world.writes()) == before
        return result.code, json.loads(result.out)

    return call


def test_nothing_proposed_yet(world, rows):
    code, (row,) = rows()
    assert (code, list(row)) == (0, KEYS)
    assert (row["fix"], row["recipe"], row["mirror"]) == ("gitea", "gitea", world.url("gitea"))
    assert (row["verdict"], row["pull"], row["ci"], row["error"]) == ("applies", None, None, None)
    assert row["next"] == {
        "action": "create",
        "reason": "the mirror lacks the change, and nobody has proposed it",
    }


def test_proposed_and_not_answered(world, pr, rows):
    pr()
    code, (row,) = rows()
    pull = row["pull"]
    assert code == 0
    assert (list(pull), list(row["ci"])) == (PULL, CI)
    assert (pull["number"], pull["state"], pull["mergeable"], pull["days"]) == (1, "open", True, 9)
    assert pull["head"] == world.origins["gitea"].ref("refs/heads/patchkit/gitea")
    assert row["ci"]["text"] == "not enrolled?"
    assert row["next"]["action"] == "nothing"


def test_next_is_what_pr_does(world, pr, rows):
    """Judged by real programs or not: what they said of a commit is read out of the body."""
    pr()
    world.origins["gitea"].commit({"README.md": "x\n"})
    assert rows()[1][0]["next"]["action"] == "update branch"
    assert "update branch" in pr().err
    assert rows()[1][0]["next"]["action"] == "nothing"


def test_head_that_is_not_answered_after_one_that_was(world, pr, rows):
    pr()
    say(world, "success")
    world.origins["gitea"].commit({"README.md": "x\n"})
    pr()
    assert rows()[1][0]["ci"]["text"] == "no answer yet"


def test_level(world, pr, rows, results):
    results.runs["17"] = run_of(4, lint="fail") | {"lint": {"rules_failed": ["R011"]}}
    pr()
    say(world, "pending", run=17)
    assert rows()[1][0]["ci"]["state"] == "pending"
    say(world, "success", run=17)
    code, (row,) = rows()
    assert code == 1
    assert (row["ci"]["state"], row["ci"]["green"], row["ci"]["level"]) == ("success", False, 4)
    assert row["ci"]["rules_failed"] == ["R011"]
    assert {"name": "lint", "state": "fail"} in row["ci"]["rungs"]
    results.runs["17"] = run_of(5)
    code, (row,) = rows()
    assert (code, row["ci"]["green"]) == (0, True)


def test_edited_by_a_person(world, pr, rows):
    pr()
    origin = world.origins["gitea"]
    git(origin.work, "fetch", "-q", str(origin.bare), "patchkit/gitea")
    git(origin.work, "checkout", "-q", "FETCH_HEAD")
    author = git(origin.work, "log", "-1", "--format=%cn").strip()
    origin.commit({"NOTES": "x\n"}, "ana was here", "refs/heads/patchkit/gitea")
    code, (row,) = rows()
    assert code == 3
    assert len(row["editors"]) == 1
    assert row["editors"] != [author]
    assert row["next"]["action"] == "refused: edited by a person"


def test_conflict_with_the_base(world, pr, rows):
    pr()
    world.origins["gitea"].commit(
        {"compose.yml": "version: '3.8'\nservices: {app: {image: 'a:1'}}\n"}
    )
    code, (row,) = rows()
    assert (code, row["verdict"], row["pull"]["mergeable"]) == (3, "drifted", False)


def test_list_that_does_not_tell_whether_it_can_be_merged(world, pr, rows, monkeypatch):
    """GitHub's does not: the pull request itself is asked then."""
    pr()
    real = Gitea.pulls
    monkeypatch.setattr(
        Gitea,
        "pulls",
        lambda *given, **named: (replace(p, mergeable=None) for p in real(*given, **named)),
    )
    assert rows()[1][0]["pull"]["mergeable"] is True


def test_withdrawn(world, pr, patchkit, rows):
    pr()
    patchkit("withdraw", "gitea", "--why", "x")
    code, (row,) = rows()
    assert (code, row["pull"]["state"], row["ci"]) == (3, "closed", None)
    assert row["next"]["action"] == "refused: withdrawn"


def test_one_that_cannot_be_read_does_not_stop_the_others(world, rows):
    """Only the mirror of gitea is there; that of discourse is broken."""
    world.add("discourse")
    origin = world.origins["discourse"]
    git(origin.bare, "update-ref", "-d", "refs/heads/main")
    code, found = rows("--all")
    by_fix = {row["fix"]: row for row in found}
    assert code == 5
    assert by_fix["gitea"]["next"]["action"] == "create"
    assert by_fix["discourse"]["error"]["code"] == 5
    assert "names no branch" in by_fix["discourse"]["error"]["message"]
    assert by_fix["mattermost"]["next"]["action"] == "mirror missing"
    assert len(by_fix) == len(found)


def asked_for(world, rows, *words) -> list[str]:
    """Return the paths that a first look asks for."""
    shutil.rmtree(world.root.parent / "cache", ignore_errors=True)
    before = len(world.proxy.requests)
    assert rows(*words)[0] == 0
    return [request.path for request in world.proxy.requests[before:]]


def test_mirror_is_read_once(world, rows):
    """Four fixes are for the harness: its references and its open pull requests are read once."""
    world.add("cc-ci")
    one, four = asked_for(world, rows, "keycloak"), asked_for(world, rows, "--recipe", "cc-ci")
    for end in (".git/info/refs", ".git/git-upload-pack", "/recipes/cc-ci"):
        counts = [sum(path.endswith(end) for path in paths) for paths in (one, four)]
        assert counts[0] == counts[1] > 0


def test_mirror_that_cannot_be_read_is_asked_once(world, rows):
    world.proxy.fail(Fault.UNAVAILABLE, times=100)
    code, found = rows("--recipe", "cc-ci")
    assert (code, [row["error"]["code"] for row in found]) == (5, [5] * 4)
    assert len(world.proxy.requests) == 4  # attempts


@pytest.fixture
def broken(world, tmp_path):
    """Beside the fix of gitea lies one that cannot be read."""
    folder = tmp_path / "here" / "fixes"
    folder.mkdir()
    (folder / "gitea.yml").write_text((ROOT / "fixes" / "gitea.yml").read_text())
    (folder / "half.yml").write_text("id: half\ntitel: Half\n")


@pytest.mark.usefixtures("broken")
def test_broken_spec_does_not_stop_the_others(world, rows):
    code, (row, bad) = rows("--all")
    assert (code, row["next"]["action"]) == (2, "create")
    assert (bad["fix"], bad["error"]["code"]) == ("half", 2)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize("words", [["--all"], ["half.yml", "gitea"]])
def test_broken_spec_does_not_stop_pr(world, patchkit, words):
    result = patchkit("pr", "--no-verify", *words)
    assert result.code == 2
    assert result.err.count("error: ") > 0
    assert len(world.pulls("gitea")) == 1


def test_wrong_token(world, rows, monkeypatch):
    monkeypatch.setenv("PATCHKIT_TOKEN", "wrong-and-secret")
    code, (row,) = rows()
    assert code == 5
    assert "wrong-and-secret" not in str(row)


def test_table(world, pr, patchkit, results):
    results.runs["17"] = run_of(3, functional="fail", lint="fail") | {
        "rules_failed": ["R001", "R007", "R011", "R014", "R015"]
    }
    pr()
    say(world, "success", run=17)
    result = patchkit("status")
    head, line, *_ = result.out.splitlines()
    assert head.split() == ["FIX", "RECIPE", "VERDICT", "PULL", "AGE", "CI"]
    assert max(map(len, result.out.splitlines())) <= 80
    assert "\x1b" not in result.out
    (line,) = [line for line in result.out.splitlines() if line.startswith("gitea")]
    assert line.split()[:5] == ["gitea", "gitea", "applies", "#1", "open"]
    assert line.endswith("level 3")
    assert "  next: nothing: #1 is as it should be\n" in result.out
    assert "lint rules failed:" in result.out


def test_markdown(world, pr, patchkit):
    pr()
    head, rule, line = patchkit("status", "gitea", "--format", "markdown").out.splitlines()
    assert head.count("|") == rule.count("|") == line.count("|") == 9
    assert f"[#1 open]({world.proxy.url}/recipes/gitea/pulls/1)" in line.replace(
        "localhost", "localhost"
    )


@pytest.mark.parametrize("style", ["table", "json", "markdown"])
def test_one_that_there_is_not(patchkit, style):
    result = patchkit("status", "gitae", "--format", style)
    assert result.code == 2
    assert "did you mean gitea?" in " ".join(result.out.split())


def test_words_of_strangers_move_no_cursor():
    text = status_table([Row("x", "y", editors=("ana\x1b[2J\nnext: nothing",))])
    assert "\x1b" not in text
    assert "  edited by ana [2J next: nothing\n" in text


def test_long_names_are_cut_to_the_width():
    rows = [Row("a" * 60, "b" * 60), Row("x", "y")]
    text = status_table(rows)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" in text


@pytest.mark.parametrize("command", ["status", "withdraw"])
def test_help_has_an_example(patchkit, command):
    assert f"\n  patchkit {command} " in patchkit(command, "--help").out
