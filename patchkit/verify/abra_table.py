"""Reads what `abra recipe lint` shows on a terminal: a table of rules, or FATA lines.

A row holds ref, rule, severity, satisfied, skipped and how to fix it, parted by heavy verticals.
Refs are read by pattern, so that rules of later versions are read as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # colours and moves
    r"|[\]PX^_].*?(?:\x07|\x1b\\|$)"  # titles, links, questions to the terminal
    r"|[ -/]*[0-~])"
)
_FATAL = re.compile(r"(?m)(?:^|\s)FATA(?:\[\d+\])?(?=[\s:])[\s:]*(.*)$")
_REF = re.compile(r"R\d{3,}")
_SEVERITIES = {"warn": "warn", "warning": "warn", "error": "error"}
_VERTICALS = "┃│║|"
_YES, _NO = "✅", "❌"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule, as abra judged it.

    Attributes:
        ref: its number, such as `R011`.
        rule: what it demands.
        severity: "warn" or "error"; empty when none was seen.
        holds: None when abra skipped it, or no mark was seen.
        fix: how to cure it.
    """

    ref: str
    rule: str
    severity: str
    holds: bool | None
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What abra says of a recipe.

    Attributes:
        rows: the rules by ref.
        fatal: why it stopped before it judged them.
    """

    rows: dict[str, Row]
    fatal: tuple[str, ...] = ()


def read(output: str) -> Table:
    """Return what a terminal was shown, colours and folded cells or not."""
    text = _ESCAPE.sub("", output).replace("\r", "\n")
    rows = {row.ref: row for row in map(_row, _folded(_cells(text)))}
    return Table(rows, tuple(match[1].strip() for match in _FATAL.finditer(text)))


def _cells(text: str) -> list[list[str]]:
    """Return the cells of each line of a table, by the first kind of vertical that parts refs."""
    for vertical in _VERTICALS:
        lines = [line.strip() for line in text.split("\n") if line.count(vertical) > 1]
        table = [[cell.strip() for cell in line.strip(vertical).split(vertical)] for line in lines]
        if any(_REF.fullmatch(cells[0]) for cells in table):
            return table
    return []


def _folded(lines: Iterable[list[str]]) -> Iterator[list[str]]:
    """Yield whole rows: a cell that was too long for its column goes on in the next line."""
    row: list[str] = []
    for cells in lines:
        if row and not cells[0] and len(cells) == len(row):
            row = [f"{old} {new}".strip() for old, new in zip(row, cells, strict=True)]
            continue
        if row:
            yield row
        row = cells if _REF.fullmatch(cells[0]) else []
    if row:
        yield row


def _row(cells: list[str]) -> Row:
    severities = [_SEVERITIES.get(cell.replace(" ", "").lower(), "") for cell in cells]
    at = next((i for i, severity in enumerate(severities) if i and severity), len(cells))
    satisfied, skipped, *fix = [*cells[at + 1 :], "", ""]
    marked = {_YES: True, _NO: False}.get(satisfied[:1])
    return Row(
        ref=cells[0],
        rule=" ".join(cells[1:at]),
        severity=severities[at] if at < len(cells) else "",
        holds=None if _YES in skipped else marked,
        fix=" ".join(fix).strip(),
    )
