"""Answers that have not the form they must have: errors of the forge, never guesses."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from patchkit.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")

_WRONG: tuple[type[Exception], ...] = (AttributeError, LookupError, TypeError, ValueError)


def reading(hint: str, *more: type[Exception]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator of what reads an answer.

    Args:
        hint: the next step.
        more: errors of a library that mean the same as those of a wrong form.
    """
    wrong = _WRONG + more

    def decorate(convert: Callable[P, T]) -> Callable[P, T]:
        what = convert.__name__.strip("_").replace("_", " ")

        @wraps(convert)
        def read(*given: P.args, **named: P.kwargs) -> T:
            try:
                return convert(*given, **named)
            except wrong as error:
                # The words of a ValueError hold what the server sent.
                words = "" if isinstance(error, ValueError) else f" {error}"
                why = f"{type(error).__name__}{words}"
            raise ForgeError(f"the forge's answer holds no {what}: {why}", hint=hint)

        return read

    return decorate
