"""An expression put in the place of another, in its quotes and at its indentation."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from patchkit.edit.python.splices import Splice
from patchkit.edit.python.strings import in_style
from patchkit.edit.python.structure import same

if TYPE_CHECKING:
    import libcst as cst

    from patchkit.edit.python.code import Code
    from patchkit.edit.python.source import Source


def replaced(source: Source, old: cst.BaseExpression, new: Code) -> list[Splice]:
    """Return what puts one expression in place of another, brackets included; nothing if same."""
    if same(old, new.expression):
        return []
    start, end = source.full_span(old)
    styled = in_style(source, new, old)
    return [Splice(start, end, text_at(source, styled, start), (meaning(styled),))]


def text_at(source: Source, code: Code, offset: int) -> str:
    """Return an expression's text for a place: its first line goes on where the line is."""
    indent = source.indent_at(offset)
    return source.eol.join(code.lines(indent, source.indent)).removeprefix(indent)


def meaning(code: Code) -> ast.expr:
    """Return what an expression means."""
    (node,) = code.tree
    assert isinstance(node, ast.Expr)  # noqa: S101  it was made by `expression_of`
    return node.value
