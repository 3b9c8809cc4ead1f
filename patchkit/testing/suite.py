"""A spec file as a list of cases: the same ones for pytest and for `patchkit test`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError, Problem, SpecError, UsageError
from patchkit.fixes import find_fix, load_fix, specs_in, unknown_partners
from patchkit.rendering import Verdict
from patchkit.testing import checks, snapshot
from patchkit.testing.checks import Subject
from patchkit.testing.failure import Failure
from patchkit.testing.layout import Layout, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from patchkit.spec.fix import Fix
    from patchkit.testing.failure import Outcome

VALID, APPLIES, SNAPSHOT, DRIFT = "valid", "applies", "snapshot", "drift"
_OF_SAMPLE: dict[str, Callable[[Subject], Outcome]] = {
    APPLIES: checks.applies,
    SNAPSHOT: checks.reviewed,
    "second-run": checks.second,
    "lint": checks.lints,
    DRIFT: checks.drifts,
}
CHECKS = (VALID, *_OF_SAMPLE)


@dataclass(frozen=True)
class Case:
    """One check of one fix.

    Attributes:
        check: its name, one of CHECKS.
        on: the sample, or the author's drifted recipe; empty where it is about neither.
        attempt: makes the check.
    """

    check: str
    on: str
    attempt: Callable[[], Outcome]

    @property
    def name(self) -> str:
        """What the case is called: `snapshot[gitea]`."""
        return f"{self.check}[{self.on}]" if self.on else self.check

    def run(self) -> Outcome:
        """Return what is wrong, None where all is well."""
        try:
            return self.attempt()
        except PatchkitError as error:
            return Failure.of(error)


class Suite:
    """The tests of one spec file."""

    def __init__(self, path: str | Path, *, update: bool = False) -> None:
        """Find the file.

        Args:
            path: the file as the user knows it, or the id of a fix that patchkit ships.
            update: whether diffs are made the reviewed ones, instead of being compared.

        Raises:
            UsageError: there is no such fix.
        """
        self.path = path
        self.file = find_fix(path)
        self.update = update

    def cases(self) -> Iterator[Case]:
        """Yield what is to be tried; of a spec that is not valid, that alone."""
        yield Case(VALID, "", self._valid)
        try:
            fix, layout = self._fix, self._layout
        except PatchkitError:
            return
        subjects = [Subject(fix, name, layout) for name in self._samples]
        if not subjects:
            yield Case(APPLIES, "", self._no_sample)
            return
        for subject in subjects:
            yield from (self._case(name, subject) for name in _OF_SAMPLE)
        for folder in layout.drifted(fix.name):
            yield Case(DRIFT, folder.name, partial(checks.drifts_on, subjects[0], folder))

    def _case(self, name: str, subject: Subject) -> Case:
        attempt = checks.update if name == SNAPSHOT and self.update else _OF_SAMPLE[name]
        return Case(name, subject.sample, partial(attempt, subject))

    @cached_property
    def _fix(self) -> Fix:
        return load_fix(self.path)

    @cached_property
    def _layout(self) -> Layout:
        return Layout.of(self.file)

    @cached_property
    def _samples(self) -> list[str]:
        """What the settings name; else the fix's recipe, or all that a class applies to.

        One with a reviewed diff stays a sample of the class, that it is told when it is none.
        """
        fix, layout = self._fix, self._layout
        if named := layout.of_fix(fix.name).names:
            return named
        if not fix.is_class:
            return [fix.repository]
        kept = {path.stem for path in layout.snapshots(fix.name).glob("*.diff")}
        names = layout.samples()
        return [n for n in names if n in kept or _applies(Subject(fix, n, layout))]

    def _no_sample(self) -> Outcome:
        home = shown(self._layout.root / self._layout.tests.samples)
        raise UsageError(
            f"{self._fix.name} applies to no sample",
            hint=f"put a recipe of its kind into {home}; what keeps it from those that there are:"
            f" patchkit scan {home} --class {self._fix.name} --why",
        )

    def _valid(self) -> Outcome:
        """The spec can be read, is called as its file, and names partners that there are."""
        fix, place = self._fix, self._fix.source.place(("id",), key=True)
        problems = list(unknown_partners([fix], {path.stem for path in specs_in(self.file.parent)}))
        if fix.id != self.file.stem:
            said = f"the fix is called {fix.id}, and its file {self.file.name}"
            problems.append(Problem(said, place, f"call the file {fix.id}.yml"))
        if problems:
            raise SpecError(tuple(problems))
        return snapshot.too_many(self._layout.snapshots(fix.name), set(self._samples), place)


def _applies(subject: Subject) -> bool:
    try:
        return subject.patch.verdict is Verdict.APPLIES
    except PatchkitError:
        return False
