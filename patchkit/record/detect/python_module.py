"""A Python file as its compiler reads it: what `python` ops can speak of."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record.candidate import Case, Step

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class Module:
    """A Python file as its compiler reads it."""

    def __init__(self, text: str) -> None:
        self.lines = text.splitlines()
        self.body = ast.parse(text).body

    def source(self, first: ast.stmt, last: ast.stmt) -> str:
        """Return the lines of statements, with decorators and the comments right above."""
        above = [first.lineno, *(d.lineno for d in getattr(first, "decorator_list", ()))]
        start = min(above) - 1
        while start and self.lines[start - 1].lstrip().startswith("#"):
            start -= 1
        text = "\n".join(self.lines[start : last.end_lineno])
        return textwrap.dedent(text) + "\n"

    def expression(self, node: ast.expr) -> str:
        """Return an expression as it is written."""
        text = "\n".join(self.lines) + "\n"
        return ast.get_source_segment(text, node) or ast.unparse(node)

    def scopes(self) -> Iterator[tuple[str, list[ast.stmt]]]:
        """Yield the body of the file, and of each of its classes and functions, by name."""
        yield "", self.body
        yield from _below("", self.body)


def _below(prefix: str, body: list[ast.stmt]) -> Iterator[tuple[str, list[ast.stmt]]]:
    for node in body:
        if isinstance(node, DEFINITIONS):
            name = f"{prefix}{node.name}"
            yield name, node.body
            if isinstance(node, ast.ClassDef):
                yield from _below(f"{name}.", node.body)


def modules(case: Case) -> Iterator[tuple[Step, Module, Module]]:
    """Yield the Python files that differ, before and after."""
    for path in case.edited:
        texts = case.texts(path)
        if texts and path.endswith(".py"):
            try:
                pair = Module(texts[0]), Module(texts[1])
            except (SyntaxError, ValueError, RecursionError):
                continue
            yield {"file": path}, *pair


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether two pieces of code are the same but for their layout."""
    return ast.dump(one) == ast.dump(other)
