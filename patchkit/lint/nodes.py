"""The nodes of compose files that rules look at, aliases and merge keys followed.

Each comes with its place: the merged view knows what a stack is, but not where that stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from patchkit.edit.yaml import Mapping, Scalar, Sequence
from patchkit.edit.yaml.nodes import is_merge, target
from patchkit.recipe.shorthand import long_volume

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml import Document, Node
    from patchkit.errors import Place


@dataclass(frozen=True, eq=False)
class Part:
    """A service or a definition of one compose file.

    Attributes:
        document: the file.
        name: its Compose key.
        key: where the key stands.
        body: its content, None when there is none.
    """

    document: Document
    name: str
    key: Scalar
    body: Mapping | None

    @property
    def place(self) -> Place:
        """Where the key stands."""
        return self.document.place(self.key.start)

    def at(self, node: Node) -> Place:
        """Return the place of a node of this file."""
        return self.document.place(node.start)

    def field(self, *path: str) -> Node | None:
        """Return the node at a path of fields, None if absent."""
        if path not in self._nodes:
            above = self.field(*path[:-1]) if len(path) > 1 else self.body
            pairs = self._fields if above is self.body else keyed(above)
            self._nodes[path] = pairs[path[-1]][1] if path[-1] in pairs else None
        return self._nodes[path]

    def entries(self, *path: str) -> tuple[Entry, ...]:
        """Return `KEY=value` of a field in list or mapping form, as for labels."""
        if path not in self._entries:
            self._entries[path] = tuple(self._entries_at(path))
        return self._entries[path]

    def _entries_at(self, path: tuple[str, ...]) -> Iterator[Entry]:
        node = self.field(*path)
        for name, (key, value) in keyed(node).items():
            yield Entry(name, _text(value), self.document, key)
        for item in _scalars(node):
            name, equals, text = item.value.partition("=")
            yield Entry(name, text if equals else None, self.document, item)

    def names(self, *path: str) -> Iterator[Entry]:
        """Yield the names in a list, those of `source` in its long form, or a mapping's keys."""
        node = self.field(*path)
        for name, (key, _) in keyed(node).items():
            yield Entry(name, None, self.document, key)
        for item in node.items if isinstance(node, Sequence) else []:
            known = target(item)
            source = keyed(known).get("source")
            named = source[1] if source else known
            if isinstance(named, Scalar):
                yield Entry(named.value, None, self.document, named)

    def volumes(self) -> Iterator[VolumeNode]:
        """Yield the mounts of a service that name a volume."""
        node = self.field("volumes")
        for item in node.items if isinstance(node, Sequence) else []:
            known = target(item)
            if isinstance(known, Scalar):
                long = long_volume(known.value)
                place, fields = self.at(known), {k: str(v) for k, v in long.items()}
            else:
                pairs = keyed(known)
                fields = {k: v.value for k, (_, v) in pairs.items() if isinstance(v, Scalar)}
                source = pairs["source"][1] if "source" in pairs else None
                place = self.at(source or item)
            if fields.get("type") == "volume" and fields.get("source"):
                yield VolumeNode(fields["source"], fields.get("target", ""), place)

    @cached_property
    def _nodes(self) -> dict[tuple[str, ...], Node | None]:
        return {}

    @cached_property
    def _entries(self) -> dict[tuple[str, ...], tuple[Entry, ...]]:
        return {}

    @cached_property
    def _fields(self) -> dict[str, tuple[Scalar, Node | None]]:
        return keyed(self.body)


@dataclass(frozen=True, slots=True)
class Entry:
    """A name with what it is given, and the node of its file that says so."""

    name: str
    value: str | None
    document: Document
    node: Node

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.document.place(self.node.start)


@dataclass(frozen=True, slots=True)
class VolumeNode:
    """A mount of a volume and where it stands."""

    source: str
    target: str
    place: Place


def keyed(node: Node | None) -> dict[str, tuple[Scalar, Node | None]]:
    """Return key and value of a mapping by key, aliases and merge keys followed."""
    if not isinstance(node, Mapping):
        return {}
    merged: dict[str, tuple[Scalar, Node | None]] = {}
    own: dict[str, tuple[Scalar, Node | None]] = {}
    for key, value in node.pairs:
        if is_merge(key):
            source = target(value)
            for part in source.items if isinstance(source, Sequence) else [source]:
                merged = keyed(target(part) if part else None) | merged
        elif isinstance(key, Scalar):
            own[key.value] = key, target(value)
    return merged | own if merged else own


@lru_cache(maxsize=256)
def parts(document: Document, section: str) -> tuple[Part, ...]:
    """Return the entries of a top-level section of a compose file.

    They are the same ones for the same document: what a change leaves alone is read once.
    """
    found = keyed(document.root).get(section)
    return tuple(
        Part(document, name, key, value if isinstance(value, Mapping) else None)
        for name, (key, value) in keyed(found[1] if found else None).items()
    )


def _text(node: Node | None) -> str | None:
    return node.value if isinstance(node, Scalar) and not node.is_null else None


def _scalars(node: Node | None) -> list[Scalar]:
    items = [target(item) for item in node.items] if isinstance(node, Sequence) else []
    return [item for item in items if isinstance(item, Scalar)]
