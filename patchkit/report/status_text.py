"""How fixes stand, for people: a line each, and below it what is worth a sentence."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

from patchkit.forge.words import clean
from patchkit.report.ci_text import ci_text, ci_word
from patchkit.report.pull_request import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.publish.row import Row

WIDTH = 80
_GAP = 2
_HEAD = ("FIX", "RECIPE", "VERDICT", "PULL", "AGE", "CI")
_SHRINKS = 2  # columns, the first ones, that may be cut


def status_table(rows: Sequence[Row], *, color: bool = False, width: int = WIDTH) -> str:
    """Return the rows as a table, with what to do next below each.

    Args:
        rows: in their order.
        color: whether a terminal shows it.
        width: how many columns there are.
    """
    lines = [_HEAD, *map(_cells, rows)]
    widths = _widths(lines, width)
    head, *shown = [_line(cells, widths) for cells in lines]
    blocks = [click.style(head, bold=True) if color else head]
    for row, line in zip(rows, shown, strict=True):
        blocks.append(click.style(line, fg=_color(row)) if color else line)
        blocks += [_wrapped(note, width) for note in _notes(row)]
    return "\n".join(blocks) + "\n"


def status_markdown(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    head = ("fix", "recipe", "verdict", "pull request", "age", "CI", "people", "next")
    lines = [head, ("---",) * len(head), *map(_markdown, rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def next_text(row: Row) -> str:
    """Return what `patchkit pr` would do next, or why that is not known."""
    if row.error is not None:
        return f"error: {row.error.problems[0].message}"
    return f"{row.plan.action}: {row.plan.reason}" if row.plan else ""


def _cells(row: Row) -> tuple[str, ...]:
    age = "-" if row.days is None else f"{row.days} d"
    verdict = str(row.verdict) if row.verdict else "-"
    return row.fix, row.recipe, verdict, _pull(row), age, ci_word(row.ci)


def _pull(row: Row) -> str:
    if row.pull is None:
        return "-"
    return f"#{row.pull.number} {'draft' if row.pull.draft else row.pull.state}"


def _widths(lines: Sequence[tuple[str, ...]], width: int) -> list[int]:
    """Return the columns' widths; the first ones are cut where the table would be too wide."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    while sum(widths) + _GAP * (len(widths) - 1) > width:
        widest = max(range(_SHRINKS), key=widths.__getitem__)
        if widths[widest] <= len("RECIPE"):
            break
        widths[widest] -= 1
    return widths


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    gap = " " * _GAP
    return gap.join(map(_fitted, cells, widths)).rstrip()


def _fitted(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else f"{text[: width - 1]}…"


def _notes(row: Row) -> Iterator[str]:
    if row.ci is not None:
        yield f"CI: {ci_text(row.ci)}"
    if row.editors:
        yield f"edited by {' and '.join(row.editors)}"
    if _conflicts(row):
        yield "cannot be merged: it conflicts with its base"
    if said := next_text(row):
        yield said if row.error else f"next: {said}"
    if hint := _hint(row):
        yield f"help: {hint}"


def _hint(row: Row) -> str:
    return row.error.problems[0].hint if row.error else ""


def _conflicts(row: Row) -> bool:
    return row.pull is not None and row.pull.state == "open" and row.pull.mergeable is False


def _wrapped(note: str, width: int) -> str:
    return textwrap.fill(
        clean(note, ""),  # names of strangers
        width,
        initial_indent="  ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _color(row: Row) -> str | None:
    if row.code:
        return "red"
    return "yellow" if row.plan and row.plan.writes else "green"


def _markdown(row: Row) -> tuple[str, ...]:
    fix, recipe, verdict, pull, age, _ = _cells(row)
    if row.pull is not None:
        pull = f"[{pull}]({row.pull.url})"
        pull += ", conflicts" if _conflicts(row) else ""
    people = ", ".join(map(_cell, row.editors)) or "-"
    said = _cell(ci_text(row.ci)) if row.ci else "-"
    following = "; ".join(filter(None, (next_text(row), _hint(row))))
    return _cell(fix), _cell(recipe), verdict, pull, age, said, people, _cell(following)


def _cell(text: str) -> str:
    """Return a text as code, in which a bar would still end the cell."""
    return code(text.replace("|", "¦"))
