"""The node tree of a YAML text: what stands where.

Spans are character offsets into the text. Nothing here knows how to write YAML: the tree is
for finding places, and for saying what the text means before and after an edit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from patchkit.edit.scalars import resolve

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

NO_SPAN = -1
STR_TAG = "tag:yaml.org,2002:str"
# The tag `!` says nothing to Docker.
UNTAGGED = frozenset((None, "!"))
MERGE = "<<"
BLOCK_STYLES = frozenset("|>")


@dataclass(slots=True, eq=False)
class Scalar:
    """A scalar: `start` stands before anchor and tag, `body` behind them.

    `style` is `''` for plain, `'` or `"` for quoted, `|` or `>` for a block scalar.
    """

    value: str
    style: str = ""
    start: int = NO_SPAN
    end: int = NO_SPAN
    anchor: str | None = None
    tag: str | None = None
    body: int = NO_SPAN

    @property
    def is_null(self) -> bool:
        """Whether it is a null value, written or left out."""
        return not self.style and self.tag is None and resolve(self.value) is None

    @property
    def is_text(self) -> bool:
        """Whether Docker reads it as a string."""
        if self.tag not in UNTAGGED:
            return self.tag == STR_TAG
        return bool(self.style) or isinstance(resolve(self.value), str)


@dataclass(slots=True, eq=False)
class Alias:
    """A reference `*name` to `target`, the node last anchored `&name` before it; None if none."""

    name: str
    start: int = NO_SPAN
    end: int = NO_SPAN
    target: Node | None = None

    anchor: None = None
    tag: None = None


@dataclass(slots=True, eq=False)
class Sequence:
    """A sequence; `end` is the end of the last item, or behind the bracket in flow style."""

    items: list[Node] = field(default_factory=list)
    flow: bool = False
    start: int = NO_SPAN
    end: int = NO_SPAN
    anchor: str | None = None
    tag: str | None = None
    body: int = NO_SPAN


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping in the order of the text; `end` as for a sequence."""

    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    flow: bool = False
    start: int = NO_SPAN
    end: int = NO_SPAN
    anchor: str | None = None
    tag: str | None = None
    body: int = NO_SPAN

    def index(self, key: str) -> int | None:
        """Return the position of `key` among the pairs, merge keys not followed."""
        for i, (node, _) in enumerate(self.pairs):
            if isinstance(node, Scalar) and node.value == key:
                return i
        return None

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, merge keys not followed."""
        i = self.index(key)
        return None if i is None else self.pairs[i][1]

    @property
    def merges(self) -> list[Node]:
        """The values of the mapping's merge keys (`<<`)."""
        return [value for key, value in self.pairs if is_merge(key)]


Node: TypeAlias = Scalar | Alias | Sequence | Mapping


def children(node: Node) -> list[Node]:
    """Return the nodes directly below `node`, keys included."""
    if isinstance(node, Mapping):
        return [part for pair in node.pairs for part in pair]
    return node.items if isinstance(node, Sequence) else []


def target(node: Node) -> Node | None:
    """Return `node`, or what it is an alias of; None for an alias of nothing."""
    return node.target if isinstance(node, Alias) else node


def pairs(mapping: Mapping, above: tuple[Mapping, ...] = ()) -> dict[str, Node]:
    """Return the values of a mapping by key, those of merge keys first and never overriding.

    Args:
        mapping: the mapping.
        above: the mappings that it is merged into; one that merges itself adds nothing.
    """
    found: dict[str, Node] = {}
    for merge in mapping.merges:
        source = target(merge)
        for part in source.items if isinstance(source, Sequence) else [source]:
            merged = target(part) if part else None
            if isinstance(merged, Mapping) and merged not in above:
                found = pairs(merged, (*above, mapping)) | found
    own = {k.value: v for k, v in mapping.pairs if isinstance(k, Scalar) and not is_merge(k)}
    return found | own


def is_merge(key: Node) -> bool:
    """Whether a key is the merge key `<<`, and not a string of that text."""
    return isinstance(key, Scalar) and key.value == MERGE and not key.style and key.tag != STR_TAG


def is_block_scalar(node: Node) -> TypeGuard[Scalar]:
    """Whether a node is a scalar written with `|` or `>`."""
    return isinstance(node, Scalar) and node.style in BLOCK_STYLES


def walk(node: Node) -> list[Node]:
    """Return `node` and every node below it, in the order of the text."""
    found: list[Node] = []
    todo = [node]
    while todo:
        node = todo.pop()
        found.append(node)
        if isinstance(node, Mapping):
            for key, value in reversed(node.pairs):
                todo += value, key
        elif isinstance(node, Sequence):
            todo += reversed(node.items)
    return found


def same(a: Node, b: Node) -> bool:
    """Whether two trees mean the same: values, types, anchors, tags and key order."""
    if type(a) is not type(b) or a.anchor != b.anchor or a.tag != b.tag:
        return False
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        if a.value == b.value and (a.style == b.style or a.is_text == b.is_text):
            return True
        return a.is_null and b.is_null
    if isinstance(a, Alias) and isinstance(b, Alias):
        return a.name == b.name
    below_a, below_b = children(a), children(b)
    return len(below_a) == len(below_b) and all(map(same, below_a, below_b))
