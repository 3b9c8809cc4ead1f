"""What a block of a Python file binds, and functions and classes by their dotted name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from patchkit.edit.python.errors import lines_text, no_name
from patchkit.edit.python.structure import walk
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.edit.python.source import Source

Definition: TypeAlias = cst.FunctionDef | cst.ClassDef
# What has a block of statements: the file, a class, a function.
Scope: TypeAlias = cst.Module | cst.ClassDef | cst.FunctionDef


@dataclass(frozen=True, slots=True)
class Binding:
    """A statement or part of one that gives a name its meaning.

    Attributes:
        name: the name.
        node: the definition, or the small statement or part that binds it.
        line: the whole statement of the block, as it stands in `block_lines`.
        sure: whether it stands in the block itself, under no condition.
    """

    name: str
    node: cst.CSTNode
    line: cst.CSTNode
    sure: bool


def block_lines(scope: Scope) -> Sequence[cst.CSTNode]:
    """Return the statements of a scope, as lines."""
    return scope.body if isinstance(scope, cst.Module) else scope.body.body


def bindings(scope: Scope) -> list[Binding]:
    """Return what the block of a scope binds, in order; inner functions and classes left out."""
    found: list[Binding] = []
    for line in block_lines(scope):
        small = line.body if isinstance(line, cst.SimpleStatementLine) else [line]
        for node in small:
            sure = isinstance(node, (cst.BaseSmallStatement, cst.FunctionDef, cst.ClassDef))
            found += [Binding(name, part, line, sure) for name, part in _bound(node)]
    return found


def find(source: Source, dotted: str) -> Definition:
    """Return the function or class of a dotted name, such as `Class.method`.

    Of a name with `@overload` definitions the last one, the implementation, is meant.

    Raises:
        NotFound: there is none.
        EditRefused: the name is bound more than once, or is no function or class.
    """
    outer, _, name = dotted.rpartition(".")
    node = single(source, find(source, outer) if outer else source.module, name, dotted).node
    if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
        return node
    raise EditRefused(
        f"{dotted} is no function or class",
        place=source.place(node),
        hint="python.assign gives a name another value",
    )


def find_function(source: Source, dotted: str) -> cst.FunctionDef:
    """Return the function of a dotted name; raises as `find`, and for a class."""
    found = find(source, dotted)
    if isinstance(found, cst.FunctionDef):
        return found
    methods = [b.name for b in bindings(found) if isinstance(b.node, cst.FunctionDef)]
    raise EditRefused(
        f"{dotted} is a class",
        place=source.place(found),
        hint=f"name a method of it: {', '.join(methods) or 'it has none'}",
    )


def find_class(source: Source, dotted: str) -> Scope:
    """Return the class of a dotted name, the file itself for an empty one."""
    if not dotted:
        return source.module
    found = find(source, dotted)
    if isinstance(found, cst.ClassDef):
        return found
    raise EditRefused(
        f"{dotted} is no class",
        place=source.place(found),
        hint="give a name of the file, or of a class: Class.NAME",
    )


def single(source: Source, scope: Scope, name: str, shown: str) -> Binding:
    """Return the only binding of a name in a scope; raises as `find`."""
    every = bindings(scope)
    found = [binding for binding in every if binding.name == name]
    if not found:
        inside = "" if isinstance(scope, cst.Module) else f"{scope.name.value} of {source.path}"
        raise no_name("name", shown, (b.name for b in every), source.path, inside)
    chosen = [b for b in found if not is_overload(b.node)]
    if len(chosen) != 1:
        raise EditRefused(
            f"{shown} is defined {len(found)} times, at"
            f" {lines_text(source.line(b.node) for b in found)}",
            place=source.place(found[0].node),
            hint="patchkit does not guess which one counts: leave one, or use a text op",
        )
    return chosen[0]


def is_overload(node: cst.CSTNode) -> bool:
    """Whether a function is but a signature for type checkers (`@overload`)."""
    if not isinstance(node, cst.FunctionDef):
        return False
    return any(last_part(d.decorator) == "overload" for d in node.decorators)


def dotted_name(node: cst.BaseExpression) -> str:
    """Return `a.b.c` for names joined by dots, `*.c` behind anything else, else nothing."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return f"{dotted_name(node.value) or '*'}.{node.attr.value}"
    return ""


def last_part(node: cst.BaseExpression) -> str:
    """Return the last name of `a.b.c`."""
    return dotted_name(node).rpartition(".")[2]


def _bound(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield the names that a statement binds in its own scope, each with what binds it."""
    for part in walk(node, stop=(cst.FunctionDef, cst.ClassDef, cst.Lambda)):
        if isinstance(part, (cst.FunctionDef, cst.ClassDef, cst.TypeAlias)):
            yield part.name.value, part
        elif isinstance(part, cst.Assign):
            yield from ((name, part) for t in part.targets for name in _targets(t.target))
        elif isinstance(part, (cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For)):
            yield from ((name, part) for name in _targets(part.target))
        elif isinstance(part, cst.AsName):
            yield from ((name, part) for name in _targets(part.name))
        elif isinstance(part, cst.ImportAlias) and part.asname is None:
            yield dotted_name(part.name).partition(".")[0], part
        elif isinstance(part, (cst.MatchAs, cst.MatchStar)) and part.name is not None:
            yield part.name.value, part


def _targets(target: cst.CSTNode) -> Iterator[str]:
    """Yield the names among what is assigned to."""
    if isinstance(target, cst.Name):
        yield target.value
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _targets(element.value)
