"""Writes the page of a pull request for a survey, and lets real programs judge the patch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.publish.judged import PLACEHOLDER, Judged
from patchkit.publish.survey import Page
from patchkit.report.pull_request import code, judged_lines, pull_request_page
from patchkit.verify import State, verify

if TYPE_CHECKING:
    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


@dataclass(frozen=True)
class Pages:
    """Writes pages.

    Attributes:
        is_verified: whether real programs judge patches.
    """

    is_verified: bool = True

    def page(self, fix: Fix, patch: Patch, gate: Gate, version: str) -> Page:
        """Return the page of a patch, with a placeholder for what judges say."""
        companions = [code(name) for name in fix.spec.with_]
        page = pull_request_page(
            fix, patch, gate, version=version, judged=PLACEHOLDER, companions=companions
        )
        return Page(page.title, page.body)

    def judged(self, fix: Fix, patch: Patch) -> Judged:
        """Return what judges say of a patch."""
        if not self.is_verified:
            return Judged("- no real program was asked", passed=True)
        judgements = list(verify(fix, patch))
        failed = [judgement for judgement in judgements if judgement.state is State.FAILED]
        return Judged(judged_lines(judgements), passed=not failed)
