"""What is cut out of a text to remove a pair or an item, with its comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml.layout import last_leaf
from patchkit.edit.yaml.nodes import Mapping, Scalar, Sequence, is_block_scalar
from patchkit.edit.yaml.splices import Splice, refuse_complex
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.layout import Entry, Layout
    from patchkit.edit.yaml.nodes import Path


def cut(layout: Layout, path: Path) -> list[Splice]:
    """Remove the pair or item at `path`, which is not the only one, with its comments."""
    holder = layout.document.find(path[:-1])
    assert isinstance(holder, (Mapping, Sequence))  # noqa: S101  the editor has looked
    at = holder.index(str(path[-1])) if isinstance(holder, Mapping) else int(path[-1])
    assert at is not None  # noqa: S101
    if isinstance(holder, Mapping):
        refuse_complex(layout, holder)
    entries = layout.entries(holder)
    if holder.flow:
        return _cut_flow(layout, entries, at)
    if not layout.first_on_line(entries[at].start):
        return [_cut_behind_dash(layout, entries)]
    return [_cut_lines(layout, entries, at)]


def _cut_lines(layout: Layout, entries: list[Entry], at: int) -> Splice:
    """Remove the lines of one block entry and one of the runs of blank lines around it."""
    entry, column = entries[at], layout.column(entries[at].start)
    start = layout.head(entry.start)
    if start == layout.top and column == 0:
        # The comment that a file begins with is about the file.
        start = layout.line_start(entry.start)
    end = layout.next_line(layout.tail(entry.end, column))
    above = layout.blank_above(start, layout.next_line(entries[at - 1].end) if at else layout.top)
    below = layout.blank_below(end)
    if at and layout.takes_in(entries[at - 1], layout.text[end:below]):
        end = below
    elif at == len(entries) - 1 and not layout.comment_at(below, column):
        start = above
    elif above < start or at == 0:
        end = below
    if end == len(layout.text) and not layout.text.endswith("\n"):
        start = _last_line_end(layout, start, entries[at - 1] if at else None)
    return Splice(start, end, "")


def _last_line_end(layout: Layout, start: int, before: Entry | None) -> int:
    """Return where to cut so that the file goes on to end without a newline."""
    leaf = last_leaf(before.value) if before else None
    if start == layout.top or (leaf and is_block_scalar(leaf)):
        return start
    return layout.last_line_end(start)


def _cut_behind_dash(layout: Layout, entries: list[Entry]) -> Splice:
    """Remove the first entry of a block collection, which begins on its parent's line."""
    first, second = entries[0].start, entries[1].start
    column = layout.column(first)
    head = layout.head(second)
    if head == layout.line_start(second):
        return Splice(first, second, "")
    # A comment is about the entry behind it, and stays above it.
    end = layout.tail(entries[0].end, column)
    indent = len(layout.text[:first].rstrip(" "))
    return Splice(indent, max(end, indent), "")


def _refuse_bare_tag(layout: Layout, entries: list[Entry]) -> None:
    """Refuse a tag without a value: it would take in the bracket that comes to stand behind it."""
    for entry in entries:
        if isinstance(entry.value, Scalar) and entry.value.tag and entry.value.body == entry.end:
            raise EditRefused(
                "a tag without a value stands inside the brackets",
                place=layout.document.place(entry.value.start),
                hint="give it a value first",
            )


def _cut_flow(layout: Layout, entries: list[Entry], at: int) -> list[Splice]:
    """Remove an entry from between brackets: its lines where it has lines of its own."""
    entry = entries[at]
    comma = layout.comma(entry.end)
    line_end = layout.line_end(entry.end)
    own_lines = layout.first_on_line(entry.start) and layout.ends_line(entry.end)
    if own_lines and (comma is None or comma < line_end):
        start, end = layout.head(entry.start), layout.next_line(entry.end)
        made = [Splice(start, end, "")]
        if comma is None and (last := layout.comma(entries[at - 1].end)) is not None:
            made.append(Splice(last, last + 1, ""))
        return made
    if at:
        start, end = entries[at - 1].end, entry.end
    else:
        start, end = entry.start, entries[1].start
    _refuse_bare_tag(layout, entries)
    if "#" in layout.text[start : entry.start] + layout.text[entry.end : end]:
        raise EditRefused(
            "a comment stands beside the entry inside the brackets",
            place=layout.document.place(entry.start),
            hint="move the comment first",
        )
    return [Splice(start, end, "")]
