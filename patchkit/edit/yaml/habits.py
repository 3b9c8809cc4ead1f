"""How a file is written: its indentation, quotes and blank lines, for what an edit adds."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

from patchkit.edit.yaml.emit import Style
from patchkit.edit.yaml.nodes import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml.layout import Layout

T = TypeVar("T")
_BLANK_LINE = re.compile(r"^[ \t]+\r?$", re.MULTILINE)


def style_of(layout: Layout) -> Style:
    """Return the habits of a file, by majority; the field's own where the file shows none."""
    seen = _Seen()
    nodes: list[Node] = [layout.root] if layout.root else []
    for node in nodes:  # grows while it is read
        if isinstance(node, Mapping):
            seen.mapping(layout, node)
            for pair in node.pairs:
                nodes += pair
        elif isinstance(node, Sequence):
            seen.sequence(layout, node)
            nodes += node.items
    quotes = [node.style for node in nodes if isinstance(node, Scalar)]
    step = _commonest(seen.steps, 2)
    return Style(
        step=step,
        dash=_commonest(seen.dashes, step),
        gap=_commonest(seen.gaps, " "),
        quote="'" if quotes.count("'") > quotes.count('"') else '"',
        literal=_takes_block_scalars(layout),
    )


class _Seen:
    """What was counted: columns, and blanks behind dashes."""

    def __init__(self) -> None:
        self.steps: Counter[int] = Counter()
        self.dashes: Counter[int] = Counter()
        self.gaps: Counter[str] = Counter()

    def mapping(self, layout: Layout, mapping: Mapping) -> None:
        """Count how far the block collections in a mapping are indented below their keys."""
        for key, value in mapping.pairs:
            if not isinstance(value, (Mapping, Sequence)) or value.flow:
                continue
            start, end = layout.column(key.start), layout.column(value.body)
            below = self.steps if isinstance(value, Mapping) else self.dashes
            if end - start >= (below is self.steps) and not layout.same_line(key.start, value.body):
                below[end - start] += 1

    def sequence(self, layout: Layout, sequence: Sequence) -> None:
        """Count the blanks behind the first dash."""
        if sequence.flow or not sequence.items:
            return
        gap = layout.text[layout.skip_space(sequence.body) + 1 : sequence.items[0].start]
        if gap and not gap.strip(" "):
            self.gaps[gap] += 1


def _takes_block_scalars(layout: Layout) -> bool:
    """Whether block scalars may be added.

    Without a newline at the end of the file, one there would lose its own; and a line of blanks
    below one is content.
    """
    if _BLANK_LINE.search(layout.text):
        return False
    return len(layout.text) == layout.top or layout.text.endswith("\n")


def _depths(layout: Layout, mapping: Mapping, kind: type[Mapping | Sequence]) -> Iterator[int]:
    """Yield how far the block collections of one kind are indented below their keys."""
    for key, value in mapping.pairs:
        if not isinstance(value, kind) or value.flow or layout.same_line(key.start, value.body):
            continue
        depth = layout.column(value.body) - layout.column(key.start)
        if depth >= (kind is Mapping):
            yield depth


def _dash_gaps(layout: Layout, sequence: Sequence) -> Iterator[str]:
    for dash, item in zip(layout.dashes(sequence), sequence.items, strict=True):
        gap = layout.text[dash + 1 : item.start]
        if gap and not gap.strip(" "):
            yield gap


def separated(layout: Layout, holder: Mapping | Sequence, *, block: bool) -> bool:
    """Return whether a new entry of `holder` is parted from its neighbours by a blank line.

    Most neighbours decide. A section or a service without neighbours has one, as most files do.

    Args:
        layout: the file.
        holder: a block collection.
        block: whether the new entry has lines below its first one.
    """
    gaps = list(_blanks(layout, holder, block=block))
    others = _parted_by_custom(layout) if block and not gaps else []
    if holder in others:
        gaps = [blank for other in others for blank in _blanks(layout, other, block=True)]
        return sum(gaps) * 2 >= len(gaps)
    gaps = gaps or list(_blanks(layout, holder, block=False))
    return sum(gaps) * 2 > len(gaps)


def _blanks(layout: Layout, holder: Node, *, block: bool) -> Iterator[bool]:
    """Yield whether a blank line parts two neighbours, for all or those that begin with a block."""
    entries = layout.entries(holder) if isinstance(holder, (Mapping, Sequence)) else []
    for a, b in pairwise(entries):
        if not block or "\n" in layout.text[a.start : a.end]:
            head = layout.head(b.start)
            yield layout.blank_above(head, a.end) < head


def _parted_by_custom(layout: Layout) -> list[Node]:
    """Return the collections of a compose file whose entries are mostly parted: see `separated`."""
    services = layout.root.get("services") if isinstance(layout.root, Mapping) else None
    return [layout.root, services] if layout.root and services else []


def _commonest(counter: Counter[T], default: T) -> T:
    return counter.most_common(1)[0][0] if counter else default
