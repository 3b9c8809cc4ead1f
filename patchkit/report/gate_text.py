"""What a fix does to lint, in a few lines: what got worse, by which change, and what got better."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchkit.rendering import cause
from patchkit.report.lint_text import finding_text, names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint import Gate, Regression
    from patchkit.rendering import Patch


def gate_lines(gate: Gate, patch: Patch) -> list[str]:
    """Return a block for each finding that is new, and a line for each rule that got better."""
    return [
        *(_worse(regression, patch) for regression in gate.worse),
        *(_allowed(regression) for regression in gate.allowed),
        *_better(gate),
    ]


def cause_text(regression: Regression, patch: Patch) -> str:
    """Return the change that brought a regression about: the op, where it stands, what it did."""
    change = cause(regression, patch)
    op = f"{change.step} ({change.place})" if change.place else "the closing rules"
    return f"{op}: {change.message}"


def _worse(regression: Regression, patch: Patch) -> str:
    block = finding_text(regression.finding, "lint got worse")
    return f"{block}\n  since: {cause_text(regression, patch)}"


def _allowed(regression: Regression) -> str:
    finding = regression.finding
    rule = names(finding.ref, finding.rule)
    return f"{finding.place}: allowed [{rule}]: {finding.message}: {regression.reason}"


def _better(gate: Gate) -> Iterator[str]:
    for rule, number in Counter((f.ref, f.rule) for f in gate.better).items():
        yield f"  lint got better: {names(*rule)}: {number} finding{'s' * (number > 1)} less"
