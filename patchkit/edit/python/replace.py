"""Code of a file replaced: what fits a pattern, the body of a function, or what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.lines import line_end
from patchkit.edit.python.code import expression_of, pattern_of, statements_of
from patchkit.edit.python.errors import lines_text
from patchkit.edit.python.layout import settled
from patchkit.edit.python.matching import (
    all_statements,
    expected,
    expressions,
    fitting,
    refuse_in_fstring,
    runs,
)
from patchkit.edit.python.names import find, find_function
from patchkit.edit.python.placing import is_docstring, refuse_shared
from patchkit.edit.python.splices import Differs, Splice, spliced
from patchkit.edit.python.strings import in_style
from patchkit.edit.python.structure import same, statements, walk
from patchkit.edit.python.syntax import expression_fault
from patchkit.edit.python.values import meaning, replaced, text_at
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from patchkit.edit.python.code import Code
    from patchkit.edit.python.matching import Run
    from patchkit.edit.python.names import Scope
    from patchkit.edit.python.source import Source

# What needs no brackets anywhere.
_ATOMS = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.SimpleString, cst.BaseNumber)
_INNER = (cst.FunctionDef, cst.ClassDef, cst.Lambda)


def replace(
    source: Source,
    match: str,
    by: str,
    *,
    function: str | None = None,
    count: int | None = 1,
) -> str:
    """Return the text with code in place of what fits a pattern; as it is where it is so already.

    Args:
        source: the file.
        match: an expression or statements; `...` in it stands for anything.
        by: an expression for an expression, statements for statements.
        function: the function or class that is searched, inner ones included; None for the file.
        count: how many matches there must be; None for any number but none.

    Raises:
        EditRefused: another number of matches, some replaced and some not, or a result that
            would mean something else.
    """
    if expression_fault(match) or expression_fault(by):
        old, new = pattern_of(match), statements_of(by)
        return _statements(source, old, new, function=function, count=count)
    root: Scope = find(source, function) if function else source.module
    old, new = expression_of(match), expression_of(by)
    pattern, wanted = _whole(old), _whole(new)
    found = fitting(root, pattern)
    done = _within(found, fitting(root, wanted, wild=False))
    if not found and fitting(root, wanted, wild=False):
        return source.text
    expected(
        source, old, found, count, candidates=lambda: _alike(root, pattern), inside=function or ""
    )
    if _all_done(source, found, done):
        return source.text
    refuse_in_fstring(source, found)
    return _bracketed(source, found, new)


def replace_body(source: Source, function: str, body: str) -> str:
    """Return the text in which a function has a body; its docstring stays unless one is brought.

    Raises:
        EditRefused: there is no such function, or several.
    """
    node, new = find_function(source, function), statements_of(body)
    lines = node.body.body
    documented = is_docstring(lines[0]) and not is_docstring(new.source.module.body[0])
    if same(list(new.body), statements(node.body)[documented:]):
        return source.text
    if isinstance(node.body, cst.SimpleStatementSuite):
        return spliced(source, _from_one_line(source, node, new))
    indent = source.indent_at(source.span(lines[0])[0])
    start = source.full_span(lines[documented])[0] if len(lines) > documented else None
    end = source.full_span(node)[1]
    text = "".join(line + source.eol for line in new.lines(indent, source.indent))
    if not source.text[:end].endswith("\n"):
        text = text.removesuffix(source.eol)
        text = text if start is not None else source.eol + text
    at = end if start is None else start
    return spliced(source, [Splice(at, end, text, tuple(new.tree))])


def replace_return(source: Source, function: str, by: str) -> str:
    """Return the text in which a function's only `return` gives an expression.

    Raises:
        EditRefused: it has none, or several.
    """
    node, new = find_function(source, function), expression_of(by)
    found = [n for n in walk(node.body, _INNER) if isinstance(n, cst.Return)]
    if len(found) != 1:
        lines = f", at {lines_text(map(source.line, found))}" if found else ""
        raise EditRefused(
            f"{function} has {len(found)} return statements{lines}",
            place=source.place(found[0] if found else node),
            hint="say which with `match: return …` and `by: return …`",
        )
    value = found[0].value
    if value is not None:
        return settled(source, replaced(source, value, new))
    end = source.span(found[0])[1]
    return spliced(source, [Splice(end, end, f" {text_at(source, new, end)}", (meaning(new),))])


# --- expressions -------------------------------------------------------------------------------


def _bracketed(source: Source, found: Sequence[cst.BaseExpression], new: Code) -> str:
    """Replace expressions, each in brackets if it needs them; those of a mere name go."""
    ways = [_ways(source, node, new) for node in found]
    first = [way[0] for way in ways]
    if _is_meant(source, first):
        return settled(source, first)
    chosen = [next((s for s in way if _is_meant(source, [s])), way[-1]) for way in ways]
    return settled(source, chosen)


def _ways(source: Source, node: cst.BaseExpression, new: Code) -> list[Splice]:
    """Return the ways to write an expression at a place, best first."""
    ways = [_one(source, node, new), _one(source, node, new, "(", ")")]
    if node.lpar and isinstance(new.expression, _ATOMS) and not _has_comment(source, node):
        return [_one(source, node, new, full=True), *ways]
    return ways


def _one(
    source: Source,
    node: cst.BaseExpression,
    new: Code,
    opening: str = "",
    closing: str = "",
    *,
    full: bool = False,
) -> Splice:
    start, end = source.full_span(node) if full else source.span(node)
    styled = in_style(source, new, node)
    text = text_at(source, styled, start)
    return Splice(start, end, f"{opening}{text}{closing}", (meaning(styled),))


def _is_meant(source: Source, splices: Sequence[Splice]) -> bool:
    try:
        spliced(source, splices)
    except Differs:
        return False
    return True


def _has_comment(source: Source, node: cst.BaseExpression) -> bool:
    """Whether a comment stands between an expression and its brackets."""
    (first, last), (start, end) = source.full_span(node), source.span(node)
    return "#" in source.text[first:start] + source.text[end:last]


def _whole(code: Code) -> cst.BaseExpression:
    assert code.expression is not None  # noqa: S101  it was made by `expression_of`
    return code.expression


def _within(found: Iterable[cst.CSTNode], new: Iterable[cst.CSTNode]) -> set[cst.CSTNode]:
    """Return what of the old code stands inside the new one, which it is a part of."""
    inside = {below for node in new for below in walk(node)}
    return {node for node in found if node in inside}


def _all_done(source: Source, found: Sequence[cst.CSTNode], done: set[cst.CSTNode]) -> bool:
    if done and len(done) < len(found):
        left = next(node for node in found if node not in done)
        raise EditRefused(
            f"{len(done)} of {len(found)} matches are replaced already",
            place=source.place(left),
            hint="look at the file, and say more of the code around what is left",
        )
    return bool(done)


def _alike(root: cst.CSTNode, pattern: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    return (node for node in expressions(root) if type(node) is type(pattern))


# --- statements --------------------------------------------------------------------------------


def _statements(
    source: Source, old: Code, new: Code, *, function: str | None, count: int | None
) -> str:
    root: Scope = find(source, function) if function else source.module
    found = runs(root, old, deep=True)
    there = runs(root, new, deep=True, wild=False)
    if not found and there:
        return source.text
    firsts = [run.small[0] for run in found]
    expected(
        source,
        old,
        firsts,
        count,
        candidates=lambda: all_statements(root, deep=True),
        inside=function or "",
    )
    done = _within(firsts, (node for run in there for node in run.small))
    if _all_done(source, firsts, done):
        return source.text
    return spliced(source, [_run(source, run, new) for run in found])


def _run(source: Source, run: Run, new: Code) -> Splice:
    lines = run.suite.body[run.first : run.last + 1]
    whole = len(statements(lines)) == len(run.small)
    if isinstance(run.suite, cst.SimpleStatementSuite) or not whole:
        start, end = source.span(run.small[0])[0], source.span(run.small[-1])[1]
        if len(new.body) > 1 or not isinstance(new.body[0], cst.BaseSmallStatement):
            refuse_shared(source, run.suite)
    else:
        start, end = _first(source, lines[0]), source.span(lines[-1])[1]
    return Splice(start, end, text_at(source, new, start), tuple(new.tree))


def _first(source: Source, line: cst.CSTNode) -> int:
    """Return where a statement starts, its decorators included."""
    decorators = getattr(line, "decorators", ())
    return source.span(decorators[0] if decorators else line)[0]


def _from_one_line(source: Source, node: cst.FunctionDef, new: Code) -> list[Splice]:
    """Give a function that is one line the new body as a block; a comment stays on the line."""
    first, last = node.body.body[0], node.body.body[-1]
    start, end = source.text.rindex(":", 0, source.span(first)[0]) + 1, source.span(last)[1]
    indent = source.indent_at(source.span(node)[0]) + source.indent
    at = line_end(source.text, end)
    lines = new.lines(indent, source.indent)
    body = "".join(line + source.eol for line in lines)
    if not source.text[:at].endswith("\n"):
        body = "".join(source.eol + line for line in lines)
    return [Splice(start, end, ""), Splice(at, at, body, tuple(new.tree))]
