"""Looks for a token wherever a failure may show it: to people, to logs, to who catches it."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Iterator


def shown(error: BaseException, *, names: bool = False) -> Iterator[str]:
    """Yield all that an error shows of itself, and of what it came from.

    Args:
        error: what was raised.
        names: whether the traceback shows local names, as some programs print it.
    """
    yield from traceback.TracebackException.from_exception(error, capture_locals=names).format()
    one: BaseException | None = error
    while one is not None:
        yield from (str(one), repr(one), repr(one.args), repr(vars(one)))
        one = one.__cause__ or one.__context__


def logged(records: Iterable[logging.LogRecord]) -> Iterator[str]:
    """Yield all that was logged, at every level."""
    for record in records:
        yield from (record.getMessage(), repr(vars(record)))
