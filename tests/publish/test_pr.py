"""`patchkit pr` against a forge on loopback: from nothing to a pull request, and again."""

from __future__ import annotations

import pytest
from cli_tools import ROOT, git

from patchkit import __version__
from patchkit.publish import survey

SNAPSHOT = ROOT / "tests" / "snapshots" / "gitea" / "gitea.diff"


def test_a_new_pull_request(world, pr):
    result = pr()
    assert result.code == 0, result.err
    (pull,) = world.pulls("gitea")
    assert (pull.title, pull.base, pull.head) == (
        "fix: let Gitea save the secrets that it makes into its app.ini",
        "main",
        "patchkit/gitea",
    )
    origin = world.origins["gitea"]
    diff = git(origin.bare, "diff", "main", "patchkit/gitea")
    snapshot = SNAPSHOT.read_text()
    assert [line for line in diff.splitlines() if line[:1] in "+-"] == [
        line for line in snapshot.splitlines() if line[:1] in "+-"
    ]
    assert [label.name for label in pull.labels] == ["bug"]
    assert world.comments("gitea") == ["!testme"]
    assert f"/recipes/gitea/pulls/{pull.number}" in result.out


def test_the_commit(world, pr):
    pr()
    bare = world.origins["gitea"].bare
    said = git(bare, "log", "-1", "--format=%an <%ae>%n%cd%n%s%n%(trailers)", "patchkit/gitea")
    base = git(bare, "log", "-1", "--format=%cd", "main").strip()
    author, date, subject, *trailers = said.strip().splitlines()
    assert (author, date) == ("Bot <bot@example.com>", base)
    assert subject == "fix: let Gitea save the secrets that it makes into its app.ini"
    assert trailers[0] == "Patchkit-Fix: gitea"
    assert trailers[1].startswith("Patchkit-Digest: ")
    assert trailers[2] == f"Patchkit-Version: {__version__}"


def test_new_version_of_patchkit_moves_no_branch(world, pr, monkeypatch):
    """A commit that would differ by the version alone stays, and so does the text that tells it."""
    with monkeypatch.context() as older:
        older.setattr(survey, "__version__", "0.0.1")
        pr()
    before = len(world.writes())
    assert (pr().code, len(world.writes())) == (0, before)
    assert ", patchkit 0.0.1." in world.pulls("gitea")[0].body
    world.origins["gitea"].commit({"README.md": "x\n"})
    pr()
    bare = world.origins["gitea"].bare
    made = git(
        bare, "log", "-1", "--format=%(trailers:key=Patchkit-Version,valueonly)", "patchkit/gitea"
    )
    assert made.strip() == __version__
    assert f", patchkit {__version__}." in world.pulls("gitea")[0].body


def test_again_writes_nothing(world, pr):
    pr()
    before = len(world.writes())
    result = pr()
    assert (result.code, len(world.writes())) == (0, before)
    assert "gitea: nothing on gitea\n  #1 is as it should be" in result.err


def test_dry_run_writes_nothing(world, pr):
    result = pr("--dry-run")
    assert result.code == 0
    assert world.writes() == []
    assert world.pulls("gitea") == []
    assert "gitea: create on gitea" in result.err
    assert "+write_app_ini" in result.out
    assert "### What changes" in result.out


def test_base_was_force_synced(world, pr):
    pr()
    origin = world.origins["gitea"]
    first = origin.ref("refs/heads/patchkit/gitea")
    readme = (origin.work / "README.md").read_text()
    files = {p.name: p.read_text() for p in origin.work.iterdir() if p.is_file()}
    origin.force_sync(files | {"README.md": readme + "\nMore.\n"})
    result = pr()
    assert result.code == 0
    assert "gitea: update branch on gitea" in result.err
    second = origin.ref("refs/heads/patchkit/gitea")
    assert second != first
    assert git(origin.bare, "rev-parse", f"{second}^").strip() == origin.ref("refs/heads/main")
    assert len(world.pulls("gitea")) == 1
    assert world.comments("gitea") == ["!testme", "!testme"]


def test_rounds_are_bounded(world, pr):
    pr()
    origin = world.origins["gitea"]
    for number in range(5):
        origin.commit({"README.md": f"{number}\n"})
        assert pr().code == 0
    assert world.comments("gitea") == ["!testme"] * 3


def test_already_upstream(world, pr):
    pr()
    origin = world.origins["gitea"]
    git(origin.bare, "update-ref", "refs/heads/main", "refs/heads/patchkit/gitea")
    result = pr()
    assert "already upstream: close" in result.err
    (pull,) = world.pulls("gitea")
    assert pull.state == "closed"
    assert world.comments("gitea")[-1].startswith("The recipe has this change by now")
    assert pr().code == 0
    assert len(world.pulls("gitea")) == 1


def test_branch_that_a_person_edited(world, pr):
    pr()
    origin = world.origins["gitea"]
    git(origin.work, "fetch", "-q", str(origin.bare), "patchkit/gitea")
    git(origin.work, "checkout", "-q", "FETCH_HEAD")
    mine = origin.commit({"NOTES": "x\n"}, "ana was here", "refs/heads/patchkit/gitea")
    result = pr()
    assert result.code == 3
    assert "refused: edited by a person" in result.err
    assert origin.ref("refs/heads/patchkit/gitea") == mine
    # Upstream takes the change, without what ana did.
    git(origin.bare, "update-ref", "refs/heads/main", f"{mine}^")
    assert "already upstream: comment" in pr().err
    (pull,) = world.pulls("gitea")
    assert pull.state == "open"
    assert len(world.comments("gitea")) == 2
    pr()
    assert len(world.comments("gitea")) == 2


def test_closed_by_a_person_means_no(world, pr):
    pr()
    world.gitea.forge.set_state(world.repo("gitea"), 1, "closed", by="ana")
    before = len(world.writes())
    result = pr()
    assert (result.code, len(world.writes())) == (3, before)
    assert "#1 was closed: that means no; --reopen asks again" in result.err
    assert pr("--reopen").code == 0
    assert [pull.state for pull in world.pulls("gitea")] == ["closed", "open"]


def test_superseded_by_another_pull_request(world, pr):
    """Somebody proposed the very change on a branch of their own."""
    pr()
    origin = world.origins["gitea"]
    git(origin.bare, "update-ref", "refs/heads/mine", "refs/heads/patchkit/gitea")
    git(origin.bare, "update-ref", "-d", "refs/heads/patchkit/gitea")
    pull = world.pulls("gitea")[0]
    pull.head = "mine"
    git(origin.bare, "update-ref", "refs/pull/1/head", "refs/heads/mine")
    result = pr()
    assert result.code == 0
    assert "gitea: superseded on gitea\n  #1 holds the change already" in result.err
    assert len(world.pulls("gitea")) == 1


def test_text_of_people_survives(world, pr):
    pr()
    pull = world.pulls("gitea")[0]
    pull.body = f"Hello.\n\n{pull.body}\n\n- [x] looked at it"
    pull.title = "Something else"
    result = pr()
    assert "update text" in result.err
    assert pull.title.startswith("fix: let Gitea")
    assert pull.body.startswith("Hello.\n\n")
    assert pull.body.endswith("\n\n- [x] looked at it")


def test_mirror_that_is_missing(world, pr):
    result = pr("--mirror", world.url("nobody"))
    assert result.code == 5
    assert "gitea: mirror missing on gitea" in result.err


def test_wrong_token(world, pr, monkeypatch):
    monkeypatch.setenv("PATCHKIT_TOKEN", "wrong-and-secret")
    result = pr()
    assert result.code == 5
    assert "token" in result.err
    assert "wrong-and-secret" not in result.out + result.err


def test_recipe_that_drifted(world, pr):
    world.origins["gitea"].commit(
        {"compose.yml": "version: '3.8'\nservices: {app: {image: 'a:1'}}\n"}
    )
    result = pr()
    assert result.code == 3
    assert world.writes() == []


def test_limit(world, pr):
    result = pr("--limit", "0")
    assert "gitea: left for another run: --limit 0 is reached" in result.err
    assert world.writes() == []


def test_draft(world, pr):
    pr("--draft")
    assert world.pulls("gitea")[0].title.startswith("WIP:")
    before = len(world.writes())
    pr()
    assert len(world.writes()) == before


def test_upstream_is_never_pushed_to(world, pr, tmp_path):
    settings = tmp_path / "here" / "patchkit.toml"
    settings.write_text(settings.read_text() + f'upstream = "{world.url()}"\n')
    result = pr()
    assert result.code == 2
    assert "is upstream, which patchkit never pushes to" in result.err
    assert world.pulls("gitea") == []


@pytest.mark.parametrize("name", ["--recipe=nobody", "--recipe="])
def test_recipe_without_a_fix(pr, name):
    assert pr(name).code == 2


@pytest.mark.parametrize("words", [["gitea"], ["--fix", "gitea"], ["gitea", "--fix", "gitea"]])
def test_fix_that_is_named(world, patchkit, words):
    result = patchkit("pr", "--no-verify", "--dry-run", *words)
    assert (result.code, result.err.count("gitea: create on gitea")) == (0, 1)
