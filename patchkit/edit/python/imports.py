"""Imports of a file, added in the order that isort and ruff keep, or dropped.

https://docs.astral.sh/ruff/settings/#lintisort
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from patchkit.edit.lines import line_end, line_start, remove_lines
from patchkit.edit.python import brackets
from patchkit.edit.python.code import Code
from patchkit.edit.python.import_order import Names, member_key, section, statement_key
from patchkit.edit.python.matching import expressions
from patchkit.edit.python.names import bindings, dotted_name
from patchkit.edit.python.placing import Anchor, is_docstring, put, refuse_shared, start_of
from patchkit.edit.python.splices import Splice, spliced
from patchkit.edit.python.structure import walk
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from patchkit.edit.python.names import Binding
    from patchkit.edit.python.source import Source

Statement: TypeAlias = cst.Import | cst.ImportFrom


@dataclass(frozen=True, slots=True)
class Imported:
    """One name that an import statement brings.

    Attributes:
        names: what is imported.
        line: the index of the statement's line in the file.
        node: the statement.
        alias: the name's own part of it.
    """

    names: Names
    line: int
    node: Statement
    alias: cst.ImportAlias | None


def add_import(source: Source, statement: str, *, first_party: Collection[str] = ()) -> str:
    """Return the text that has an import; as it is if it has it already.

    Args:
        source: the file.
        statement: `import x as y` or `from x import y, z`.
        first_party: the packages of the repository itself.

    Raises:
        EditRefused: one of the names means something else already.
    """
    wanted = read_statement(statement)
    for names in wanted:
        there = imported(source)
        if any(one.names == names for one in there):
            continue
        _refuse_taken(source, names)
        source = source.again(_added(source, names, there, first_party))
    return source.text


def drop_import(source: Source, statement: str) -> str:
    """Return the text that lacks an import; as it is if it lacks it already.

    Raises:
        EditRefused: one of the names is still used.
    """
    for names in read_statement(statement):
        found = [one for one in imported(source) if one.names == names]
        for one in found[:1]:
            _refuse_used(source, names)
            source = source.again(_dropped(source, one))
    return source.text


def read_statement(statement: str) -> list[Names]:
    """Return what an import statement imports.

    Raises:
        EditRefused: it is no single import statement.
    """
    code = Code(statement.strip())
    node = code.body[0] if len(code.body) == 1 else None
    if not isinstance(node, (cst.Import, cst.ImportFrom)):
        raise EditRefused(
            f"`{statement}` is no import statement", hint="such as `from x import y as z`"
        )
    return [names for names, _ in _names(node)]


def imported(source: Source) -> list[Imported]:
    """Return what the import statements at the top level import."""
    return [
        Imported(names, at, small, alias)
        for at, line in enumerate(source.module.body)
        if isinstance(line, cst.SimpleStatementLine)
        for small in line.body
        if isinstance(small, (cst.Import, cst.ImportFrom))
        for names, alias in _names(small)
    ]


def _names(node: Statement) -> list[tuple[Names, cst.ImportAlias | None]]:
    module = ""
    if isinstance(node, cst.ImportFrom):
        module = "." * len(node.relative) + (dotted_name(node.module) if node.module else "")
        if isinstance(node.names, cst.ImportStar):
            return [(Names(module, "*"), None)]
    found: list[tuple[Names, cst.ImportAlias | None]] = []
    for alias in _aliases(node):
        name, bound = dotted_name(alias.name), alias.asname.name if alias.asname else None
        other = bound.value if isinstance(bound, cst.Name) else None
        names = Names(module, name, other) if module else Names(name, None, other)
        found.append((names, alias))
    return found


def _aliases(node: Statement) -> list[cst.ImportAlias]:
    return [] if isinstance(node.names, cst.ImportStar) else list(node.names)


# --- adding ------------------------------------------------------------------------------------


def _added(
    source: Source,
    names: Names,
    there: Sequence[Imported],
    first_party: Collection[str],
) -> str:
    for one in there:
        joins = names.name and not names.asname and one.alias and not one.names.asname
        if joins and one.names.module == names.module and one.names.name:
            return _joined(source, names, one)
    return _own_line(source, names, there, first_party)


def _joined(source: Source, names: Names, one: Imported) -> str:
    """Add a name to an import of the same module, in its order."""
    refuse_shared(source, source.module.body[one.line])
    node = one.node
    assert isinstance(node, cst.ImportFrom)  # noqa: S101  it has a name of its own
    aliases = _aliases(node)
    keys, key = [member_key(dotted_name(a.name)) for a in aliases], member_key(names.name or "")
    at = next((i for i, k in enumerate(keys) if k > key), None) if keys == sorted(keys) else None
    means = ast.alias(name=names.name or "", asname=None)
    inside = brackets.of_import(source, node, aliases)
    splices = brackets.added(source, inside, names.name or "", means, at)
    start = line_start(source.text, inside.start)
    line = source.text[start : line_end(source.text, start)].rstrip("\r\n")
    fits = len(line) + len(names.name or "") + 2 <= source.line_length
    if fits or node.lpar or "#" in line or "\\" in line:
        return spliced(source, splices)
    return spliced(source, brackets.one_a_line(source, inside, names.name or "", means, at))


def _own_line(
    source: Source,
    names: Names,
    there: Sequence[Imported],
    first_party: Collection[str],
) -> str:
    text = names.statement
    if len(text) > source.line_length and names.name:
        head, _, name = text.partition(" import ")
        text = f"{head} import (\n{source.indent}{name},\n)"
    anchor, apart = _place(source, names, there, first_party)
    return spliced(source, [put(source, source.module.body, anchor, Code(text), apart=apart)])


def _place(
    source: Source, names: Names, there: Sequence[Imported], first_party: Collection[str]
) -> tuple[Anchor, bool]:
    """Return where an import belongs, and whether it makes a section of its own."""
    own = section(names, first_party)
    keys: dict[int, tuple[object, ...]] = {}
    for one in there:
        keys[one.line] = min(keys.get(one.line, statement_key(one.names)), statement_key(one.names))
    sections = {one.line: section(one.names, first_party) for one in there}
    mates = [line for line, number in sections.items() if number == own]
    if mates:
        later = [line for line in mates if keys[line] > statement_key(names)]
        if later and mates == sorted(mates, key=keys.__getitem__):
            return Anchor(later[0], before=True), False
        return Anchor(mates[-1]), False
    lower = [line for line, number in sections.items() if number < own]
    if lower:
        return Anchor(_end_of_run(lower)), True
    if sections:
        return Anchor(min(sections), before=True), True
    body = source.module.body
    return Anchor(0, before=not (body and is_docstring(body[0]))), True


def _end_of_run(lines: Sequence[int]) -> int:
    """Return the last line of the first run: imports further down stand there for a reason."""
    ordered = sorted(set(lines))
    last = ordered[0]
    for line in ordered:
        last = line if line <= last + 1 else last
    return last


def _refuse_taken(source: Source, names: Names) -> None:
    for binding in bindings(source.module):
        if binding.name == names.bound and not _shares(names, binding):
            raise EditRefused(
                f"{names.bound} is bound already, by something else or under a condition",
                place=source.place(binding.node),
                hint="import it under another name with `as`, or change that first",
            )


def _shares(names: Names, binding: Binding) -> bool:
    """Whether both are parts of one package, imported whole: `import a.b` beside `import a.c`."""
    plain = names.name is None and names.asname is None
    small = binding.line.body if isinstance(binding.line, cst.SimpleStatementLine) else ()
    whole = [alias for node in small if isinstance(node, cst.Import) for alias in node.names]
    return plain and any(alias is binding.node and alias.asname is None for alias in whole)


# --- dropping ----------------------------------------------------------------------------------


def _dropped(source: Source, one: Imported) -> str:
    line = source.module.body[one.line]
    refuse_shared(source, line)
    aliases = _aliases(one.node)
    if len(aliases) > 1 and one.alias is not None:
        at = next(i for i, alias in enumerate(aliases) if alias is one.alias)
        if isinstance(one.node, cst.ImportFrom):
            inside = brackets.of_import(source, one.node, aliases)
        else:
            inside = brackets.of_names(source, aliases)
        return spliced(source, [brackets.removed(source, inside, at)])
    start, end = start_of(source, line), source.full_span(line)[1]
    text = remove_lines(source.text, start, end)
    cut = _cut(source.text, text, end)
    return spliced(source, [cut])


def _cut(old: str, new: str, end: int) -> Splice:
    """Return the one splice that makes a text of another, which lacks a part before `end`."""
    tail = min(len(old) - end, len(new))
    while old[len(old) - tail :] != new[len(new) - tail :]:
        tail -= 1
    head = len(new) - tail
    while old[:head] != new[:head]:
        head -= 1
    return Splice(head, len(old) - (len(new) - head), "")


def _refuse_used(source: Source, names: Names) -> None:
    if uses := [*_uses(source, names), *_exports(source, names)]:
        raise EditRefused(
            f"{names.bound} is still used", place=source.place(uses[0]), hint="change that first"
        )


def _uses(source: Source, names: Names) -> list[cst.CSTNode]:
    """Return where a file uses what an import brings, unless another import brings it too."""
    every = list(expressions(source.module))
    if names.name is None and names.asname is None and "." in names.module:
        return [node for node in every if dotted_name(node) == names.module]
    again = [one for one in imported(source) if one.names.bound == names.bound]
    named = [n for n in every if isinstance(n, cst.Name) and n.value == names.bound]
    return list(named) if len({one.names for one in again}) == 1 else []


def _exports(source: Source, names: Names) -> list[cst.CSTNode]:
    return [
        node
        for binding in bindings(source.module)
        if binding.name == "__all__"
        for node in walk(binding.node)
        if isinstance(node, cst.SimpleString) and node.evaluated_value == names.bound
    ]
