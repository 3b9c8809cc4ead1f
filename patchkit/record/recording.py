"""Records a change: the fix spec that makes one recipe of another, and the proof that it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from patchkit import diff
from patchkit.errors import EditRefused, PatchkitError, Place, Problem
from patchkit.fixes import loads_fix
from patchkit.recipe.model import Recipe
from patchkit.record.candidate import Candidate
from patchkit.record.detect import FIRST, GENERAL, LAST, OF_RECIPES
from patchkit.record.guards import guards
from patchkit.record.search import Search
from patchkit.record.writing import Head, Parts, spec_text
from patchkit.rendering import Verdict, render
from patchkit.tree import LINK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix
    from patchkit.tree import RecipeTree

    Same: TypeAlias = Callable[[list[Candidate]], bool]

MOST_FILES = 300  # that are looked at line by line; of more, files are added and replaced whole
_MERGED = {
    "labels.set": "labels",
    "labels.unset": "labels",
    "labels.move": "labels",
    "environment.set": "variables",
    "environment.unset": "names",
    "environment.move": "names",
    "environment.rename": "names",
    "service.set": "fields",
    "service.unset": "fields",
    "release.note": "text",
}
MOST_PROVED = 60  # ops of which each is left out once, to see whether it is needed


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
    """

    text: str
    fix: Fix
    patch: Patch = field(repr=False)
    goal: RecipeTree = field(repr=False)
    ops: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the fix makes of the recipe as it was, byte for byte, what it was to become."""
        return self.patch.tree == self.goal

    @property
    def beyond(self) -> str:
        """What the fix does otherwise, as a diff of what was to be and what it makes."""
        return diff.unified(self.goal, self.patch.tree)

    @property
    def closing(self) -> tuple[str, ...]:
        """What the closing rules do, a sentence each."""
        return tuple(c.message for c in self.patch.changes if c.step == "closing")


def record(old: RecipeTree, goal: RecipeTree, head: Head) -> Recording | None:
    """Return the fix that makes `goal` of `old`; None when they are the same.

    Args:
        old: the recipe, or other repository, before.
        goal: the same afterwards.
        head: what the spec says before its ops.

    Raises:
        EditRefused: no op can make the change; every file that is concerned, with the reason.
        RecipeError: a file of one side cannot be read; with its place.
    """
    if old == goal:
        return None
    if head.kind == "recipe":
        for tree in (old, goal):
            _ = Recipe(tree).merged
    if problems := tuple(_impossible(old, goal)):
        raise EditRefused(problems)
    return _written(old, goal, head, _simplified(old, _found(old, goal, head.kind), head))


def _found(old: RecipeTree, goal: RecipeTree, kind: str) -> list[Candidate]:
    """Return ops that make one of the other, without the closing rules."""
    search = Search(old, goal, kind)
    if len(goal.changed_paths(old)) <= MOST_FILES:
        search.run(FIRST)
        while not search.done and search.left > 0:
            before = len(search.found)
            search.run((*(OF_RECIPES if kind == "recipe" else ()), *GENERAL))
            if len(search.found) == before:
                break
        search.run(LAST[:1], always=True)
    while not search.done:
        before = len(search.found)
        search.run(LAST, always=True)
        if len(search.found) == before:
            break
    if not search.done:
        left = goal.changed_paths(search.draft.tree)
        raise EditRefused(tuple(_stuck(path) for path in left))
    return search.found


def _stuck(path: str) -> Problem:
    return Problem(
        "no op makes this change",
        Place(path),
        "record the rest without it: git stash it, and write its op by hand",
    )


def _impossible(old: RecipeTree, goal: RecipeTree) -> Iterator[Problem]:
    """Yield the files that no op can make."""
    kept = {old.entries[path].data for path in old.changed_paths(goal) if path in old}
    for path in goal.changed_paths(old):
        entry, was = goal.entries.get(path), old.entries.get(path)
        if entry is None:
            continue
        if entry.mode == LINK or (was and was.mode == LINK):
            why = "a link cannot be added or changed by a fix"
        elif was and was.data == entry.data:
            continue
        elif not was and entry.data in kept:
            continue
        elif fault := _no_text(entry.data):
            why = f"a fix adds and changes text only, and this file {fault}"
        else:
            continue
        yield Problem(why, Place(path), "commit this file by itself, and record the rest")


def _no_text(data: bytes) -> str:
    if b"\0" in data:
        return "is binary"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return ""


def _simplified(old: RecipeTree, found: list[Candidate], head: Head) -> list[Candidate]:
    """Return fewer ops that come to the same, closing rules included."""
    target = _made(old, found, head)
    if target is None or len(found) > MOST_PROVED:
        return found

    def same(ops: list[Candidate]) -> bool:
        return _made(old, ops, head) == target

    return _merged(_needed(found, same), same)


def _merged(found: list[Candidate], same: Same) -> list[Candidate]:
    """Return the ops with neighbours of one kind as one."""
    at = 1
    while at < len(found):
        one = _joined(found[at - 1], found[at])
        shorter = [*found[: at - 1], *([one] if one else []), *found[at + 1 :]]
        if one and same(shorter):
            found = shorter
        else:
            at += 1
    return found


def _joined(one: Candidate, other: Candidate) -> Candidate | None:
    """Return two ops as one; None when they are of two kinds."""
    key = _MERGED.get(one.step["op"], "")
    rest = [{k: v for k, v in each.step.items() if k != key} for each in (one, other)]
    if not key or rest[0] != rest[1]:
        return None
    a, b = one.step[key], other.step[key]
    both = a | b if isinstance(a, dict) else [*a, *b] if isinstance(a, list) else f"{a}\n{b}"
    return Candidate(one.step | {key: both}, one.rough, (*one.unsure, *other.unsure))


def _needed(found: list[Candidate], same: Same) -> list[Candidate]:
    """Return the ops without those that the closing rules do anyhow, the lowest left out first."""
    for op in found[::-1]:
        rest = [each for each in found if each is not op]
        if rest and same(rest):
            found = rest
    return found


def _made(old: RecipeTree, ops: list[Candidate], head: Head) -> RecipeTree | None:
    """Return what a spec of the ops makes; None when it does not apply."""
    patch = render(loads_fix(spec_text(head, Parts(tuple(ops)))), old)
    return patch.tree if patch.verdict is Verdict.APPLIES else None


def _written(
    old: RecipeTree, goal: RecipeTree, head: Head, found: list[Candidate]
) -> Recording:
    """Return the spec of the ops with its guards, proved by rendering."""
    steps = [op.step for op in found]
    expects, ensures = guards(steps, Recipe(old), Recipe(goal), head)
    parts = Parts(tuple(found), expects, ensures)
    text = spec_text(head, parts)
    fix = loads_fix(text, f"{head.id}.yml")
    patch = render(fix, old)
    unsure = [sentence for op in found for sentence in op.unsure]
    names = tuple(step["op"] for step in steps)
    return Recording(text, fix, patch, goal, names, tuple(unsure))
