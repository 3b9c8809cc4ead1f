"""What CI says of the head of a pull request: the status newer than the question, and its level.

A green status is not full marks: where the settings say where results are, only the full level
counts as green.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.forge.public import public_json
from patchkit.publish.asked import asked
from patchkit.publish.results import FULL, read_results, results_url

if TYPE_CHECKING:
    from patchkit.forge import PullRequest, Status
    from patchkit.publish.results import Results
    from patchkit.publish.target import Target


class CI(StrEnum):
    """How far CI is with a head.

    Attributes:
        NOT_ASKED: nobody asked about it, and nothing was said.
        NO_ANSWER: it was asked, and nothing came since.
        PENDING: it is at it.
        SUCCESS: the status is green, which the level may not be.
        FAILURE: it says no.
        ERROR: it could not judge.
    """

    NOT_ASKED = "not asked"
    NO_ANSWER = "no answer"
    PENDING = "pending"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Answer:
    """What CI says of a head.

    Attributes:
        state: how far it is.
        url: the page of the run; empty when there is none.
        results: what the run came to, where it could be read.
        unread: why not, where it should have been.
        enrolled: whether any head of the pull request ever had an answer.
    """

    state: CI
    url: str = ""
    results: Results | None = None
    unread: str = ""
    enrolled: bool = True

    @property
    def level(self) -> int | None:
        """The level that the run reached; None when it is not known."""
        return self.results.level if self.results else None

    @property
    def is_final(self) -> bool:
        """Whether CI has come to an end with the head."""
        return self.state in {CI.SUCCESS, CI.FAILURE, CI.ERROR}

    @property
    def is_green(self) -> bool:
        """Whether nothing is left to wish: the full level; a green status where none is told."""
        if self.state is not CI.SUCCESS or self.unread:
            return False
        return self.level == FULL if self.results else True


def answer(target: Target, pull: PullRequest) -> Answer:
    """Return what CI says of the head of a pull request.

    Args:
        target: the mirror.
        pull: the pull request, with the head and the body that it has now.

    Raises:
        ForgeError: the statuses cannot be read; results that cannot be are told in the answer.
    """
    questions = asked(pull.body) or ()
    baselines = {question.sha: question.status for question in questions}
    status = _newest(target, pull.head_sha, baselines.get(pull.head_sha, 0))
    if status is not None:
        return _read(target, status)
    if pull.head_sha not in baselines:
        return Answer(CI.NOT_ASKED)
    others = ((sha, since) for sha, since in baselines.items() if sha != pull.head_sha)
    enrolled = any(_newest(target, sha, since) for sha, since in others)
    return Answer(CI.NO_ANSWER, enrolled=enrolled)


def _newest(target: Target, sha: str, since: int) -> Status | None:
    """Return the newest status of CI on a head that came after the question."""
    context = target.settings.status
    said = (s for s in target.forge.statuses(sha) if s.context == context and s.id > since)
    return next(said, None)


def _read(target: Target, status: Status) -> Answer:
    told = Answer(CI(status.state), status.url)
    pattern = target.settings.results
    if not pattern or not told.is_final:
        return told
    where = results_url(pattern, status.url)
    if where is None:
        return Answer(told.state, told.url, unread="the status names no run")
    try:
        results = read_results(public_json(where))
    except ForgeError as error:
        return Answer(told.state, told.url, unread=error.problems[0].message)
    unread = "" if results.level is not None else f"{where} tells no level"
    return Answer(told.state, told.url, results, unread)
