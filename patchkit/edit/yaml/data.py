"""What a document means as plain data, aliases and merge keys followed, as Docker reads it.

An alias gives the very object of its anchor, so that no bomb of aliases costs memory; the size
it would have written out is bounded all the same, for whoever walks the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.edit.scalars import resolve
from patchkit.edit.yaml.nodes import (
    MERGE,
    UNTAGGED,
    Alias,
    Mapping,
    Node,
    Scalar,
    Sequence,
    is_merge,
)
from patchkit.errors import RecipeError

if TYPE_CHECKING:
    from patchkit.edit.yaml.parse import Document

MAX_NODES = 200_000
_CORE = "tag:yaml.org,2002:"


def to_data(document: Document) -> Any:
    """Return the first document as dict, list, str, int, float, bool and None.

    Raises:
        RecipeError: an alias without an anchor, one inside its own anchor, or more than
            `MAX_NODES` nodes once aliases are written out; with the place.
    """
    if document.root is None:
        return None
    if not document.aliases and len(document.text) < MAX_NODES:
        try:
            return _plain(document.root)
        except _NotPlainError:
            pass  # a merge key, or one that is no text: read with care
    return _Reader(document).value(document.root)[0]


class _NotPlainError(Exception):
    """A node says more than its value."""


def _plain(node: Node) -> Any:
    """Return the value of a node of a document without aliases, which most are."""
    if isinstance(node, Scalar):
        return scalar_value(node)
    if isinstance(node, Mapping):
        found = {}
        for key, value in node.pairs:
            if not isinstance(key, Scalar) or key.value == MERGE:
                raise _NotPlainError
            found[key.value] = _plain(value)
        return found
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    raise _NotPlainError


class _Reader:
    """Builds values bottom up; each comes with the number of nodes it stands for."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.anchored: dict[str, tuple[Any, int]] = {}
        self.open: set[str] = set()

    def value(self, node: Node) -> tuple[Any, int]:
        if isinstance(node, Alias):
            return self._aliased(node)
        if node.anchor is not None:
            self.open.add(node.anchor)
        if isinstance(node, Scalar):
            built: tuple[Any, int] = (scalar_value(node), 1)
        elif isinstance(node, Mapping):
            built = self._mapping(node)
        else:
            parts = [self.value(item) for item in node.items]
            built = [part for part, _ in parts], 1 + sum(size for _, size in parts)
        if built[1] > MAX_NODES:
            raise RecipeError(
                f"its aliases stand for more than {MAX_NODES:,} nodes",
                place=self.document.place(node.start),
                hint="Docker refuses such a file as well; write the values out where they are few",
            )
        if node.anchor is not None:
            self.open.discard(node.anchor)
            self.anchored[node.anchor] = built
        return built

    def _aliased(self, node: Alias) -> tuple[Any, int]:
        if node.name in self.anchored and node.name not in self.open:
            return self.anchored[node.name]
        why = "stands inside its own anchor" if node.name in self.open else "has no anchor above it"
        raise RecipeError(
            f"the alias *{node.name} {why}",
            place=self.document.place(node.start),
            hint=f"define &{node.name} before it is used",
        )

    def _mapping(self, node: Mapping) -> tuple[dict[str, Any], int]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        size = 1
        for key, value in node.pairs:
            part, weight = self.value(value)
            size += 1 + weight
            if not isinstance(key, Scalar):
                raise RecipeError(
                    "a mapping key is no text",
                    place=self.document.place(key.start),
                    hint="write the key out as text",
                )
            if is_merge(key):
                for source in part if isinstance(part, list) else [part]:
                    if not isinstance(source, dict):
                        raise self._no_merge(key)
                    merged = source | merged
            else:
                own[key.value] = part
            if key.anchor is not None:
                self.anchored[key.anchor] = (scalar_value(key), 1)
        return merged | own if merged else own, size

    def _no_merge(self, key: Scalar) -> RecipeError:
        return RecipeError(
            "the merge key takes a mapping or a list of mappings",
            place=self.document.place(key.start),
            hint="name an anchored mapping: `<<: *name`",
        )


def scalar_value(node: Scalar) -> str | int | float | bool | None:
    """Return what Docker reads a scalar as; the text of one with a tag of an application."""
    if node.tag is None:
        return node.value if node.style else resolve(node.value)
    if node.is_text or not (node.tag in UNTAGGED or node.tag.startswith(_CORE)):
        return node.value
    return resolve(node.value)
