"""The stack before and after a fix, side by side, with what changed marked in both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.recipe.model import BASE, Recipe
from patchkit.recipe.stack import Part, Service, Stack, stack
from patchkit.report.html.stack_pairs import keyed, same_services
from patchkit.report.html.stack_words import sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.rendering import Patch

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
# What is drawn only where it changed, and counted otherwise.
_COUNTED = {"environment": "variable", "label": "label", "setting": "other field"}
_MANY = 8  # services, from which on those that stay as they are are folded


@dataclass(frozen=True, slots=True)
class Mark:
    """A part and what became of it.

    Attributes:
        part: as it is on this side.
        state: what became of it.
        other: its details on the other side, where they are others.
    """

    part: Part
    state: str = SAME
    other: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A network in the picture, as it runs past one row.

    Attributes:
        state: of the network, or of a service's joining it.
        joins: whether the row is tied to it.
        above: whether its line comes from above.
        below: whether its line goes on below.
        crossed: whether a tie to another lane on its left runs across it.
    """

    state: str
    joins: bool
    above: bool
    below: bool
    crossed: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A service on one side of the picture.

    Attributes:
        service: as it is on that side.
        state: what became of it.
        other: its name on the other side, when it was renamed.
        image_state: what became of its image.
        image_other: its image on the other side, where that is another.
        overlays: the files beside the base that speak of it.
        marks: its parts that are drawn.
        counted: how many parts there are beside, in words.
        is_folded: whether its parts are better folded.
    """

    service: Service
    state: str
    other: str
    image_state: str
    image_other: str
    overlays: tuple[Mark, ...]
    marks: tuple[Mark, ...]
    counted: str
    is_folded: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the picture.

    Attributes:
        title: `Before` or `After`.
        files: the compose files.
        networks: the networks, each with the lanes in its row; None where the other side alone
            has one.
        rows: the services, each with the lanes beside it; None where the other side alone has one.
        objects: the volumes, configs and secrets that changed, or that no service uses.
    """

    title: str
    files: tuple[Mark, ...]
    networks: tuple[tuple[Mark | None, tuple[Lane, ...]], ...]
    rows: tuple[tuple[Box | None, tuple[Lane, ...]], ...]
    objects: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture of a patch.

    Attributes:
        sides: before and after; one where nothing was changed.
        sentences: what changed, in words.
    """

    sides: tuple[Side, ...]
    sentences: tuple[str, ...]


def picture(patch: Patch) -> Picture:
    """Return the picture of the stack before and after a patch of a recipe."""
    old, new = stack(Recipe(patch.base)), stack(Recipe(patch.tree))
    if patch.tree == patch.base:
        return Picture((_Drawing(old, new, changed=False).side(is_old=True),), ())
    drawing = _Drawing(old, new, changed=True)
    sides = drawing.side(is_old=True), drawing.side(is_old=False)
    return Picture(sides, tuple(sentences(old, new)))


class _Drawing:
    def __init__(self, old: Stack, new: Stack, *, changed: bool) -> None:
        self.old, self.new = old, new
        self.changed = changed
        self.rows = same_services(old, new)
        self.lanes = tuple(dict.fromkeys(p.name for s in (old, new) for p in s.networks))

    def side(self, *, is_old: bool) -> Side:
        mine, other = (self.old, self.new) if is_old else (self.new, self.old)
        gone = REMOVED if is_old else ADDED
        title = ("Before" if is_old else "After") if self.changed else "The stack as it is"
        objects = [
            mark
            for mark in _marks(mine.objects, other.objects, gone)
            if mark.state != SAME or (mark.part.kind, mark.part.name) in mine.unused
        ]
        return Side(
            title,
            tuple(_names("file", mine.files, other.files, gone)),
            tuple(self._networks(mine, other, gone)),
            tuple(self._rows(gone, is_old=is_old)),
            tuple(objects),
        )

    def _networks(
        self, mine: Stack, other: Stack, gone: str
    ) -> Iterator[tuple[Mark | None, tuple[Lane, ...]]]:
        marks = {m.part.name: m for m in _marks(mine.networks, other.networks, gone)}
        used = {name for service in mine.services for name in service.networks}
        for at, name in enumerate(self.lanes):
            lanes = (
                Lane(
                    marks[lane].state if lane in marks else SAME,
                    joins=n == at and name in marks,
                    above=n < at and lane in used,
                    below=n <= at and lane in used,
                    crossed=n > at and name in marks,
                )
                for n, lane in enumerate(self.lanes)
            )
            yield marks.get(name), tuple(lanes)

    def _rows(self, gone: str, *, is_old: bool) -> Iterator[tuple[Box | None, tuple[Lane, ...]]]:
        pairs = [row if is_old else row[::-1] for row in self.rows]
        for n, (mine, other) in enumerate(pairs):
            below = {name for service, _ in pairs[n + 1 :] if service for name in service.networks}
            lanes = tuple(self._ties(mine, other, below, gone))
            box = _box(mine, other, gone, is_long=len(pairs) > _MANY) if mine else None
            yield box, lanes

    def _ties(
        self, mine: Service | None, other: Service | None, below: set[str], gone: str
    ) -> Iterator[Lane]:
        joined = mine.networks if mine else ()
        stayed = other.networks if other else joined
        first = min((self.lanes.index(name) for name in joined), default=len(self.lanes))
        for n, name in enumerate(self.lanes):
            joins, runs = name in joined, name in below
            state = gone if joins and name not in stayed else SAME
            yield Lane(state, joins, above=joins or runs, below=runs, crossed=n > first)


def _box(mine: Service, other: Service | None, gone: str, *, is_long: bool) -> Box:
    marks = _marks(mine.parts, other.parts if other else (), gone)
    files = [f for f in mine.files if f != BASE]
    overlays = _names("file", files, other.files if other else (), gone)
    if other is None:
        drawn, state, image = [m for m in marks if m.part.kind not in _COUNTED], gone, gone
        counted = [m for m in marks if m.part.kind in _COUNTED]
    else:
        drawn = [m for m in marks if m.part.kind not in _COUNTED or m.state != SAME]
        counted = [m for m in marks if m.part.kind in _COUNTED and m.state == SAME]
        image = SAME if other.image == mine.image else CHANGED
        is_same = image == SAME and set(mine.networks) == set(other.networks)
        is_same = is_same and mine.name == other.name and set(mine.files) == set(other.files)
        state = SAME if is_same and keyed(mine.parts) == keyed(other.parts) else CHANGED
    renamed = other.name if other and other.name != mine.name else ""
    image_other = other.image if other and image == CHANGED else ""
    return Box(
        *(mine, state, renamed, image, image_other),
        *(tuple(overlays), tuple(drawn), _counted(counted)),
        is_folded=is_long and state == SAME,
    )


def _marks(mine: Iterable[Part], other: Iterable[Part], gone: str) -> list[Mark]:
    others = keyed(other)
    return [_mark(part, others.get(key), gone) for key, part in keyed(mine).items()]


def _mark(part: Part, other: Part | None, gone: str) -> Mark:
    if other is None:
        return Mark(part, gone)
    return Mark(part) if other == part else Mark(part, CHANGED, other.detail)


def _names(kind: str, mine: Iterable[str], other: Iterable[str], gone: str) -> list[Mark]:
    return _marks((Part(kind, n) for n in mine), (Part(kind, n) for n in other), gone)


def _counted(marks: Iterable[Mark]) -> str:
    """Return `12 variables, 6 labels`."""
    found = Counter(mark.part.kind for mark in marks)
    return ", ".join(
        f"{found[kind]} {word}{'s' * (found[kind] != 1)}"
        for kind, word in _COUNTED.items()
        if found[kind]
    )
