"""Looks up what aliases, anchors and merge keys tie together. Nothing here changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml.nodes import (
    MERGE,
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    children,
    pairs,
    target,
    walk,
)

if TYPE_CHECKING:
    from patchkit.edit.yaml.nodes import Path
    from patchkit.edit.yaml.parse import Document


def merged_source(holder: Node | None, key: str) -> tuple[Path, Node] | None:
    """Return the alias or mapping by which a merge key gives `key`, and its path below `holder`."""
    merge = holder.get(MERGE) if isinstance(holder, Mapping) and holder.merges else None
    if merge is None:
        return None
    many = isinstance(merge, Sequence)
    for i, source in enumerate(children(merge) if many else [merge]):
        given = target(source)
        if isinstance(given, Mapping) and key in pairs(given):
            return ((MERGE, i) if many else (MERGE,)), source
    return None


def path_of(document: Document, wanted: Node) -> Path | None:
    """Return the path of a node; None for one that no path of keys and numbers leads to."""
    todo: list[tuple[Path, Node]] = [((), document.root)] if document.root else []
    while todo:
        path, node = todo.pop()
        if node is wanted:
            return path
        if isinstance(node, Mapping):
            todo += [((*path, k.value), v) for k, v in node.pairs if isinstance(k, Scalar)]
        elif isinstance(node, Sequence):
            todo += [((*path, i), item) for i, item in enumerate(node.items)]
    return None


def above(root: Node, wanted: Node) -> list[Node]:
    """Return the nodes that hold `wanted`, the root first."""
    todo: list[tuple[list[Node], Node]] = [([], root)]
    while todo:
        held_by, node = todo.pop()
        if node is wanted:
            return held_by
        todo += [([*held_by, node], child) for child in children(node)]
    return []


def users(document: Document, node: Node) -> int:
    """Return how many aliases name `node`."""
    return sum(alias.target is node for alias in document.aliases)


def used_outside(document: Document, path: Path, keep: Node | None = None) -> list[Alias]:
    """Return the aliases elsewhere of the first node in the entry at `path` that has any.

    Args:
        document: what is looked at.
        path: a pair or an item.
        keep: a node whose aliases do not count.
    """
    holder = document.find(path[:-1])
    at = holder.index(str(path[-1])) if isinstance(holder, Mapping) and path else None
    tops = [document.find(path)] if at is None else list(_pair(holder, at))
    inside = {id(node) for top in tops if top for node in walk(top)}
    outside = [a for a in document.aliases if id(a) not in inside and a.target is not keep]
    used = next((alias.target for alias in outside if id(alias.target) in inside), None)
    return [alias for alias in outside if used and alias.target is used]


def _pair(holder: Node | None, at: int) -> tuple[Node, Node]:
    assert isinstance(holder, Mapping)  # noqa: S101  a position was found in it
    return holder.pairs[at]
