"""Whether a rendered fix makes its recipe worse: lint before and after, and by which change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.lint import Gate, Report
from patchkit.lint.gate import gate

if TYPE_CHECKING:
    from patchkit.lint import Regression
    from patchkit.rendering.patch import Change, Patch
    from patchkit.spec.fix import Fix


def check(fix: Fix, patch: Patch) -> Gate:
    """Return what a patch does to lint; the spec's `allow:` counts.

    Args:
        fix: the spec that the patch comes from.
        patch: from `render`.
    """
    if not fix.for_recipe:
        return Gate(Report(()), Report(()))  # lint judges recipes
    allow = {entry.rule: entry.reason for entry in fix.spec.allow}
    return gate(patch.base, [change.tree for change in _changes(patch)], allow)


def cause(regression: Regression, patch: Patch) -> Change:
    """Return the change of a patch that brought a regression about."""
    return _changes(patch)[regression.stage]


def _changes(patch: Patch) -> tuple[Change, ...]:
    """Return what was done, of a patch that comes to anything."""
    return patch.changes if patch.tree != patch.base else ()
