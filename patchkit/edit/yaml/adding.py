"""Where a new pair or item is put, in block and in flow style.

Each function looks at a document and returns splices; what a shape does not allow is refused.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import emit
from patchkit.edit.yaml.habits import separated
from patchkit.edit.yaml.layout import last_leaf
from patchkit.edit.yaml.nodes import Mapping, Sequence, is_block_scalar
from patchkit.edit.yaml.splices import Splice, quote_of, refuse_complex, sibling_style
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.layout import Entry, Layout
    from patchkit.edit.yaml.splices import Collection

_DOCUMENT_END = re.compile(r"^(?:%|(?:\.\.\.|---)(?=\s|$))", re.MULTILINE)


def add_pair(layout: Layout, holder: Mapping, index: int, key: str, value: Any) -> list[Splice]:
    """Put `key: value` at position `index` of a mapping that holds pairs."""
    style = sibling_style(layout, [item for _, item in holder.pairs], value)
    refuse_complex(layout, holder)
    entries = layout.entries(holder)
    if holder.flow:
        quote = quote_of([k for k, _ in holder.pairs])
        head = emit.quoted(key, quote) if quote else emit.key_text(key, style, flow=True)
        text = f"{head}: {emit.flow_text(value, style)}"
        if layout.text[holder.body] != "{":
            return _braced(entries[0], index, text)
        return _add_flow(layout, entries, index, text)
    lines = emit.pair_lines(key, value, layout.column(entries[0].start), style)
    return [_add_lines(layout, holder, index, lines)]


def add_item(layout: Layout, holder: Sequence, index: int, value: Any) -> list[Splice]:
    """Put an item at position `index` of a sequence that holds items."""
    style = sibling_style(layout, holder.items, value)
    entries = layout.entries(holder)
    if holder.flow:
        return _add_flow(layout, entries, index, emit.flow_text(value, style))
    gap = layout.text[entries[-1].start + 1 : holder.items[-1].start]
    if gap and not gap.strip(" "):
        style = replace(style, gap=gap)
    lines = emit.item_lines(value, layout.column(entries[0].start), style)
    return [_add_lines(layout, holder, index, lines)]


def fill_document(layout: Layout, value: dict[str, Any]) -> list[Splice]:
    """Write a mapping into a document that holds nothing but comments, or `{}`."""
    if isinstance(layout.root, Mapping):
        at = layout.root.body + 1
        return [Splice(at, at, emit.flow_text(value, layout.style)[1:-1])]
    lines = layout.newline.join(emit.mapping_lines(value, 0, layout.style))
    if ended := _DOCUMENT_END.search(layout.text, layout.root.end if layout.root else 0):
        return [Splice(ended.start(), ended.start(), lines + layout.newline)]
    at = len(layout.text)
    fresh = at == layout.top or layout.text.endswith("\n")
    return [Splice(at, at, ("" if fresh else layout.newline) + lines + layout.newline * fresh)]


def _add_lines(layout: Layout, holder: Collection, index: int, lines: list[str]) -> Splice:
    """Put whole lines before entry `index` of a block collection, or behind its last one."""
    text = layout.newline.join(lines)
    entries = layout.entries(holder)
    first = entries[0]
    blank = layout.newline * separated(layout, holder, block=len(lines) > 1)
    if index == 0 and not layout.first_on_line(first.start):
        indent = " " * layout.column(first.start)
        return Splice(first.start, first.start, text.lstrip(" ") + layout.newline + indent)
    if index == 0:
        at = layout.head(first.start)
        return Splice(at, at, text + layout.newline + blank)
    before = entries[index - 1]
    if layout.keeps_blanks(before):
        blank = ""
    at = layout.tail(before.end, layout.column(first.start))
    _refuse_unfinished(layout, at, before)
    return Splice(at, at, layout.newline + blank + text)


def _refuse_unfinished(layout: Layout, at: int, before: Entry) -> None:
    """Refuse to write behind a block scalar that the end of the file cuts short."""
    leaf = last_leaf(before.value)
    if at < len(layout.text) or layout.text.endswith("\n") or not is_block_scalar(leaf):
        return
    strips = "-" in layout.text[leaf.body : layout.line_end(leaf.body)].partition("#")[0]
    if not strips and (layout.keeps_blanks(before) or not leaf.value.endswith("\n")):
        raise EditRefused(
            "the file ends in a block scalar without a newline, which an entry behind it would add",
            place=layout.document.place(at),
            hint="end the last line with a newline first",
        )


def _add_flow(layout: Layout, entries: list[Entry], index: int, text: str) -> list[Splice]:
    """Put an entry into a flow collection; one entry a line stays so."""
    if index == 0:
        return [_before_first(layout, entries[0].start, text)]
    before = entries[index - 1]
    comma = layout.comma(before.end)
    line_end = layout.line_end(before.end)
    own_line = layout.first_on_line(entries[-1].start) and layout.ends_line(before.end)
    if not own_line or (comma is not None and comma > line_end):
        return [Splice(before.end, before.end, f", {text}")]
    start = layout.line_start(entries[-1].start)
    below = layout.newline + layout.text[start : entries[-1].start] + text
    if comma is not None:
        return [Splice(line_end, line_end, f"{below},")]
    return [Splice(before.end, before.end, ","), Splice(line_end, line_end, below)]


def _before_first(layout: Layout, start: int, text: str) -> Splice:
    if not layout.first_on_line(start):
        return Splice(start, start, f"{text}, ")
    at = layout.head(start)
    indent = layout.text[layout.line_start(start) : start]
    return Splice(at, at, f"{indent}{text},{layout.newline}")


def _braced(entry: Entry, index: int, text: str) -> list[Splice]:
    """Put braces around the pair of a list that had none, together with what is added."""
    before, behind = ("{", f", {text}}}") if index else (f"{{{text}, ", "}")
    return [Splice(entry.start, entry.start, before), Splice(entry.end, entry.end, behind)]
