"""Splices of a Python file, made and then judged: outside the new text nothing changes its meaning.

Both texts are read by Python's own parser. What stands within a splice is taken out of both
trees, the rest must be equal, and what was taken out of the new one must be what was meant.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.edit.lines import Span
    from patchkit.edit.python.source import Source


@dataclass(frozen=True, slots=True)
class Splice:
    """New text for a span of a file.

    Attributes:
        start: where the old text starts.
        end: where it ends; the start itself when nothing goes.
        text: what comes instead, in the file's line ends.
        means: what the new text adds to the tree, without what it merely carries along.
    """

    start: int
    end: int
    text: str
    means: tuple[ast.AST, ...] = ()


class Differs(EditRefused):
    """The result is no Python, or means something else than was meant."""


def spliced(source: Source, splices: Sequence[Splice]) -> str:
    """Return the text with the splices made.

    Raises:
        Differs: the result is not what was meant, such as an expression that binds otherwise
            at its new place.
    """
    ordered = sorted(splices, key=lambda splice: splice.start)
    pieces, at, ranges = [], 0, []
    length = 0
    for splice in ordered:
        kept = source.text[at : splice.start]
        pieces += [kept, splice.text]
        length += len(kept)
        ranges.append((length, length + len(splice.text)))
        length += len(splice.text)
        at = splice.end
    text = "".join([*pieces, source.text[at:]])
    if text != source.text:
        _judge(source, text, ordered, ranges)
    return text


def _judge(source: Source, text: str, splices: list[Splice], ranges: list[Span]) -> None:
    place = source.place_at(splices[0].start)
    hint = "say more of the code around it, or use a text op"
    try:
        new = source.again(text)
    except EditRefused as error:
        message = f"the result would be no Python: {error.problems[0].message}"
        raise Differs(message, place=place, hint=hint) from error
    rest = _Rest(source, [(splice.start, splice.end) for splice in splices])
    new_rest = _Rest(new, ranges)
    if rest.of(source.tree) != new_rest.of(new.tree):
        raise Differs(
            "the code around the new one would mean something else", place=place, hint=hint
        )
    meant = [_dump(_bare(node)) for splice in splices for node in splice.means]
    taken = sorted(new_rest.taken, key=itemgetter(0))
    if meant != [_dump(_bare(node)) for _, node in taken]:
        raise Differs("the new code would mean something else there", place=place, hint=hint)


class _Rest:
    """A tree without what stands within some spans.

    Attributes:
        taken: what was left out, outermost nodes only, each with its offset.
    """

    def __init__(self, source: Source, spans: Sequence[Span]) -> None:
        self.source = source
        self.spans = [span for span in spans if span[0] < span[1]]
        self.taken: list[tuple[int, ast.AST]] = []

    def of(self, node: ast.AST) -> Any:
        """Return what is left of a tree, as plain values."""
        return [type(node).__name__, *(self._value(node, value) for value in _values(node))]

    def _value(self, parent: ast.AST, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(parent, v) for v in value if not self._takes(parent, v)]
        if isinstance(value, ast.AST):
            return _plain(None) if self._takes(parent, value) else self.of(value)
        return _plain(value)

    def _takes(self, parent: ast.AST, node: Any) -> bool:
        # Before Python 3.12 what an f-string holds has no true position.
        if isinstance(parent, (ast.JoinedStr, ast.FormattedValue)) or not hasattr(node, "lineno"):
            return False
        start = self.source.offset_of(node.lineno, node.col_offset)
        end = self.source.offset_of(node.end_lineno, node.end_col_offset)
        if any(first <= start and end <= last for first, last in self.spans):
            self.taken.append((start, node))
            return True
        return False


def _values(node: ast.AST) -> Iterator[Any]:
    """Yield what a node means: a string's `u` and comments for type checkers do not count."""
    for name, value in ast.iter_fields(node):
        if name not in {"kind", "type_comment", "type_ignores", "ctx"}:
            yield value


def _plain(value: Any) -> Any:
    return (type(value).__name__, repr(value))


def _bare(node: ast.AST) -> ast.AST:
    """Return the expression that is all of a node, which has the same span."""
    if isinstance(node, (ast.Expr, ast.MatchValue)):
        value = node.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return ast.Constant(inspect.cleandoc(value.value))
        return value
    return node


def _dump(node: ast.AST) -> Any:
    """Return a node as plain values; a docstring counts as it is shown, whatever its indent."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        value = node.value.value
        return inspect.cleandoc(value) if isinstance(value, str) else _plain(value)
    return [type(node).__name__, *map(_dumped, _values(node))]


def _dumped(value: Any) -> Any:
    if isinstance(value, list):
        return [_dumped(item) for item in value]
    return _dump(value) if isinstance(value, ast.AST) else _plain(value)
