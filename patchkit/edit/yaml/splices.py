"""Where the text of one edit is cut and what is put there, in block and in flow style.

Each function looks at a document and returns splices; none changes anything. What a shape does
not allow is refused here, with its line.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.edit.scalars import needs_quotes
from patchkit.edit.yaml import emit
from patchkit.edit.yaml.habits import separated
from patchkit.edit.yaml.layout import last_leaf
from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Path, Scalar, Sequence, is_block_scalar
from patchkit.edit.yaml.values import FlowDict, FlowList
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence as Seq

    from patchkit.edit.yaml.emit import Style
    from patchkit.edit.yaml.layout import Entry, Layout

_BLANKS = " \t\r\n"
_QUOTES = {"'", '"'}
_DOCUMENT_END = re.compile(r"^(?:\.\.\.|---)(?=\s|$)", re.MULTILINE)
Collection: TypeAlias = Mapping | Sequence


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the characters from `start` up to `end` by `text`."""

    start: int
    end: int
    text: str


def splice(text: str, made: Seq[Splice]) -> str:
    """Return `text` with all splices made; those at one place in the order given."""
    parts: list[str] = []
    at = 0
    for cut in sorted(made, key=lambda cut: (cut.start, cut.end)):
        parts += text[at : cut.start], cut.text
        at = cut.end
    return "".join([*parts, text[at:]])


# --- adding -------------------------------------------------------------------------------


def add_pair(layout: Layout, holder: Mapping, index: int, key: str, value: Any) -> list[Splice]:
    """Put `key: value` at position `index` of a mapping that holds pairs."""
    style = _sibling_style(layout, [item for _, item in holder.pairs], value)
    _refuse_complex(layout, holder)
    entries = layout.entries(holder)
    if holder.flow:
        quote = _quote_of([k for k, _ in holder.pairs])
        head = emit.quoted(key, quote) if quote else emit.key_text(key, style, flow=True)
        text = f"{head}: {emit.flow_text(value, style)}"
        if layout.text[holder.body] != "{":
            return _braced(entries[0], index, text)
        return _add_flow(layout, entries, index, text)
    lines = emit.pair_lines(key, value, layout.column(entries[0].start), style)
    return [_add_lines(layout, holder, index, lines)]


def add_item(layout: Layout, holder: Sequence, index: int, value: Any) -> list[Splice]:
    """Put an item at position `index` of a sequence that holds items."""
    style = _sibling_style(layout, holder.items, value)
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


# --- removing -----------------------------------------------------------------------------


def cut(layout: Layout, path: Path) -> list[Splice]:
    """Remove the pair or item at `path`, which is not the only one, with its comments."""
    holder = layout.document.find(path[:-1])
    assert isinstance(holder, (Mapping, Sequence))  # noqa: S101  the editor has looked
    at = holder.index(str(path[-1])) if isinstance(holder, Mapping) else int(path[-1])
    assert at is not None  # noqa: S101
    if isinstance(holder, Mapping):
        _refuse_complex(layout, holder)
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
    if at and layout.keeps_blanks(entries[at - 1]):
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
    if "#" in layout.text[start : entry.start] + layout.text[entry.end : end]:
        raise EditRefused(
            "a comment stands beside the entry inside the brackets",
            place=layout.document.place(entry.start),
            hint="move the comment first",
        )
    return [Splice(start, end, "")]


# --- replacing ----------------------------------------------------------------------------


def replace_value(layout: Layout, path: Path, value: Any) -> list[Splice]:
    """Replace the value at `path` by one that differs; its key and its comment stay."""
    node = layout.document.find(path)
    assert node is not None  # noqa: S101  the editor has looked
    holder = layout.document.find(path[:-1]) if path else None
    if not isinstance(holder, (Mapping, Sequence)):
        return fill_document(layout, value)
    single = not isinstance(value, (dict, list, tuple))
    if isinstance(node, Scalar) and single and (holder.flow or keeps_anchor(node, value)):
        return [scalar_splice(layout, node, value, flow=holder.flow)]
    if holder.flow:
        text = emit.flow_text(value, _sibling_style(layout, [node], value))
        return [Splice(node.start, node.end, _lead(layout, node) + text)]
    return _rewrite(layout, holder, node, path, value)


def scalar_splice(layout: Layout, node: Scalar, value: Any, *, flow: bool) -> Splice:
    """Replace a scalar on one line, in the quotes that it has."""
    style = layout.style
    if node.style in _QUOTES:
        style = replace(style, quote=node.style, always=True)
    elif isinstance(value, str) and not node.is_null and not needs_quotes(value, flow=flow):
        value = str(value)  # plain stays plain, whatever quotes the fix's author needed
    start = node.start if node.tag is not None else node.body
    return Splice(start, node.end, _lead(layout, node) + emit.scalar(value, style, flow=flow))


def keeps_anchor(node: Scalar, value: Any) -> bool:
    """Whether replacing `node` by `value` leaves its anchor standing: see `scalar_splice`."""
    kept = node.style in _QUOTES and "\n" in node.value
    literal = isinstance(value, str) and "\n" in value and not kept
    return node.tag is None and not is_block_scalar(node) and value is not None and not literal


def _lead(layout: Layout, node: Node) -> str:
    """Return what must stand before a value that was left out: a blank, or a colon too."""
    if not isinstance(node, Scalar) or node.body != node.end:
        return ""
    before = layout.text[: node.end].rstrip(_BLANKS)[-1:] if node.anchor is None else ""
    if before and before not in ":-":
        return ": "
    return "" if layout.text[node.end - 1] in _BLANKS else " "


def _rewrite(
    layout: Layout, holder: Collection, node: Node, path: Path, value: Any
) -> list[Splice]:
    """Replace a value where the old or the new one stands on lines of its own."""
    if isinstance(holder, Mapping):
        key = holder.pairs[holder.index(str(path[-1])) or 0][0]
        _refuse_complex(layout, holder)
        column = layout.column(key.start)
        behind = layout.text.index(":", key.end) + 1
    else:
        dash = layout.dashes(holder)[int(path[-1])]
        column, behind = layout.column(dash), dash + 1
        if (
            isinstance(value, (dict, list))
            and value
            and not isinstance(value, (FlowDict, FlowList))
        ):
            return _rewrite_item(layout, node, column, dash, value)
    style = _sibling_style(layout, [node], value)
    if is_block_scalar(node) and (margin := layout.margin(node)) > column:
        style = replace(style, step=margin - column)
    text = emit.block(value, column, style, dash=_dash_of(layout, node, column))
    head = f" {text.inline}" if text.inline else ""
    below = "".join(layout.newline + line for line in text.lines)
    if node.start == node.end:
        return _joined(layout, behind, behind, head, below)
    if layout.line_start(node.start) == layout.line_start(behind):
        if isinstance(node, (Mapping, Sequence)) and not node.flow:
            # An anchored or compact block begins on this line and goes on below.
            return [Splice(behind, layout.tail(node.end, column), head + below)]
        return _joined(layout, behind, node.end, head, below)
    comment_end = layout.line_end(behind)
    between = layout.text[comment_end : node.start]
    if between.strip(_BLANKS) and "#" in between and not isinstance(node, (Mapping, Sequence)):
        raise EditRefused(
            "a comment stands between the key and its value",
            place=layout.document.place(node.start),
            hint="move the comment first",
        )
    end = (
        layout.tail(node.end, column) if not isinstance(node, Alias) else layout.line_end(node.end)
    )
    return [Splice(behind, behind, head), Splice(comment_end, end, below)]


def _joined(layout: Layout, start: int, end: int, head: str, below: str) -> list[Splice]:
    """Put `head` in place of a value on its line and `below` under that line, comment kept."""
    if not below:
        return [Splice(start, end, head)]
    return [Splice(start, end, head), Splice(layout.line_end(end), layout.line_end(end), below)]


def _rewrite_item(
    layout: Layout, node: Node, column: int, dash: int, value: dict[str, Any] | list[Any]
) -> list[Splice]:
    """Replace an item by a mapping or list that begins behind its dash."""
    first, *below = emit.item_lines(value, column, layout.style)
    if isinstance(node, (Mapping, Sequence)) and not node.flow:
        text = layout.newline.join([first[column:], *below])
        return [Splice(dash, layout.tail(node.end, column), text)]
    end = max(node.end, dash + 1)
    return _joined(
        layout, dash, end, first[column:], "".join(layout.newline + line for line in below)
    )


# --- shapes -------------------------------------------------------------------------------


def _refuse_complex(layout: Layout, holder: Mapping) -> None:
    """Refuse a mapping with a `? key`: where it begins and ends is not where its key does."""
    at = holder.body + (holder.flow and layout.text[holder.body] == "{")
    for key, value in holder.pairs:
        at = layout.skip_space(at)
        if holder.flow and layout.text[at] == ",":
            at = layout.skip_space(at + 1)
        if not isinstance(key, Scalar) or at != key.start:
            raise EditRefused(
                "a key is written with `?`, which patchkit does not edit around",
                place=layout.document.place(key.start),
                hint="write it as `key: value` first",
            )
        at = max(key.end, value.end)


def _sibling_style(layout: Layout, siblings: list[Node], value: Any) -> Style:
    """Return the file's style, with the quotes that most siblings of a new string have."""
    if isinstance(value, (dict, list, tuple)):
        return layout.style
    quote = _quote_of(siblings)
    return replace(layout.style, quote=quote, always=True) if quote else layout.style


def _quote_of(nodes: list[Node]) -> str:
    """Return the quote that most of the strings have, `''` when most are plain."""
    styles = Counter(n.style for n in nodes if isinstance(n, Scalar) and n.is_text)
    common = styles.most_common(1)
    return common[0][0] if common and common[0][0] in _QUOTES else ""


def _dash_of(layout: Layout, node: Node, column: int) -> int | None:
    """Return how far the dashes of the sequence that is replaced are indented."""
    if isinstance(node, Sequence) and not node.flow:
        return layout.column(layout.dashes(node)[0]) - column
    return None
