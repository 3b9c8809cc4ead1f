"""Whether a branch is patchkit's alone, or a person worked on it.

A commit of patchkit's has its trailers, one parent whose committer date is its own, and the
author for committer: what amends, rebases or merges it writes another committer or date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pygit2

from patchkit.git.clone import opened
from patchkit.git.faults import DamagedCloneError
from patchkit.git.message import DIGEST, FIX

if TYPE_CHECKING:
    from pathlib import Path

_ENOUGH = 100  # commits of others, to be told


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
    found: dict[pygit2.Oid, Foreign] = {}
    try:
        repository = opened(folder)
        stack = [_commit(repository, head)]
        goal = _commit(repository, base).id
        while stack and len(found) < _ENOUGH:
            commit = stack.pop()
            if commit.id in found or _is_on(repository, goal, commit.id) or _is_own(commit):
                continue
            found[commit.id] = _told(commit)
            stack += reversed(commit.parents)
    except (pygit2.GitError, KeyError, ValueError) as error:
        raise DamagedCloneError(folder, error) from error
    return tuple(found.values())


def trailers(folder: Path, sha: str) -> dict[str, str]:
    """Return the trailers of a commit, such as `Patchkit-Digest`.

    Raises:
        DamagedCloneError: the clone lacks the commit.
    """
    try:
        return dict(_commit(opened(folder), sha).message_trailers)
    except (pygit2.GitError, KeyError, ValueError) as error:
        raise DamagedCloneError(folder, error) from error


def _commit(repository: pygit2.Repository, sha: str) -> pygit2.Commit:
    return repository[sha].peel(pygit2.Commit)


def _is_on(repository: pygit2.Repository, branch: pygit2.Oid, oid: pygit2.Oid) -> bool:
    return branch == oid or repository.descendant_of(branch, oid)


def _is_own(commit: pygit2.Commit) -> bool:
    said = commit.message_trailers
    if not (said.get(FIX) and said.get(DIGEST)) or len(commit.parent_ids) != 1:
        return False
    base, own = commit.parents[0].committer, commit.committer
    return own == commit.author and (own.time, own.offset) == (base.time, base.offset)


def _told(commit: pygit2.Commit) -> Foreign:
    subject = commit.message.partition("\n")[0]
    return Foreign(str(commit.id), commit.committer.name, commit.committer.email, subject)
