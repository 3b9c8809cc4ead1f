"""The checks of a fix on a sample, each a function that returns what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from patchkit.errors import ExitCode, PatchkitError, Problem
from patchkit.rendering import Patch, Verdict, cause, check, render
from patchkit.testing import drift, snapshot
from patchkit.testing.failure import Failure, NotTried, Outcome
from patchkit.testing.layout import shown
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from patchkit.errors import Place
    from patchkit.lint import Regression
    from patchkit.spec.fix import Fix
    from patchkit.testing.layout import Layout


@dataclass(frozen=True)
class Subject:
    """A fix on one of its samples; rendered once, however many checks look at it.

    Attributes:
        fix: the spec.
        sample: the sample's name.
        layout: where things lie.
    """

    fix: Fix
    sample: str
    layout: Layout

    @cached_property
    def folder(self) -> Path:
        """The sample's folder."""
        return self.layout.sample(self.sample)

    @cached_property
    def patch(self) -> Patch:
        """What the fix makes of the sample."""
        return self.on(RecipeTree.from_dir(self.folder))

    @property
    def params(self) -> Mapping[str, Any]:
        """The values that the settings give for the fix's parameters."""
        return self.layout.of_fix(self.fix.name).params_on(self.sample)

    def on(self, tree: RecipeTree) -> Patch:
        """Return what the fix makes of any files."""
        return render(self.fix, tree, self.params)

    def place(self, key: str) -> Place:
        """Return where a key of the spec stands; where its id does, if a class has it."""
        place = self.fix.source.place((key,), key=True)
        own = self.fix.source.place(("id",), key=True)
        return place if place.path == own.path else own

    @property
    def not_tried(self) -> NotTried | None:
        """Why what follows from the change cannot be tried."""
        try:
            if self.patch.verdict is Verdict.APPLIES:
                return None
        except PatchkitError:
            return NotTried(f"{self.sample} cannot be tried")
        return NotTried(f"the fix does not apply to {self.sample}")


def applies(subject: Subject) -> Outcome:
    """The fix changes the sample, and leaves no question open."""
    patch = subject.patch
    if patch.verdict in {Verdict.DRIFTED, Verdict.OTHER}:
        said = f"the fix finds the sample {subject.sample} «{patch.verdict}»"
        return Failure((Problem(said, subject.place("id")), *patch.reasons), ExitCode.REFUSED)
    if patch.verdict is Verdict.FIXED:
        hint = f"put a recipe that has the defect into {shown(subject.folder)}"
        said = f"the sample {subject.sample} is fixed already"
        return Failure((Problem(said, subject.place("id"), hint),))
    found = [Problem(f"open: {f.message} [{f.rule}]", f.place, f.hint) for f in patch.findings]
    return Failure(tuple(found), ExitCode.REGRESSION) if found else None


def reviewed(subject: Subject) -> Outcome:
    """The diff is the one that was reviewed."""
    if subject.not_tried:
        return subject.not_tried
    path = subject.layout.snapshot(subject.fix.name, subject.sample)
    return snapshot.compare(path, subject.patch.diff(), subject.place("ops"))


def update(subject: Subject) -> Outcome:
    """Make the diff the reviewed one."""
    if subject.not_tried is None:
        path = subject.layout.snapshot(subject.fix.name, subject.sample)
        snapshot.write(path, subject.patch.diff())
    return subject.not_tried


def second(subject: Subject) -> Outcome:
    """The fix finds what it made «already fixed»; a class perhaps no longer of its kind."""
    if subject.not_tried:
        return subject.not_tried
    again = subject.on(subject.patch.tree)
    if again.verdict is Verdict.FIXED or (subject.fix.is_class and again.verdict is Verdict.OTHER):
        return None
    place = next((change.place for change in again.changes if change.place), subject.place("ops"))
    hint = "let `ensures:` describe the fixed recipe; `optional: true` lets an op find nothing"
    said = f"a second run is «{again.verdict}», and must be «already fixed»"
    return Failure((Problem(said, place, hint), *again.reasons), detail=again.diff())


def lints(subject: Subject) -> Outcome:
    """No rule of lint gets worse."""
    if subject.not_tried:
        return subject.not_tried
    worse = check(subject.fix, subject.patch).worse
    problems = [_worse(regression, subject.patch) for regression in worse]
    return Failure(tuple(problems), ExitCode.REGRESSION) if problems else None


def drifts(subject: Subject) -> Outcome:
    """The fix does not apply where what it looks for is missing."""
    if subject.not_tried:
        return subject.not_tried
    problems = [
        Problem(f"the fix is «{verdict}» {gone.where}", gone.place, gone.hint)
        for gone in drift.strangers(subject.fix, subject.patch, subject.params)
        if (verdict := subject.on(gone.tree).verdict) in gone.wrong
    ]
    return Failure(tuple(problems)) if problems else None


def drifts_on(subject: Subject, folder: Path) -> Outcome:
    """The fix finds drifted what a folder of the author's makes of the sample."""
    tree = RecipeTree.from_dir(subject.folder)
    laid = RecipeTree.from_dir(folder)
    for path in laid.paths():
        tree = tree.with_file(path, laid.read(path), laid.mode(path))
    patch = subject.on(tree)
    if patch.verdict not in {Verdict.APPLIES, Verdict.FIXED}:
        return None
    hint = "say in `expects:` what tells the two apart"
    said = f"the fix is «{patch.verdict}» on {shown(folder)}, and must be «drifted»"
    problem = Problem(said, subject.place("expects"), hint)
    return Failure((problem,), detail=patch.diff())


def _worse(regression: Regression, patch: Patch) -> Problem:
    finding, change = regression.finding, cause(regression, patch)
    op = f"{change.step} ({change.place})" if change.place else "the closing rules"
    problem = Problem(f"lint got worse [{finding.ref or finding.rule}]: {finding.message}")
    return replace(problem, place=finding.place, hint=f"since {op}: {change.message}")
