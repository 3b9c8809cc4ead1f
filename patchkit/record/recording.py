"""Records a change: the fix spec that makes one recipe of another, and the proof that it does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.errors import EditRefused, Place, Problem
from patchkit.fixes import MAX_BYTES, loads_fix
from patchkit.recipe.model import Recipe
from patchkit.record.detect import FIRST, GENERAL, LAST, OF_RECIPES
from patchkit.record.guards import guards
from patchkit.record.limits import impossible
from patchkit.record.meaning import differing
from patchkit.record.search import Search
from patchkit.record.simpler import simplified
from patchkit.record.writing import Parts, spec_text
from patchkit.rendering import Verdict, render
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record.candidate import Candidate
    from patchkit.record.detect import Detector
    from patchkit.record.writing import Head
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix

MOST_FILES = 300  # that are explained one by one
_TWICE = "no condition tells a recipe that has the change already: there it counts as drifted"
_BY_HAND = "do its part in the folder too, and record it again"
_LOW = ("text", "file", "yaml")
_OF_MANY = 4  # detectors that may explain more at once: renamed files, and services as a whole


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded fix.

    Attributes:
        text: the spec.
        fix: the same, loaded.
        patch: what it makes of the recipe as it was.
        goal: the recipe as it was to become.
        ops: the ops' names, in order.
        unsure: what a person must look at, a sentence each.
        by_meaning: whether it was enough that files come to mean the same.
    """

    text: str
    fix: Fix
    patch: Patch = field(repr=False)
    goal: RecipeTree = field(repr=False)
    ops: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    by_meaning: bool = False

    @property
    def exact(self) -> bool:
        """Whether the fix makes of the recipe as it was, byte for byte, what it was to become."""
        return self.patch.tree == self.goal

    @property
    def fits(self) -> bool:
        """Whether it makes what it was to make: the bytes, or what they mean."""
        return not self._otherwise

    @property
    def low(self) -> tuple[int, ...]:
        """How many of its ops are about lines, about a file, and about a path in one."""
        families = [op.partition(".")[0] for op in self.ops]
        return tuple(families.count(family) for family in _LOW)

    @property
    def beyond(self) -> str:
        """What the fix does otherwise, as a diff of what was to be and what it makes."""
        return self._diff(self._otherwise)

    @property
    def elsewhere(self) -> str:
        """What means the same and stands elsewhere, as a diff of the same kind."""
        changed = self.patch.tree.changed_paths(self.goal)
        return self._diff(tuple(path for path in changed if path not in self._otherwise))

    @property
    def _otherwise(self) -> tuple[str, ...]:
        if self.by_meaning:
            return differing(self.goal, self.patch.tree)
        return self.patch.tree.changed_paths(self.goal)

    def _diff(self, paths: tuple[str, ...]) -> str:
        goal, made = (
            RecipeTree({path: tree.entries[path] for path in paths if path in tree})
            for tree in (self.goal, self.patch.tree)
        )
        return diff.unified(goal, made)


def record(
    old: RecipeTree, goal: RecipeTree, head: Head, *, by_meaning: bool = False
) -> Recording | None:
    """Return the fix that makes `goal` of `old`; None when they are the same.

    Args:
        old: the recipe, or other repository, before.
        goal: the same afterwards.
        head: what the spec says before its ops.
        by_meaning: whether ops of a higher level are taken that put lines elsewhere, as long as
            compose files and `abra.sh` come to mean the same; comments do not count there.

    Raises:
        EditRefused: no op can make the change, or a closing rule cannot follow it; every file that
            is concerned, with the reason.
        RecipeError: a file of one side cannot be read; with its place.
    """
    if old == goal:
        return None
    if head.kind == "recipe":
        for tree in (old, goal):
            _ = Recipe(tree).merged
    if problems := tuple(impossible(old, goal)):
        raise EditRefused(problems)
    found = _found(old, goal, head.kind, by_meaning=by_meaning)
    few = len(goal.changed_paths(old)) <= MOST_FILES
    found = simplified(old, goal, found, head) if few and found else found
    if not found:
        raise EditRefused("comments and order alone changed", hint="record without --by-meaning")
    return _written(old, goal, head, found, by_meaning=by_meaning)


def _found(old: RecipeTree, goal: RecipeTree, kind: str, *, by_meaning: bool) -> list[Candidate]:
    """Return ops that make one of the other, without the closing rules."""
    search = Search(old, goal, kind, by_meaning=by_meaning)
    families = (*FIRST, *(OF_RECIPES if kind == "recipe" else ()), *GENERAL)
    _repeated(search, families if _few(search) else families[:_OF_MANY])
    if not search.done and not _few(search):
        raise EditRefused(_too_many(len(search.ahead)))
    search.run(LAST[:1], always=True)
    _repeated(search, LAST, always=True)
    if not search.done and by_meaning:  # such as a file that cannot be read as data
        return _found(old, goal, kind, by_meaning=False)
    if not search.done:
        raise EditRefused(tuple(_stuck(path, search) for path in search.ahead))
    return search.found


def _repeated(search: Search, detectors: tuple[Detector, ...], *, always: bool = False) -> None:
    """Ask the detectors again and again, as long as they find anything."""
    before = -1
    while not search.done and (always or search.left > 0) and len(search.found) > before:
        before = len(search.found)
        search.run(detectors, always=always)


def _few(search: Search) -> bool:
    return len(search.ahead) <= MOST_FILES


def _too_many(number: int) -> tuple[Problem, ...]:
    message = f"{number:,} files differ, and no op explains so many (at most {MOST_FILES})"
    return (Problem(message, None, "a fix is there to be read: record a part of it at a time"),)


def _stuck(path: str, search: Search) -> Problem:
    """Return why a file cannot be brought to what it is to become."""
    refused, goal = search.refused.get(path), search.goal.tree.entries.get(path)
    if refused:
        message = f"the op for this file is refused: {refused.message}"
        return Problem(message, Place(path), f"{refused.hint}; {_BY_HAND}")
    hint = "record the rest without it, and write its op by hand"
    if goal and goal.size > MAX_BYTES:
        message = f"{goal.size:,} bytes do not fit into a fix spec, and no op makes this change"
        return Problem(message, Place(path), "put the content into templates/, and name it there")
    return Problem("no op makes this change", Place(path), hint)


def _written(
    old: RecipeTree, goal: RecipeTree, head: Head, found: list[Candidate], *, by_meaning: bool
) -> Recording:
    """Return the spec of the ops with its guards, proved by rendering."""
    steps = [op.step for op in found]
    made = _closed(old, found, head)
    new = made if by_meaning else goal  # lines that the fix leaves out are no condition
    parts = Parts(tuple(found), *guards(steps, Recipe(old), Recipe(new), Recipe(made), head))
    fix = loads_fix(spec_text(head, parts))
    patch, again = render(fix, old), render(fix, goal)
    beyond = differing(goal, patch.tree) if by_meaning else patch.tree.changed_paths(goal)
    doubts = (*_doubts(patch, beyond), *([_TWICE] if again.verdict is Verdict.DRIFTED else []))
    text = spec_text(head, replace(parts, unsure=doubts))  # comments change nothing that is done
    unsure = (*doubts, *(sentence for op in found for sentence in op.unsure))
    fix = loads_fix(text, f"{head.id}.yml")
    ops = tuple(step["op"] for step in steps)
    return Recording(text, fix, patch, goal, ops, unsure, by_meaning)


def _closed(old: RecipeTree, found: list[Candidate], head: Head) -> RecipeTree:
    """Return what the ops and the closing rules make of the recipe."""
    patch = render(loads_fix(spec_text(head, Parts(tuple(found)))), old)
    if patch.verdict is Verdict.DRIFTED:  # of ops that were all made: a rule, whose reason is last
        reason = patch.reasons[-1]
        message = f"a closing rule cannot do its part: {reason.message}"
        raise EditRefused(message, place=reason.place, hint=_BY_HAND)
    return patch.tree


def _doubts(patch: Patch, beyond: tuple[str, ...]) -> Iterator[str]:
    """Yield what is open about a fix as a whole, a sentence each."""
    if beyond:
        said = [change.message for change in patch.changes if change.step == "closing"]
        meant = [message for message in said if any(path in message for path in beyond)]
        yield from (f"a closing rule has the last word: {message}" for message in meant or said)
    for finding in patch.findings:
        yield f"{finding.place.path}:{finding.place.line}: {finding.message}"
