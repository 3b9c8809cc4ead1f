"""Compiles the regular expressions of fix specs, and refuses those that could run for ever.

Python's `re` has no time limit. A repeat whose body can match the same text in several ways is
tried in all of them, exponentially many: `(a+)+$`. Such a repeat is found in the parsed pattern.
"""

from __future__ import annotations

import re
from functools import lru_cache
from re import _parser  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any

from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PATTERN = 500
MAX_TEXT = 64 * 1024

# as many rounds as somebody would write out by hand, such as the groups of an address
_FEW = 9
_TRIED_ONCE = {"ATOMIC_GROUP", "POSSESSIVE_REPEAT", "ASSERT", "ASSERT_NOT"}


def compile_pattern(pattern: str, text: str) -> re.Pattern[str]:
    r"""Return the pattern, in which `^` and `$` stand for the ends of a line.

    What remains possible is a pattern such as `\s*\s*x`, whose work grows with a power of the
    text: the two lengths bound it.

    Args:
        pattern: as Python's `re` takes it, at most 500 characters.
        text: what it shall be matched with, at most 65,536 characters.

    Raises:
        EditRefused: it is no pattern, too long, or holds an ambiguous repeat within a repeat.
    """
    if len(pattern) > MAX_PATTERN or len(text) > MAX_TEXT:
        message = f"a regex may have {MAX_PATTERN} characters, and its file {MAX_TEXT}"
        raise EditRefused(message, hint="use a literal find")
    return _compiled(pattern)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        compiled = re.compile(pattern, re.MULTILINE)
        # the module is private, but a second reader of the syntax would have its own holes
        explodes = _explodes(_parser.parse(pattern, re.MULTILINE), inside=False)
    except (re.error, OverflowError, RecursionError) as error:
        raise EditRefused(f'"{pattern}" is no regex: {error}', hint="see Python's re") from error
    if explodes:
        raise EditRefused(
            f'"{pattern}" repeats what can match in several ways, which may run for ever',
            hint="make the inner repeat possessive (*+, ++, ?+), or find the lines literally",
        )
    return compiled


def _explodes(items: Any, *, inside: bool) -> bool:
    """Tell whether a repeat with many rounds holds a choice, `inside` of such a repeat or not."""
    for kind, argument in items:
        name = str(kind)
        deeper = inside and name not in _TRIED_ONCE
        if name in {"MAX_REPEAT", "MIN_REPEAT"}:
            low, high, _ = argument
            if inside and low != high:
                return True
            deeper = inside or high > _FEW
        if name == "BRANCH" and inside and not _is_clear(argument[1]):
            return True
        if any(_explodes(part, inside=deeper) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> Iterator[Any]:
    """Yield the sub-patterns of an item."""
    if isinstance(argument, _parser.SubPattern):
        yield argument
    elif isinstance(argument, list | tuple):
        for part in argument:
            yield from _parts(part)


def _is_clear(branches: list[Any]) -> bool:
    """Tell whether the first character decides which branch matches."""
    firsts = [next(iter(branch), (None, 0)) for branch in branches]
    letters = {chr(code).casefold() for kind, code in firsts if str(kind) == "LITERAL"}
    return len(letters) == len(branches)
