"""How fixes stand, for programs; the keys are stable.

A list with one object a fix: `fix`, `recipe`, `mirror` (a URL), `verdict` (`applies`,
`already fixed`, `drifted`), `editors` (who else committed on the branch), `pull`, `ci`, `next` and
`error`; what is not known is null.

- `pull`: `number`, `url`, `state` (`open`, `closed`, `merged`), `draft`, `mergeable`, `head` (a
  commit), `created` (a time), `days` (since then).
- `ci`, of an open pull request: `state` (`not asked`, `no answer`, `pending`, `success`, `failure`,
  `error`), `green`, `level` (0 to 5), `rungs` (each with `name` and `state`: `pass`, `fail`,
  `skip`, `unver`), `rules_failed`, `enrolled`, `url`, `text`.
- `next`: `action` and `reason`, the plan of `patchkit pr`.
- `error`: `message`, `hint` and `code`, the exit code.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from patchkit.report.ci_text import ci_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.publish.level import Answer
    from patchkit.publish.row import Row


def status_json(rows: Iterable[Row]) -> str:
    """Return the rows as JSON."""
    return json.dumps([row_json(row) for row in rows], indent=2) + "\n"


def row_json(row: Row) -> dict[str, Any]:
    """Return one row as plain data."""
    return {
        "fix": row.fix,
        "recipe": row.recipe,
        "mirror": row.mirror or None,
        "verdict": str(row.verdict) if row.verdict else None,
        "editors": list(row.editors),
        "pull": _pull(row),
        "ci": _ci(row.ci) if row.ci else None,
        "next": {"action": str(row.plan.action), "reason": row.plan.reason} if row.plan else None,
        "error": _error(row),
    }


def _pull(row: Row) -> dict[str, Any] | None:
    pull = row.pull
    if pull is None:
        return None
    return {
        "number": pull.number,
        "url": pull.url,
        "state": pull.state,
        "draft": pull.draft,
        "mergeable": pull.mergeable,
        "head": pull.head_sha,
        "created": pull.created.isoformat() if pull.created else None,
        "days": row.days,
    }


def _ci(answer: Answer) -> dict[str, Any]:
    results = answer.results
    return {
        "state": str(answer.state),
        "green": answer.is_green,
        "level": answer.level,
        "rungs": [rung._asdict() for rung in results.rungs] if results else [],
        "rules_failed": list(results.rules) if results else [],
        "enrolled": answer.enrolled,
        "url": answer.url or None,
        "text": ci_text(answer),
    }


def _error(row: Row) -> dict[str, Any] | None:
    if row.error is None:
        return None
    problem = row.error.problems[0]
    hint = problem.hint or None
    return {"message": problem.message, "hint": hint, "code": int(row.error.exit_code)}
