"""Findings that the recipe's authors have answered: `# patchkit: allow <rule> <reason>`.

The comment stands on the line of the finding, or directly above it. Without a reason it is none.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError
from patchkit.finding import Severity
from patchkit.lint.report import Allowed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.finding import Finding
    from patchkit.tree import RecipeTree

_COMMENT = re.compile(r"(?:^|[ \t])#[ \t]*patchkit:[ \t]*allow[ \t]+(\S+)[ \t]*(.*?)[ \t\r]*$")


def sort_out(
    found: list[Finding], tree: RecipeTree
) -> tuple[tuple[Finding, ...], tuple[Allowed, ...]]:
    """Return the findings that stand, and those that a comment silences."""
    open_, allowed = [], []
    for finding in found:
        reason = _reason(finding, tree)
        if reason:
            allowed.append(Allowed(finding, reason))
        else:
            open_.append(finding if reason is None else _without_reason(finding))
    return tuple(open_), tuple(allowed)


def _reason(finding: Finding, tree: RecipeTree) -> str | None:
    """Return the reason of the comment that speaks of a finding, None without a comment."""
    if finding.severity is Severity.FATAL or not finding.place.line:
        return None
    names = {finding.rule, finding.ref} - {""}
    reasons = [m[2] for m in _comments(finding, tree) if m[1] in names]
    return max(reasons, key=len, default=None)


def _comments(finding: Finding, tree: RecipeTree) -> Iterator[re.Match[str]]:
    try:
        lines = tree.text(finding.place.path).split("\n")
    except PatchkitError:
        return
    at = finding.place.line - 1
    near = lines[at : at + 1]
    while at and lines[at - 1].lstrip().startswith("#"):
        at -= 1
        near.append(lines[at])
    for line in near:
        if match := _COMMENT.search(line):
            yield match


def _without_reason(finding: Finding) -> Finding:
    hint = f"the comment that allows {finding.rule} gives no reason: write one behind the name"
    return replace(finding, hint=f"{finding.hint}; {hint}" if finding.hint else hint)
