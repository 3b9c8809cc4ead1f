"""Code that a fix spec brings, put into the indentation and line ends of the file."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python.errors import one_line
from patchkit.edit.python.source import Source
from patchkit.edit.python.structure import statements
from patchkit.edit.python.syntax import dedented, expression_fault, is_expression, statements_fault
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class Code:
    """Statements of a spec, or one expression.

    Attributes:
        text: without common indentation, without blank lines around, with plain line ends.
        head: whether only the head of a compound statement is meant, whatever its blocks.
    """

    text: str
    head: bool = False

    @cached_property
    def source(self) -> Source:
        """The code, read."""
        try:
            return Source(self.text + "\n", "the code", part=True)
        except EditRefused as error:
            problem = error.problems[0]
            raise EditRefused(
                f"the code of the fix cannot be read: {problem.message}",
                place=problem.place,
                hint="correct it in the spec",
            ) from None

    @property
    def body(self) -> Sequence[cst.CSTNode]:
        """Its statements as LibCST reads them, one by one."""
        return statements(self.source.module)

    @property
    def tree(self) -> list[ast.stmt]:
        """Its statements as Python reads them."""
        return self.source.tree.body

    @property
    def expression(self) -> cst.BaseExpression | None:
        """The expression that is all there is, else None."""
        only = self.body[0] if len(self.body) == 1 else None
        return only.value if isinstance(only, cst.Expr) else None

    def lines(self, indent: str, unit: str) -> list[str]:
        """Return its lines at an indentation.

        Lines that start inside a string stay as they are, but for docstrings.

        Args:
            indent: the blanks before the first line.
            unit: one step of the file's indentation.
        """
        kept, own = self._inside_strings, self.source.indent
        lines = self.text.split("\n")
        return [
            line if number in kept else _indented(line, indent, own, unit)
            for number, line in enumerate(lines, start=1)
        ]

    @cached_property
    def _inside_strings(self) -> frozenset[int]:
        """The numbers of the lines that start inside a string which is no docstring."""
        return frozenset(_inside_strings(self.source))


def statements_of(text: str) -> Code:
    """Return statements that a spec spells.

    Raises:
        EditRefused: they are none, or no Python.
    """
    code = Code(dedented(text))
    if not code.body:
        raise EditRefused("there is no code", hint="give at least one statement")
    return code


def pattern_of(text: str) -> Code:
    """Return a pattern of statements; of a compound one the head is enough: `if x:`.

    Raises:
        EditRefused: it is no Python.
    """
    bare = dedented(text)
    if not bare.endswith(":") or not statements_fault(bare):
        return statements_of(bare)
    indent = bare.rpartition("\n")[2]
    block = indent[: len(indent) - len(indent.lstrip())] + "    ..."
    return Code(statements_of(f"{bare}\n{block}").text, head=True)


def expression_of(text: str) -> Code:
    """Return an expression that a spec spells; it may have several lines.

    Raises:
        EditRefused: it is none.
    """
    if wrong := expression_fault(text):
        raise EditRefused(f"`{one_line(text)}` is no expression: {wrong}", hint="correct the spec")
    bare = dedented(text)
    return Code(bare if is_expression(bare) else f"({bare})")


def _indented(line: str, indent: str, own: str, unit: str) -> str:
    """Return a line behind an indentation, its own steps being those of the file."""
    rest, steps = line, 0
    while own != unit and rest.startswith(own):
        rest, steps = rest[len(own) :], steps + 1
    return indent + unit * steps + rest if line.strip() else ""


def _inside_strings(source: Source) -> Iterator[int]:
    nodes = source.nodes
    docs = {_docstring(node) for node in nodes}
    for node in nodes:
        if isinstance(node, (cst.SimpleString, cst.FormattedString)) and node not in docs:
            start, end = source.span(node)
            yield from range(source.line_of(start) + 1, source.line_of(end) + 1)


def _docstring(node: cst.CSTNode) -> cst.CSTNode | None:
    if not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Module)):
        return None
    first = next(iter(statements(node if isinstance(node, cst.Module) else node.body)), None)
    return first.value if isinstance(first, cst.Expr) else None
