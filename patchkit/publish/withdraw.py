"""Withdraws a fix: its pull requests are closed with the reason, its branch is deleted.

What a person worked on is left alone, and told. Every step may be the last one before a crash:
the next call does what is left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode, GitError, Place
from patchkit.git.clone import locked
from patchkit.git.push import Outcome, delete
from patchkit.publish.survey import closer_of, editors_of, is_us, open_pulls, own_pull
from patchkit.publish.target import branch_of
from patchkit.publish.withdrawn import is_withdrawn, withdrawal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.forge import PullRequest
    from patchkit.publish.target import Target


class Step(StrEnum):
    """What withdrawing does to a pull request or a branch."""

    TELL = "comment"
    CLOSE = "close"
    DELETE = "delete branch"
    LEAVE = "left alone"


@dataclass(frozen=True, slots=True)
class Act:
    """One step: what it is about, and why where that is not plain."""

    step: Step
    what: str
    pull: PullRequest | None = None
    reason: str = ""

    @property
    def writes(self) -> bool:
        """Whether it writes to the forge."""
        return self.step is not Step.LEAVE

    @property
    def code(self) -> ExitCode:
        """The exit code that it comes to."""
        return ExitCode.OK if self.writes else ExitCode.REFUSED


@dataclass(frozen=True, slots=True)
class Standing:
    """What there is of a fix on a mirror.

    Attributes:
        fix: its id.
        target: the mirror.
        head: the commit at its branch's head; empty when there is no such branch.
        editors: who else committed on that branch.
        pulls: its open pull requests; else the newest, where patchkit closed it.
        told: the numbers of those that say already that the fix is withdrawn.
    """

    fix: str
    target: Target
    head: str = ""
    editors: tuple[str, ...] = ()
    pulls: tuple[PullRequest, ...] = ()
    told: frozenset[int] = frozenset()


def standing(fix: str, target: Target) -> Standing:
    """Return what there is of a fix on a mirror; writes nothing.

    Raises:
        PatchkitError: the clone or the forge cannot be read.
    """
    mine = open_pulls(fix, target)
    if not mine:
        newest = own_pull(fix, target)
        mine = (newest,) if newest and is_us(target, closer_of(target, newest)) else ()
    head = target.branches.branches.get(branch_of(fix), "")
    told = frozenset(pull.number for pull in mine if is_withdrawn(target, pull))
    return Standing(fix, target, head, editors_of(target, head), mine, told)


def acts(there: Standing) -> tuple[Act, ...]:
    """Return what withdrawing does: nothing where it is done already."""
    return tuple(_acts(there))


def _acts(there: Standing) -> Iterator[Act]:
    who = " and ".join(there.editors)
    for pull in there.pulls:
        if pull.number not in there.told:
            yield Act(Step.TELL, f"#{pull.number}", pull)
        if pull.state == "open" and not there.editors:
            yield Act(Step.CLOSE, f"#{pull.number}", pull)
        elif pull.state == "open":
            yield Act(Step.LEAVE, f"#{pull.number}", reason=f"{who} committed on its branch")
    is_open = any(pull.state == "open" for pull in there.pulls)
    if there.head and there.editors and not is_open:
        yield Act(Step.LEAVE, branch_of(there.fix), reason=f"{who} committed on it")
    elif there.head and not there.editors:
        yield Act(Step.DELETE, branch_of(there.fix))


def carry_out(act: Act, there: Standing, why: str) -> Act:
    """Do a step, and return it; another one when somebody was at the branch meanwhile.

    Args:
        act: from `acts`, of what there is.
        there: what was read.
        why: the reason, for people.

    Raises:
        ForgeError: the forge refuses, or cannot be reached.
        GitError: the mirror does not let the branch go.
    """
    target, forge = there.target, there.target.forge
    folder = target.mirror.folder
    with locked(folder.with_name(f"{folder.stem}-publish")):
        if act.step is Step.DELETE:
            return _deleted(act, there)
        if act.pull is not None and act.step is Step.CLOSE:
            forge.close(act.pull.number)
        if act.pull is not None and act.step is Step.TELL:
            is_left = act.pull.state == "open"
            _tell(target, act.pull, withdrawal(why, there.editors if is_left else ()))
    return act


def _tell(target: Target, pull: PullRequest, text: str) -> None:
    newest = max((comment.id for comment in target.forge.comments(pull.number)), default=0)
    if is_withdrawn(target, pull):  # another run said so meanwhile
        return
    target.forge.comment(pull.number, text, since=newest)


def _deleted(act: Act, there: Standing) -> Act:
    target = there.target
    gone = delete(
        target.mirror,
        act.what,
        expected=there.head,
        to=target.fork,
        upstream=target.upstream,
    )
    if gone.outcome is Outcome.STALE:
        return replace(act, step=Step.LEAVE, reason="somebody committed on it meanwhile")
    if not gone.went_well:
        raise GitError(
            f"{act.what} could not be deleted: {gone.reason}",
            place=Place(target.branches.url),
            hint="see whether the token's user may delete branches there, then run it again",
        )
    return act
