"""The life of a pull request on a forge on loopback, to be broken anywhere and begun again.

A `Stage` keeps a world as it was before a flow, and puts it back there; `is_right` tells what must
hold after the flow, whatever went wrong on the way.
"""

from __future__ import annotations

import copy
import shutil
from typing import TYPE_CHECKING, NamedTuple

from cli_tools import git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitea_state import Forge
    from world import World

TITLE = "fix: let Gitea save the secrets that it makes into its app.ini"
UPSTREAM = "The recipe has this change by now"


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


class Stage:
    """A world as it is now, to come back to.

    Attributes:
        world: the world.
        cache: patchkit's; `other` beside it is that of another machine.
    """

    def __init__(self, world: World, cache: Path) -> None:
        self.world, self.cache = world, cache
        self._saved = cache.with_name(f"{cache.name}.saved")
        shutil.rmtree(self._saved, ignore_errors=True)
        shutil.copytree(cache, self._saved)
        self._forge = _copied(world.gitea.forge)
        self._branches = branches(world)

    def restore(self) -> None:
        """Put the forge, its branches and the cache back."""
        for cache in (self.cache, self.cache.with_name("other")):
            shutil.rmtree(cache, ignore_errors=True)
            shutil.copytree(self._saved, cache)
        self.world.gitea.forge = _copied(self._forge)
        references = self.world.repo("gitea").git.references
        for name in branches(self.world).keys() - self._branches.keys():
            references.delete(name)
        for name, sha in self._branches.items():
            references.create(name, sha, force=True)
        self.world.proxy.reset()


def _copied(forge: Forge) -> Forge:
    """Return a copy of all that a forge knows, which goes on counting as the forge does."""
    return copy.deepcopy(forge, {id(count): count for count in (forge.ids, forge.ticks)})


def untouched(world: World, pr: Callable[..., object]) -> None:
    """Leave the mirror as it is, but read: the pull request is to be opened."""
    pr("--dry-run")


def synced(world: World, pr: Callable[..., object]) -> None:
    """Open the pull request, and let the mirror be force-synced: it is to be brought up."""
    pr()
    origin = world.origins["gitea"]
    files = {p.name: p.read_text() for p in origin.work.iterdir() if p.is_file()}
    origin.force_sync(files | {"README.md": files["README.md"] + "\nMore.\n"})


def upstreamed(world: World, pr: Callable[..., object]) -> None:
    """Open the pull request, and let upstream take the change: it is to be closed."""
    pr()
    git(world.origins["gitea"].bare, "update-ref", "refs/heads/main", "refs/heads/patchkit/gitea")


FLOWS = {"create": untouched, "update": synced, "close": upstreamed}
ASKED = ("patchbot", "!testme")
CHANGED = ["abra.sh", "compose.lfs.yml", "compose.yml", "docker-setup.sh.tmpl"]


def check(flow: str, now: State, bare: Path) -> None:
    """Check what must hold of the mirror after a flow, by what the fix says."""
    assert len(now.pulls) == 1
    title, body, is_open, base, head, labels = now.pulls[0]
    assert (title, base, head, labels) == (TITLE, "main", "patchkit/gitea", ["bug"])
    assert now.labels == ["bug"]
    assert body.count("<!-- patchkit: begin") == body.count("<!-- patchkit: end -->") == 1
    assert "### What changes" in body
    assert set(now.branches) == {"refs/heads/main", "refs/heads/patchkit/gitea"}
    assert is_open == ("closed" if flow == "close" else "open")
    if flow == "close":
        first, (author, said) = now.comments
        assert (first, author, said[: len(UPSTREAM)]) == (ASKED, "patchbot", UPSTREAM)
        return
    assert now.comments == [ASKED] * {"create": 1, "update": 2}[flow]
    main = now.branches["refs/heads/main"]
    assert git(bare, "rev-parse", "patchkit/gitea^").strip() == main
    assert git(bare, "diff", "--name-only", "main", "patchkit/gitea").split() == CHANGED
    assert f" {now.branches['refs/heads/patchkit/gitea']}@" in body
