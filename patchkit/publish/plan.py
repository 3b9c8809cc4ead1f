"""What should happen to the pull request of a fix: a pure function of what is known.

The forge is the only store of state, so that two machines come to the same plan. A person's word
goes before the fix's: what somebody edited or closed is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode
from patchkit.rendering import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.forge import PullRequest


class Action(StrEnum):
    """What to do."""

    CREATE = "create"
    UPDATE_BRANCH = "update branch"
    UPDATE_TEXT = "update text"
    SET_UP = "set up"
    NOTHING = "nothing"
    SUPERSEDED = "superseded"
    CLOSE = "already upstream: close"
    COMMENT = "already upstream: comment"
    EDITED = "refused: edited by a person"
    CLOSED = "refused: closed by a person"
    WITHDRAWN = "refused: withdrawn"
    DRIFTED = "refused: drifted"
    WORSE = "refused: makes the recipe worse"
    MISSING = "mirror missing"
    CONFLICT = "conflict"


# Actions that write to the forge.
WRITES = frozenset(
    {
        Action.CREATE,
        Action.UPDATE_BRANCH,
        Action.UPDATE_TEXT,
        Action.SET_UP,
        Action.CLOSE,
        Action.COMMENT,
    }
)
# Those that push the branch.
PUSHES = frozenset({Action.CREATE, Action.UPDATE_BRANCH})
_CODES = {
    Action.EDITED: ExitCode.REFUSED,
    Action.CLOSED: ExitCode.REFUSED,
    Action.WITHDRAWN: ExitCode.REFUSED,
    Action.DRIFTED: ExitCode.REFUSED,
    Action.CONFLICT: ExitCode.REFUSED,
    Action.WORSE: ExitCode.REGRESSION,
    Action.MISSING: ExitCode.FORGE,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a fix on a mirror.

    Attributes:
        mirror: whether the mirror is there.
        verdict: what the fix is to the head of the mirror's default branch.
        asks: the params of a class that only a person knows, and has not given.
        passed: whether no finding is open and lint got no worse.
        commit: the commit that the fix makes on that head; empty when it makes none.
        branch: the head of the fix's branch on the mirror; empty when there is no such branch.
        editors: who else committed on that branch.
        base: the branch that the pull request must go to.
        pull: the newest pull request from the fix's branch, whatever its base.
        closer: who closed it; empty when it is open, or the forge does not tell.
        closed_by_us: whether that is patchkit's own user.
        commented: whether it was told already that the change is upstream.
        text_differs: whether its title or patchkit's part of its body should read otherwise.
        unfinished: whether its labels, reviewers or the question to CI are still to come.
        holder: the number of another open pull request that holds the change already.
        reopen: whether the user asked to open again what was closed.
        withdrawn: whether patchkit said in the pull request that the fix is withdrawn.
    """

    mirror: bool = True
    verdict: Verdict = Verdict.APPLIES
    asks: tuple[str, ...] = ()
    passed: bool = True
    commit: str = ""
    branch: str = ""
    editors: tuple[str, ...] = ()
    base: str = "main"
    pull: PullRequest | None = None
    closer: str = ""
    closed_by_us: bool = False
    commented: bool = False
    text_differs: bool = False
    unfinished: bool = False
    holder: int | None = None
    reopen: bool = False
    withdrawn: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the fix has an open pull request."""
        return self.pull is not None and self.pull.state == "open"


@dataclass(frozen=True, slots=True)
class Plan:
    """One action, and why."""

    action: Action
    reason: str

    @property
    def code(self) -> ExitCode:
        """The exit code that the plan comes to."""
        return _CODES.get(self.action, ExitCode.OK)

    @property
    def writes(self) -> bool:
        """Whether carrying it out writes to the forge."""
        return self.action in WRITES


def plan(facts: Facts) -> Plan:
    """Return what to do, and why."""
    return next(_plans(facts))


def _plans(facts: Facts) -> Iterator[Plan]:
    """Yield the plans that fit, the one that counts first."""
    pull = facts.pull
    number = f"#{pull.number}" if pull else "no pull request"
    if not facts.mirror:
        yield Plan(Action.MISSING, "there is no such mirror, or the token's user may not see it")
    yield from _nothing_to_propose(facts, number)
    if facts.withdrawn and not facts.reopen:
        yield Plan(Action.WITHDRAWN, f"{number} says that it was withdrawn; --reopen asks again")
    if not facts.passed:
        yield Plan(Action.WORSE, "lint got worse, a finding is open, or a judge says no")
    if facts.editors:
        yield Plan(Action.EDITED, f"{_and(facts.editors)} committed on the branch")
    if pull and facts.is_open:
        yield from _open(facts, pull)
    if pull and not facts.reopen:
        yield from _ended(facts, pull)
    if facts.holder is not None:
        yield Plan(Action.SUPERSEDED, f"#{facts.holder} holds the change already")
    yield Plan(Action.CREATE, "the mirror lacks the change, and nobody has proposed it")


def _nothing_to_propose(facts: Facts, number: str) -> Iterator[Plan]:
    if facts.verdict in {Verdict.DRIFTED, Verdict.BROKEN}:
        values = " ".join(f"--param {name}=VALUE" for name in facts.asks)
        drifted = "the recipe is neither what the fix expects nor fixed"
        yield Plan(Action.DRIFTED, f"it needs a value: add {values}" if values else drifted)
    # A class may know what is cured by nothing else than that it is not of its kind any more.
    if facts.verdict in {Verdict.FIXED, Verdict.OTHER}:
        yield _upstream(facts, number)


def _ended(facts: Facts, pull: PullRequest) -> Iterator[Plan]:
    number = f"#{pull.number}"
    if pull.state == "closed" and not facts.closed_by_us:
        who = f" by {facts.closer}" if facts.closer else ", and the forge does not say by whom"
        yield Plan(Action.CLOSED, f"{number} was closed{who}: that means no; --reopen asks again")
    if pull.state == "merged":
        yield Plan(Action.CLOSED, f"{number} was merged and taken back; --reopen asks again")


def _upstream(facts: Facts, number: str) -> Plan:
    if not facts.is_open and facts.verdict is Verdict.OTHER:
        return Plan(Action.NOTHING, "the recipe is not of the kind that the class is for")
    if not facts.is_open:
        return Plan(Action.NOTHING, "the recipe has the change already")
    if not facts.editors:
        return Plan(Action.CLOSE, f"the recipe has the change already, and {number} adds nothing")
    if facts.commented:
        return Plan(Action.NOTHING, f"{number} was told that the recipe has the change already")
    who = _and(facts.editors)
    return Plan(Action.COMMENT, f"the recipe has the change already, but {who} worked on {number}")


def _open(facts: Facts, pull: PullRequest) -> Iterator[Plan]:
    number = f"#{pull.number}"
    if pull.base != facts.base:
        yield Plan(
            Action.CONFLICT, f"{number} goes to {pull.base}, and the fix is for {facts.base}"
        )
    if facts.branch != facts.commit:
        why = "the base or the fix changed" if facts.branch else "its branch is gone"
        yield Plan(Action.UPDATE_BRANCH, f"{number} is behind: {why}")
    if facts.text_differs:
        yield Plan(Action.UPDATE_TEXT, f"{number} reads otherwise than the fix")
    if facts.unfinished:
        yield Plan(Action.SET_UP, f"{number} lacks labels, reviewers or the question to CI")
    yield Plan(Action.NOTHING, f"{number} is as it should be")


def _and(names: tuple[str, ...]) -> str:
    return " and ".join(names)
