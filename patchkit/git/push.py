"""Branches of a mirror, moved only from the commit that was seen at their head.

Never a default branch, never upstream. What became of a push is told by the remote itself: an
answer that got lost is looked up before anything is repeated.
https://git-scm.com/docs/git-push
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import pygit2
import stamina

from patchkit.errors import UsageError
from patchkit.git import clone
from patchkit.git.faults import DamagedCloneError, RemoteError
from patchkit.git.program import Done, Mode, run
from patchkit.git.remote import BRANCHES, look, push_url, same_repository

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.git.mirror import Mirror
    from patchkit.git.remote import Remote

_ATTEMPTS = 3
# Seconds: a commit of small files, and what a forge's hooks take. Git itself waits without end for
# the rest of an answer that breaks off between its lines.
_TIMEOUT = 120
_NEVER = frozenset({"main", "master", "head"})
# What a remote says when another push was at it; and a line that lacks its answer.
_PASSING = re.compile(r"stale info|remote failure|failed to update|cannot lock|unpacker error")
_PUSH = (
    *("-c", "push.negotiate=false", "-c", "push.pushOption=", "push", "--porcelain"),
    *("--no-verify", "--no-follow-tags", "--no-signed", "--recurse-submodules=no"),
)


class Outcome(StrEnum):
    """What became of a push.

    Attributes:
        PUSHED: the branch is where it should be, or gone when it should.
        UP_TO_DATE: it was so before.
        STALE: its head is not the one that was seen; nothing was pushed.
        REFUSED: the remote does not take it: a right is missing, or a hook says no.
        UNREACHABLE: the remote cannot be reached, after retries; what it has is not known.
    """

    PUSHED = "pushed"
    UP_TO_DATE = "up to date"
    STALE = "stale"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Pushed:
    """The outcome of a push.

    Attributes:
        outcome: one of five.
        head: the commit at the branch's head now, as far as it is known; None for no branch.
        reason: the remote's or git's words, where it did not go well.
    """

    outcome: Outcome
    head: str | None
    reason: str = ""

    @property
    def went_well(self) -> bool:
        """Whether the branch is as it should be."""
        return self.outcome in (Outcome.PUSHED, Outcome.UP_TO_DATE)


@dataclass(frozen=True, slots=True)
class _Move:
    """A branch that goes from one commit to another; None is no branch."""

    ref: str
    old: str | None
    new: str | None

    def arguments(self) -> tuple[str, str]:
        """Return the lease, and what goes where."""
        return f"--force-with-lease={self.ref}:{self.old or ''}", f"{self.new or ''}:{self.ref}"


class _UnclearError(Exception):
    """The branch is as it was, and another try may go well; the outcome is for the last one."""

    def __init__(self, pushed: Pushed) -> None:
        super().__init__(pushed.reason)
        self.pushed = pushed


def push(
    mirror: Mirror,
    branch: str,
    sha: str,
    *,
    expected: str | None,
    to: Remote | None = None,
    upstream: str = "",
) -> Pushed:
    """Push a commit to a branch, if the branch's head is still the one that was seen.

    Args:
        mirror: the clone that holds the commit, and where to push.
        branch: its plain name.
        sha: the commit.
        expected: the head that was seen; None when there was no such branch.
        to: another repository to push to, such as a fork.
        upstream: the URL that is never pushed to.

    Raises:
        UsageError: the branch is a default branch or no branch's name, or it is upstream.
        DamagedCloneError: the clone lacks something of the commit.
        GitError: git fails for a reason of its own.
    """
    move = _Move(_guarded(mirror, branch, to or mirror.remote, upstream), expected, sha)
    return _moved(mirror, to or mirror.remote, move)


def delete(
    mirror: Mirror, branch: str, *, expected: str, to: Remote | None = None, upstream: str = ""
) -> Pushed:
    """Delete a branch, if its head is still the one that was seen; arguments as of `push`."""
    move = _Move(_guarded(mirror, branch, to or mirror.remote, upstream), expected, None)
    return _moved(mirror, to or mirror.remote, move)


def _guarded(mirror: Mirror, branch: str, remote: Remote, upstream: str) -> str:
    """Return the branch's full name when it may be pushed to."""
    if upstream and (at := _upstream(mirror.folder, remote.url, upstream)):
        raise UsageError(
            f"{at} is upstream, which patchkit never pushes to",
            hint="name a mirror: --mirror https://host/org/recipe.git; and see what git makes of"
            " it: git config --get-regexp insteadof",
        )
    if branch.casefold() in _NEVER | {remote.default_branch.casefold()}:
        raise UsageError(
            f"{branch} is a default branch, which takes changes by pull request only",
            hint="name another branch, such as patchkit/<fix>",
        )
    ref = BRANCHES + branch
    if branch.startswith(("-", "refs/")) or not pygit2.reference_is_valid_name(ref):
        raise UsageError(f"{branch!r} is no branch's name", hint="see git help check-ref-format")
    return ref


def _upstream(folder: Path, url: str, upstream: str) -> str:
    """Return the URL under which a push would come upstream, by git's rewriting too, else ""."""
    homes = (upstream, push_url(folder, upstream))
    targets = (url, push_url(folder, url))
    return next((at for at in targets for home in homes if same_repository(at, home)), "")


def _moved(mirror: Mirror, remote: Remote, move: _Move) -> Pushed:
    try:
        pushed = _tried(mirror.folder, remote, move)
    except _UnclearError as error:
        _check(mirror.folder, move, error.pushed.reason)
        return error.pushed
    if pushed.went_well and remote is mirror.remote:
        _note(mirror.folder, move)
    return pushed


@stamina.retry(on=_UnclearError, attempts=_ATTEMPTS, wait_initial=0.5, wait_max=10, timeout=None)
def _tried(folder: Path, remote: Remote, move: _Move) -> Pushed:
    lease, refspec = move.arguments()
    arguments = (*_PUSH, lease, "--", remote.url, refspec)
    access, url = remote.access, remote.url
    done = run(folder, *arguments, mode=Mode.REMOTE, access=access, url=url, timeout=_TIMEOUT)
    flag, summary = _answer(done, move.ref)
    if flag in (" ", "+", "*", "-", "="):
        return Pushed(Outcome.UP_TO_DATE if flag == "=" else Outcome.PUSHED, move.new)
    return _looked_up(folder, remote, move, done, summary)


def _answer(done: Done, ref: str) -> tuple[str, str]:
    """Return flag and summary of the branch's line; both empty when git did not come that far."""
    lines = (line.split("\t") for line in done.out.split("\n"))
    found = (fields for fields in lines if len(fields) == 3 and fields[1].endswith(f":{ref}"))  # noqa: PLR2004  flag, names, summary
    flag, _, summary = next(found, ("", "", ""))
    return flag, summary


def _looked_up(folder: Path, remote: Remote, move: _Move, done: Done, summary: str) -> Pushed:
    """Return what became of a push that git does not call well: the remote knows."""
    error = RemoteError("push", done.why, remote.url, timed_out=done.code is None)
    if not summary and error.reason in ("denied", "missing"):
        return Pushed(Outcome.REFUSED, move.old, done.why)
    try:
        head = look(remote.url, remote.access, folder).branches.get(move.ref.removeprefix(BRANCHES))
    except RemoteError as unseen:
        return Pushed(Outcome.UNREACHABLE, None, str(unseen))
    if head == move.new:
        return Pushed(Outcome.PUSHED, head)
    if head != move.old:
        return Pushed(Outcome.STALE, head, "somebody moved the branch meanwhile")
    if not summary and error.reason == "other":
        _check(folder, move, done.why)
        raise error
    outcome = Outcome.REFUSED if summary.startswith("[remote rejected]") else Outcome.UNREACHABLE
    pushed = Pushed(outcome, head, f"{summary}\n{done.why}".strip())
    if error.passing or _PASSING.search(summary):
        raise _UnclearError(pushed)
    return pushed


def _check(folder: Path, move: _Move, why: str) -> None:
    """Tell a push that fails for what the clone lacks from one that the remote cannot take."""
    if move.new is None:
        return
    try:
        is_whole = clone.is_whole(clone.opened(folder), [move.new])
    except pygit2.GitError:
        is_whole = False
    if not is_whole or run(folder, "rev-list", "--objects", "--quiet", move.new).code:
        raise DamagedCloneError(folder, why)


def _note(folder: Path, move: _Move) -> None:
    """Note in the clone what the remote has now, so that the next look finds nothing new."""
    with suppress(*clone.BROKEN), clone.locked(folder):
        clone.tidy(folder)
        references = clone.opened(folder).references
        if move.new:
            references.create(move.ref, move.new, force=True)
        else:
            references.delete(move.ref)
