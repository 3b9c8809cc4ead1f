"""A verdict in a few lines, for standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.errors import Problem
from patchkit.rendering import Verdict
from patchkit.report.errors import problem_text

if TYPE_CHECKING:
    from patchkit.finding import Finding
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


def verdict_text(fix: Fix, source: str, patch: Patch) -> str:
    """Return what a fix is to a recipe, what it did, and what stays open."""
    lines = [f"{fix.id}: {patch.verdict} on {source}"]
    if patch.verdict is Verdict.APPLIES:
        lines[0] += f" ({size_text(patch)})"
        lines += [f"  {change.step}: {change.message}" for change in patch.changes]
    lines += [problem_text(reason, "because") for reason in patch.reasons if _tells(patch)]
    lines += [finding_text(finding) for finding in patch.findings]
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
    return patch.verdict is Verdict.DRIFTED
