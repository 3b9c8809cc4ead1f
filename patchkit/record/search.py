"""Finds the ops that explain a change: the highest level first, each proved before it is taken.

An op is taken when all that it does lies on a shortest way from the recipe to what it is to
become, so that no later op has to undo it. What an op does is found out by making it.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from patchkit.draft import Draft
from patchkit.errors import PatchkitError
from patchkit.fixes import loads_fix
from patchkit.ops import Changed, Refused, find_op, run
from patchkit.recipe.model import RELEASE_NEXT, Recipe
from patchkit.record.candidate import ROUGH, Candidate, Case
from patchkit.record.meaning import apart, differing
from patchkit.record.measure import WORDS_BYTES, distance
from patchkit.record.writing import Head, Parts, spec_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from patchkit.errors import Problem
    from patchkit.record.candidate import Step
    from patchkit.spec.model import OpModel
    from patchkit.tree import RecipeTree

    Detector = Callable[[Case], Iterator[Candidate]]

# How much may be tried: an op counts one, and one more for so much that it has to look at.
EFFORT = 3000
_UNIT = 32 * 1024
_FILES = 500  # as many files count one
_ALIASES = ("edit-anchor", "expand")


class Search:
    """The ops found so far, and the recipe that they make.

    Args:
        old: the recipe as it was.
        goal: the recipe as it is to become.
        kind: `recipe` or `repository`.
        by_meaning: whether it is enough that files come to mean the same.
    """

    def __init__(
        self, old: RecipeTree, goal: RecipeTree, kind: str, *, by_meaning: bool = False
    ) -> None:
        self.by_meaning = by_meaning
        self.goal = Recipe(goal)
        self.head = Head("recorded", "recorded", kind)
        self.draft = Draft(old)
        self.found: list[Candidate] = []
        self.left = EFFORT
        self.refused: dict[str | None, Problem] = {}

    @property
    def done(self) -> bool:
        """Whether the goal is reached."""
        return not self.ahead

    @property
    def ahead(self) -> tuple[str, ...]:
        """The paths that are not yet as they are to be."""
        if self.by_meaning:
            return differing(self.draft.tree, self.goal.tree)
        return self.goal.tree.changed_paths(self.draft.tree)

    def run(self, detectors: Iterable[Detector], *, always: bool = False) -> None:
        """Take what each detector proposes, as long as that brings anything.

        Args:
            detectors: from the highest level to the lowest.
            always: whether they may go on when the effort is spent.
        """
        for detector in detectors:
            while not self.done and (always or self.left > 0) and self._pass(detector, always):
                pass

    def _pass(self, detector: Detector, always: bool) -> bool:
        """Try once all that a detector proposes; return whether anything was taken."""
        taken = False
        try:
            for candidate in detector(self._case()):
                taken |= self._take(candidate)
                if self.done or (self.left <= 0 and not always):
                    break
        except PatchkitError:  # a file that cannot be read this way: for a lower level
            return taken
        return taken

    def _case(self) -> Case:
        changed = self.goal.tree.changed_paths(self.draft.tree) if self.by_meaning else ()
        settled = frozenset(changed) - frozenset(self.ahead) if changed else frozenset()
        return Case(self.draft.recipe, self.goal, self._tried, settled)

    def _tried(self, step: Step) -> RecipeTree | None:
        made = self._made(step)
        return made.tree if made else None

    def _take(self, candidate: Candidate) -> bool:
        """Take the candidate if it brings the recipe nearer, as it is or minding aliases."""
        if (made := self._made(candidate.step)) is not None:
            return self._took(candidate, made)
        for step in self._aliased(candidate.step):
            made = self._made(step)
            if made and self._took(Candidate(step, candidate.rough, candidate.unsure), made):
                return True
        return False

    def _took(self, candidate: Candidate, made: Draft) -> bool:
        if not self._fits(made, rough=candidate.rough):
            return False
        self.draft = made
        if self.by_meaning:  # where places do not count, a rename beside other edits is the usual
            left = tuple(sentence for sentence in candidate.unsure if sentence != ROUGH)
            candidate = replace(candidate, unsure=left)
        self.found.append(candidate)
        return True

    def _aliased(self, step: Step) -> Iterator[Step]:
        """Yield the step with each way to treat aliases, where a compose file has any."""
        recipe = self.draft.recipe
        if any(recipe.document(path).aliases for path in recipe.compose_paths):
            for way in _ALIASES:
                yield {"op": step["op"], "on_alias": way} | step

    def _made(self, step: Step) -> Draft | None:
        """Return the draft after one more op; None when it is refused or changes nothing."""
        self.left -= self._cost(step)
        model = self._model(step)
        op = find_op(step["op"])
        if model is None or op is None:
            return None
        made = branch(self.draft)
        try:
            outcome = run(op, made, model)
        except PatchkitError:
            return None
        if isinstance(outcome, Refused):
            self.refused[step.get("path") or step.get("file")] = outcome.problem
        return made if isinstance(outcome, Changed) else None

    def _cost(self, step: Step) -> int:
        entries = self.draft.tree.entries
        named = {step.get("file"), step.get("path"), *self.draft.recipe.compose_paths}
        size = sum(entry.size for path, entry in entries.items() if path in named)
        return 1 + size // _UNIT + len(entries) // _FILES

    def _model(self, step: Step) -> OpModel | None:
        """Return the op as a spec has it: what cannot be written is no candidate."""
        try:
            fix = loads_fix(spec_text(self.head, Parts((Candidate(step),))))
            return fix.step(0, {})
        except (PatchkitError, UnicodeError):
            return None

    def _fits(self, made: Draft, *, rough: bool) -> bool:
        """Whether all of an op lies on a shortest way to the goal; if it is rough, most of it.

        Whole lines that come and go are on one by lines, other words of a line by words. Lines
        are never put farther away, so that the search comes to an end.
        """
        paths = made.tree.changed_paths(self.draft.tree)
        if not self._told(made):
            return False
        if self.by_meaning:
            way = self._meant(made, paths)
            return way.is_shortest or (rough and way.is_mostly_right)
        lines = self._way(made, paths, words=False)
        if lines.is_shortest or (rough and lines.is_mostly_right):
            return True
        if lines.nearer < 0 or any(self._sizes_of(path) > WORDS_BYTES for path in paths):
            return False
        words = self._way(made, paths, words=True)
        return words.is_shortest or (rough and words.is_mostly_right)

    def _way(self, made: Draft, paths: Iterable[str], *, words: bool) -> _Way:
        trees = self.draft.tree, made.tree, self.goal.tree
        nearer = length = 0
        for path in paths:
            old, new, goal = (tree.entries.get(path) for tree in trees)
            nearer += distance(old, goal, words=words) - distance(new, goal, words=words)
            length += distance(old, new, words=words)
        return _Way(nearer, length)

    def _meant(self, made: Draft, paths: Iterable[str]) -> _Way:
        now, new, goal = self.draft.tree, made.tree, self.goal.tree
        nearer = length = 0
        for path in paths:
            nearer += apart(path, now, goal) - apart(path, new, goal)
            length += apart(path, now, new)
        return _Way(nearer, length)

    def _sizes_of(self, path: str) -> int:
        trees = self.draft.tree, self.goal.tree
        return max((tree.entries[path].size for tree in trees if path in tree), default=0)

    def _told(self, made: Draft) -> bool:
        """Whether the operator is to be told what the op would tell."""
        notes = made.notes[len(self.draft.notes) :]
        if not notes:
            return True
        tree = self.goal.tree
        told = " ".join(tree.text(RELEASE_NEXT).split()) if RELEASE_NEXT in tree else ""
        return all(" ".join(note.split()) in told for note in notes)


class _Way(NamedTuple):
    """What an op does: by how much it brings the recipe nearer, and how much it changes."""

    nearer: int
    length: int

    @property
    def is_shortest(self) -> bool:
        return self.nearer == self.length > 0

    @property
    def is_mostly_right(self) -> bool:
        return 2 * self.nearer >= self.length > 0


def branch(draft: Draft) -> Draft:
    """Return a draft that goes on from another one, and leaves it as it is."""
    made = copy.copy(draft)
    made.notes, made.findings = [*draft.notes], [*draft.findings]
    made.renamed, made.answers = [*draft.renamed], dict(draft.answers)
    return made
