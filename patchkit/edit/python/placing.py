"""Statements put into a block: at its indentation, with the blank lines that a formatter wants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.lines import line_start
from patchkit.edit.python.names import bindings, block_lines, single
from patchkit.edit.python.splices import Splice
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.edit.python.code import Code
    from patchkit.edit.python.names import Scope
    from patchkit.edit.python.source import Source

_DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
_IMPORTS = (cst.Import, cst.ImportFrom)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A line of a block, and the side of it where new code goes, close to it.

    Attributes:
        index: which line of the block.
        before: whether the code goes before it and the comments right above it.
    """

    index: int
    before: bool = False


def anchor_of(
    source: Source, scope: Scope, *, after: str | None = None, before: str | None = None
) -> Anchor:
    """Return the place beside what binds a name; one of both names is given."""
    name = after or before or ""
    line = single(source, scope, name, name).line
    if before:  # what it overloads stands before it
        line = next(binding.line for binding in bindings(scope) if binding.name == name)
    return Anchor(list(block_lines(scope)).index(line), before=bool(before))


def put_at(source: Source, scope: Scope, anchor: Anchor, code: Code) -> Splice:
    """Return what puts code into the block of a scope."""
    return put(source, block_lines(scope), anchor, code, titled=isinstance(scope, cst.ClassDef))


def put(
    source: Source,
    block: Sequence[cst.CSTNode],
    anchor: Anchor,
    code: Code,
    *,
    apart: bool = False,
    titled: bool = False,
) -> Splice:
    """Return what puts code beside a line of a block, with the blank lines it needs.

    Args:
        source: the file.
        block: the lines of the block.
        anchor: the place.
        code: the statements.
        apart: whether there must be a blank line on each side.
        titled: whether it is a class's, whose docstring is set apart as that of a file is.
    """
    if not block:
        offset = len(source.text)
        return splice_lines(source, offset, code.lines("", source.indent), code)
    index = anchor.index + (not anchor.before)
    before = block[index - 1] if index else None
    after = block[index] if index < len(block) else None
    near = block[anchor.index]
    if isinstance(near, cst.BaseSmallStatement):
        refuse_shared(source, near)
    indent = source.indent_at(source.span(near)[0])
    offset = start_of(source, near) if anchor.before else source.full_span(near)[1]
    first, last = code.source.module.body[0], code.source.module.body[-1]
    apart_above = apart or (index == 1 and is_docstring(before) and (titled or not indent))
    above = max(_blanks(before, first, deep=bool(indent)), apart_above and before is not None)
    below = max(_blanks(last, after, deep=bool(indent)), apart and after is not None)
    if before is None and _follows_head(source, offset) and isinstance(first, _DEFINITIONS):
        above = 2
    if anchor.before:
        above = max(above - _blank_lines_above(source, offset), 0)
    else:
        below = max(below - _blank_lines_below(source, offset), 0)
    lines = [""] * above + code.lines(indent, source.indent) + [""] * below
    return splice_lines(source, offset, lines, code)


def start_of(source: Source, line: cst.CSTNode) -> int:
    """Return where a statement starts with the comments right above it."""
    lines = _lines_above(source, line)
    start, _ = source.full_span(lines[0] if lines else line)
    for above in lines:
        end = source.full_span(above)[1]
        start = start if above.comment else end
    return start


def _lines_above(source: Source, line: cst.CSTNode) -> Sequence[cst.EmptyLine]:
    """Return the blank lines and comments that a statement owns; a file's head is none's."""
    lines: Sequence[cst.EmptyLine] = getattr(line, "leading_lines", ())
    if not isinstance(line, _DEFINITIONS) or line is not source.module.body[0]:
        return lines
    head = [above for above in source.module.header if not _is_magic(above)]
    return [*head, *lines]


def _is_magic(line: cst.EmptyLine) -> bool:
    """Whether a line must be the first or second of its file."""
    comment = line.comment.value if line.comment else ""
    return comment.startswith("#!") or "coding" in comment


def refuse_shared(source: Source, line: cst.CSTNode) -> None:
    """Refuse to edit beside a statement that shares its line with others or with its block."""
    alone = isinstance(line, cst.BaseCompoundStatement) or (
        isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1
    )
    if not alone:
        raise EditRefused(
            "this statement shares its line with others",
            place=source.place(line),
            hint="put each on a line of its own first",
        )


def is_docstring(line: cst.CSTNode | None) -> bool:
    """Whether a line is but a string, as a docstring is."""
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    return isinstance(small, cst.Expr) and isinstance(
        small.value, (cst.SimpleString, cst.ConcatenatedString)
    )


def own_block(scope: Scope) -> Sequence[cst.CSTNode]:
    """Return the lines of a scope without its docstring."""
    lines = block_lines(scope)
    return lines[1:] if lines and is_docstring(lines[0]) else lines


def splice_lines(source: Source, offset: int, lines: list[str], code: Code) -> Splice:
    """Return what puts whole lines in front of the line at `offset`, or behind the last one."""
    text = source.text
    if offset == len(text) and not text.endswith("\n") and text.strip("\ufeff"):
        new = "".join(source.eol + line for line in lines)
    else:
        new = "".join(line + source.eol for line in lines)
    return Splice(offset, offset, new, tuple(code.tree))


def _blanks(one: cst.CSTNode | None, other: cst.CSTNode | None, *, deep: bool) -> int:
    """Return how many blank lines a formatter puts between two statements at least."""
    if one is None or other is None:
        return 0
    if isinstance(one, _DEFINITIONS) or isinstance(other, _DEFINITIONS):
        return 1 if deep else 2
    return int(_is_import(one) and not _is_import(other))


def _is_import(line: cst.CSTNode) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], _IMPORTS)


def _follows_head(source: Source, offset: int) -> bool:
    """Whether a file's first statement has comments above it, and a blank line between."""
    return bool(source.text[:offset].strip("\ufeff\r\n")) and _blank_lines_above(source, offset) > 0


def _blank_lines_above(source: Source, offset: int) -> int:
    count = 0
    while offset > 0:
        start = line_start(source.text, offset - 1)
        if start == offset or source.text[start:offset].strip():
            break
        offset, count = start, count + 1
    return count


def _blank_lines_below(source: Source, offset: int) -> int:
    text, count = source.text, 0
    while offset < len(text):
        end = text.find("\n", offset) + 1 or len(text)
        if text[offset:end].strip():
            break
        offset, count = end, count + 1
    return count
