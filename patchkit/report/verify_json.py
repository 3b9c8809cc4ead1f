"""What judges say, for programs; the keys are stable.

A list with one object a fix: `fix`, `recipe` (null for a repository that is none),
`repository`, `source`, `verdict`, and `judgements`, each with
`judge`, `state` (`passed`, `failed`, `not available`, `nothing to judge`), `seconds`, `reason` and
`hint` (null when empty), `ran` (command lines) and `checks`: `what`, `passed`, `before` (it did not
pass without the fix either), `output`, `path`, `line`, `column`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from patchkit.report.json_parts import place_json

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.report.output import Result
    from patchkit.verify import Check, Judgement


def verify_json(results: Iterable[tuple[Result, Iterable[Judgement]]]) -> str:
    """Return the judgements of each fix as JSON."""
    every = [judged_json(result, judgements) for result, judgements in results]
    return json.dumps(every, indent=2) + "\n"


def judged_json(result: Result, judgements: Iterable[Judgement]) -> dict[str, Any]:
    """Return the judgements of one fix as plain data."""
    return {
        "fix": result.fix.id,
        "recipe": result.fix.spec.recipe,
        "repository": result.fix.repository,
        "source": result.source,
        "verdict": result.patch.word,
        "judgements": [judgement_json(judgement) for judgement in judgements],
    }


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """Return one judgement as plain data."""
    return {
        "judge": judgement.judge,
        "state": str(judgement.state),
        "seconds": round(judgement.seconds, 3),
        "reason": judgement.reason or None,
        "hint": judgement.hint or None,
        "ran": list(judgement.ran),
        "checks": [_check(check) for check in judgement.checks],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "what": check.what,
        "passed": check.passed,
        "before": check.before,
        "output": check.output,
        **place_json(check.place),
    }
