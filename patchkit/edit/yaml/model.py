"""Edits of a node tree as plain data operations: what an edited text must mean.

The editor splices text; these functions do the same to the tree by other means. When the new
text is parsed again the two must agree, or nothing is written.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchkit.edit.yaml.nodes import Mapping, Node, Scalar, Sequence, children

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.edit.yaml.nodes import Path, Step


def put(root: Node, path: Path, node: Node) -> Node:
    """Return a tree with the value at `path` replaced."""
    return _change(root, path, lambda _: node)


def insert(root: Node, path: Path, index: int, node: Node) -> Node:
    """Return a tree with a pair (`path` ends in its key) or an item at position `index`."""

    def inserted(parent: Node) -> Node:
        if isinstance(parent, Mapping):
            pair = (Scalar(str(path[-1]), '"'), node)
            return replace(parent, pairs=[*parent.pairs[:index], pair, *parent.pairs[index:]])
        items = children(parent)
        return _sequence(parent, [*items[:index], node, *items[index:]])

    return _change(root, path[:-1], inserted)


def drop(root: Node, path: Path) -> Node:
    """Return a tree without the pair or item at `path`."""

    def dropped(parent: Node) -> Node:
        if isinstance(parent, Mapping):
            at = parent.index(str(path[-1]))
            pairs = [pair for i, pair in enumerate(parent.pairs) if i != at]
            return replace(parent, pairs=pairs)
        return _sequence(parent, [n for i, n in enumerate(children(parent)) if i != path[-1]])

    return _change(root, path[:-1], dropped)


def rename(root: Node, path: Path, key: str) -> Node:
    """Return a tree in which the pair at `path` has another key, at the same position."""

    def renamed(parent: Node) -> Node:
        assert isinstance(parent, Mapping)  # noqa: S101  the editor has looked
        at = parent.index(str(path[-1]))
        pairs = [
            (_text(k, key) if i == at else k, value) for i, (k, value) in enumerate(parent.pairs)
        ]
        return replace(parent, pairs=pairs)

    return _change(root, path[:-1], renamed)


def bare(node: Node) -> Node:
    """Return a copy without anchors, to compare what it means."""
    if isinstance(node, Mapping):
        return replace(node, anchor=None, pairs=[(bare(k), bare(v)) for k, v in node.pairs])
    if isinstance(node, Sequence):
        return replace(node, anchor=None, items=[bare(item) for item in node.items])
    return replace(node, anchor=None) if isinstance(node, Scalar) else node


def _text(key: Node, text: str) -> Node:
    style = key.style if isinstance(key, Scalar) else ""
    return Scalar(text, style or '"')


def _sequence(parent: Node, items: list[Node]) -> Node:
    return replace(parent, items=items) if isinstance(parent, Sequence) else Sequence(items)


def _change(node: Node, path: Path, change: Callable[[Node], Node]) -> Node:
    """Return a tree with the node at `path` changed; what is not above it is shared."""
    if not path:
        return change(node)
    if isinstance(node, Mapping):
        at = node.index(str(path[0]))
        pairs = [
            (key, _change(value, path[1:], change) if i == at else value)
            for i, (key, value) in enumerate(node.pairs)
        ]
        return replace(node, pairs=pairs)
    return _sequence(
        node,
        [
            _change(item, path[1:], change) if _is(i, path[0]) else item
            for i, item in enumerate(children(node))
        ],
    )


def _is(index: int, step: Step) -> bool:
    return index == step
