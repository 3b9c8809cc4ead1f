"""What no op of a fix can make of a recipe: binary files, links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.errors import Place, Problem
from patchkit.tree import LINK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.tree import Entry, RecipeTree

_HINT = "commit this file by itself, and record the rest"


def impossible(old: RecipeTree, goal: RecipeTree) -> Iterator[Problem]:
    """Yield what is wrong with each file that no op can make."""
    changed = goal.changed_paths(old)
    moved = {old.entries[path].data for path in changed if path in old and path not in goal}
    for path in changed:
        entry, was = goal.entries.get(path), old.entries.get(path)
        if entry is None:
            continue
        if LINK in {entry.mode, was.mode if was else entry.mode}:
            yield Problem("a fix neither adds nor changes a link", Place(path), _HINT)
        elif not _is_known(entry, was, moved) and (fault := _no_text(entry.data)):
            message = f"a fix adds and changes text only, and this file {fault}"
            yield Problem(message, Place(path), _HINT)


def _is_known(entry: Entry, was: Entry | None, moved: set[bytes]) -> bool:
    """Whether the content is there already, under this path or another."""
    return was.data == entry.data if was else entry.data in moved


def _no_text(data: bytes) -> str:
    if b"\0" in data:
        return "is binary"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return ""
