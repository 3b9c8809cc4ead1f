"""One entry of a dict given its value: of one in braces, or of what a function returns."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python import brackets
from patchkit.edit.python.code import Code
from patchkit.edit.python.errors import lines_text
from patchkit.edit.python.names import bindings, dotted_name
from patchkit.edit.python.splices import Splice
from patchkit.edit.python.strings import in_style
from patchkit.edit.python.structure import walk
from patchkit.edit.python.values import meaning, replaced, text_at
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.python.source import Source

_INNER = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


def entry(source: Source, value: cst.CSTNode, key: str | int, new: Code, name: str) -> list[Splice]:
    """Return what gives the entry of a dict its value, at the end if it is new.

    Args:
        source: the file.
        value: the dict, in braces.
        key: the key.
        new: the value.
        name: what messages call it.

    Raises:
        EditRefused: it is something else, or a later entry may win.
    """
    if not isinstance(value, cst.Dict):
        raise EditRefused(
            f"{name} is no dict in braces",
            place=source.place(value),
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


def returned(source: Source, function: cst.FunctionDef, name: str, key: str | int) -> cst.CSTNode:
    """Return the dict in braces that a function returns, right there or by way of a variable.

    A `return` of nothing or None does not count.

    Raises:
        EditRefused: it returns several things, what is made elsewhere, or a variable whose entry
            `key` is set later.
    """
    given = [
        node.value
        for node in walk(function.body, _INNER)
        if isinstance(node, cst.Return) and not _is_none(node.value)
    ]
    if len(given) != 1 or given[0] is None:
        lines = f", at {lines_text(map(source.line, filter(None, given)))}" if given else ""
        raise EditRefused(
            f"{name} returns {len(given)} values{lines}",
            place=source.place(function),
            hint="edit the function with python.replace",
        )
    value = given[0]
    if not isinstance(value, cst.Name):
        return value
    _refuse_later(source, function, value.value, key)
    return _held(source, function, value.value)


def _refuse_later(source: Source, function: cst.FunctionDef, variable: str, key: str | int) -> None:
    for node in walk(function.body, _INNER):
        target = node.target if isinstance(node, cst.AssignTarget) else None
        if not isinstance(target, cst.Subscript) or dotted_name(target.value) != variable:
            continue
        at = [part.slice for part in target.slice]
        if len(at) == 1 and isinstance(at[0], cst.Index) and _is_key(at[0].value, key):
            raise EditRefused(
                f"{variable}[{key!r}] is set later",
                place=source.place(target),
                hint="edit that statement with python.replace",
            )


def _held(source: Source, function: cst.FunctionDef, variable: str) -> cst.CSTNode:
    """Return what a function's variable is set to, once and for good."""
    found = [binding for binding in bindings(function) if binding.name == variable]
    node = found[0].node if len(found) == 1 and found[0].sure else None
    if isinstance(node, (cst.Assign, cst.AnnAssign)) and node.value is not None:
        return node.value
    raise EditRefused(
        f"{variable} is not set once and for good",
        place=source.place(found[0].node if found else function),
        hint="edit the function with python.replace",
    )


def _is_none(value: cst.BaseExpression | None) -> bool:
    return value is None or (isinstance(value, cst.Name) and value.value == "None")


def _is_key(node: cst.BaseExpression, key: str | int) -> bool:
    literal = isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.Integer))
    return literal and node.evaluated_value == key  # type: ignore[attr-defined]


def _new_entry(source: Source, value: cst.Dict, key: str | int, new: Code) -> list[Splice]:
    styled_key = in_style(source, Code(json.dumps(key, ensure_ascii=False)), value)
    styled = in_style(source, new, value)
    at = brackets.of_dict(source, value)
    offset = at.items[-1][0] if at.items else at.start
    text = f"{styled_key.text}: {text_at(source, styled, offset)}"
    splices = brackets.added(source, at, text, meaning(styled_key))
    last, means = splices[-1], (meaning(styled_key), meaning(styled))
    return [*splices[:-1], Splice(last.start, last.end, last.text, means)]
