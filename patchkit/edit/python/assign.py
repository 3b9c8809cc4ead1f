"""A constant of a file or a class, or one entry of a dict, given its value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python.code import Code, expression_of
from patchkit.edit.python.entries import entry, returned
from patchkit.edit.python.layout import settled
from patchkit.edit.python.names import bindings, block_lines, find_class, single
from patchkit.edit.python.placing import Anchor, anchor_of, is_docstring, put_at
from patchkit.edit.python.splices import Splice, spliced
from patchkit.edit.python.strings import in_style
from patchkit.edit.python.structure import walk
from patchkit.edit.python.values import meaning, replaced, text_at
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
        key: the dict's key; of a function, that of the dict which it returns.
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
    binding = single(source, scope, last, name)
    if key is None:
        return settled(source, _value(source, _assignment(source, binding, name), new))
    held = _held(source, binding, name, key)
    return settled(source, entry(source, held, key, new, name))


def _held(source: Source, binding: Binding, name: str, key: str | int) -> cst.CSTNode:
    """Return what a name is set to, or what the function of that name returns."""
    if isinstance(binding.node, cst.FunctionDef):
        return returned(source, binding.node, name, key)
    node = _assignment(source, binding, name)
    return node.value or node


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
