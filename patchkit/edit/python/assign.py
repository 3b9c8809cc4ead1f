"""A constant of a file or a class, or one entry of a dict, given its value."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python import brackets
from patchkit.edit.python.code import Code, expression_of
from patchkit.edit.python.names import bindings, block_lines, find_class, single
from patchkit.edit.python.placing import Anchor, anchor_of, is_docstring, put_at
from patchkit.edit.python.splices import Splice, spliced
from patchkit.edit.python.strings import in_style
from patchkit.edit.python.structure import same, walk
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.python.names import Binding, Scope
    from patchkit.edit.python.source import Source

_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*")


def assign(
    source: Source,
    name: str,
    value: str,
    *,
    key: str | int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> str:
    """Return the text in which a name, or an entry of the dict that it names, has a value.

    Args:
        source: the file.
        name: of the file, or of a class: `Class.NAME`.
        value: an expression.
        key: the dict's key.
        after: for a new name, the name that it goes behind.
        before: for a new name, the name that it goes before.

    Raises:
        EditRefused: the name is bound more than once, under a condition or together with
            others, or `key` is given and its value is no dict in braces.
    """
    outer, _, last = name.rpartition(".")
    scope = find_class(source, outer)
    new = expression_of(value)
    if key is None and all(binding.name != last for binding in bindings(scope)):
        anchor = _anchor(source, scope, new, after=after, before=before)
        code = Code(f"{last} = {in_style(source, new, None).text}")
        return spliced(source, [put_at(source, scope, anchor, code)])
    node = _assignment(source, single(source, scope, last, name), name)
    if key is not None:
        return spliced(source, _entry(source, node, name, key, new))
    return spliced(source, _value(source, node, new))


def _assignment(source: Source, binding: Binding, name: str) -> cst.Assign | cst.AnnAssign:
    node, why = binding.node, ""
    if not binding.sure:
        why = f"{name} is set under a condition"
    elif isinstance(node, cst.Assign):
        if len(node.targets) > 1 or not isinstance(node.targets[0].target, cst.Name):
            why = f"{name} is set together with others"
    elif not isinstance(node, cst.AnnAssign):
        why = f"{name} is no plain assignment"
    if why or not isinstance(node, (cst.Assign, cst.AnnAssign)):
        raise EditRefused(
            why, place=source.place(node), hint="use python.replace for the statement"
        )
    return node


def _value(source: Source, node: cst.Assign | cst.AnnAssign, new: Code) -> list[Splice]:
    old = node.value
    if old is None:
        end = source.span(node)[1]
        return [Splice(end, end, " = " + text_at(source, new, end), (meaning(new),))]
    return replaced(source, old, new)


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


# --- an entry of a dict ------------------------------------------------------------------------


def _entry(
    source: Source, node: cst.Assign | cst.AnnAssign, name: str, key: str | int, new: Code
) -> list[Splice]:
    value = node.value
    if not isinstance(value, cst.Dict):
        raise EditRefused(
            f"{name} is no dict in braces",
            place=source.place(value or node),
            hint="give the whole value without `key:`",
        )
    found = [
        (at, element)
        for at, element in enumerate(value.elements)
        if isinstance(element, cst.DictElement) and _is_key(element.key, key)
    ]
    if not found:
        return _new_entry(source, value, key, new)
    at, element = found[0]
    if len(found) > 1 or any(isinstance(e, cst.StarredDictElement) for e in value.elements[at:]):
        raise EditRefused(
            f"a later entry of {name} may win over the one of {key!r}",
            place=source.place(element),
            hint="give the whole value without `key:`",
        )
    return replaced(source, element.value, new)


def _is_key(node: cst.BaseExpression, key: str | int) -> bool:
    literal = isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.Integer))
    return literal and node.evaluated_value == key  # type: ignore[attr-defined]


def _new_entry(source: Source, value: cst.Dict, key: str | int, new: Code) -> list[Splice]:
    styled_key = in_style(source, Code(ast.unparse(ast.Constant(key))), value)
    styled = in_style(source, new, value)
    at = brackets.of_dict(source, value)
    offset = at.items[-1][0] if at.items else at.start
    text = f"{styled_key.text}: {text_at(source, styled, offset)}"
    splices = brackets.added(source, at, text, meaning(styled_key))
    last = splices[-1]
    means = (meaning(styled_key), meaning(styled))
    return [*splices[:-1], Splice(last.start, last.end, last.text, means)]


# --- a new name --------------------------------------------------------------------------------


def _anchor(
    source: Source, scope: Scope, value: Code, *, after: str | None, before: str | None
) -> Anchor:
    """Return the place for a new name that has a value."""
    if after or before:
        return anchor_of(source, scope, after=after, before=before)
    at = _sensible(scope, value)
    return Anchor(at) if at is not None else Anchor(0, before=True)


def _sensible(scope: Scope, value: Code) -> int | None:
    """Return the line to put a new name behind: the last constant, else the last import.

    It is also behind all that the value uses.
    """
    lines, every = list(block_lines(scope)), [b for b in bindings(scope) if b.sure]
    plain = [b for b in every if isinstance(b.node, (cst.Assign, cst.AnnAssign))]
    constants = [b for b in plain if _CONSTANT.fullmatch(b.name)]
    imports = [b for b in every if isinstance(b.node, cst.ImportAlias)]
    if not isinstance(scope, cst.Module):
        constants = constants or plain
    used = {node.value for node in walk(value.source.module) if isinstance(node, cst.Name)}
    behind = [*(constants or imports)[-1:], *(b for b in every if b.name in used)]
    found = [lines.index(b.line) for b in behind]
    docstring = [0] if lines and is_docstring(lines[0]) else []
    return max([*found, *docstring], default=None)
