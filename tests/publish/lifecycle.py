"""The life of a pull request on a forge on loopback, to be broken anywhere and begun again.

A `Stage` keeps a world as it was before a command, and puts it back there; `check` tells what must
hold after the command, whatever went wrong on the way.
"""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, NamedTuple

from cli_tools import git
from dashboard import say

from patchkit.cli.boundary import run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from world import World

TITLE = "fix: let Gitea save the secrets that it makes into its app.ini"
UPSTREAM = "The recipe has this change by now"
PR = ["pr", "--no-verify", "gitea"]
WITHDRAW = ["withdraw", "gitea", "--why", "Gitea 1.25 no longer needs it"]


class State(NamedTuple):
    """What can be seen of the mirror; comments and marks by their order, not by their number."""

    pulls: list[tuple[str, str, str, str, str, list[str]]]
    comments: list[tuple[str, str]]
    branches: dict[str, str]
    labels: list[str]


def state(world: World) -> State:
    """Return what can be seen of the mirror of gitea."""
    pulls = world.pulls("gitea")
    said = [(c.user.login, c.body) for pull in pulls for c in pull.comments]
    told = [
        (p.title, p.body, p.state, p.base, p.head, [label.name for label in p.labels])
        for p in pulls
    ]
    labels = [label.name for label in world.repo("gitea").labels]
    return State(told, said, branches(world), labels)


def branches(world: World) -> dict[str, str]:
    """Return every reference of the mirror."""
    found = world.repo("gitea").git.references.iterator()
    return {reference.name: str(reference.target) for reference in found}


class Result(NamedTuple):
    code: int
    out: str
    err: str


def called(words: list[str]) -> Result:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(list(words))
    return Result(int(code), out.getvalue(), err.getvalue())


def untouched(world: World) -> None:
    """Leave the mirror as it is, but read: the pull request is to be opened."""
    called([*PR, "--dry-run"])


def opened(world: World) -> None:
    """Open the pull request."""
    assert called(PR).code == 0


def synced(world: World) -> None:
    """Open the pull request, and let the mirror be force-synced: it is to be brought up."""
    opened(world)
    origin = world.origins["gitea"]
    files = {p.name: p.read_text() for p in origin.work.iterdir() if p.is_file()}
    origin.force_sync(files | {"README.md": files["README.md"] + "\nMore.\n"})


def upstreamed(world: World) -> None:
    """Open the pull request, and let upstream take the change: it is to be closed."""
    opened(world)
    git(world.origins["gitea"].bare, "update-ref", "refs/heads/main", "refs/heads/patchkit/gitea")


def judged(world: World) -> None:
    """Open the pull request, and let CI answer."""
    opened(world)
    say(world, "success")


class Flow(NamedTuple):
    """A command, and what was before."""

    before: Callable[[World], None]
    words: list[str]


WRITING = {
    "create": Flow(untouched, PR),
    "update": Flow(synced, PR),
    "close": Flow(upstreamed, PR),
    "withdraw": Flow(opened, WITHDRAW),
}
READING = {
    "wait": Flow(judged, [*PR, "--wait"]),
    "status": Flow(judged, ["status", "gitea", "--format", "markdown"]),
}
FLOWS = WRITING | READING
ASKED = ("patchbot", "!testme")
CHANGED = ["abra.sh", "compose.lfs.yml", "compose.yml", "docker-setup.sh.tmpl"]
# What the pull request is in the end, and the comments after the first one.
ENDS = {
    "create": ("open", []),
    "update": ("open", ["!testme"]),
    "close": ("closed", [UPSTREAM]),
    "withdraw": ("closed", ["Withdrawn: Gitea 1.25 no longer needs it"]),
    "wait": ("open", []),
    "status": ("open", []),
}


def check(flow: str, now: State, bare: Path) -> None:
    """Check what must hold of the mirror after a flow, by what the fix says."""
    is_open, said = ENDS[flow]
    assert len(now.pulls) == 1
    title, body, *rest = now.pulls[0]
    assert (title, rest) == (TITLE, [is_open, "main", "patchkit/gitea", ["bug"]])
    assert now.labels == ["bug"]
    assert body.count("<!-- patchkit: begin") == body.count("<!-- patchkit: end -->") == 1
    assert "### What changes" in body
    first, *others = now.comments
    assert first == ASKED
    starts = [(who, text[: len(start)]) for (who, text), start in zip(others, said, strict=True)]
    assert starts == [("patchbot", start) for start in said]
    mine = set() if flow == "withdraw" else {"refs/heads/patchkit/gitea"}
    assert set(now.branches) == {"refs/heads/main", *mine}
    if is_open == "open":
        main = now.branches["refs/heads/main"]
        assert git(bare, "rev-parse", "patchkit/gitea^").strip() == main
        assert git(bare, "diff", "--name-only", "main", "patchkit/gitea").split() == CHANGED
        assert f" {now.branches['refs/heads/patchkit/gitea']}@" in body
