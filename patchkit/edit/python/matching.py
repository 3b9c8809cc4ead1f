"""Statements and expressions that fit a pattern, counted, or the nearest misses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python.errors import lines_text, no_match, one_line
from patchkit.edit.python.structure import children, fits, heads_fit, same, statements, walk
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from patchkit.edit.python.code import Code
    from patchkit.edit.python.names import Scope
    from patchkit.edit.python.source import Source

_DEFINITIONS = (cst.FunctionDef, cst.ClassDef)
# Names that are no expressions, by the node that they belong to.
_NO_EXPRESSIONS: tuple[tuple[type[cst.CSTNode], str], ...] = (
    (cst.Attribute, "attr"),
    (cst.Arg, "keyword"),
    (cst.FunctionDef, "name"),
    (cst.ClassDef, "name"),
    (cst.Param, "name"),
    (cst.NamedExpr, "target"),
    (cst.AnnAssign, "target"),
    (cst.AssignTarget, "target"),
    (cst.AugAssign, "target"),
    (cst.For, "target"),
    (cst.CompFor, "target"),
    (cst.TypeAlias, "name"),
    (cst.MatchKeywordElement, "key"),
)
_NEVER = (
    cst.Import,
    cst.ImportFrom,
    cst.Global,
    cst.Nonlocal,
    cst.AsName,
    cst.MatchAs,
    cst.MatchStar,
)
_SHOWN_LINES = 5


@dataclass(frozen=True, slots=True)
class Run:
    """Statements in a row.

    Attributes:
        suite: their block.
        first: the index of the first line.
        last: that of the last one.
        small: the statements themselves.
    """

    suite: cst.Module | cst.BaseSuite
    first: int
    last: int
    small: tuple[cst.CSTNode, ...]


def expected(
    source: Source,
    wanted: Code,
    found: Sequence[cst.CSTNode],
    count: int | None,
    *,
    candidates: Callable[[], Iterator[cst.CSTNode]],
    inside: str = "",
) -> None:
    """Refuse another number of matches than was expected.

    Args:
        source: the file.
        wanted: what was looked for.
        found: where it was found.
        count: how many there must be; None for any number but none.
        candidates: what could have been meant, for the nearest misses.
        inside: the function that was searched.

    Raises:
        NotFound: there is none.
        EditRefused: there is another number.
    """
    if not found:
        near = {one_line(source.code(node)): source.line(node) for node in candidates()}
        raise no_match(wanted.text, near, source.path, inside)
    if count is not None and len(found) != count:
        lines = [source.line(node) for node in found[:_SHOWN_LINES]]
        more = ", …" if len(found) > _SHOWN_LINES else ""
        raise EditRefused(
            f"{len(found)} match{'es' * (len(found) > 1)} of `{one_line(wanted.text)}`,"
            f" not {count}: at {lines_text(lines)}{more}",
            place=source.place(found[0]),
            hint="say more of the code, the `function:` that is meant, or the right `count:`",
        )


def expressions(root: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """Yield every expression below a node; what is assigned to, and mere names, are none."""
    todo: list[tuple[cst.CSTNode, bool]] = [(root, True)]
    while todo:
        node, counts = todo.pop()
        if isinstance(node, _NEVER):
            continue
        if counts and isinstance(node, cst.BaseExpression):
            yield node
        below = [(child, not _is_name(node, child, target=not counts)) for child in children(node)]
        todo += reversed(below)


def _is_name(node: cst.CSTNode, child: cst.CSTNode, *, target: bool) -> bool:
    """Whether a child is assigned to, or but a part of its parent's own syntax."""
    if target and isinstance(node, (cst.Tuple, cst.List, cst.BaseElement)):
        return True
    return any(
        isinstance(node, kind) and getattr(node, name) is child for kind, name in _NO_EXPRESSIONS
    )


def fitting(
    root: cst.CSTNode, pattern: cst.BaseExpression, *, wild: bool = True
) -> list[cst.BaseExpression]:
    """Return the expressions that fit a pattern, outermost only."""
    compare = fits if wild else same
    found = [node for node in expressions(root) if compare(pattern, node)]
    inner = {below for node in found for below in walk(node) if below is not node}
    return [node for node in found if node not in inner]


def suites(root: Scope, *, deep: bool) -> Iterator[cst.Module | cst.BaseSuite]:
    """Yield the file, class body or function body itself, and the blocks in it.

    Args:
        root: where.
        deep: whether those of inner functions and classes count.
    """
    stop = () if deep else _DEFINITIONS
    start = root if isinstance(root, cst.Module) else root.body
    for node in walk(start, stop):
        if isinstance(node, (cst.Module, cst.BaseSuite)):
            yield node


def runs(root: Scope, pattern: Code, *, deep: bool, wild: bool = True) -> list[Run]:
    """Return the statements in a row that fit a pattern's; those that overlap once."""
    compare, wanted = (fits if wild else same), list(pattern.body)
    if pattern.head and len(wanted) == 1:
        compare = heads_fit
    found: list[Run] = []
    for run in _windows(root, len(wanted), deep=deep):
        taken = {node for other in found for node in other.small}
        if compare(wanted, list(run.small)) and not taken.intersection(run.small):
            found.append(run)
    return found


def all_statements(root: Scope, *, deep: bool) -> Iterator[cst.CSTNode]:
    """Yield every statement of some blocks."""
    for suite in suites(root, deep=deep):
        yield from statements(suite)


def _windows(root: Scope, size: int, *, deep: bool) -> Iterator[Run]:
    for suite in suites(root, deep=deep):
        flat = [(at, small) for at, line in enumerate(suite.body) for small in statements([line])]
        for start in range(len(flat) - size + 1):
            part = flat[start : start + size]
            yield Run(suite, part[0][0], part[-1][0], tuple(small for _, small in part))


def refuse_in_fstring(source: Source, nodes: Sequence[cst.CSTNode]) -> None:
    """Refuse to edit what an f-string holds: before Python 3.12 it has no true position."""
    wanted = set(nodes)
    for string in source.nodes:
        if isinstance(string, cst.FormattedString):
            for node in wanted.intersection(walk(string)) - {string}:
                raise EditRefused(
                    "this stands inside an f-string, whose quotes it must not meet",
                    place=source.place(node),
                    hint="replace the whole f-string, or narrow the match with `function:`",
                )
