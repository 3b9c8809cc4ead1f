"""Edits plain text by what it says: replaces it, or puts lines beside it.

Line endings are no part of a match: texts are compared with line feeds alone, and what comes in
gets the line ending that most lines of the file have.
"""

from __future__ import annotations

import difflib
import re
from bisect import bisect_left
from typing import Literal

from patchkit.edit.lines import body_start, insert_lines, line_end, line_start, main_eol
from patchkit.edit.pattern import compile_pattern
from patchkit.errors import EditRefused, Place

_SHOWN_LINES = 5
_SHOWN_MISSES = 3


class _View:
    """A text without byte order mark and carriage returns, which knows where it comes from."""

    def __init__(self, origin: str, path: str) -> None:
        self.origin = origin
        self.path = path
        self.start = body_start(origin)
        self.text = _flat(origin[self.start :])
        breaks = re.finditer("\r\n", origin[self.start :])
        self._cuts = [match.start() - nth for nth, match in enumerate(breaks)]

    def offset(self, at: int) -> int:
        """Return where character `at` of the view stands in the origin."""
        return self.start + at + bisect_left(self._cuts, at)

    def place(self, at: int) -> Place:
        return Place.at(self.path, self.origin, self.offset(at))


def replace(
    text: str,
    find: str,
    with_: str,
    *,
    regex: bool = False,
    count: int | None = 1,
    path: str = "",
) -> str:
    r"""Replace every match.

    Args:
        text: the whole text.
        find: the words, over several lines if need be, or a regex of Python's `re`.
        with_: what comes instead; for a regex, `\1` stands for its first group.
        regex: whether `find` is a regex; `^` and `$` are then the ends of a line.
        count: how many matches there must be; None for any number but none.
        path: what messages call the file.

    Raises:
        EditRefused: another number of matches, with their lines or the nearest misses; or a
            bad regex.
    """
    view = _View(text, path)
    matches = _matches(view, find, regex)
    _expect(view, find, [match.start() for match in matches], count)
    pieces, at = [], 0
    for match in matches:
        start, end = view.offset(match.start()), view.offset(match.end())
        new = _expanded(match, with_) if regex else _flat(with_)
        kept = text[start:end] if new == match[0] else new.replace("\n", main_eol(text))
        pieces += [text[at:start], kept]
        at = end
    return "".join([*pieces, text[at:]])


def insert(
    text: str,
    new: str,
    *,
    before: str | None = None,
    after: str | None = None,
    at: Literal["start", "end"] | None = None,
    regex: bool = False,
    count: int | None = 1,
    path: str = "",
) -> str:
    """Put whole lines before or after the lines that hold a match, or at an end of the file.

    Args:
        text: the whole text.
        new: the lines; a last line break may be left out.
        before: the words or the regex of the lines that the new ones go before.
        after: the same for the lines that they go behind.
        at: "start" or "end" of the file instead.
        regex: whether `before` or `after` is a regex.
        count: how many lines must hold a match; None for any number but none.
        path: what messages call the file.

    Raises:
        EditRefused: another number of lines, with their numbers or the nearest misses; a bad
            regex; or not exactly one of `before`, `after` and `at`.
    """
    if sum(place is not None for place in (before, after, at)) != 1:
        raise EditRefused("say one of before, after and at", hint="such as at: end")
    lines = _flat(new).removesuffix("\n").split("\n")
    if at:
        offset = body_start(text) if at == "start" else len(text)
        return insert_lines(text, offset, lines, main_eol(text))
    view = _View(text, path)
    anchor = before if before is not None else after or ""
    anchors = dict.fromkeys(_lines_of(view.text, m) for m in _matches(view, anchor, regex))
    _expect(view, anchor, [start for start, _ in anchors], count)
    eol = main_eol(text)
    for start, end in reversed(anchors):
        offset = view.offset(start if before is not None else end)
        text = insert_lines(text, offset, lines, eol)
    return text


def _flat(text: str) -> str:
    return text.replace("\r\n", "\n")


def _matches(view: _View, find: str, regex: bool) -> list[re.Match[str]]:
    if not find:
        raise EditRefused("there is nothing to find", hint="say the words to look for")
    pattern = compile_pattern(find, view.text) if regex else re.compile(re.escape(_flat(find)))
    return list(pattern.finditer(view.text))


def _expanded(match: re.Match[str], template: str) -> str:
    try:
        return _flat(match.expand(template))
    except (re.error, IndexError) as error:
        message = f'"{template}" does not fit the regex: {error}'
        hint = r"\1 is the first group; a backslash is written \\"
        raise EditRefused(message, hint=hint) from error


def _lines_of(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return start and end of the lines that a match touches."""
    last = match.end() - (match[0].endswith("\n"))
    return line_start(text, match.start()), line_end(text, last)


def _expect(view: _View, find: str, starts: list[int], count: int | None) -> None:
    if len(starts) == count or (starts and count is None):
        return
    if not starts:
        raise EditRefused(
            f"no match of {_shown(find)}",
            place=Place(view.path) if view.path else None,
            hint=_nearest(view.text, _flat(find)),
        )
    lines = ", ".join(str(view.place(start).line) for start in starts[:_SHOWN_LINES])
    more = ", …" if len(starts) > _SHOWN_LINES else ""
    raise EditRefused(
        f"{len(starts)} matches of {_shown(find)}, not {count}: at lines {lines}{more}",
        place=view.place(starts[0]),
        hint="say more of the text around it, or the right count",
    )


def _shown(find: str) -> str:
    first, _, rest = find.partition("\n")
    return f'"{first}…"' if rest else f'"{first}"'


def _nearest(text: str, find: str) -> str:
    """Return a hint that names the lines most like the first line that is not there."""
    wanted = next((line for line in find.split("\n") if line not in text), find)
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        lines.setdefault(line, number)
    near = difflib.get_close_matches(wanted, lines, n=_SHOWN_MISSES, cutoff=0.4)
    found = "; ".join(f'line {lines[line]} "{line.strip()}"' for line in near)
    return f"nearest: {found}" if found else "no line is like it"
