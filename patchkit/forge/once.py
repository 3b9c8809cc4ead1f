"""Tries again what failed in passing, and does nothing twice.

An answer that got lost does not tell whether the forge acted. What may be done twice is sent
again; for the rest `once` looks first. The waiting is stamina's (https://stamina.hynek.me), its
words are this module's: one line of the log a fault, at the level of information.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, TypeVar

from patchkit.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
# Its own warning says neither what failed nor why; without a handler it lands on a terminal.
logging.getLogger("stamina").addHandler(logging.NullHandler())

LONGEST_WAIT = 120.0  # seconds that a forge may ask for; what takes longer is the user's to decide
_ATTEMPTS = 5
_ACTS = (1, 4)  # of the attempts; at the others it is only looked
_LONGEST = 300.0  # seconds over all attempts


class PassingError(ForgeError):
    """A fault that may be gone at the next try.

    Attributes:
        acted: whether the forge may have done what was asked all the same.
        wait: seconds that the forge asks to wait; None when it says nothing.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        hint: str = "",
        acted: bool = False,
        wait: float | None = None,
    ) -> None:
        super().__init__(message, status=status, hint=hint)
        self.acted = acted
        self.wait = wait


def again(act: Callable[[], T], *, harmless: bool) -> T:
    """Return what a request gives, tried again while its fault may pass.

    Args:
        act: makes the request, and raises PassingError.
        harmless: whether doing it twice is the same as once; else it is only tried again when
            the forge cannot have acted.
    """
    return _tried(lambda _: act(), lambda error: harmless or not error.acted)


def once(look: Callable[[], T | None], act: Callable[[], T]) -> T:
    """Return what an act gives that must not happen twice.

    A forge may still be at it when its answer did not come in time: it is looked at several
    times, each later than the one before, until the act is tried once more.

    Args:
        look: finds what an earlier try has done; None when it has done nothing.
        act: does it, and raises a PassingError that `acted` when that is not known.
    """
    fault: PassingError | None = None

    def attempt(number: int) -> T:
        nonlocal fault
        done = look() if number > 1 else None
        if done is not None:
            return done
        if fault and number not in _ACTS:
            raise fault
        try:
            return act()
        except PassingError as error:
            fault = error
            raise

    return _tried(attempt, lambda error: error.acted)


def _tried(attempt: Callable[[int], T], worth: Callable[[PassingError], bool]) -> T:
    import stamina  # noqa: PLC0415  what asks no forge need not wait for it

    def wait(error: Exception) -> bool | float:
        if not isinstance(error, PassingError) or not worth(error):
            return False
        if error.wait is not None and error.wait > LONGEST_WAIT:
            return False
        _LOG.info("%s", error.problems[0].message)
        return True if error.wait is None else error.wait

    for trial in stamina.retry_context(
        on=wait, attempts=_ATTEMPTS, timeout=_LONGEST, wait_initial=1.0, wait_max=30.0
    ):
        with trial:
            return attempt(trial.num)
    raise AssertionError("stamina raises what it gives up on")  # pragma: no cover
