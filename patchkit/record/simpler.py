"""Fewer ops that come to the same: neighbours as one, and none that closing rules do anyhow."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from patchkit.fixes import loads_fix
from patchkit.recipe.model import RELEASE_NEXT
from patchkit.record.candidate import Candidate
from patchkit.record.writing import Parts, spec_text
from patchkit.rendering import Verdict, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.record.writing import Head
    from patchkit.tree import RecipeTree

    Same: TypeAlias = Callable[[list[Candidate]], bool]

MOST_PROVED = 60  # ops of which each is left out once, to see whether it is needed
_MERGED = {
    "labels.set": "labels",
    "labels.unset": "labels",
    "labels.move": "labels",
    "labels.rename": "labels",
    "environment.set": "variables",
    "environment.unset": "names",
    "environment.move": "names",
    "environment.rename": "names",
    "service.set": "fields",
    "service.unset": "fields",
    "release.note": "text",
}


def simplified(
    old: RecipeTree, goal: RecipeTree, found: list[Candidate], head: Head
) -> list[Candidate]:
    """Return fewer ops that come to the same, closing rules included.

    Where these tell the operator more than the goal does, they may tell that as they like.
    """
    target = _made(old, found, head)
    if target is None or len(found) > MOST_PROVED:
        return found
    is_told = {RELEASE_NEXT} & {*target.changed_paths(goal)}

    def same(ops: list[Candidate]) -> bool:
        made = _made(old, ops, head)
        return made is not None and {*made.changed_paths(target)} <= is_told

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
