"""What classes are to recipes, for programs; the keys are stable.

A list with one object a recipe: `recipe`, `source` (a folder or URL), `commit` (null of a folder),
`classes`, `findings` (of lint, those that no class cures here) and `error` (null, or `message`,
`hint`, `code`, `path`, `line`, `column`).

- A class has `class`, `verdict` (`applies`, `already fixed`, `not this kind`, `drifted`,
  `needs a value`, `broken`), `changes` (what it would do, a sentence each), `reasons` (why not,
  each with `message`, `hint`, `path`, `line`, `column`) and `findings` (of lint, those that it
  cures; where it does not apply, those that are its business).
- A finding has `rule`, `ref`, `severity`, `message`, `why`, `hint`, `path`, `line` and `column`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.report.json_parts import finding_json, place_json

if TYPE_CHECKING:
    from patchkit.errors import Problem
    from patchkit.fleet.scan import Cell, Row


def row_json(row: Row) -> dict[str, Any]:
    """Return a row as plain data."""
    error = {**_problem(row.error[0]), "code": int(row.code)} if row.error else None
    return {
        "recipe": row.recipe,
        "source": row.source,
        "commit": row.commit or None,
        "classes": [_cell(cell) for cell in row.cells],
        "findings": [finding_json(finding) for finding in row.findings],
        "error": error,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "class": cell.name,
        "verdict": cell.word,
        "changes": list(cell.changes),
        "reasons": [_problem(reason) for reason in cell.reasons],
        "findings": [finding_json(finding) for finding in cell.findings],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    hint = problem.hint or None
    return {"message": problem.message, "hint": hint, **place_json(problem.place)}
