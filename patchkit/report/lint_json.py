"""Lint for programs; the keys are stable.

A list with one object a recipe: `recipe`, `passed` (warnings at most), and `rules` in the order
of the report, each with `rule`, `ref` (abra's number, else null), `severity` (`warn`, `error`,
`fatal`), `state` (`holds`, `fails`, `not judged`), `reason` (why it was not judged, else null),
`cured_by` (classes that repair it), `findings` and `allowed`. A finding has `message`, `why`,
`hint`, `path`, `line` and `column` (from 1, null when not known); an allowed one has the `reason`
of the recipe's comment too.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from patchkit.report.json_parts import place_json
from patchkit.report.lint_text import cured_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.finding import Finding
    from patchkit.lint import Report, Result
    from patchkit.report.lint_text import Cures


def lint_json(reports: Mapping[str, Report], cures: Cures | None = None) -> str:
    """Return the reports, by what their recipe is called, as JSON."""
    return json.dumps([report_json(*pair, cures) for pair in reports.items()], indent=2) + "\n"


def report_json(source: str, report: Report, cures: Cures | None = None) -> dict[str, Any]:
    """Return the report of one recipe as plain data."""
    rules = [_result(result, cures or {}) for result in report.results]
    return {"recipe": source, "passed": report.passed, "rules": rules}


def _result(result: Result, cures: Cures) -> dict[str, Any]:
    return {
        "rule": result.rule.name,
        "ref": result.rule.ref or None,
        "severity": str(result.rule.severity),
        "state": str(result.state),
        "reason": result.reason or None,
        "cured_by": cured_by(result.rule, cures),
        "findings": [_finding(finding) for finding in result.findings],
        "allowed": [_finding(a.finding) | {"reason": a.reason} for a in result.allowed],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    texts = {"message": finding.message, "why": finding.why, "hint": finding.hint}
    return texts | place_json(finding.place)
