"""Whether Gitea can save the secrets that it makes, and finds them again at every start.

The script that the rootless image runs first is run in containers made for it, as a user without
rights, and never edited. https://docs.gitea.com/installation/install-with-docker-rootless
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError, Place
from patchkit.recipe.model import Recipe
from patchkit.verify.entrypoint.container import Containers
from patchkit.verify.entrypoint.enter import way_in
from patchkit.verify.entrypoint.image import Image
from patchkit.verify.entrypoint.scenario import SAVES, Scenario
from patchkit.verify.entrypoint.subject import SCRIPT, subjects
from patchkit.verify.judge import Check, Judge, NothingToJudgeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.verify.bench import Bench
    from patchkit.verify.entrypoint.enter import Way
    from patchkit.verify.entrypoint.subject import Subject
    from patchkit.verify.judge import Case

_READ_ONLY = "a config is mounted on app.ini itself, and is read-only"


def _check(case: Case) -> Iterator[Check]:
    """Play the scenario with each set of compose files; what fails, also without the fix."""
    found = subjects(case.recipe)
    stage = _Stage(case.bench)
    said = stage.play(found)
    wrong = {what: how for what, how in said.items() if how}
    before = _before(case, stage) if wrong and case.tree != case.patch.base else {}
    for what in said:
        output = "\n".join(wrong.get(what, []))
        place = found[0].place if _READ_ONLY in output else Place(found[0].script)
        was = what in wrong and bool(before.get(what))
        yield Check(what, what not in wrong, output, place if output else None, before=was)


def _before(case: Case, stage: _Stage) -> dict[str, list[str]]:
    try:
        return stage.play(subjects(Recipe(case.patch.base)))
    except (NothingToJudgeError, PatchkitError):
        return {}


class _Stage:
    """Where the scenario is played, each time with containers of its own."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._plays = 0

    def play(self, found: list[Subject]) -> dict[str, list[str]]:
        """Return what was tried, and what is wrong with it, by the compose files deployed."""
        said: dict[str, list[str]] = {}
        for subject in found:
            files = " with ".join(subject.files)
            for what, wrong in self._one(subject).items():
                said.setdefault(what, []).extend([f"{files}: {wrong}"] if wrong else [])
        return said

    def _one(self, subject: Subject) -> dict[str, str]:
        if subject.source == subject.app_ini:
            return {SAVES: _READ_ONLY}
        self._plays += 1
        folder = self._bench.folder / f"play{self._plays}"
        self._image.need(subject.mounted[SCRIPT].content)
        scenario = Scenario(Containers(self._image, self._way, subject, folder))
        scenario.play(subject.mounted[subject.source].content)
        return scenario.said

    @cached_property
    def _image(self) -> Image:
        return Image(self._bench, self._bench.folder / "image")

    @cached_property
    def _way(self) -> Way:
        return way_in(self._bench, self._image)


JUDGE = Judge(
    "entrypoint", "Gitea can save the secrets it makes, and finds them at every start.", _check
)
