"""Edits of a node tree as plain data operations: what an edited text must mean.

The editor splices text; these functions do the same to the tree by other means. When the new
text is parsed again the two must agree, or nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence, children

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.edit.yaml.nodes import Path


def put(root: Node, path: Path, node: Node) -> Node:
    """Return a tree with the value at `path` replaced, or added behind its siblings."""
    return node if not path else _change(root, path, lambda _: node)


def insert(root: Node, path: Path, index: int, node: Node) -> Node:
    """Return a tree with a pair (`path` ends in its key) or an item at position `index`."""

    def inserted(parent: Node) -> Node:
        if isinstance(parent, Mapping):
            pair = (Scalar(str(path[-1]), '"'), node)
            return replace(parent, pairs=[*parent.pairs[:index], pair, *parent.pairs[index:]])
        items = children(parent)
        return _sequence(parent, [*items[:index], node, *items[index:]])

    return inserted(root) if len(path) == 1 else _change(root, path[:-1], inserted)


def drop(root: Node, path: Path) -> Node:
    """Return a tree without the pair or item at `path`."""
    return _change(root, path, lambda _: None)


def rename(root: Node, path: Path, key: str) -> Node:
    """Return a tree in which the pair at `path` has another key, at the same position."""

    def renamed(parent: Node) -> Node:
        pairs = [
            (replace(k, value=key, style=k.style or '"'), v) if isinstance(k, Scalar) and k.value == path[-1] else (k, v)
            for k, v in (parent.pairs if isinstance(parent, Mapping) else [])
        ]
        return replace(parent, pairs=pairs) if isinstance(parent, Mapping) else parent

    return renamed(root) if len(path) == 1 else _change(root, path[:-1], renamed)


def bare(node: Node) -> Node:
    """Return a copy without anchors."""
    if isinstance(node, Mapping):
        return replace(node, anchor=None, pairs=[(bare(k), bare(v)) for k, v in node.pairs])
    if isinstance(node, Sequence):
        return replace(node, anchor=None, items=[bare(item) for item in node.items])
    return node if isinstance(node, Alias) else replace(node, anchor=None)


def _sequence(parent: Node, items: list[Node]) -> Node:
    return replace(parent, items=items) if isinstance(parent, Sequence) else Sequence(items)


def _change(node: Node, path: Path, change: Callable[[Node], Node | None]) -> Node:
    step, rest = path[0], path[1:]
    if isinstance(node, Mapping):
        at = node.index(str(step))
        pairs = list(node.pairs)
        if at is None:
            made = change(Scalar(""))
            return (
                node
                if made is None
                else replace(node, pairs=[*pairs, (Scalar(str(step), '"'), made)])
            )
        key, value = pairs[at]
        below = _change(value, rest, change) if rest else change(value)
        pairs[at : at + 1] = [] if below is None else [(key, below)]
        return replace(node, pairs=pairs)
    if isinstance(node, Sequence) and isinstance(step, int):
        items = list(node.items)
        new = _change(items[step], rest, change) if rest else change(items[step])
        items[step : step + 1] = [] if new is None else [new]
        return replace(node, items=items)
    raise TypeError(f"no collection at {step!r}")
