"""Items between brackets, of a call, a dict or an import: one more, or one less.

The way in which the items stand is kept: on one line, or each on a line of its own with a comma
behind the last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.lines import line_end, line_start
from patchkit.edit.python.splices import Splice

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

    from patchkit.edit.lines import Span
    from patchkit.edit.python.source import Source


@dataclass(frozen=True, slots=True)
class Brackets:
    """Two brackets and what stands between them.

    Attributes:
        start: behind the opening bracket.
        end: before the closing one.
        items: where each item stands, without its comma.
        commas: where the comma behind each item ends; None without one.
    """

    start: int
    end: int
    items: tuple[Span, ...]
    commas: tuple[int | None, ...]


def of_call(source: Source, call: cst.Call) -> Brackets:
    """Return the brackets of a call."""
    start = source.full_span(call.whitespace_after_func)[1] + 1
    return _brackets(source, start, source.span(call)[1] - 1, call.args)


def of_dict(source: Source, node: cst.Dict) -> Brackets:
    """Return the brackets of a dict."""
    start, end = source.span(node)
    return _brackets(source, start + 1, end - 1, node.elements)


def of_import(source: Source, node: cst.ImportFrom, aliases: Sequence[cst.ImportAlias]) -> Brackets:
    """Return the brackets around the names of an import; the names alone if it has none."""
    if isinstance(node.lpar, cst.LeftParen) and isinstance(node.rpar, cst.RightParen):
        start, end = source.span(node.lpar)[0] + 1, source.span(node.rpar)[1] - 1
        return _brackets(source, start, end, aliases)
    return of_names(source, aliases)


def of_names(source: Source, aliases: Sequence[cst.ImportAlias]) -> Brackets:
    """Return the names of an import that has no brackets."""
    start, end = source.span(aliases[0])[0], source.span(aliases[-1])[1]
    return _brackets(source, start, end, aliases)


def added(
    source: Source, brackets: Brackets, text: str, means: ast.AST, at: int | None = None
) -> list[Splice]:
    """Return what adds an item.

    Args:
        source: the file.
        brackets: where.
        text: the item, without a comma.
        means: what it means.
        at: before which item; None for the last place.
    """
    count = len(brackets.items)
    if not count:
        return [_first(source, brackets, text, means)]
    if at is not None and at < count:
        return [_before(source, brackets, at, text, means)]
    (start, end), comma = brackets.items[-1], brackets.commas[-1]
    hugged = comma is None and source.line_of(brackets.items[0][0]) == source.line_of(end)
    hugged = hugged and not source.text[end : line_end(source.text, end)].strip()
    if not _own_line(source, start) or not _ends_line(source, comma or end, brackets.end) or hugged:
        return [Splice(end, end, f", {text}", (means,))]
    indent = source.indent_at(start)
    offset = line_end(source.text, comma or end)
    last = "," if comma or count == 1 else ""
    after = [Splice(offset, offset, f"{indent}{text}{last}{source.eol}", (means,))]
    return after if comma else [Splice(end, end, ","), *after]


def _first(source: Source, brackets: Brackets, text: str, means: ast.AST) -> Splice:
    """Put an item between brackets that are empty but for a comment."""
    start, end = brackets.start, brackets.end
    if "\n" not in source.text[start:end]:
        return Splice(start, start, text, (means,))
    last = line_start(source.text, end)
    indent = source.indent_at(end) + source.indent
    return Splice(last, last, f"{indent}{text},{source.eol}", (means,))


def one_a_line(
    source: Source,
    brackets: Brackets,
    text: str,
    means: ast.AST,
    at: int | None = None,
) -> list[Splice]:
    """Return what puts brackets around items, each on a line of its own, and a new one.

    Args:
        source: the file.
        brackets: the items, which have no brackets yet.
        text: the new item, without a comma.
        means: what it means.
        at: before which item; None for the last place.
    """
    step, last = f"{source.eol}{source.indent}", len(brackets.items)
    at = last if at is None else at
    splices = []
    for i in range(last + 1):
        start = brackets.items[i - 1][1] if i else brackets.start
        end = brackets.items[i][0] if i < last else brackets.end
        gap = f",{step}" if i else f"({step}"
        close = f",{source.eol})"
        parts = [gap, text, close if i == last else f",{step}"] if i == at else []
        new = "".join(parts) or (close if i == last else gap)
        splices.append(Splice(start, end, new, (means,) if i == at else ()))
    return splices


def _before(source: Source, brackets: Brackets, at: int, text: str, means: ast.AST) -> Splice:
    start = brackets.items[at][0]
    if _own_line(source, start):
        first = line_start(source.text, start)
        new = f"{source.indent_at(start)}{text},{source.eol}"
        return Splice(first, first, new, (means,))
    return Splice(start, start, f"{text}, ", (means,))


def removed(source: Source, brackets: Brackets, at: int) -> Splice:
    """Return what takes an item away, with its comma, and its lines if they are its own."""
    (start, end), comma = brackets.items[at], brackets.commas[at]
    if len(brackets.items) == 1 and "#" not in source.text[brackets.start : brackets.end]:
        return Splice(brackets.start, brackets.end, "")
    stop = comma or end
    if _own_line(source, start) and _ends_line(source, stop, brackets.end):
        return Splice(line_start(source.text, start), line_end(source.text, stop), "")
    if at + 1 < len(brackets.items):
        return Splice(start, brackets.items[at + 1][0], "")
    first = brackets.items[at - 1][1] if at else brackets.start
    return Splice(first, end if at else brackets.end, "")


def _brackets(source: Source, start: int, end: int, items: Sequence[cst.CSTNode]) -> Brackets:
    commas = [getattr(item, "comma", None) for item in items]
    return Brackets(
        start,
        end,
        tuple(source.span(item) for item in items),
        tuple(source.span(c)[1] if isinstance(c, cst.Comma) else None for c in commas),
    )


def _own_line(source: Source, start: int) -> bool:
    """Whether nothing stands before an item on its line."""
    return not source.text[line_start(source.text, start) : start].strip()


def _ends_line(source: Source, end: int, close: int) -> bool:
    """Whether no other item and no closing bracket stands behind an item on its line."""
    stop = line_end(source.text, end)
    rest = source.text[end:stop].strip()
    return stop <= close and (not rest or rest.startswith("#"))
