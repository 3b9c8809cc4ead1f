"""Where the text of one edit is cut and what is put there, in block and in flow style.

Each function looks at a document and returns splices; none changes anything. What a shape does
not allow is refused here, with its line.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.edit.yaml import emit
from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Path, Scalar, Sequence
from patchkit.edit.yaml.values import FlowDict
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence as Seq

    from patchkit.edit.yaml.emit import Style
    from patchkit.edit.yaml.layout import Layout

_QUOTES = {"'", '"'}
Collection: TypeAlias = Mapping | Sequence


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the characters from `start` up to `end` by `text`."""

    start: int
    end: int
    text: str


def splice(text: str, made: Seq[Splice]) -> str:
    """Return `text` with all splices made, from the end so that offsets stay true."""
    for cut in sorted(made, key=lambda cut: (cut.start, cut.end), reverse=True):
        text = text[: cut.start] + cut.text + text[cut.end :]
    return text


# --- adding -------------------------------------------------------------------------------


def add_pair(layout: Layout, holder: Mapping, index: int, key: str, value: Any) -> list[Splice]:
    """Put `key: value` at position `index` of a mapping that holds pairs."""
    style = _sibling_style(layout, [item for _, item in holder.pairs], value)
    _refuse_complex(layout, holder)
    if holder.flow:
        keys = [k for k, _ in holder.pairs]
        quote = _quote_of(keys)
        head = emit.quoted(key, quote) if quote else emit.key_text(key, style, flow=True)
        text = f"{head}: {emit.flow_text(value, style)}"
        return _add_flow(layout, holder, index, text)
    column = layout.column(holder.pairs[0][0].start)
    lines = emit.pair_lines(key, value, column, style)
    starts = [k.start for k, _ in holder.pairs]
    ends = [v.end for _, v in holder.pairs]
    return [_add_lines(layout, starts, ends, index, lines)]


def add_item(layout: Layout, holder: Sequence, index: int, value: Any) -> list[Splice]:
    """Put an item at position `index` of a sequence that holds items."""
    style = _sibling_style(layout, holder.items, value)
    if holder.flow:
        return _add_flow(layout, holder, index, emit.flow_text(value, style))
    dashes = layout.dashes(holder)
    last = holder.items[-1]
    gap = layout.text[dashes[-1] + 1 : last.start]
    if gap and not gap.strip(" "):
        style = replace(style, gap=gap)
    lines = emit.item_lines(value, layout.column(dashes[0]), style)
    ends = [item.end for item in holder.items]
    return [_add_lines(layout, dashes, ends, index, lines)]


def fill_document(layout: Layout, value: Any) -> list[Splice]:
    """Write a value into a document that holds nothing but comments."""
    at = len(layout.text)
    lines = layout.newline.join(emit.mapping_lines(value, 0, layout.style))
    fresh = not layout.text.strip("\ufeff") or layout.text.endswith("\n")
    return [Splice(at, at, ("" if fresh else layout.newline) + lines + layout.newline)]


def _add_lines(
    layout: Layout,
    starts: list[int],
    ends: list[int],
    index: int,
    lines: list[str],
) -> Splice:
    """Put whole lines before entry `index` of a block collection, or behind its last one."""
    text = layout.newline.join(lines)
    blank = layout.newline if layout.separated(ends[:-1], starts[1:]) else ""
    if index == 0:
        if not layout.first_on_line(starts[0]):
            raise EditRefused(
                "nothing can be put before the first entry, which shares its line with a dash",
                place=layout.document.place(starts[0]),
                hint="put it behind another entry",
            )
        at = layout.head(starts[0])
        return Splice(at, at, text + layout.newline + blank)
    at = layout.tail(ends[index - 1], layout.column(starts[0]))
    return Splice(at, at, layout.newline + blank + text)


def _add_flow(layout: Layout, holder: Collection, index: int, text: str) -> list[Splice]:
    """Put an entry into a flow collection; one entry a line stays so."""
    if layout.text[holder.body] not in "[{":
        raise EditRefused(
            "this pair stands in a list without braces of its own",
            place=layout.document.place(holder.body),
            hint="write the braces first: [{a: b}]",
        )
    spans = entries(holder)
    if index == 0:
        between = layout.text[holder.body + 1 : spans[0][0]] if len(spans) > 1 else ""
        gap = between if between.strip() == "" and "\n" in between else " "
        return [Splice(spans[0][0], spans[0][0], f"{text},{gap}")]
    at = spans[index - 1][1]
    gap = " "
    start = spans[-1][0]
    if len(spans) > 1 or "\n" in layout.text[holder.body : start]:
        above = layout.text[layout.line_start(start) : start]
        if not above.strip():
            gap = layout.newline + above
    return [Splice(at, at, f",{gap}{text}")]


# --- removing -----------------------------------------------------------------------------


def cut(layout: Layout, path: Path) -> list[Splice]:
    """Remove the pair or item at `path`, which is not the only one, with its comments."""
    holder = layout.document.find(path[:-1])
    assert isinstance(holder, (Mapping, Sequence))  # noqa: S101  the editor has looked
    at = holder.index(str(path[-1])) if isinstance(holder, Mapping) else int(path[-1])
    assert at is not None  # noqa: S101
    if isinstance(holder, Mapping):
        _refuse_complex(layout, holder)
    if holder.flow:
        return _cut_flow(layout, holder, at)
    if isinstance(holder, Mapping):
        starts = [key.start for key, _ in holder.pairs]
        ends = [value.end for _, value in holder.pairs]
    else:
        starts = layout.dashes(holder)
        ends = [item.end for item in holder.items]
    if not layout.first_on_line(starts[at]):
        return _cut_behind_dash(layout, starts, ends)
    return [_cut_lines(layout, starts, ends, at)]


def _cut_lines(layout: Layout, starts: list[int], ends: list[int], at: int) -> Splice:
    """Remove the lines of one block entry and one of the runs of blank lines around it."""
    column = layout.column(starts[at])
    start = layout.head(starts[at])
    end = layout.next_line(layout.tail(ends[at], column))
    above, below = layout.blank_above(start), layout.blank_below(end)
    follows = layout.text[below : layout.line_end(below)]
    comment = (
        follows.lstrip(" ").startswith("#") and len(follows) - len(follows.lstrip(" ")) >= column
    )
    last = at == len(starts) - 1 and not comment
    if last:
        start = above
    elif above < start or at == 0:
        end = below
    if end == len(layout.text) and not layout.text.endswith("\n"):
        # The line before becomes the last one, and ends as the file did: without a newline.
        start = layout.line_end(start - 1) if start > layout.top else start
    return Splice(start, end, "")


def _cut_behind_dash(layout: Layout, starts: list[int], ends: list[int]) -> list[Splice]:
    """Remove the first entry of a block collection that begins on its parent's line."""
    if layout.text[ends[0] : starts[1]].strip():
        raise EditRefused(
            "the entry begins on its parent's line, and a comment follows it",
            place=layout.document.place(starts[0]),
            hint="move the comment first",
        )
    return [Splice(starts[0], starts[1], "")]


def _cut_flow(layout: Layout, holder: Collection, at: int) -> list[Splice]:
    spans = entries(holder)
    if at:
        start, end = spans[at - 1][1], spans[at][1]
    else:
        start, end = spans[0][0], spans[1][0]
    gaps = layout.text[start : spans[at][0]] + layout.text[spans[at][1] : end]
    if "#" in gaps:
        raise EditRefused(
            "a comment stands beside the entry inside the brackets",
            place=layout.document.place(spans[at][0]),
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
    single = isinstance(node, Scalar) and not isinstance(value, (dict, list, tuple))
    if isinstance(node, Scalar) and single and (holder.flow or keeps_anchor(node, value)):
        return [scalar_splice(layout, node, value, flow=holder.flow)]
    if holder.flow:
        style = _sibling_style(layout, [node], value)
        return [Splice(node.start, node.end, _spaced(layout, node) + emit.flow_text(value, style))]
    return _rewrite(layout, holder, node, path, value)


def scalar_splice(layout: Layout, node: Scalar, value: Any, *, flow: bool) -> Splice:
    """Replace a scalar on one line, in the quotes that it has."""
    style = layout.style
    if node.style in _QUOTES:
        style = replace(style, quote=node.style, always=True)
    start = node.start if node.tag is not None else node.body
    text = emit.scalar(value, style, flow=flow)
    return Splice(start, node.end, _spaced(layout, node) + text)


def keeps_anchor(node: Scalar, value: Any) -> bool:
    """Whether replacing `node` by `value` leaves its anchor standing: see `scalar_splice`."""
    literal = isinstance(value, str) and "\n" in value
    return node.tag is None and node.style not in {"|", ">"} and value is not None and not literal


def _spaced(layout: Layout, node: Node) -> str:
    """Return the blank that a value left out needs before it."""
    if node.start != node.end and not (isinstance(node, Scalar) and node.body == node.end):
        return ""
    return "" if layout.text[node.end - 1 : node.end] in {" ", "\t"} else " "


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
        if isinstance(value, dict) and value and not isinstance(value, FlowDict):
            return _rewrite_item(layout, node, column, dash, value)
    style = _sibling_style(layout, [node], value)
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
    if between.strip() and "#" in between and not isinstance(node, (Mapping, Sequence)):
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
    layout: Layout, node: Node, column: int, dash: int, value: dict[str, Any]
) -> list[Splice]:
    lines = emit.item_lines(value, column, layout.style)
    text = layout.newline.join([lines[0][column:], *lines[1:]])
    end = layout.line_end(dash) if node.start == node.end else layout.tail(node.end, column)
    return [Splice(dash, end, text)]


# --- shapes -------------------------------------------------------------------------------


def entries(holder: Collection) -> list[tuple[int, int]]:
    """Return the span of every pair or item."""
    if isinstance(holder, Mapping):
        return [(key.start, max(value.end, key.end)) for key, value in holder.pairs]
    return [(item.start, item.end) for item in holder.items]


def _refuse_complex(layout: Layout, holder: Mapping) -> None:
    """Refuse a mapping with a `? key`: where it begins and ends is not where its key does."""
    for key, _ in holder.pairs:
        before = layout.document.text[max(0, key.start - 2) : key.start]
        if not isinstance(key, Scalar) or before in {"? ", "?\t"}:
            raise EditRefused(
                "a key is written with `?`, which patchkit does not edit around",
                place=layout.document.place(key.start),
                hint="write it as `key: value` first",
            )


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
