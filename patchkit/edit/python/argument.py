"""An argument of calls, set, added or removed."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python import brackets
from patchkit.edit.python.code import expression_of
from patchkit.edit.python.layout import settled
from patchkit.edit.python.matching import expressions, refuse_in_fstring
from patchkit.edit.python.names import dotted_name, find
from patchkit.edit.python.strings import in_style
from patchkit.edit.python.structure import same
from patchkit.edit.python.values import meaning, replaced, text_at
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.python.code import Code
    from patchkit.edit.python.names import Scope
    from patchkit.edit.python.source import Source
    from patchkit.edit.python.splices import Splice
    from patchkit.errors import Place


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of a function in a file.

    Attributes:
        source: the file.
        meant: those that are to be edited.
        done: those that are so already.
        present: what is given for the argument now, and where.
        names: what else the file calls.
    """

    source: Source
    meant: tuple[cst.Call, ...]
    done: tuple[cst.Call, ...]
    present: tuple[str, ...]
    names: tuple[str, ...]

    @property
    def meant_at(self) -> list[Place]:
        """Where those stand that are to be edited."""
        return [self.source.place(node) for node in self.meant]

    @property
    def done_at(self) -> list[Place]:
        """Where those stand that are so already."""
        return [self.source.place(node) for node in self.done]


def find_calls(
    source: Source,
    call: str,
    name: str,
    *,
    value: str | None = None,
    was: str | None = None,
    function: str | None = None,
) -> Calls:
    """Return the calls of a function, and which of them are to be edited.

    Args:
        source: the file.
        call: the function as it is called, dotted or its last name; `*` for any.
        name: the argument.
        value: what it shall be; None to remove it.
        was: what it must be now; None for anything.
        function: the function or class in which the calls are looked for.
    """
    root: Scope = find(source, function) if function else source.module
    every = [node for node in expressions(root) if isinstance(node, cst.Call)]
    new = expression_of(value).expression if value is not None else None
    old = expression_of(was).expression if was is not None else None
    meant: list[cst.Call] = []
    done: list[cst.Call] = []
    present: list[str] = []
    for node in every:
        if not _is_call(node, call):
            continue
        given = _argument(node, name)
        if given is not None:
            present.append(f"{name}={source.code(given.value)} at {source.place(node)}")
        if _is_so(given, new):
            done.append(node)
        elif old is None or (given is not None and same(given.value, old)):
            meant.append(node)
    names = tuple(filter(None, (dotted_name(node.func) for node in every)))
    return Calls(source, tuple(meant), tuple(done), tuple(present), names)


def no_calls(source: Source) -> Calls:
    """Return that a file has none of the calls."""
    return Calls(source, (), (), (), ())


def argument(calls: Calls, name: str, value: str | None) -> str:
    """Return the text in which calls have an argument with a value, or lack it.

    Args:
        calls: from `find_calls`.
        name: the argument.
        value: an expression; None to remove the argument.

    Raises:
        EditRefused: it may be given by `*args` or `**kwargs`, or a call is in an f-string.
    """
    new = expression_of(value) if value is not None else None
    refuse_in_fstring(calls.source, calls.meant)
    splices = [s for call in calls.meant for s in _edit(calls.source, call, name, new)]
    return settled(calls.source, [s for s in splices if not any(_covers(o, s) for o in splices)])


def _covers(outer: Splice, inner: Splice) -> bool:
    """Whether what a splice edits goes with what another one replaces."""
    if outer is inner or outer.start == outer.end:
        return False
    return outer.start <= inner.start and inner.end <= outer.end


def _is_so(given: cst.Arg | None, new: cst.BaseExpression | None) -> bool:
    if given is None or new is None:
        return given is None and new is None
    return same(given.value, new)


def _edit(source: Source, call: cst.Call, name: str, new: Code | None) -> list[Splice]:
    given = _argument(call, name)
    if new is not None and given is not None:
        return replaced(source, given.value, new)
    inside = brackets.of_call(source, call)
    if new is None:
        at = next((i for i, arg in enumerate(call.args) if arg is given), None)
        return [] if at is None else [brackets.removed(source, inside, at)]
    _refuse_hidden(source, call, name)
    styled = in_style(source, new, call)
    text = f"{name}={text_at(source, styled, source.span(call)[1])}"
    return brackets.added(source, inside, text, ast.keyword(arg=name, value=meaning(styled)))


def _refuse_hidden(source: Source, call: cst.Call, name: str) -> None:
    for arg in call.args:
        if arg.star:
            raise EditRefused(
                f"{arg.star}{source.code(arg.value)} may give {name} already",
                place=source.place(arg),
                hint="write the arguments out first, or use python.replace",
            )
        if isinstance(arg.value, cst.GeneratorExp) and not arg.value.lpar:
            raise EditRefused(
                "the generator needs brackets of its own beside another argument",
                place=source.place(arg),
                hint="put it in brackets first, or use python.replace",
            )


def _argument(call: cst.Call, name: str) -> cst.Arg | None:
    return next((a for a in call.args if a.keyword is not None and a.keyword.value == name), None)


def _is_call(node: cst.Call, wanted: str) -> bool:
    name = dotted_name(node.func) or "*"
    return wanted in {"*", name} or name.endswith(f".{wanted}")
