"""A Python file read twice: by LibCST, which knows where everything stands, and by Python itself.

Offsets count characters of the whole text, a byte order mark included.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import libcst as cst
from libcst.metadata import (
    CodeRange,
    MetadataWrapper,
    PositionProvider,
    WhitespaceInclusivePositionProvider,
)

from patchkit.edit.lines import Span, body_start, line_end, line_start, main_eol
from patchkit.edit.python.structure import walk
from patchkit.edit.python.syntax import NO_PYTHON, compiled, fault, parse, refuse_long_chains
from patchkit.errors import EditRefused, Place

if TYPE_CHECKING:
    import ast

MAX_CHARACTERS = 512 * 1024
LINE_LENGTH = 88

_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_UNICODE = frozenset(("utf-8", "utf8", "utf-8-sig", "ascii", "us-ascii"))
_READER = f"Python {sys.version_info.major}.{sys.version_info.minor}"


class Source:
    """A Python file that both parsers can read.

    Attributes:
        text: the whole text.
        path: what messages call it.
        tree: Python's own reading.
        module: LibCST's reading.
        line_length: how long a line may be before a formatter breaks it.
    """

    def __init__(
        self, text: str, path: str, *, line_length: int = LINE_LENGTH, part: bool = False
    ) -> None:
        """Read `text`.

        Args:
            text: the whole text.
            path: what messages call it.
            line_length: how long a line may be.
            part: whether it is but a part of a file, which may hold a lone `return`.

        Raises:
            EditRefused: it is too large, says another encoding than UTF-8, or is no Python; with
                its line.
        """
        self.text = text
        self.path = path
        self.line_length = line_length
        self._start = body_start(text)
        self._lines = [self._start, *(m.end() for m in re.finditer("\n", text))]
        self._refuse_unreadable()
        self.tree = self._parsed(part=part)
        self.module = self._module()

    def again(self, text: str) -> Source:
        """Return another text of the same file."""
        return self if text == self.text else read(text, self.path, self.line_length)

    @cached_property
    def eol(self) -> str:
        """The line ending that most lines have."""
        return main_eol(self.text)

    @cached_property
    def nodes(self) -> tuple[cst.CSTNode, ...]:
        """Every node, in order."""
        return tuple(walk(self.module))

    @property
    def indent(self) -> str:
        """One step of the file's indentation."""
        return self.module.default_indent

    def span(self, node: cst.CSTNode) -> Span:
        """Return where a node stands, without brackets and blanks around it."""
        return self._span(self._inner[node])

    def full_span(self, node: cst.CSTNode) -> Span:
        """Return where a node stands with its brackets, or a statement with its whole lines.

        Comments and blank lines above a statement are its own; those above what follows are not.
        """
        return self._span(self._outer[node])

    def code(self, node: cst.CSTNode) -> str:
        """Return the text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def line(self, node: cst.CSTNode) -> int:
        """Return the number, from 1, of the line on which a node starts."""
        return self._inner[node].start.line

    def place(self, node: cst.CSTNode) -> Place:
        """Return where a node starts, for messages."""
        return self.place_at(self.span(node)[0])

    def place_at(self, offset: int) -> Place:
        """Return the place of an offset, for messages."""
        return Place.at(self.path, self.text, offset)

    def indent_at(self, offset: int) -> str:
        """Return the blanks at the start of the line that holds `offset`."""
        start = line_start(self.text, offset)
        line = self.text[start : line_end(self.text, offset)]
        return line[: len(line) - len(line.lstrip(" \t\f"))]

    def offset_of(self, line: int, column: int) -> int:
        """Return the offset of a position of Python's own parser: column in bytes of UTF-8."""
        start = self._lines[line - 1]
        text = self.text[start : line_end(self.text, start)]
        return start + (column if text.isascii() else len(text.encode()[:column].decode()))

    def line_of(self, offset: int) -> int:
        """Return the number, from 1, of the line that holds `offset`."""
        return bisect_right(self._lines, offset)

    @cached_property
    def _inner(self) -> dict[cst.CSTNode, CodeRange]:
        return dict(self._wrapper.resolve(PositionProvider))

    @cached_property
    def _outer(self) -> dict[cst.CSTNode, CodeRange]:
        return dict(self._wrapper.resolve(WhitespaceInclusivePositionProvider))

    def _span(self, found: CodeRange) -> Span:
        start, end = found.start, found.end
        return self._offset(start.line, start.column), self._offset(end.line, end.column)

    def _offset(self, line: int, column: int) -> int:
        # Behind a last line without a newline LibCST sees one more.
        known = line <= len(self._lines)
        return min(self._lines[line - 1] + column, len(self.text)) if known else len(self.text)

    def _refuse_unreadable(self) -> None:
        if len(self.text) > MAX_CHARACTERS:
            message = f"{len(self.text):,} characters are more than is edited ({MAX_CHARACTERS:,})"
            raise EditRefused(message, place=Place(self.path), hint="edit it with a text op")
        if found := re.search(r"\r(?!\n)", self.text):
            raise EditRefused(
                "a carriage return stands alone",
                place=self.place_at(found.start()),
                hint="give the file one kind of line end first",
            )
        for line in self.text[self._start :].split("\n", 2)[:2]:
            found = _CODING.match(line)
            name = found[1].lower().replace("_", "-") if found else "utf-8"
            if name not in _UNICODE and not self.text.isascii():
                raise EditRefused(
                    f"the file says that its encoding is {name}, and was read as UTF-8",
                    place=Place(self.path, 1 + self.text.count("\n", 0, self.text.index(line))),
                    hint="save it as UTF-8 and take that comment out",
                )

    def _parsed(self, *, part: bool) -> ast.Module:
        try:
            tree = parse(self.text[self._start :])
            refuse_long_chains(tree)
            if not part:
                compiled(tree)
        except NO_PYTHON as error:
            line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
            start = self._lines[min(line, len(self._lines)) - 1]
            raise EditRefused(
                f"{_READER} cannot read this: {fault(error)}",
                place=self.place_at(min(start + max(column - 1, 0), len(self.text))),
                hint="mend the file first; if it is for a newer Python, run patchkit with that one",
            ) from None
        return tree

    def _module(self) -> cst.Module:
        body = self.text[self._start :]
        try:
            self._wrapper = MetadataWrapper(cst.parse_module(body), unsafe_skip_copy=True)
            whole = self._wrapper.module.code == body
        except (cst.ParserSyntaxError, RecursionError):
            whole = False
        if not whole:
            raise EditRefused(
                "LibCST cannot read this file without loss",
                place=Place(self.path),
                hint="edit it with a text op; a form feed at its start is one cause",
            )
        return self._wrapper.module


@lru_cache(maxsize=8)
def read(text: str, path: str, line_length: int = LINE_LENGTH) -> Source:
    """Return a file's text as a `Source`; that of an op's result is the next op's own."""
    return Source(text, path, line_length=line_length)
