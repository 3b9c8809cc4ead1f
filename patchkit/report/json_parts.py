"""The parts that every JSON output shares; their keys are stable."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patchkit.errors import Place
    from patchkit.finding import Finding


def place_json(place: Place | None) -> dict[str, Any]:
    """Return `path`, `line` and `column` (from 1), null when not known."""
    if place is None:
        return {"path": None, "line": None, "column": None}
    return {"path": place.path, "line": place.line or None, "column": place.column or None}


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding of lint with the name of its rule."""
    return {
        "rule": finding.rule,
        "ref": finding.ref or None,
        "severity": str(finding.severity),
        "message": finding.message,
        "why": finding.why,
        "hint": finding.hint,
        **place_json(finding.place),
    }
