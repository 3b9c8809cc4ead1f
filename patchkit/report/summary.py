"""A verdict in a few lines, for standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.errors import Problem
from patchkit.rendering import Verdict
from patchkit.report.errors import problem_text
from patchkit.report.gate_text import gate_lines

if TYPE_CHECKING:
    from patchkit.finding import Finding
    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


def verdict_text(fix: Fix, source: str, patch: Patch, gate: Gate) -> str:
    """Return what a fix is to a recipe, what it did, what stays open, and what lint says."""
    lines = [f"{fix.id}: {patch.word} on {source}"]
    if patch.asks:
        lines[0] += f": add {' '.join(f'--param {name}=VALUE' for name in patch.asks)}"
    if patch.verdict is Verdict.APPLIES:
        lines[0] += f" ({size_text(patch)})"
        lines += [f"  {change.step}: {change.message}" for change in patch.changes]
    lines += [problem_text(reason, "because") for reason in patch.reasons if _tells(patch)]
    told = {(r.finding.rule, str(r.finding.place)) for r in gate.worse}
    left = [f for f in patch.findings if (f.rule, str(f.place)) not in told]
    lines += [finding_text(finding) for finding in left]
    lines += gate_lines(gate, patch)
    return "\n".join(lines)


def size_text(patch: Patch) -> str:
    """Return the size of a change: `3 files, +40 -2`."""
    stats = diff.stat(patch.base, patch.tree)
    added, removed = sum(s.added for s in stats), sum(s.removed for s in stats)
    return f"{len(stats)} file{'s' * (len(stats) != 1)}, +{added} -{removed}"


def finding_text(finding: Finding) -> str:
    """Return an open finding as a problem."""
    problem = Problem(f"{finding.message} [{finding.rule}]", finding.place, finding.hint)
    return problem_text(problem, "open")


def _tells(patch: Patch) -> bool:
    return patch.verdict in {Verdict.DRIFTED, Verdict.OTHER, Verdict.BROKEN}
