"""Waits for what CI says of heads that it was asked about: patiently, and never without end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError
from patchkit.forge.once import PassingError
from patchkit.publish.level import CI, Answer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from patchkit.forge import PullRequest
    from patchkit.publish.target import Target

_FIRST = 10.0  # seconds between two looks: what answers looks for questions every 30
_FACTOR = 1.5
_LONGEST = 120.0
_GRACE = 5  # looks for the results of a run that has ended


@dataclass(frozen=True, slots=True)
class Clock:
    """What passes time; a test has its own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Watched:
    """A head that CI was asked about.

    Attributes:
        fix: the id of the fix.
        target: the mirror.
        pull: the pull request, with that head.
    """

    fix: str
    target: Target
    pull: PullRequest


@dataclass(frozen=True, slots=True)
class Waited:
    """How waiting for a head ended.

    Attributes:
        watched: the head.
        answer: what CI says of it, as far as it was heard.
        ended: why there is nothing to wait for any more; empty when CI answered.
        error: what cannot be read any more.
    """

    watched: Watched
    answer: Answer
    ended: str = ""
    error: PatchkitError | None = None

    @property
    def is_green(self) -> bool:
        """Whether nothing is left to wish."""
        return not self.ended and self.error is None and self.answer.is_green


def wait(
    heads: Iterable[Watched], *, seconds: float, clock: Clock | None = None
) -> Iterator[Waited]:
    """Yield how waiting for each head ended, as soon as it did.

    Args:
        heads: what CI was asked about.
        seconds: how long to wait for all of them.
        clock: the real one by default.
    """
    clock = clock or Clock()
    end, pause = clock.now() + seconds, _FIRST
    looks = [_Look(head) for head in heads]
    while True:
        for look in list(looks):
            if (waited := look.again()) is not None:
                looks.remove(look)
                yield waited
        left = end - clock.now()
        if not looks or left <= 0:
            break
        clock.sleep(min(pause, left))
        pause = min(pause * _FACTOR, _LONGEST)
    yield from (look.given_up(seconds) for look in looks)


class _Look:
    """What was seen of a head so far."""

    def __init__(self, head: Watched) -> None:
        self._head = head
        self._seen = Answer(CI.NO_ANSWER, enrolled=False)
        self._left = _GRACE

    def again(self) -> Waited | None:
        """Look at the head; None when it is still to be waited for."""
        try:
            if ended := _ended(self._head):
                return Waited(self._head, self._seen, ended)
            self._seen = answer(self._head.target, self._head.pull)
        except PassingError:
            return None
        except PatchkitError as error:
            return Waited(self._head, self._seen, error=error)
        if self._seen.state is CI.NOT_ASKED:
            rounds = self._head.target.settings.rounds
            return Waited(self._head, self._seen, f"its {rounds} rounds are used up")
        if self._seen.unread:  # results may come a moment after the status
            self._left -= 1
        return Waited(self._head, self._seen) if self._is_done() else None

    def given_up(self, seconds: float) -> Waited:
        """Return the end when no time is left."""
        ended = "" if self._seen.is_final else f"no end after {seconds:.0f} seconds"
        return Waited(self._head, self._seen, ended)

    def _is_done(self) -> bool:
        return self._seen.is_final and (not self._seen.unread or self._left <= 0)


def _ended(head: Watched) -> str:
    """Return why there is nothing to wait for any more."""
    now = head.target.forge.pull(head.pull.number)
    if now is None or now.state != "open":
        return f"it was {now.state if now else 'deleted'} meanwhile"
    if now.head_sha != head.pull.head_sha:
        return f"its head moved to {now.head_sha[:12]} meanwhile: run patchkit pr again"
    return ""
