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
    files = {path: _Comments(tree, path) for path in {finding.place.path for finding in found}}
    for finding in found:
        reason = _reason(finding, files[finding.place.path])
        if reason:
            allowed.append(Allowed(finding, reason))
        else:
            open_.append(finding if reason is None else _without_reason(finding))
    return tuple(open_), tuple(allowed)


class _Comments:
    """The comments of a file, each line read once; none where the file cannot be read."""

    def __init__(self, tree: RecipeTree, path: str) -> None:
        try:
            self._lines = tree.text(path).split("\n")
        except PatchkitError:
            self._lines = []
        self._on: dict[int, re.Match[str] | None] = {}

    def near(self, line: int) -> Iterator[re.Match[str]]:
        """Yield those on a line, and in the block of comments directly above."""
        yield from self._at(line - 1)
        above = line - 2
        while 0 <= above < len(self._lines) and self._lines[above].lstrip().startswith("#"):
            yield from self._at(above)
            above -= 1

    def _at(self, index: int) -> Iterator[re.Match[str]]:
        if index not in self._on:
            line = self._lines[index] if index < len(self._lines) else ""
            self._on[index] = _COMMENT.search(line)
        if match := self._on[index]:
            yield match


def _reason(finding: Finding, comments: _Comments) -> str | None:
    """Return the reason of the comment that speaks of a finding, None without a comment."""
    if finding.severity is Severity.FATAL or not finding.place.line:
        return None
    names = {finding.rule, finding.ref} - {""}
    reasons = [m[2] for m in comments.near(finding.place.line) if m[1] in names]
    return max(reasons, key=len, default=None)


def _without_reason(finding: Finding) -> Finding:
    hint = f"the comment that allows {finding.rule} gives no reason: write one behind the name"
    return replace(finding, hint=f"{finding.hint}; {hint}" if finding.hint else hint)
