"""The job of a fleet that asks every rule of lint about one recipe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode
from patchkit.finding import Severity
from patchkit.fleet.job import key_of
from patchkit.fleet.outcome import Outcome, Word, failed
from patchkit.fleet.source import check_is_recipe
from patchkit.lint import lint
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.fleet.source import Read, Source
    from patchkit.lint import Report


@dataclass(frozen=True, slots=True)
class LintJob:
    """A recipe to judge.

    Attributes:
        source: the recipe's origin.
        view: what is shown of a report, given what the recipe is called; it must be picklable.
        base: a revision to compare with.
    """

    source: Source
    view: Callable[[str, Report], str]
    base: str | None = None

    def __call__(self) -> list[Outcome]:
        """Judge the recipe."""
        try:
            return [self._judged(self.source.read())]
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            return self.lost(error)

    def __len__(self) -> int:
        """Return how many outcomes it has."""
        return 1

    def lost(self, error: Exception) -> list[Outcome]:
        """Return the outcome of nothing."""
        return [failed(self.source.bare(), "", error, self._key())]

    def left(self, done: frozenset[str]) -> LintJob | None:
        """Return the job, None when it is done."""
        return None if self._key() in done else self

    def portable(self) -> LintJob:
        """Return the job with all that lies on this machine; tags of a repository stay there."""
        return replace(self, source=self.source.portable())

    def _key(self) -> str:
        return key_of(self.source, "lint", self.base or "")

    def _judged(self, read: Read) -> Outcome:
        from patchkit.git.tags import tags  # noqa: PLC0415  what only pickles a job needs no git

        check_is_recipe(read.tree)
        before, known = None, None
        if read.folder is not None:
            before = RecipeTree.from_commit(read.folder, self.base) if self.base else None
            known = tags(read.folder)
        report = lint(read.tree, base=before, tags=known)
        errors = sum(finding.severity is not Severity.WARN for finding in report.findings)
        warnings = len(report.findings) - errors
        return Outcome(
            self.source.bare(),
            "",
            Word.HOLDS if report.passed else Word.FAILS,
            ExitCode.OK if report.passed else ExitCode.REGRESSION,
            note=f"{_some(errors, 'error')}, {_some(warnings, 'warning')}",
            shown=self.view(self.source.name, report),
            key=self._key(),
        )


def _some(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
