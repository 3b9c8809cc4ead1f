"""What classes are to recipes, for people: a table with a mark a class, or Markdown."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING

from patchkit.finding import Severity
from patchkit.rendering import Verdict
from patchkit.report.errors import visible
from patchkit.report.pull_request import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchkit.fleet.scan import Cell, Row

MARKS = {
    Verdict.APPLIES: "+",
    Verdict.FIXED: "=",
    Verdict.OTHER: ".",
    Verdict.DRIFTED: "~",
    Verdict.BROKEN: "!",
}
_WIDTH = 80
_LEAST = len("applies to")  # the widest word of the first column


def table_head(classes: Sequence[str], width: int) -> str:
    """Return the legend and the head of the table: a number a class.

    Args:
        classes: their names.
        width: of the column of recipes.
    """
    marks = "   ".join(f"{mark} {verdict}" for verdict, mark in MARKS.items())
    names = [f"{number:>4}  {name}" for number, name in enumerate(classes, 1)]
    columns = "".join(f"{number:>3}" for number in range(1, len(classes) + 1))
    return (
        "\n".join([marks, "", *names, "", f"{'RECIPE':<{max(width, _LEAST)}}{columns}  LINT"])
        + "\n"
    )


def table_row(row: Row, width: int, *, why: bool) -> str:
    """Return a recipe's line of the table; with `why`, what is behind it below.

    Args:
        row: the recipe.
        width: of the column of recipes.
        why: whether reasons are told.
    """
    marks = "".join(f"{MARKS[cell.verdict]:>3}" for cell in row.cells)
    lines = [f"{row.recipe:<{max(width, _LEAST)}}{marks}  {_lint(row)}".rstrip()]
    lines += _notes(row) if why else []
    return visible("\n".join(lines)) + "\n"


def table_foot(counts: Mapping[tuple[str, str], int], classes: Sequence[str], width: int) -> str:
    """Return how many recipes each class applies to."""
    found = Counter(counts)
    columns = "".join(f"{found[name, Verdict.APPLIES]:>3}" for name in classes)
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
    word = f"**{cell.verdict}**" if cell.verdict is Verdict.APPLIES else str(cell.verdict)
    told = map(_code, _told(cell)) if why and cell.verdict is not Verdict.OTHER else ()
    return "<br>".join([word, *told])


def _notes(row: Row) -> Iterator[str]:
    for cell in row.cells:
        for text in _told(cell):
            yield _wrapped(f"{cell.name}: {cell.verdict}: {text}")
    for finding in row.findings:
        yield _wrapped(f"lint: {finding.place}: {finding.message} [{finding.rule}]")


def _told(cell: Cell) -> list[str]:
    told = [f"{r.place}: {r.message}" if r.place else r.message for r in cell.reasons]
    label = "cures" if cell.verdict is Verdict.APPLIES else "lint:"
    told += [f"{label} {f.place}: {f.message} [{f.rule}]" for f in cell.findings]
    return [*told, *cell.changes]


def _lint(row: Row) -> str:
    """Return how many findings no class cures: `2 errors, 1 warning`."""
    errors = sum(finding.severity is not Severity.WARN for finding in row.findings)
    parts = ((errors, "error"), (len(row.findings) - errors, "warning"))
    return ", ".join(f"{n} {what}{'s' * (n > 1)}" for n, what in parts if n) or "-"


def _code(text: str) -> str:
    return code(text.replace("|", "¦"))


def _wrapped(note: str) -> str:
    return textwrap.fill(
        " ".join(note.split()),
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
