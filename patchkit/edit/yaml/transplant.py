"""Writes an anchored value out where one of its aliases stands, comments and all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml import emit
from patchkit.edit.yaml.aliases import above, users
from patchkit.edit.yaml.layout import Entry, last_leaf
from patchkit.edit.yaml.nodes import (
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    is_block_scalar,
    is_merge,
    target,
    walk,
)
from patchkit.edit.yaml.splices import Splice
from patchkit.edit.yaml.values import styled
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.layout import Layout


def alias_splices(layout: Layout, alias: Alias, anchor: str | None, *, moved: int) -> list[Splice]:
    """Return what puts the anchored value in the place of `alias`.

    Args:
        layout: the text and its lines.
        alias: the alias to replace; it has a target.
        anchor: the name to anchor the copy with.
        moved: how many users move along, because the original is about to be removed; its own
            anchor goes when they are all, and the anchors in it move as well.

    Raises:
        EditRefused: the value holds anchors of its own, or stands where it cannot be written.
    """
    node = target(alias)
    assert node is not None and layout.root is not None  # noqa: S101, PT018  it was checked
    held_by = above(layout.root, alias)
    _refuse_inner_anchors(layout, node, moved=bool(moved))
    if anchor is None and (merging := _merging(held_by, alias)):
        return _merge_in(layout, *merging)
    _refuse_at_end(layout, alias, node, held_by[-1])
    name = " ".join(part for part in (f"&{anchor}" if anchor else "", _tag(layout, node)) if part)
    taken = [_anchor_token(layout, node)] if moved and moved == users(layout.document, node) else []
    return [*_written(layout, alias, node, held_by[-1], name), *taken]


def _written(layout: Layout, alias: Alias, node: Node, holder: Node, name: str) -> list[Splice]:
    """Return what writes `node` in the place of `alias`, behind the anchor and tag in `name`."""
    in_flow = isinstance(holder, (Mapping, Sequence)) and holder.flow
    if in_flow or not isinstance(node, (Mapping, Sequence)) or node.flow:
        if not in_flow and is_block_scalar(node):
            return _block_scalar(layout, alias, node, holder, name)
        text = f"{name} {inline(layout, node, flow=in_flow)}".strip()
        return [Splice(alias.start if text else _behind(layout, alias), alias.end, text)]
    column = _child_column(layout, alias, holder, node)
    block = block_text(layout, node, column)
    if not name and isinstance(holder, Sequence) and layout.line_end(alias.end) == alias.end:
        return [Splice(alias.start, alias.end, block[column:])]
    start = alias.start if name else _behind(layout, alias)
    end = layout.line_end(alias.end)
    return [Splice(start, alias.end, name), Splice(end, end, layout.newline + block)]


def _tag(layout: Layout, node: Node) -> str:
    """Return the tag of a node as it is written."""
    if isinstance(node, Alias) or node.tag is None:
        return ""
    parts = layout.text[node.start : node.body or node.end].split()
    return next((part for part in parts if part.startswith("!")), "")


def _behind(layout: Layout, alias: Alias) -> int:
    """Return where the key or dash before an alias ends."""
    return len(layout.text[: alias.start].rstrip(" \t"))


def inline(layout: Layout, node: Node, *, flow: bool) -> str:
    """Return a node as text that may stand behind a key on its line, aliases kept."""
    if isinstance(node, Alias):
        return f"*{node.name}"
    if isinstance(node, Scalar):
        raw = layout.text[node.body : node.end]
        plain = not node.style and (flow or "\n" in raw)
        if plain or is_block_scalar(node) or "\n" in raw:
            return emit.scalar(styled(node), layout.style, flow=flow)
        return raw or "null" * flow
    if node.flow:
        return layout.text[node.body : node.end]
    if any(below.tag for below in walk(node)):
        raise _refusal(layout, node, "a value with a tag would have to stand in brackets")
    if isinstance(node, Sequence):
        return "[" + ", ".join(inline(layout, item, flow=True) for item in node.items) + "]"
    return "{" + ", ".join(_inline_pair(layout, k, v) for k, v in node.pairs) + "}"


def _inline_pair(layout: Layout, key: Node, value: Node) -> str:
    return f"{inline(layout, key, flow=True)}: {inline(layout, value, flow=True)}"


def block_text(layout: Layout, node: Mapping | Sequence, column: int) -> str:
    """Return the lines of a block collection with its head comment, its entries at `column`."""
    first = layout.column(node.body)
    lines = " " * first + layout.text[node.body : layout.line_end(node.end)]
    if layout.first_on_line(node.body):
        lines = layout.text[layout.head(node.body) : layout.line_end(node.end)]
    return "\n".join(shifted(line, column - first) for line in lines.split("\n"))


def shifted(line: str, by: int) -> str:
    """Return a line indented by `by` more columns, or less; an empty line as it is."""
    if not line.rstrip("\r"):
        return line
    return " " * by + line[min(max(-by, 0), len(line) - len(line.lstrip(" "))) :]


def _block_scalar(
    layout: Layout, alias: Alias, node: Scalar, holder: Node, name: str
) -> list[Splice]:
    header, _, content = layout.text[node.body : node.end].partition("\n")
    if any(char.isdigit() for char in header.partition("#")[0]):
        raise _refusal(layout, node, f"&{alias.name} is a block scalar with its own indentation")
    column = _child_column(layout, alias, holder, node)
    by = column - layout.margin(node)
    lines = "\n".join(shifted(line, by) for line in content.split("\n"))
    end = layout.line_end(alias.end)
    return [
        Splice(alias.start, alias.end, f"{name} {header}".strip()),
        Splice(end, end, layout.newline + lines),
    ]


def _refuse_inner_anchors(layout: Layout, node: Node, *, moved: bool) -> None:
    """Refuse to write a value out whose anchors would then be defined twice."""
    below = walk(node)[1:]
    here = {id(part) for part in below} if moved else set()
    others = {n.anchor for n in walk(layout.root or node) if id(n) not in here}
    if inner := next((part for part in below if part.anchor and part.anchor in others), None):
        raise _refusal(
            layout,
            inner,
            f"&{inner.anchor} stands inside the aliased value, so it would be doubled",
        )


def _refusal(layout: Layout, node: Node, why: str) -> EditRefused:
    return EditRefused(
        why,
        place=layout.document.place(node.start),
        hint="write the value out by hand first",
    )


def _refuse_at_end(layout: Layout, alias: Alias, node: Node, holder: Node) -> None:
    """Refuse a value ending in a block scalar where what stands below would be part of it."""
    if not is_block_scalar(last_leaf(node)) or isinstance(node, Alias):
        return
    below = layout.next_line(alias.end)
    behind = layout.blank_below(below)
    blank = behind > below and layout.keeps_blanks(Entry(node.start, node.end, node))
    comment = layout.comment_at(behind, _child_column(layout, alias, holder, node))
    cut_short = below == len(layout.text) and not layout.text.endswith("\n")
    if blank or comment or cut_short:
        raise _refusal(layout, alias, f"&{alias.name} ends in a block scalar that would change")


def _anchor_token(layout: Layout, node: Node) -> Splice:
    """Return what removes the anchor of `node`, with the blanks on one side of it."""
    text = layout.text
    start = text.index("&", node.start)
    end = start + 1 + len(node.anchor or "")
    behind = end + len(text[end:]) - len(text[end:].lstrip(" "))
    if text[behind : behind + 1] in {"\r", "\n", "#", ""}:
        return Splice(len(text[:start].rstrip(" ")), end, "")
    return Splice(start, behind, "")


def _merging(held_by: list[Node], alias: Alias) -> tuple[Mapping, Scalar, Node] | None:
    """Return the mapping, its merge key and the key's value, when `alias` is merged there."""
    for holder, value in zip(held_by[-1:-3:-1], [alias, held_by[-1]], strict=False):
        for key, item in holder.pairs if isinstance(holder, Mapping) else []:
            if item is value and is_merge(key) and isinstance(key, Scalar):
                return (holder, key, item) if isinstance(holder, Mapping) else None
    return None


def _merge_in(layout: Layout, holder: Mapping, key: Scalar, value: Node) -> list[Splice]:
    """Write the merged pairs out in place of the merge key; the mapping's own keys win."""
    merged = _merged_pairs(layout, holder, value)
    if not merged:
        return [_merge_away(layout, holder, key, value)]
    if holder.flow:
        text = ", ".join(_inline_pair(layout, k, v) for k, v, _ in merged)
        return [Splice(key.start, value.end, text)]
    column = layout.column(key.start)
    parts = [_pair_text(layout, k, v, column, flow=flow) for k, v, flow in merged]
    text = layout.newline.join(parts)[column:]
    return [Splice(key.start, layout.line_end(value.end), text)]


def _merge_away(layout: Layout, holder: Mapping, key: Scalar, value: Node) -> Splice:
    if holder.flow or not layout.first_on_line(key.start):
        raise _refusal(layout, key, "the merge key adds nothing here")
    return Splice(layout.line_start(key.start), layout.next_line(value.end), "")


def _merged_pairs(layout: Layout, holder: Mapping, value: Node) -> list[tuple[Node, Node, bool]]:
    """Return the pairs that a merge adds to `holder`, each with whether it stands in brackets."""
    sources = value.items if isinstance(value, Sequence) else [value]
    own = {k.value for k, _ in holder.pairs if isinstance(k, Scalar) and not is_merge(k)}
    found: dict[str, tuple[Node, Node, bool]] = {}
    for source in map(target, sources):
        assert isinstance(source, Mapping)  # noqa: S101  merging anything else is refused
        if source.merges and len(sources) > 1:
            raise _refusal(layout, value, "one of several merged values merges others itself")
        for k, v in source.pairs:
            if isinstance(k, Scalar) and k.value not in own:
                found.setdefault(k.value, (k, v, source.flow))
    return list(found.values())


def _pair_text(layout: Layout, key: Node, value: Node, column: int, *, flow: bool) -> str:
    if flow:
        return " " * column + _inline_pair(layout, key, value)
    end = max(value.end, key.end)
    # The comments right above the key come along.
    start = layout.head(key.start) + layout.column(key.start)
    pair = Mapping([(key, value)], start=start, end=end, body=start)
    return block_text(layout, pair, column)


def _child_column(layout: Layout, alias: Alias, holder: Node, node: Node) -> int:
    """Return where the entries of the written-out value begin."""
    if not isinstance(holder, Mapping):
        return layout.column(alias.start)
    key = next(k for k, v in holder.pairs if v is alias)
    style = layout.style
    return layout.column(key.start) + (style.dash if isinstance(node, Sequence) else style.step)
