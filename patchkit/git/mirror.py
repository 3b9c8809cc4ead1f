"""Mirrors: bare clones in the user's cache, brought up to date before they are read.

A mirror's branches are force-synced, so what it has now replaces what it had. A clone that was
interrupted is never seen, and one that is damaged is made again.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2

from patchkit.errors import GitError, Place
from patchkit.git import clone
from patchkit.git.faults import DamagedCloneError, RemoteError
from patchkit.git.program import git
from patchkit.git.remote import BRANCHES, ask, check_url, look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.git.access import Access
    from patchkit.git.remote import Remote

_ROUNDS = 3  # how often a mirror may change while it is read
_FETCH = (
    *("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"),
    "--no-auto-maintenance",
)
# Detached, it would go on behind the lock's back; and references are not the git program's.
_GC = ("-c", "gc.autoDetach=false", "-c", "gc.packRefs=false", "gc", "--auto", "--quiet")


@dataclass(frozen=True, slots=True)
class Mirror:
    """A mirror, and the clone that holds what it has.

    Attributes:
        folder: the bare clone.
        remote: the mirror as it was when it was read: the clone holds these commits whole.
    """

    folder: Path
    remote: Remote

    @property
    def head(self) -> str:
        """The commit at the head of the default branch.

        Raises:
            GitError: the mirror has no commits, or its default branch is gone.
        """
        if sha := self.remote.head:
            return sha
        why = "its default branch is gone" if self.remote.branches else "it has no commits yet"
        raise GitError(
            f"the mirror has nothing to read: {why}",
            place=Place(self.remote.url),
            hint="sync it from upstream, and see its default branch in the forge's settings",
        )


def mirror(
    url: str,
    cache: Path | None = None,
    *,
    pulls: Iterable[int] = (),
    access: Access | None = None,
) -> Mirror:
    """Return a mirror as it is now: one request when nothing is new there, three otherwise.

    Args:
        url: where git finds it.
        cache: the folder of all clones; the user's cache, or `PATCHKIT_CACHE`, by default.
        pulls: pull requests whose heads are wanted too; one that the mirror does not list is
            absent from the result.
        access: a token for it; None leaves it to git's own settings.

    Raises:
        UsageError: the URL is none that git may be given.
        RemoteError: the mirror cannot be reached or read; the clone stays as it was.
        GitError: the clone cannot be written.
    """
    check_url(url)
    folder = (cache or _cache()) / _name(url)
    numbers = tuple(pulls)
    with clone.locked(folder):
        clone.tidy(folder)
        remote = look(url, access, folder.parent)
        try:
            return Mirror(folder, _updated(folder, remote, numbers))
        except (GitError, *clone.BROKEN):
            # No diagnosis: the mirror has it all, and a new clone says why when it fails too.
            return Mirror(folder, _made(folder, remote, numbers))


def bring(mirror: Mirror, fork: Remote, branch: str) -> None:
    """Bring the commits of a fork's branch into the clone of its mirror, where they are told apart.

    Args:
        mirror: the clone.
        fork: the other repository, as it was read.
        branch: its plain name; when the fork has no such branch, there is nothing to do.

    Raises:
        RemoteError: the fork cannot be reached, or has the branch no more.
        GitError: the clone cannot be read.
    """
    sha = fork.branches.get(branch)
    with clone.locked(mirror.folder):
        clone.tidy(mirror.folder)
        try:
            has = sha is None or sha in clone.opened(mirror.folder)
        except clone.BROKEN as error:
            raise DamagedCloneError(mirror.folder, error) from error
        if not has and not _fetch(mirror.folder, fork, [BRANCHES + branch]):
            raise RemoteError("fetch", f"{branch} went while it was read", fork.url)


def _updated(folder: Path, remote: Remote, pulls: tuple[int, ...]) -> Remote:
    """Bring the clone that is there up to date."""
    if clone.is_marked(folder):
        raise DamagedCloneError(folder, "a command found it so")
    return _read(folder, remote, pulls)


def _made(folder: Path, remote: Remote, pulls: tuple[int, ...]) -> Remote:
    """Make the clone afresh."""
    try:
        with clone.made(folder) as new:
            return _read(new, remote, pulls)
    except clone.BROKEN as error:
        raise clone.unwritable(folder, error) from error


def _read(folder: Path, remote: Remote, pulls: tuple[int, ...]) -> Remote:
    """Bring into a repository what a remote has, and return what that was in the end."""
    for _ in range(_ROUNDS):
        wants = clone.wanted(remote, pulls)
        repository = clone.opened(folder)
        has = frozenset(clone.references(repository).values())
        missing = [name for name, sha in wants.items() if sha not in has]
        if not missing or _fetch(folder, remote, clone.sources(missing)):
            repository = clone.opened(folder)
            if all(pygit2.Oid(hex=sha) in repository.odb for sha in wants.values()):
                clone.take(repository, wants, remote.default_branch)
                _check(repository, folder, remote, pulls)
                if missing:
                    git(folder, *_GC, hint="remove this folder")
                return remote
        remote = look(remote.url, remote.access, folder)
    raise RemoteError("fetch", "the mirror changes faster than it can be read", remote.url)


def _fetch(folder: Path, remote: Remote, names: list[str]) -> bool:
    """Bring the objects of some references; False when the remote has one of them no more."""
    stdin = "".join(f"{name}\n" for name in names).encode()
    try:
        ask(
            *(folder, *_FETCH, "--stdin", "--", remote.url),
            url=remote.url,
            access=remote.access,
            stdin=stdin,
        )
    except RemoteError as error:
        if "find remote ref" not in str(error):
            raise
        return False
    return True


def _check(
    repository: pygit2.Repository, folder: Path, remote: Remote, pulls: tuple[int, ...]
) -> None:
    heads = [remote.head, *(remote.pulls.get(number) for number in pulls)]
    if not clone.is_whole(repository, [sha for sha in heads if sha]):
        raise DamagedCloneError(folder, "a file cannot be read")


def _cache() -> Path:
    if given := os.environ.get("PATCHKIT_CACHE"):
        return Path(given) / "mirrors"
    from platformdirs import user_cache_path  # noqa: PLC0415  what reads no mirror need not wait

    return user_cache_path("patchkit") / "mirrors"


def _name(url: str) -> str:
    """Return a folder's name for a URL: readable, and another one for every URL."""
    tail = re.split(r"[/:]", url.rstrip("/").removesuffix(".git"))[-1]
    readable = re.sub(r"[^A-Za-z0-9_-]", "_", tail)[:40]
    return f"{readable}-{hashlib.sha256(url.encode()).hexdigest()[:12]}.git"
