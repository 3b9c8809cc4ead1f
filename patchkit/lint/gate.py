"""The regression gate: what lint says of a recipe before and after a change.

A recipe may have defects that a change does not touch; what it may not have is a new one. Lines
move, names change: a finding is an old one when the same rule said the same before, or said
something else of the very line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from patchkit import diff
from patchkit.lint.run import lint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from patchkit.diff import Block
    from patchkit.errors import Place
    from patchkit.finding import Finding
    from patchkit.lint.report import Report
    from patchkit.tree import RecipeTree

# A file, and a line of it afterwards or the number of a changed block.
_Spot: TypeAlias = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Regression:
    """A finding that was not there before the change.

    Attributes:
        finding: what is wrong now, and where.
        stage: the number of the tree in which it first stands, to stay; from 0.
        reason: why the change may do it; empty when nothing allows it.
    """

    finding: Finding
    stage: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """What a change does to lint.

    Attributes:
        before: lint of the recipe as it was.
        after: lint of the recipe after the change.
        worse: findings that are new, and that nothing allows.
        allowed: findings that are new, and allowed with a reason.
        better: findings that are gone, with their place in the recipe as it was.
    """

    before: Report
    after: Report
    worse: tuple[Regression, ...] = ()
    allowed: tuple[Regression, ...] = ()
    better: tuple[Finding, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no rule got worse."""
        return not self.worse


def gate(
    base: RecipeTree, stages: Sequence[RecipeTree], allow: Mapping[str, str] | None = None
) -> Gate:
    """Compare lint before and after a change.

    Args:
        base: the recipe as it was.
        stages: the recipe after each part of the change; the last is what comes of it.
        allow: reasons by the name or abra's number of a rule that may get worse.
    """
    head = stages[-1] if stages else base
    before = lint(base, base=base)
    after = lint(head, base=base) if head != base else before
    new, gone = _compared(before, after, base, head)
    found = [Regression(f, _first(f, base, stages), _reason(f, allow or {})) for f in new]
    return Gate(
        before,
        after,
        worse=tuple(r for r in found if not r.reason),
        allowed=tuple(r for r in found if r.reason),
        better=tuple(gone),
    )


def _compared(
    before: Report, after: Report, base: RecipeTree, head: RecipeTree
) -> tuple[list[Finding], list[Finding]]:
    """Return the findings that are new, and those that are gone."""
    old, new = list(before.findings), list(after.findings)
    spots = _Spots(base, head)
    ways: tuple[tuple[Callable[[Finding], object], Callable[[Finding], object]], ...] = (
        (lambda f: (f.message, spots.old(f.place)), lambda f: (f.message, spots.new(f.place))),
        (lambda f: f.message, lambda f: f.message),
        (lambda f: spots.old(f.place), lambda f: spots.new(f.place)),
    )
    for old_key, new_key in ways:
        old, new = _unpaired(old, new, old_key, new_key)
    return new, old


def _unpaired(
    old: list[Finding],
    new: list[Finding],
    old_key: Callable[[Finding], object],
    new_key: Callable[[Finding], object],
) -> tuple[list[Finding], list[Finding]]:
    """Take out one old finding for each new one of the same rule and key."""
    waiting: dict[object, list[Finding]] = {}
    for finding in reversed(old):
        waiting.setdefault((finding.rule, old_key(finding)), []).append(finding)
    left = []
    for finding in new:
        if same := waiting.get((finding.rule, new_key(finding))):
            same.pop()
        else:
            left.append(finding)
    kept = {id(finding) for found in waiting.values() for finding in found}
    return [finding for finding in old if id(finding) in kept], left


class _Spots:
    """Says of a place before and one after whether they are the same line, or the same change."""

    def __init__(self, base: RecipeTree, head: RecipeTree) -> None:
        changed = list(diff.changed_lines(base, head))
        self._old = {before: (after, blocks) for before, after, blocks in changed}
        self._new = {after: blocks for _, after, blocks in changed}

    def old(self, place: Place) -> _Spot:
        after, blocks = self._old.get(place.path, (place.path, ()))
        return (after, *_spot(place.line - 1, blocks, lambda b: (b.a, b.b), lambda b: b.d - b.b))

    def new(self, place: Place) -> _Spot:
        blocks = self._new.get(place.path, ())
        return (place.path, *_spot(place.line - 1, blocks, lambda b: (b.c, b.d), lambda _: 0))


def _spot(
    line: int,
    blocks: Iterable[Block],
    span: Callable[[Block], tuple[int, int]],
    shift: Callable[[Block], int],
) -> tuple[str, int]:
    """Return the line afterwards, or the block that the line is in."""
    moved = 0
    for number, block in enumerate(blocks):
        start, end = span(block)
        if line < start:
            break
        if line < end:
            return "block", number
        moved = shift(block)
    return "line", line + moved


def _first(finding: Finding, base: RecipeTree, stages: Sequence[RecipeTree]) -> int:
    """Return the first stage from which on a finding of the last one stands."""
    at = len(stages) - 1
    while at > 0 and _stands(finding, stages[at - 1], stages[-1], base):
        at -= 1
    return at


def _stands(finding: Finding, stage: RecipeTree, head: RecipeTree, base: RecipeTree) -> bool:
    """Whether a finding of the last stage stands in an earlier one, and not before the change."""
    if stage == head:
        return True
    new, _ = _compared(lint(stage, base=base), lint(head, base=base), stage, head)
    return finding not in new


def _reason(finding: Finding, allow: Mapping[str, str]) -> str:
    return allow.get(finding.rule) or allow.get(finding.ref) or ""
