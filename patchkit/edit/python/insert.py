"""Statements put into a function, at an end of it or beside statements that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import libcst as cst

from patchkit.edit.lines import line_end
from patchkit.edit.python.code import pattern_of, statements_of
from patchkit.edit.python.matching import all_statements, expected, runs
from patchkit.edit.python.names import block_lines, find_function
from patchkit.edit.python.placing import (
    Anchor,
    is_docstring,
    put,
    refuse_shared,
    splice_lines,
)
from patchkit.edit.python.splices import Splice, spliced
from patchkit.edit.python.structure import same, statements
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.edit.python.code import Code
    from patchkit.edit.python.matching import Run
    from patchkit.edit.python.names import Scope
    from patchkit.edit.python.source import Source

_ENDS = (cst.Return, cst.Raise, cst.Continue, cst.Break)


def insert(
    source: Source,
    code: str,
    *,
    function: str | None = None,
    at: Literal["start", "end"] | None = None,
    before: str | None = None,
    after: str | None = None,
    count: int | None = 1,
) -> str:
    """Return the text with statements put in; as it is where they stand there already.

    Args:
        source: the file.
        code: the statements.
        function: the function, by its dotted name; None for the top level of the file.
        at: its start (behind a docstring, in a file also behind `__future__`) or its end.
        before: instead, a pattern of the statements that the code goes before.
        after: the same for those that it goes behind.
        count: how many places there must be; None for any number but none.

    Raises:
        EditRefused: another number of places, one that shares its line, or one that is never
            reached.
    """
    scope: Scope = find_function(source, function) if function else source.module
    new = statements_of(code)
    if at:
        return spliced(source, _at_end(source, scope, new, start=at == "start"))
    pattern = pattern_of(before or after or "")
    found = runs(scope, pattern, deep=False)
    expected(
        source,
        pattern,
        [run.small[0] for run in found],
        count,
        candidates=lambda: all_statements(scope, deep=True),
        inside=function or "",
    )
    missing = [run for run in found if not _is_there(run, new, before=bool(before))]
    if missing and len(missing) < len(found):
        raise EditRefused(
            f"the statements stand already at {len(found) - len(missing)} of {len(found)} places",
            place=source.place(missing[0].small[0]),
            hint="look at the file, and say more of the code around the place that is left",
        )
    return spliced(source, [_beside(source, run, new, before=bool(before)) for run in missing])


def _beside(source: Source, run: Run, new: Code, *, before: bool) -> Splice:
    lines = run.suite.body
    line = lines[run.first if before else run.last]
    refuse_shared(source, line)
    if not before and isinstance(run.small[-1], _ENDS):
        raise _unreachable(source, run.small[-1])
    return put(source, lines, Anchor(run.first if before else run.last, before=before), new)


def _is_there(run: Run, new: Code, *, before: bool) -> bool:
    flat = statements(run.suite)
    at = next(i for i, node in enumerate(flat) if node is run.small[0 if before else -1])
    size = len(new.body)
    part = flat[max(at - size, 0) : at] if before else flat[at + 1 : at + 1 + size]
    return same(list(new.body), part)


def _at_end(source: Source, scope: Scope, new: Code, *, start: bool) -> list[Splice]:
    flat = statements(scope if isinstance(scope, cst.Module) else scope.body)
    lines = block_lines(scope)
    skipped = _skipped(lines)
    own, size = flat[skipped:], len(new.body)
    part = own[:size] if start else own[-size:]
    if same(list(new.body), part):
        return []
    if not start and own and isinstance(own[-1], _ENDS):
        raise _unreachable(source, own[-1])
    if not isinstance(scope, cst.Module) and isinstance(scope.body, cst.SimpleStatementSuite):
        return _one_line(source, scope, new, start=start)
    if start and skipped:
        return [put(source, lines, Anchor(skipped - 1), new)]
    return [put(source, lines, Anchor(0, before=True) if start else Anchor(len(lines) - 1), new)]


def _skipped(lines: Sequence[cst.CSTNode]) -> int:
    """Return how many lines must come first: the docstring, and what is of `__future__`."""
    count = int(bool(lines) and is_docstring(lines[0]))
    while count < len(lines) and _is_future(lines[count]):
        count += 1
    return count


def _is_future(line: cst.CSTNode) -> bool:
    small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
    module = small.module if isinstance(small, cst.ImportFrom) else None
    return isinstance(module, cst.Name) and module.value == "__future__"


def _one_line(source: Source, scope: Scope, new: Code, *, start: bool) -> list[Splice]:
    """Give a function that is one line a block, and put the code into it."""
    first = block_lines(scope)[0]
    at, text = source.span(first)[0], source.text
    indent = source.indent_at(source.span(scope)[0]) + source.indent
    head = text.rindex(":", 0, at) + 1
    lines = new.lines(indent, source.indent)
    if start:
        block = source.eol + "".join(line + source.eol for line in lines) + indent
        return [Splice(head, at, block, tuple(new.tree))]
    end = line_end(text, source.span(scope)[1])
    return [Splice(head, at, source.eol + indent), splice_lines(source, end, lines, new)]


def _unreachable(source: Source, node: cst.CSTNode) -> EditRefused:
    return EditRefused(
        "behind this statement the code would never run",
        place=source.place(node),
        hint="put it before that statement: `before:`",
    )
