"""Finds the nodes that a path means where aliases, anchors and merge keys stand in between.

What an edit would change elsewhere is never changed in passing: `on_alias` says what is meant.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from patchkit.edit.yaml.aliases import merged_source, path_of, used_outside, users
from patchkit.edit.yaml.checked import CheckedText, dotted
from patchkit.edit.yaml.nodes import MERGE, Alias, Node
from patchkit.edit.yaml.transplant import alias_splices

if TYPE_CHECKING:
    from patchkit.edit.yaml.nodes import Path
    from patchkit.errors import EditRefused

OnAlias: TypeAlias = Literal["error", "expand", "edit-anchor"]
Last: TypeAlias = Literal["own", "any", "into"]


class ReachingText(CheckedText):
    """A text whose aliases are handled as `on_alias` says: see `YamlEditor`."""

    def __init__(self, text: str, path: str = "", *, on_alias: OnAlias = "error") -> None:
        super().__init__(text, path)
        self.on_alias = on_alias

    def _reach(self, path: Path, last: Last = "own") -> Path:
        """Return the path of the very nodes that `path` means, aliases handled as settled.

        Args:
            path: as the caller knows it.
            last: what the edit does with the last step: sets it (`any` that is there may be
                replaced), removes or renames it (it must be this file's `own` pair), or
                goes `into` it.
        """
        if not self.document.aliases and MERGE not in self.text:
            return path
        for depth in range(1, len(path) + 1):
            at, final = path[:depth], depth == len(path)
            node = self.document.find(at)
            if isinstance(node, Alias) and (not final or last == "into"):
                return self._through(path, path[depth:], node, last)
            if node is None or (final and last == "own"):
                found = merged_source(self.document.find(at[:-1]), str(at[-1]))
                overriding = final and last == "any" and self.on_alias != "edit-anchor"
                if found is None or overriding:
                    return path
                if node is not None and self.on_alias != "expand":
                    raise self._shadowed(path, node)
                where, source = found
                where = (*at[:-1], *where)
                if isinstance(source, Alias):
                    return self._through(path, path[depth - 1 :], source, last)
                return self._reach((*where, *path[depth - 1 :]), last)
        return path

    def _shadowed(self, path: Path, node: Node) -> EditRefused:
        return self._refusal(
            f"{dotted(path)} overrides what a merge key gives, which would come to light",
            node.start,
            "say `on_alias: expand` to write the merged keys out here first",
        )

    def _through(self, path: Path, rest: Path, alias: Alias, last: Last) -> Path:
        """Go on at the node that `alias` names, in whose place `rest` is what is left of `path`."""
        if self.on_alias == "error":
            number = sum(other.target is alias.target for other in self.document.aliases)
            raise self._refusal(
                f"{dotted(path)} is reached through the alias *{alias.name}",
                alias.start,
                f"say `on_alias: expand` to write it out here, or `on_alias: edit-anchor` to"
                f" change &{alias.name} for {'its user' if number == 1 else f'all {number} users'}",
            )
        if self.on_alias == "expand":
            self._expand(alias)
            return self._reach(path, last)
        where = path_of(self.document, alias.target) if alias.target else None
        if where is None:
            raise self._refusal(
                f"&{alias.name} stands where no path leads", alias.start, "edit it by hand"
            )
        return self._reach((*where, *rest), last)

    def _expand(self, alias: Alias, *, anchor: str | None = None, moved: int = 0) -> None:
        """Write the anchored value out where `alias` stands: see `alias_splices`."""
        before = _fingerprint(self.data)
        self.commit(alias_splices(self.layout, alias, anchor, moved=moved), None)
        if _fingerprint(self.data) != before:
            raise self._mismatch("writing an alias out changed what the file means")

    def _guard(self, path: Path) -> None:
        """Refuse to change a node that aliases elsewhere would change with."""
        if not self.document.aliases or self.on_alias == "edit-anchor":
            return
        for depth in range(len(path) + 1):
            node = self.document.find(path[:depth])
            if node is not None and node.anchor and (number := users(self.document, node)):
                raise self._refusal(
                    f"{dotted(path[:depth]) or 'the document'} is anchored as &{node.anchor}:"
                    f" {number} other place{'s' * (number > 1)} would change with it",
                    node.start,
                    "say `on_alias: edit-anchor` if that is meant",
                )

    def _release_anchors(self, path: Path, *, move: bool, keep: Node | None = None) -> None:
        """Move the anchors below `path` that others use to their first user, or refuse.

        Args:
            path: what is about to go.
            move: whether they may move.
            keep: a node whose anchor stays where it is.
        """
        while used := used_outside(self.document, path, keep) if self.document.aliases else []:
            alias = used[0]
            if not move:
                raise self._refusal(
                    f"&{alias.name} is defined here and used at line"
                    f" {self.document.place(alias.start).line}",
                    alias.target.start if alias.target else 0,
                    "move the anchor to its user first",
                )
            # For its only user it needs no name any more.
            self._expand(alias, anchor=alias.name if len(used) > 1 else None, moved=len(used))


def _fingerprint(data: Any) -> str:
    """Return data as text in which 1, 1.0, true and "1" differ, and the order of keys does not."""
    return json.dumps(data, sort_keys=True)
