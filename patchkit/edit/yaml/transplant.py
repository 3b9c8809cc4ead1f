"""Writes an anchored value out where one of its aliases stands, comments and all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml import emit
from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence, walk
from patchkit.edit.yaml.splices import Splice
from patchkit.edit.yaml.values import styled
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.layout import Layout


def alias_splices(layout: Layout, alias: Alias, anchor: str | None) -> list[Splice]:
    """Return what puts the anchored value in the place of `alias`.

    Args:
        layout: the text and its lines.
        alias: the alias to replace.
        anchor: the name to anchor the copy with; the old anchor is then taken away.

    Raises:
        EditRefused: the value holds anchors of its own, or stands where it cannot be written.
    """
    node = layout.document.anchors.get(alias.name)
    if node is None or isinstance(node, Alias):
        raise EditRefused(
            f"the alias *{alias.name} has no anchor in this file",
            place=layout.document.place(alias.start),
        )
    if any(below.anchor for below in walk(node) if below is not node):
        raise EditRefused(
            f"&{alias.name} holds further anchors, so it cannot be written out a second time",
            place=layout.document.place(node.start),
            hint="take the inner anchors apart first",
        )
    name = f"&{anchor}" if anchor else ""
    taken = _take_anchor(layout, node) if anchor else []
    merge = _merging(layout, alias)
    if merge is not None and not anchor:
        return _merge_in(layout, alias, merge, node)
    if isinstance(node, Scalar) and node.style not in {"|", ">"}:
        text = f"{name} {layout.text[node.body : node.end]}".strip()
        return [Splice(alias.start, alias.end, text), *taken]
    if not isinstance(node, Scalar) and (node.flow or _in_flow(layout, alias)):
        text = f"{name} {emit.flow_text(styled(node), layout.style)}".strip()
        return [Splice(alias.start, alias.end, text), *taken]
    if isinstance(node, Scalar):
        raise EditRefused(
            f"&{alias.name} is a block scalar",
            place=layout.document.place(node.start),
            hint="write it out by hand first",
        )
    column = _child_column(layout, alias, node)
    block = layout.newline + block_text(layout, node, column)
    start = alias.start if name else len(layout.text[: alias.start].rstrip(" \t"))
    end = layout.line_end(alias.end)
    return [Splice(start, alias.end, name), Splice(end, end, block), *taken]


def block_text(layout: Layout, node: Mapping | Sequence, column: int) -> str:
    """Return the lines of a block collection, its first entry at `column`."""
    first = layout.column(node.body)
    lines = layout.text[node.body : layout.line_end(node.end)].split("\n")
    moved = [" " * column + lines[0], *(_shift(line, column - first) for line in lines[1:])]
    return "\n".join(moved)


def _shift(line: str, by: int) -> str:
    if not line.strip():
        return line
    if by >= 0:
        return " " * by + line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]


def _take_anchor(layout: Layout, node: Node) -> list[Splice]:
    """Return what removes the old anchor token."""
    start = layout.document.text.index("&", node.start)
    end = start + 1 + len(node.anchor or "")
    while layout.document.text[end : end + 1] == " ":
        end += 1
    return [Splice(start, end, "")]


def _merging(layout: Layout, alias: Alias) -> Mapping | None:
    """Return the mapping that has `<<: *alias`."""
    for node in walk(layout.document.root) if layout.document.root else []:
        if isinstance(node, Mapping) and any(merge is alias for merge in node.merges):
            return node
    return None


def _merge_in(layout: Layout, alias: Alias, holder: Mapping, node: Node) -> list[Splice]:
    """Write the merged pairs out in place of the merge key; the mapping's own keys win."""
    if not isinstance(node, Mapping) or holder.flow or node.merges:
        raise EditRefused(
            f"the merge of *{alias.name} cannot be written out here",
            place=layout.document.place(alias.start),
            hint="write its keys out by hand first",
        )
    key = next(k for k, v in holder.pairs if v is alias)
    own = {k.value for k, _ in holder.pairs if isinstance(k, Scalar)}
    column = layout.column(key.start)
    parts = []
    for k, v in node.pairs:
        if isinstance(k, Scalar) and k.value not in own:
            if node.flow:
                parts += emit.pair_lines(k.value, styled(v), column, layout.style)
            else:
                pair = Mapping([(k, v)], start=k.start, end=v.end, body=k.start)
                parts.append(block_text(layout, pair, column))
    if not parts:
        raise EditRefused(
            f"the merge of *{alias.name} adds nothing here",
            place=layout.document.place(alias.start),
        )
    text = layout.newline.join(parts)
    return [Splice(key.start - column, layout.line_end(alias.end), text)]


def _in_flow(layout: Layout, alias: Alias) -> bool:
    return any(
        isinstance(node, (Mapping, Sequence)) and node.flow and node.start < alias.start < node.end
        for node in (walk(layout.document.root) if layout.document.root else [])
    )


def _child_column(layout: Layout, alias: Alias, node: Node) -> int:
    """Return where the entries of the written-out value begin."""
    for holder in walk(layout.document.root) if layout.document.root else []:
        if isinstance(holder, Mapping):
            for key, value in holder.pairs:
                if value is alias:
                    style = layout.style
                    return layout.column(key.start) + (
                        style.dash if isinstance(node, Sequence) else style.step
                    )
        elif isinstance(holder, Sequence) and any(item is alias for item in holder.items):
            return layout.column(alias.start)
    raise EditRefused(
        "the alias stands where patchkit cannot write", place=layout.document.place(alias.start)
    )
