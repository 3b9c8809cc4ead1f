"""What classes are to recipes, for people: a table with a mark a class, or Markdown."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from patchkit.finding import Severity
from patchkit.rendering import ASKS, Verdict
from patchkit.report.errors import visible
from patchkit.report.pull_request import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchkit.errors import Problem
    from patchkit.fleet.scan import Cell, Row

MARKS = {
    str(Verdict.APPLIES): "+",
    str(Verdict.FIXED): "=",
    str(Verdict.OTHER): ".",
    ASKS: "?",
    str(Verdict.DRIFTED): "~",
    str(Verdict.BROKEN): "!",
}
_WIDTH = 80
_IN_A_LINE = 3  # marks of the legend
_LEAST = len("applies to")  # the widest word of the first column


def table_head(classes: Sequence[str], width: int) -> str:
    """Return the legend and the head of the table: a number a class.

    Args:
        classes: their names.
        width: of the column of recipes.
    """
    marks = [f"{mark} {verdict}" for verdict, mark in MARKS.items()]
    legend = [
        "".join(f"{one:<18}" for one in marks[i : i + _IN_A_LINE]).rstrip()
        for i in range(0, len(marks), _IN_A_LINE)
    ]
    names = [f"{number:>4}  {name}" for number, name in enumerate(classes, 1)]
    columns = "".join(f"{number:>3}" for number in range(1, len(classes) + 1))
    head = f"{'RECIPE':<{max(width, _LEAST)}}{columns}  LINT"
    return "\n".join([*legend, "", *names, "", head]) + "\n"


def table_row(row: Row, width: int, *, why: bool) -> str:
    """Return a recipe's line of the table; with `why`, what is behind it below.

    Args:
        row: the recipe.
        width: of the column of recipes.
        why: whether reasons are told.
    """
    marks = "".join(f"{MARKS[cell.word]:>3}" for cell in row.cells)
    lines = [f"{row.recipe:<{max(width, _LEAST)}}{marks}  {_lint(row)}".rstrip()]
    lines += _notes(row) if why else []
    return visible("\n".join(lines)) + "\n"


def table_foot(counts: Mapping[tuple[str, str], int], classes: Sequence[str], width: int) -> str:
    """Return how many recipes each class applies to."""
    found = Counter(counts)
    columns = "".join(f"{found[name, str(Verdict.APPLIES)]:>3}" for name in classes)
    return f"{'applies to':<{max(width, _LEAST)}}{columns}\n"


def markdown_head(classes: Sequence[str]) -> str:
    """Return the head of a Markdown table: a column a class."""
    cells = ["recipe", *(name.removeprefix("classes/") for name in classes), "lint"]
    return f"| {' | '.join(cells)} |\n| {' | '.join(['---'] * len(cells))} |\n"


def markdown_row(row: Row, *, why: bool) -> str:
    """Return a recipe's line of a Markdown table; with `why`, reasons stand in the cells."""
    cells = [_code(row.recipe), *(_markdown(cell, why=why) for cell in row.cells), _lint(row)]
    return f"| {' | '.join(cells)} |\n"


def _markdown(cell: Cell, *, why: bool) -> str:
    word = f"**{cell.word}**" if cell.verdict is Verdict.APPLIES else cell.word
    told = map(_code, _told(cell)) if why and cell.verdict is not Verdict.OTHER else ()
    return "<br>".join([word, *told])


def _notes(row: Row) -> Iterator[str]:
    """Yield what is behind the marks; a recipe that cannot be read is told once."""
    if row.error:
        yield from _block(row.error[0].message, [])
        return
    for cell in row.cells:
        yield from _block(f"{cell.name}: {cell.word}", _told(cell))
    for finding in row.findings:
        yield from _block(f"lint: {finding.place}: {finding.message} [{finding.rule}]", [])


def _told(cell: Cell) -> list[str]:
    if cell.verdict is Verdict.OTHER:
        return _why_not(cell)
    told = [_reason(reason) for reason in cell.told or cell.reasons]
    label = "cures" if cell.verdict is Verdict.APPLIES else "lint:"
    told += [f"{label} {f.place}: {f.message} [{f.rule}]" for f in cell.findings]
    return [*told, *cell.changes]


def _why_not(cell: Cell) -> list[str]:
    """Return why a recipe is none of the class's business, by the first sign that is missing."""
    sentences = list(dict.fromkeys(r.message.partition("; there is ")[0] for r in cell.told))
    more = f" (and {len(sentences) - 1} more)" if len(sentences) > 1 else ""
    return [f"{sentences[0]}{more}"] if sentences else []


def _reason(problem: Problem) -> str:
    told = f"{problem.place}: {problem.message}" if problem.place else problem.message
    return f"{told}; {problem.hint}" if problem.hint else told


def _lint(row: Row) -> str:
    """Return how many findings no class cures: `2 errors, 1 warning`."""
    errors = sum(finding.severity is not Severity.WARN for finding in row.findings)
    parts = ((errors, "error"), (len(row.findings) - errors, "warning"))
    return ", ".join(f"{n} {what}{'s' * (n > 1)}" for n, what in parts if n) or "-"


def _code(text: str) -> str:
    return code(text.replace("|", "¦"))


def _block(head: str, told: Sequence[str]) -> Iterator[str]:
    """Yield a head with the first thing that is told, and the others below it."""
    yield _wrapped(": ".join([head, *told[:1]]), "  ")
    for text in told[1:]:
        yield _wrapped(text, "    ")


def _wrapped(note: str, indent: str) -> str:
    return textwrap.fill(
        " ".join(note.split()),
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
