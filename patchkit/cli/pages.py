"""Writes the page of a pull request for a survey, and lets real programs judge the patch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.publish.judged import PLACEHOLDER, Judged
from patchkit.publish.survey import Page
from patchkit.report.pull_request import judged_lines, pull_request_page
from patchkit.report.terminal import now
from patchkit.verify import State, chosen, verify

if TYPE_CHECKING:
    from patchkit.cli.companions import Companions
    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix
    from patchkit.verify import Judgement


@dataclass(frozen=True)
class Pages:
    """Writes pages.

    Attributes:
        companions: finds the pull requests that belong together.
        is_verified: whether real programs judge patches.
    """

    companions: Companions
    is_verified: bool = True

    def page(self, fix: Fix, patch: Patch, gate: Gate, *, version: str, body: str) -> Page:
        """Return the page of a patch, with a placeholder for what judges say."""
        companions = self.companions.lines(fix, body)
        page = pull_request_page(
            fix, patch, gate, version=version, judged=PLACEHOLDER, companions=companions
        )
        return Page(page.title, page.body)

    def judged(self, fix: Fix, patch: Patch) -> Judged:
        """Return what judges say of a patch."""
        if not self.is_verified:
            return Judged("- no real program was asked", passed=True)
        judgements: list[Judgement] = []
        for name in chosen(fix):
            now(f"{fix.id}: {name} judges")
            judgements += verify(fix, patch, [name])
        failed = [judgement for judgement in judgements if judgement.state is State.FAILED]
        return Judged(judged_lines(judgements), passed=not failed)
