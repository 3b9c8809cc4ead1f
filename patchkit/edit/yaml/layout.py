"""Lines, comments and habits of a YAML text: where an entry begins and ends for a reader.

The rules are those of hand-written compose files: a comment right above an entry belongs to it,
so do deeper comments behind it; a comment at the entry's own column behind it is the next one's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from patchkit.edit.yaml.habits import style_of
from patchkit.edit.yaml.nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    children,
    is_block_scalar,
    walk,
)

if TYPE_CHECKING:
    from patchkit.edit.yaml.emit import Style
    from patchkit.edit.yaml.parse import Document

_BLANKS = " \t\r\n"
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_REST = re.compile(r"[ \t]*,?[ \t]*(?:#[^\n]*)?\r?(?:\n|$)")
_NEWLINE = re.compile("\n")
_MARGIN = re.compile(r"^( *)[^ \r\n]", re.MULTILINE)
_COMMENTED_ITEM = re.compile(r"#+[ \t]*-[ \t]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair or an item: where its key or dash begins, where its value ends, and the value."""

    start: int
    end: int
    value: Node


class Layout:
    """The lines of one document. Offsets are characters; a line's end excludes its ending."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.root = document.root
        self.top = 1 if self.text.startswith("\ufeff") else 0

    def line_start(self, offset: int) -> int:
        """Return where the line of `offset` begins."""
        return max(self.text.rfind("\n", 0, offset) + 1, self.top)

    def line_end(self, offset: int) -> int:
        """Return where the line of `offset` ends, before CR LF or LF."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def next_line(self, offset: int) -> int:
        """Return where the line after that of `offset` begins, or the end of the text."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def last_line_end(self, offset: int) -> int:
        """Return where the line before that of `offset` ends."""
        return self.line_end(self.line_start(self.line_start(offset) - 1))

    def column(self, offset: int) -> int:
        """Return the column of `offset`, from 0."""
        return offset - self.line_start(offset)

    def same_line(self, start: int, end: int) -> bool:
        """Whether no newline stands between two characters."""
        return self.text.find("\n", start, end) < 0

    def first_on_line(self, offset: int) -> bool:
        """Whether only blanks stand before `offset` on its line."""
        return not self.text[self.line_start(offset) : offset].strip(" \t")

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines have."""
        crlf = self.text.count("\r\n")
        return "\r\n" if crlf * 2 > self.text.count("\n") else "\n"

    def skip_space(self, offset: int) -> int:
        """Return the first character from `offset` on that is no blank, newline or comment."""
        found = _SPACE.match(self.text, offset)
        return found.end() if found else offset

    def comma(self, end: int) -> int | None:
        """Return where the comma behind a flow entry stands; None if there is none."""
        at = self.skip_space(end)
        return at if self.text.startswith(",", at) else None

    def ends_line(self, end: int) -> bool:
        """Whether nothing but a comma and a comment follows `end` on its line."""
        return _REST.match(self.text, end) is not None

    def comment_at(self, offset: int, column: int) -> bool:
        """Whether the line at `offset` is a comment at `column` or deeper."""
        line = self.text[offset : self.line_end(offset)]
        comment = line.lstrip(" ")
        return comment.startswith("#") and len(line) - len(comment) >= column

    def head(self, offset: int) -> int:
        """Return where the comments begin that stand right above the entry at `offset`."""
        column, start = self.column(offset), self.line_start(offset)
        commented = self.text.startswith("-", offset)
        while start > self.top:
            above = self.line_start(start - 1)
            line = self.text[above : start - 1]
            comment = line.lstrip(" ")
            if not comment.startswith("#") or len(line) - len(comment) != column:
                break
            if above in self._quoted_lines:
                break
            # An item that was commented out stays an option of its own.
            if commented and _COMMENTED_ITEM.match(comment):
                break
            start = above
        return start

    @cached_property
    def _quoted_lines(self) -> set[int]:
        """Where the lines begin that lie within quotes: what looks like a comment there is text."""
        return {
            at.end()
            for node in (walk(self.root) if self.root else [])
            if isinstance(node, Scalar) and node.style in {"'", '"'}
            for at in _NEWLINE.finditer(self.text, node.body, node.end)
        }

    def tail(self, end: int, column: int) -> int:
        """Return the end of the entry that ends at `end`: its line, and deeper comments below."""
        last = self.line_end(end)
        at = self.next_line(end)
        while at < len(self.text):
            line = self.text[at : self.line_end(at)]
            comment = line.lstrip(" \t")
            deeper = len(line) - len(comment) > column or line[:1] == "\t"
            if comment.startswith("#") and deeper:
                last = self.line_end(at)
            elif comment.strip(_BLANKS):
                break
            at = self.next_line(at)
        return last

    def blank_above(self, offset: int, floor: int) -> int:
        """Return where the blank lines above the line at `offset` begin, from `floor` on."""
        start = offset
        while start > floor:
            above = self.line_start(start - 1)
            if self.text[above:start].strip(_BLANKS) or above < floor:
                break
            start = above
        return start

    def blank_below(self, offset: int) -> int:
        """Return where the run of blank lines that begins at `offset` ends."""
        at = offset
        while at < len(self.text) and not self.text[at : self.line_end(at)].strip(_BLANKS):
            at = self.next_line(at)
        return at

    def dashes(self, sequence: Sequence) -> list[int]:
        """Return the offset of every dash of a block sequence."""
        found = []
        at = sequence.body
        for item in sequence.items:
            at = self.skip_space(at)
            found.append(at)
            at = max(item.end, at + 1)
        return found

    def entries(self, holder: Mapping | Sequence) -> list[Entry]:
        """Return the pairs or items of a collection."""
        if isinstance(holder, Mapping):
            return [Entry(k.start, max(v.end, k.end), v) for k, v in holder.pairs]
        starts = [item.start for item in holder.items] if holder.flow else self.dashes(holder)
        return [
            Entry(start, max(item.end, start + (not holder.flow)), item)
            for start, item in zip(starts, holder.items, strict=True)
        ]

    def keeps_blanks(self, entry: Entry) -> bool:
        """Whether blank lines behind the entry are content: it ends in a block scalar with `+`."""
        leaf = last_leaf(entry.value)
        if not is_block_scalar(leaf):
            return False
        return "+" in self.text[leaf.body : self.line_end(leaf.body)].partition("#")[0]

    def takes_in(self, entry: Entry, blanks: str) -> bool:
        """Whether blank lines would be content if they came to stand behind an entry."""
        leaf = last_leaf(entry.value)
        if not blanks or not is_block_scalar(leaf):
            return False
        longest = max(len(line.rstrip("\r")) for line in blanks.split("\n"))
        return self.keeps_blanks(entry) or longest > self.margin(leaf)

    def margin(self, scalar: Scalar) -> int:
        """Return how far the content of a block scalar is indented; 0 if it has none."""
        found = _MARGIN.search(self.text, self.next_line(scalar.body), scalar.end)
        return len(found[1]) if found else 0

    @cached_property
    def style(self) -> Style:
        """The file's habits."""
        return style_of(self)


def last_leaf(node: Node) -> Node:
    """Return the node that a block collection ends with; flow collections end by themselves."""
    while isinstance(node, (Mapping, Sequence)) and not node.flow and children(node):
        node = children(node)[-1]
    return node
