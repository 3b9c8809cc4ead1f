"""Whether a branch is patchkit's alone, or a person worked on it.

A commit of patchkit's has its trailers, one parent whose committer date is its own, and the
author for committer: what amends, rebases or merges it writes another committer or date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.git.clone import BROKEN, opened, read_commit
from patchkit.git.faults import DamagedCloneError
from patchkit.git.message import DIGEST, FIX
from patchkit.git.program import run

if TYPE_CHECKING:
    from pathlib import Path

    import pygit2

_ENOUGH = 100  # commits of others, to be told
_MOST = 10_000  # commits of a branch, to be looked at


@dataclass(frozen=True, slots=True)
class Foreign:
    """A commit that patchkit did not make.

    Attributes:
        sha: the commit.
        name: its committer.
        email: the committer's address.
        subject: its first line.
    """

    sha: str
    name: str
    email: str
    subject: str


def is_ours(folder: Path, base: str, head: str) -> bool:
    """Whether nobody but patchkit committed on a branch; see `foreign`."""
    return not foreign(folder, base, head)


def foreign(folder: Path, base: str, head: str) -> tuple[Foreign, ...]:
    """Return the commits of a branch that patchkit did not make, the newest first.

    The base may have been rewritten since: what lies below a commit of patchkit's is the base
    that it was made on, and nobody's work on the branch.

    Args:
        folder: the clone.
        base: the head of the branch that the branch goes to.
        head: the head of the branch.

    Raises:
        DamagedCloneError: the clone lacks one of the commits.
    """
    found: dict[str, Foreign] = {}
    apart = _apart(folder, base, head)
    try:
        repository = opened(folder)
        stack = [head]
        while stack and len(found) < _ENOUGH:
            commit = read_commit(repository, stack.pop())
            sha = str(commit.id)
            if sha not in apart or sha in found or _is_own(repository, commit):
                continue
            found[sha] = _told(commit)
            stack += [str(oid) for oid in reversed(commit.parent_ids)]
    except BROKEN as error:
        raise DamagedCloneError(folder, error) from error
    return tuple(found.values())


def trailers(folder: Path, sha: str) -> dict[str, str]:
    """Return the trailers of a commit, such as `Patchkit-Digest`.

    Raises:
        DamagedCloneError: the clone lacks the commit.
    """
    try:
        return dict(read_commit(opened(folder), sha).message_trailers)
    except BROKEN as error:
        raise DamagedCloneError(folder, error) from error


def _apart(folder: Path, base: str, head: str) -> frozenset[str]:
    """Return the newest commits of one branch that another one lacks."""
    done = run(folder, "rev-list", "--topo-order", f"--max-count={_MOST}", head, f"^{base}", "--")
    if done.code:
        raise DamagedCloneError(folder, done.why)
    return frozenset(done.out.split())


def _is_own(repository: pygit2.Repository, commit: pygit2.Commit) -> bool:
    said = commit.message_trailers
    if not (said.get(FIX) and said.get(DIGEST)) or len(commit.parent_ids) != 1:
        return False
    base, own = read_commit(repository, commit.parent_ids[0]).committer, commit.committer
    return own == commit.author and (own.time, own.offset) == (base.time, base.offset)


def _told(commit: pygit2.Commit) -> Foreign:
    subject = commit.message.partition("\n")[0]
    return Foreign(str(commit.id), commit.committer.name, commit.committer.email, subject)
