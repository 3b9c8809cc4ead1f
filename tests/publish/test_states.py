"""What people and forges do to a pull request between two runs of `patchkit pr`."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

from cli_tools import git
from world import TOKEN

from patchkit.publish import forking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from conftest import Result
    from world import World

    from patchkit.git.remote import Remote

BRANCH = "refs/heads/patchkit/gitea"


def test_branch_of_an_open_pull_request_was_deleted(world: World, pr: Callable[..., Result]):
    pr()
    origin = world.origins["gitea"]
    head = origin.ref(BRANCH)
    git(origin.bare, "update-ref", "refs/pull/1/head", BRANCH)
    git(origin.bare, "update-ref", "-d", BRANCH)
    result = pr()
    assert (result.code, origin.ref(BRANCH)) == (0, head), result.err
    assert "#1 is behind: its branch is gone" in result.err
    assert len(world.pulls("gitea")) == 1
    assert world.comments("gitea") == ["!testme"]


def test_default_branch_was_renamed(world: World, pr: Callable[..., Result]):
    pr()
    bare = world.origins["gitea"].bare
    git(bare, "branch", "-m", "main", "trunk")
    before = len(world.writes())
    result = pr()
    assert (result.code, len(world.writes())) == (3, before)
    assert "#1 goes to main, and the fix is for trunk" in result.err


def test_default_branch_was_renamed_after_a_person_closed_it(
    world: World, pr: Callable[..., Result]
):
    pr()
    world.gitea.forge.set_state(world.repo("gitea"), 1, "closed", by="ana")
    git(world.origins["gitea"].bare, "branch", "-m", "main", "trunk")
    before = len(world.writes())
    result = pr()
    assert (result.code, len(world.writes())) == (3, before)
    assert "#1 was closed by ana: that means no" in result.err


def test_line_ends_of_the_forge(world: World, pr: Callable[..., Result]):
    """Forms of browsers send CRLF, and forges keep it."""
    pr()
    pull = world.pulls("gitea")[0]
    pull.body = pull.body.replace("\n", "\r\n")
    before = len(world.writes())
    assert pr().code == 0
    assert len(world.writes()) == before
    pull.body = f"Hello.\r\n\r\n{pull.body}"
    pull.title = "x"
    assert pr().code == 0
    assert pull.body.startswith("Hello.\r\n\r\n<!-- patchkit: begin")
    assert world.comments("gitea") == ["!testme"]


def test_a_person_made_it_a_draft(world: World, pr: Callable[..., Result]):
    pr()
    pull = world.pulls("gitea")[0]
    pull.title = f"WIP: {pull.title}"
    before = len(world.writes())
    pr()
    assert len(world.writes()) == before
    world.origins["gitea"].commit({"README.md": "x\n"})
    assert pr().code == 0
    assert pull.title.startswith("WIP: fix: let")


def test_a_person_took_the_draft_away(world: World, pr: Callable[..., Result]):
    pr("--draft")
    pull = world.pulls("gitea")[0]
    pull.title = pull.title.removeprefix("WIP:").strip()
    before = len(world.writes())
    pr("--draft")
    assert len(world.writes()) == before


def test_a_person_took_labels_away(world: World, pr: Callable[..., Result]):
    """Labels are given once: what people do with them after that stays."""
    pr()
    world.pulls("gitea")[0].labels.clear()
    pr()
    world.origins["gitea"].commit({"README.md": "x\n"})
    pr()
    assert world.pulls("gitea")[0].labels == []


def test_words_that_come_between_plan_and_write_stay(world: World, pr: Callable[..., Result]):
    pr()
    pull = world.pulls("gitea")[0]
    world.origins["gitea"].commit({"README.md": "x\n"})
    pushed = next(i for i, r in enumerate(rehearsed(world, pr)) if r.endswith("receive-pack"))

    def write() -> None:
        pull.body += "\n\nLooks good, says ana."

    world.proxy.reset()
    world.origins["gitea"].commit({"README.md": "y\n"})
    world.proxy.events[pushed, "after"] = write
    assert pr().code == 0
    assert pull.body.endswith("Looks good, says ana.")
    assert f" {world.origins['gitea'].ref(BRANCH)}@" in pull.body


def rehearsed(world: World, pr: Callable[..., Result]) -> list[str]:
    """Run the command, and return what it asked."""
    before = len(world.proxy.requests)
    assert pr().code == 0
    return [request.path for request in world.proxy.requests[before:]]


def test_closed_while_the_plan_was_made(world: World, pr: Callable[..., Result]):
    pr()
    world.origins["gitea"].commit({"README.md": "x\n"})
    before = len(world.writes())
    world.proxy.reset()
    # The first look at open pulls has said that it is open.
    world.proxy.events[number_of_pulls(world, pr), "after"] = lambda: world.gitea.forge.set_state(
        world.repo("gitea"), 1, "closed", by="ana"
    )
    result = pr()
    assert (result.code, len(world.writes())) == (3, before)
    assert "#1 was closed while the plan was made" in result.out


def number_of_pulls(world: World, pr: Callable[..., Result]) -> int:
    pr("--dry-run")
    before = len(world.proxy.requests)
    pr("--dry-run")
    asked = [request.path for request in world.proxy.requests[before:]]
    world.proxy.reset()
    return next(i for i, path in enumerate(asked) if path.endswith("/pulls"))


def test_fork(world: World, pr: Callable[..., Result], tmp_path: Path):
    """Branches go to the fork of another owner; what is there is read by a cache that lacks it."""
    fork = add_fork(world, "patchbot")
    assert pr("--fork", "patchbot").code == 0
    (pull,) = world.pulls("gitea")
    assert pull.head_repo is fork
    assert world.origins["gitea"].ref(BRANCH) == ""
    shutil.rmtree(tmp_path / "cache")
    before = len(world.writes())
    result = pr("--fork", "patchbot")
    assert (result.code, len(world.writes())) == (0, before), result.err
    world.origins["gitea"].commit({"README.md": "x\n"})
    shutil.rmtree(tmp_path / "cache")
    assert pr("--fork", "patchbot").code == 0
    assert len(world.pulls("gitea")) == 1
    assert world.comments("gitea") == ["!testme", "!testme"]


def test_fork_is_made(world: World, pr: Callable[..., Result]):
    result = pr("--fork", "patchbot", "--dry-run")
    assert (result.code, world.writes()) == (0, [])
    url = f"{world.proxy.url}/patchbot/gitea.git"
    assert "gitea: create on gitea\n" in result.err
    assert f"  the fork {url} is made first\n" in result.err
    assert pr("--fork", "patchbot").code == 0
    (pull,) = world.pulls("gitea")
    assert pull.head_repo is world.gitea.forge.repos["patchbot/gitea"]
    before = len(world.writes())
    result = pr("--fork", "patchbot")
    assert (result.code, len(world.writes())) == (0, before)
    assert "is made first" not in result.err


def test_fork_that_takes_its_time(
    world: World, pr: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
):
    """The forge answers before git finds the fork."""
    rights, late = world._git.tokens[TOKEN], []
    world.gitea.on_fork = late.append

    def look(*given: object) -> Remote:
        if next(count) > 1:
            rights[f"{late[0]}.git"] = "write"
        return real(*given)

    real, count = forking.look, itertools.count()
    monkeypatch.setattr(forking, "look", look)
    assert pr("--fork", "patchbot").code == 0
    assert next(count) == 3


def test_fork_that_never_comes(world: World, pr: Callable[..., Result]):
    world.gitea.on_fork = str
    result = pr("--fork", "patchbot")
    assert result.code == 5
    assert "the fork was made, and git does not find it yet" in result.err
    assert world.pulls("gitea") == []


def test_fork_of_another_repository(world: World, pr: Callable[..., Result]):
    fork = add_fork(world, "patchbot")
    fork.parent = None
    result = pr("--fork", "patchbot")
    assert (result.code, world.writes()) == (2, [])
    assert "patchbot/gitea is no fork of recipes/gitea" in result.err


def test_fork_of_somebody_else_is_not_made(world: World, pr: Callable[..., Result]):
    assert pr("--fork", "ana").code == 5
    assert world.pulls("gitea") == []


def test_owner_of_the_mirror_needs_no_fork(world: World, pr: Callable[..., Result]):
    assert pr("--fork", "Recipes").code == 0
    assert world.origins["gitea"].ref(BRANCH)


def add_fork(world: World, owner: str):
    """Let a user have a fork of the mirror."""
    mirror = world.repo("gitea")
    (world.root / owner).mkdir()
    git(world.root, "clone", "-q", "--bare", str(mirror.path), f"{owner}/gitea.git")
    world._git.tokens[TOKEN][f"{owner}/gitea.git"] = "write"
    return world.gitea.forge.add_repo(
        owner, world.root / owner / "gitea.git", writers=(owner,), parent=mirror
    )
