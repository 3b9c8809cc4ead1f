"""Whole lines of a text: where they stand, how they end, how they come and go.

The line-based editors share it. Offsets count characters; a line ends at a line feed only, and
a byte order mark belongs to no line.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Span = tuple[int, int]


def body_start(text: str) -> int:
    """Return the offset of the first line: 1 behind a byte order mark, else 0."""
    return int(text.startswith("\ufeff"))


def line_start(text: str, offset: int) -> int:
    """Return where the line that holds `offset` starts."""
    return max(text.rfind("\n", 0, offset) + 1, body_start(text))


def line_end(text: str, offset: int) -> int:
    """Return where the line that holds `offset` ends, its line ending included."""
    return text.find("\n", offset) + 1 or len(text)


def line_numbers(text: str, offsets: Iterable[int]) -> list[int]:
    """Return the numbers, from 1, of the lines that hold the offsets."""
    ends = [match.start() for match in re.finditer("\n", text)]
    return [bisect_left(ends, offset) + 1 for offset in offsets]


def spans(text: str) -> Iterator[Span]:
    """Yield start and end of every line, its line ending included."""
    start = body_start(text)
    while start < len(text):
        end = line_end(text, start)
        yield start, end
        start = end


def content_end(text: str) -> int:
    """Return where the last line that is not blank ends; the start if all are blank."""
    filled = [end for start, end in spans(text) if text[start:end].strip()]
    return filled[-1] if filled else body_start(text)


def is_blank(text: str, offset: int) -> bool:
    """Tell whether the line at `offset` is there and holds nothing but blanks."""
    return offset < len(text) and not text[offset : line_end(text, offset)].strip()


def main_eol(text: str) -> str:
    """Return the line ending that most lines of the text have."""
    return "\r\n" if 2 * text.count("\r\n") > text.count("\n") else "\n"


def insert_lines(text: str, offset: int, lines: Sequence[str], eol: str | None = None) -> str:
    """Put whole lines in front of the line at `offset`.

    A file without a last newline keeps lacking it.

    Args:
        text: the whole text.
        offset: the start of a line, or the end of the text.
        lines: the new lines without line endings.
        eol: their line ending; None for that of the line above, else below.
    """
    eol = eol or _eol_near(text, offset)
    before, after = text[:offset], text[offset:]
    if offset > body_start(text) and not before.endswith("\n"):
        return before + "".join(eol + line for line in lines)
    return before + "".join(line + eol for line in lines) + after


def remove_lines(text: str, start: int, end: int) -> str:
    """Take out the whole lines from `start` to `end`, and one of two runs of blank lines around.

    The longer run stays. At either edge of the file the run beside the cut goes.
    """
    top, bottom = _blank_run(text, start, end)
    if start == body_start(text):
        end = bottom
    elif end == len(text):
        start = top
    elif top < start and end < bottom:
        shorter_above = text.count("\n", top, start) < text.count("\n", end, bottom)
        start, end = (top, end) if shorter_above else (start, bottom)
    rest = text[:start] + text[end:]
    return rest if text.endswith("\n") else rest.removesuffix("\n").removesuffix("\r")


def insert_below_head(text: str, line: str, marks: str) -> str:
    """Put one line at the top of a file, below its shebang and its head comment.

    A comment with no blank line behind it speaks of what follows, so it is no head comment.

    Args:
        text: the whole text.
        line: the new line without its line ending.
        marks: the characters that start a comment.
    """
    first = line_end(text, 0) if text.startswith("#!", body_start(text)) else body_start(text)
    head = first
    while head < len(text) and text[head : line_end(text, head)].lstrip()[:1] in tuple(marks):
        head = line_end(text, head)
    offset = head if head == len(text) or is_blank(text, head) else first
    open_below = offset == len(text) or is_blank(text, offset)
    above = [""] if open_below and offset > body_start(text) else []
    below = [] if open_below else [""]
    return insert_lines(text, offset, [*above, line, *below])


def _eol_near(text: str, offset: int) -> str:
    above = text[:offset]
    if "\n" not in above:
        return "\r\n" if text[: line_end(text, offset)].endswith("\r\n") else "\n"
    return "\r\n" if above[: above.rfind("\n") + 1].endswith("\r\n") else "\n"


def _blank_run(text: str, start: int, end: int) -> Span:
    while start > body_start(text) and is_blank(text, line_start(text, start - 1)):
        start = line_start(text, start - 1)
    while is_blank(text, end):
        end = line_end(text, end)
    return start, end
