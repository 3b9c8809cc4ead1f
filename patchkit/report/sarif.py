"""Lint as SARIF 2.1.0, which forges and editors show at the lines.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from patchkit import __version__
from patchkit.finding import Severity
from patchkit.report.lint_text import cured_by

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchkit.finding import Finding
    from patchkit.lint import Report, Rule
    from patchkit.report.lint_text import Cures

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
LOG = {"$schema": _SCHEMA, "version": "2.1.0"}
_LEVELS = {Severity.WARN: "warning", Severity.ERROR: "error", Severity.FATAL: "error"}


def lint_sarif(reports: Mapping[str, Report], cures: Cures | None = None) -> str:
    """Return the reports, by what their recipe is called, as one SARIF log: a run a recipe."""
    log = {**LOG, "runs": [report_run(*pair, cures) for pair in reports.items()]}
    return json.dumps(log, indent=2) + "\n"


def report_run(source: str, report: Report, cures: Cures | None = None) -> dict[str, Any]:
    """Return the run of one recipe."""
    rules = [result.rule for result in report.results]
    numbers = {rule.name: number for number, rule in enumerate(rules)}
    found = [_result(f, numbers[f.rule]) for f in report.findings]
    found += [
        _result(a.finding, numbers[a.finding.rule])
        | {"suppressions": [{"kind": "inSource", "justification": a.reason}]}
        for a in report.allowed
    ]
    told = [_rule(rule, cured_by(rule, cures or {})) for rule in rules]
    driver = {"name": "patchkit", "version": __version__, "rules": told}
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": source},
        "columnKind": "unicodeCodePoints",
        "results": found,
    }


def _rule(rule: Rule, classes: Sequence[str]) -> dict[str, Any]:
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": "\n".join([rule.fix, *map(_cure, classes)])},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [rule.ref]} if rule.ref else {},
    }


def _cure(name: str) -> str:
    return f"{name} cures it: patchkit diff {name} --in DIR"


def _result(finding: Finding, number: int) -> dict[str, Any]:
    place = finding.place
    location: dict[str, Any] = {"artifactLocation": {"uri": quote(place.path, errors="replace")}}
    if place.line:
        location["region"] = {"startLine": place.line, "startColumn": max(place.column, 1)}
    hint = f"\n{finding.hint}" if finding.hint else ""
    return {
        "ruleId": finding.rule,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message + hint},
        "locations": [{"physicalLocation": location}],
    }
