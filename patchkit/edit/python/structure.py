"""Code compared by what it says: blanks, brackets, quotes and comments make no difference.

In a pattern `...` stands for anything: one expression, or any run of arguments, items or
statements.
"""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_LAYOUT = (
    cst.BaseParenthesizableWhitespace,
    cst.TrailingWhitespace,
    cst.Newline,
    cst.EmptyLine,
    cst.Comment,
    cst.Comma,
    cst.Semicolon,
    cst.Colon,
    cst.AssignEqual,
    cst.LeftParen,
    cst.RightParen,
    cst.MaybeSentinel,
)
_LAYOUT_FIELDS = frozenset(
    ("leading_lines", "lines_after_decorators", "header", "footer", "lpar", "rpar", "indent")
)
_BLOCKS = frozenset(("body", "orelse", "finalbody", "handlers"))
_STRINGS = (cst.SimpleString, cst.ConcatenatedString)
_NUMBERS = (cst.Integer, cst.Float, cst.Imaginary)


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of code say the same."""
    return _fits(one, other, wild=False)


def fits(pattern: Any, code: Any) -> bool:
    """Whether code is what a pattern says."""
    return _fits(pattern, code, wild=True)


def heads_fit(pattern: Sequence[cst.CSTNode], code: Sequence[cst.CSTNode]) -> bool:
    """Whether one compound statement has the head that a pattern says, whatever its blocks."""
    (one,), (other,) = pattern, code
    if type(one) is not type(other):
        return False
    names = [name for name in _meaning(type(one)) if name not in _BLOCKS]
    pairs = [(getattr(one, name), getattr(other, name)) for name in names]
    return all(_fits(a, b, wild=True) for a, b in pairs if not isinstance(a, _LAYOUT))


def statements(suite: cst.CSTNode | Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
    """Return the statements of a block or a list of lines, those between semicolons one by one."""
    lines = suite.body if isinstance(suite, (cst.BaseSuite, cst.Module)) else suite
    flat: list[cst.CSTNode] = []
    for line in [lines] if isinstance(lines, cst.CSTNode) else lines:
        flat += line.body if isinstance(line, cst.SimpleStatementLine) else [line]
    return flat


def walk(node: cst.CSTNode, stop: tuple[type[cst.CSTNode], ...] = ()) -> Iterator[cst.CSTNode]:
    """Yield a node and all below it, in order, but what is below nodes of the types in `stop`."""
    todo = [node]
    while todo:
        current = todo.pop()
        yield current
        if not isinstance(current, stop):
            todo += reversed(list(children(current)))


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes right below a node, but blanks and comments; LibCST's own way is slow."""
    for name in _names(type(node)):
        value = getattr(node, name)
        for item in value if isinstance(value, (list, tuple)) else (value,):
            if _is_code(item.__class__):
                yield item


@cache
def _names(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _is_code(kind: type[object]) -> bool:
    return issubclass(kind, cst.CSTNode) and not issubclass(kind, _LAYOUT)


def _fits(pattern: Any, code: Any, *, wild: bool) -> bool:
    if isinstance(pattern, (list, tuple)):
        return isinstance(code, (list, tuple)) and _run_fits(pattern, code, wild=wild)
    if not isinstance(pattern, cst.CSTNode):
        return bool(pattern == code)
    if wild and isinstance(pattern, cst.Ellipsis):
        return isinstance(code, cst.BaseExpression)
    if isinstance(pattern, cst.BaseSuite) and isinstance(code, cst.BaseSuite):
        return _run_fits(statements(pattern), statements(code), wild=wild)
    wanted = _value(pattern)
    if wanted is not None:
        return wanted == _value(code)
    return type(pattern) is type(code) and _parts_fit(pattern, code, wild=wild)


def _parts_fit(pattern: cst.CSTNode, code: cst.CSTNode, *, wild: bool) -> bool:
    mine, others = _parts(pattern), _parts(code)
    return len(mine) == len(others) and all(
        _fits(a, b, wild=wild) for a, b in zip(mine, others, strict=True)
    )


def _value(node: Any) -> object:
    """Return what a literal means, with its type; None for what is none.

    A text that is a statement of its own counts as docstrings are shown, whatever its indent.
    """
    if isinstance(node, cst.Expr) and isinstance(node.value, _STRINGS):
        text = node.value.evaluated_value
        return ("shown", cleandoc(text)) if isinstance(text, str) else _value(node.value)
    value = node.evaluated_value if isinstance(node, (*_STRINGS, *_NUMBERS)) else None
    return None if value is None else (type(value).__name__, value)


def _run_fits(pattern: Sequence[Any], code: Sequence[Any], *, wild: bool) -> bool:
    """Match a sequence, going back to the last `...` only, as one does for a file pattern."""
    at = here = 0
    star, resume = -1, 0
    while at < len(code):
        if wild and here < len(pattern) and _is_run(pattern[here]):
            star, resume = here, at
            here += 1
        elif here < len(pattern) and _fits(pattern[here], code[at], wild=wild):
            here, at = here + 1, at + 1
        elif star >= 0:
            resume += 1
            here, at = star + 1, resume
        else:
            return False
    return all(wild and _is_run(rest) for rest in pattern[here:])


def _is_run(node: Any) -> bool:
    """Whether a pattern's item is a bare `...`, which stands for any number of items."""
    if isinstance(node, cst.Arg):
        return not node.star and node.keyword is None and isinstance(node.value, cst.Ellipsis)
    return isinstance(node, (cst.Element, cst.Expr)) and isinstance(node.value, cst.Ellipsis)


def _parts(node: cst.CSTNode) -> list[Any]:
    """Return what of a node means something."""
    if isinstance(node, cst.FormattedString):
        return [node.prefix.lower(), list(node.parts)]
    values = [getattr(node, name) for name in _meaning(type(node))]
    parts = [_without_layout(value) for value in values if not isinstance(value, _LAYOUT)]
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        parts.append(isinstance(node.slice[0].comma, cst.Comma))  # `x[a,]` asks for a tuple
    if isinstance(node, cst.FormattedStringExpression):
        parts.append(node.equal is not None)  # f"{x=}" shows the name too
    return parts


@cache
def _meaning(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    """Return the fields of a kind of node that mean something."""
    return tuple(name for name in _names(kind) if name not in _LAYOUT_FIELDS)


def _without_layout(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [item for item in value if not isinstance(item, _LAYOUT)]
    return value
