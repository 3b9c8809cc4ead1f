"""The lossless YAML editor: edits are splices of the text, and each one is checked.

After every edit the new text is parsed again and must mean exactly what the same edit gives on
the old tree as data; else nothing is kept. The rules and traps behind each splice were measured
on about 1,700 real compose files.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import model
from patchkit.edit.yaml.adding import add_item, add_pair, fill_document
from patchkit.edit.yaml.aliases import users
from patchkit.edit.yaml.checked import dotted
from patchkit.edit.yaml.data import scalar_value
from patchkit.edit.yaml.nodes import MERGE, Alias, Mapping, Node, Scalar, Sequence, same
from patchkit.edit.yaml.reaching import OnAlias, ReachingText
from patchkit.edit.yaml.removing import cut
from patchkit.edit.yaml.replacing import keeps_anchor, replace_value, scalar_splice
from patchkit.edit.yaml.values import to_node

if TYPE_CHECKING:
    from patchkit.edit.yaml.nodes import Path
    from patchkit.errors import EditRefused

__all__ = ["OnAlias", "YamlEditor"]


class YamlEditor(ReachingText):
    """One YAML text and the edits made on it so far.

    Every method makes one edit, whole, or raises and leaves `text` as it was. Paths are tuples
    of keys and item numbers.

    Args:
        text: as read, without newline translation.
        path: what messages call the file.
        on_alias: what to do when an edit reaches a node through an alias or a merge key, or
            changes an anchored node that others use: refuse (`error`), write the aliased value
            out in place first (`expand`), or change the anchored node (`edit-anchor`).

    Raises:
        RecipeError: the text is not valid YAML.
        EditRefused: (every edit) it cannot be made safely; with place, reason and next step.
    """

    def set(
        self, path: Path, value: Any, *, after: str | None = None, before: str | None = None
    ) -> None:
        """Set the value at `path`, making the collections above it where they are missing.

        Args:
            path: ends in a key, or in the number of an item that exists.
            value: str, int, float, bool, None, dict or list; the styled forms of
                `patchkit.edit.yaml.values` keep their spelling.
            after: the key that a new key is put behind; it is put last otherwise.
            before: the key that a new key is put before.
        """
        with self.whole():
            if self._holds(path, value):
                return
            path = self._reach(path, "any")
            existing = self.document.find(path)
            self._refuse_merge_key(path)
            if existing is None:
                self._add(path, value, after, before)
            elif isinstance(value, dict) and isinstance(existing, Mapping) and existing.pairs:
                self._set_mapping(path, existing, value)
            elif isinstance(value, list) and isinstance(existing, Sequence) and existing.items:
                self._set_sequence(path, existing, value)
            else:
                self._replace(path, existing, value)

    def unset(self, path: Path, *, move_anchors: bool = False) -> None:
        """Remove the pair or item at `path` with its comments.

        A collection that holds nothing else goes too: `labels:` with nothing below is not what
        a person would leave, and Docker refuses it in places.

        Args:
            path: what to remove.
            move_anchors: give an anchor inside it that others use to its first user, instead
                of refusing.
        """
        with self.whole():
            path = self._reach(path)
            if not path or self.document.find(path) is None:
                raise self._missing(path)
            path = self._prunable(path)
            self._guard(path[:-1])
            if len(path) == 1 and len(_entries(self._root())) == 1:
                raise self._refusal(
                    f"{dotted(path)} is all that this file holds",
                    self._start(path),
                    "remove the file instead",
                )
            self._release_anchors(path, move=move_anchors)
            self.commit(cut(self.layout, path), model.drop(self._root(), path))

    def append(self, path: Path, value: Any) -> None:
        """Add an item at the end of the sequence at `path`, which is made when missing."""
        with self.whole():
            path = self._reach(path, "into")
            node = self.document.find(path)
            if isinstance(node, Sequence) and node.items:
                self.insert(path, len(node.items), value)
            elif node is None or isinstance(node, Sequence) or _is_null(node):
                self._guard(path)
                self.set(path, [value])
            else:
                raise self._refusal(
                    f"{dotted(path)} is no sequence", node.start, "set it to a list first"
                )

    def insert(self, path: Path, index: int, value: Any) -> None:
        """Add an item before item `index` of the sequence at `path`, which holds items."""
        with self.whole():
            path = self._reach(path, "into")
            node = self.document.find(path)
            if not isinstance(node, Sequence) or not 0 <= index <= len(node.items) > 0:
                raise self._refusal(
                    f"{dotted(path)} is no sequence of {max(index, 1)} or more items",
                    node.start if node else 0,
                    "append to it instead",
                )
            self._guard(path)
            made = add_item(self.layout, node, index, value)
            new = model.insert(self._root(), (*path, index), index, to_node(value))
            self.commit(made, new)

    def rename(self, path: Path, key: str) -> None:
        """Give the pair at `path` another key; its value, place and quotes stay."""
        with self.whole():
            path = self._reach(path)
            parent = self.document.find(path[:-1])
            at = parent.index(str(path[-1])) if path and isinstance(parent, Mapping) else None
            if at is None or not isinstance(parent, Mapping):
                raise self._missing(path)
            token = parent.pairs[at][0]
            self._check_new_key(path, parent, token, key)
            self._guard(path[:-1])
            assert isinstance(token, Scalar)  # noqa: S101  an index finds no others
            made = [scalar_splice(self.layout, token, key, flow=parent.flow)]
            self.commit(made, model.rename(self._root(), path, key))

    # --- one edit -------------------------------------------------------------------------

    def _holds(self, path: Path, value: Any) -> bool:
        """Whether `value` is there already, be it by an alias, a merge key or another spelling."""
        there = self.document.follow(path)
        if there is None:
            return False
        if value is None:
            return _is_null(there)
        if isinstance(there, Scalar) and isinstance(value, (bool, int, float)):
            found = scalar_value(there)
            return type(found) is _plain_type(value) and found == value
        return same(to_node(value), model.bare(there))

    def _add(self, path: Path, value: Any, after: str | None, before: str | None) -> None:
        """Add a value at a path that is missing from some step on."""
        depth = next(d for d in range(len(path) - 1, -1, -1) if self._is_there(path[:d]))
        for step in reversed(path[depth + 1 :]):
            value = {step: value}
        at, key = path[:depth], path[depth]
        self._guard(at)
        holder = self.document.find(at)
        if isinstance(holder, Mapping) and holder.pairs:
            index = self._position(holder, after, before)
            made = add_pair(self.layout, holder, index, str(key), value)
            self.commit(made, model.insert(self._root(), (*at, key), index, to_node(value)))
        elif holder is None or _is_null(holder) or isinstance(holder, Mapping):
            self._replace(at, holder, {key: value})
        else:
            what = "a sequence" if isinstance(holder, Sequence) else "a value of its own"
            raise self._refusal(
                f"{dotted(at) or 'the document'} is {what}, no mapping that could hold {key!r}",
                holder.start,
                "set it to a mapping first",
            )

    def _position(self, mapping: Mapping, after: str | None, before: str | None) -> int:
        if after is not None and (at := mapping.index(after)) is not None:
            return at + 1
        if before is not None and (at := mapping.index(before)) is not None:
            return at
        return len(mapping.pairs)

    def _replace(self, path: Path, node: Node | None, value: Any) -> None:
        if not path:
            self._replace_root(node, value)
            return
        self._guard(path)
        new = to_node(value)
        kept = node is not None and users(self.document, node)
        if isinstance(node, Scalar) and isinstance(new, Scalar) and keeps_anchor(node, value):
            kept = True
        if node is not None and kept and not isinstance(new, Alias):
            new = replace(new, anchor=node.anchor)
        self._release_anchors(path, move=False, keep=node)
        made = replace_value(self.layout, path, value, new.anchor)
        self.commit(made, model.put(self._root(), path, new))

    def _replace_root(self, node: Node | None, value: Any) -> None:
        empty = node is None or ((_is_null(node) or not _entries(node)) and node.anchor is None)
        if not empty or not isinstance(value, dict) or not value:
            raise self._refusal(
                "the whole document cannot be replaced",
                node.start if node else 0,
                "set its keys one by one",
            )
        if isinstance(node, Scalar) and node.start != node.end:
            raise self._refusal(
                "the whole document is a value of its own", node.start, "remove it first"
            )
        self.commit(fill_document(self.layout, value), to_node(value))

    def _set_mapping(self, path: Path, existing: Mapping, value: dict[str, Any]) -> None:
        """Change a mapping key by key, so that what stays the same is not touched."""
        if not value:
            self._replace(path, existing, value)
            return
        last = None
        for key, item in value.items():
            self.set((*path, str(key)), item, after=last)
            last = str(key)
        wanted = {str(key) for key in value}
        for key_node, _ in existing.pairs:
            if isinstance(key_node, Scalar) and key_node.value not in wanted:
                self.unset((*path, key_node.value))

    def _set_sequence(self, path: Path, existing: Sequence, value: list[Any]) -> None:
        """Change a sequence between the items that stay the same at both ends."""
        if not value:
            self._replace(path, existing, value)
            return
        old, new = existing.items, [to_node(item) for item in value]
        head = 0
        while head < min(len(old), len(new)) and same(old[head], new[head]):
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and same(old[-1 - tail], new[-1 - tail]):
            tail += 1
        common = min(len(old), len(new)) - tail
        for i in range(head, common):
            self.set((*path, i), value[i])
        for i in range(common, len(new) - tail):
            self.insert(path, i, value[i])
        for i in reversed(range(common, len(old) - tail)):
            self.unset((*path, i))

    # --- refusals -------------------------------------------------------------------------

    def _refuse_merge_key(self, path: Path) -> None:
        holder = self.document.find(path[:-1])
        if path and path[-1] == MERGE and isinstance(holder, Mapping) and holder.merges:
            raise self._refusal(
                "a merge key is not set as a whole",
                self._start(path),
                "set the keys that are to differ, or remove it",
            )

    def _check_new_key(self, path: Path, parent: Mapping, token: Node, key: str) -> None:
        if parent.index(key) is not None:
            raise self._refusal(
                f"{dotted((*path[:-1], key))} is there already", token.start, "choose another name"
            )
        if token.anchor is not None or token.tag is not None:
            raise self._refusal(
                f"the key {dotted(path)} carries an anchor or a tag",
                token.start,
                "take it away first",
            )

    def _prunable(self, path: Path) -> Path:
        """Return the path of the collection that `path` alone fills, or `path`."""
        while len(path) > 1 and len(_entries(self._node(path[:-1]))) == 1:
            path = path[:-1]
        return path

    def _missing(self, path: Path) -> EditRefused:
        """Return the refusal of a path that is not there, at the deepest step that is."""
        there = next(path[:d] for d in range(len(path), -1, -1) if self._is_there(path[:d]))
        return self._refusal(f"there is no {dotted(path)}", self._start(there), "check the path")


def _entries(node: Node) -> list[Any]:
    """Return the pairs or items of a collection; a scalar is the only thing in itself."""
    if isinstance(node, (Mapping, Sequence)):
        return node.pairs if isinstance(node, Mapping) else node.items
    return [node]


def _plain_type(value: float) -> type:
    return next(kind for kind in (bool, int, float) if isinstance(value, kind))


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_null
