"""The top-level sections `configs`, `secrets`, `volumes` and `networks`, over all compose files.

Compose spec, «Top-level elements». An entry may stand in several files; what a service in an
overlay uses must stand in that overlay or in the base, since overlays come and go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import Mapping
from patchkit.habits import beside, like
from patchkit.recipe.model import BASE

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.yaml import Node
    from patchkit.recipe.model import Recipe


def definitions(recipe: Recipe, kind: str, key: str | None = None) -> dict[str, dict[str, Any]]:
    """Return what the compose files that define an entry say of it, by file.

    Args:
        recipe: where to look.
        kind: the section's name.
        key: the entry.
    """
    found = {}
    for file, data in recipe.data.items():
        section = data.get(kind)
        if isinstance(section, dict) and key in section:
            body = section[key]
            found[file] = body if isinstance(body, dict) else {}
    return found


def define(draft: Draft, kind: str, key: str, body: dict[str, Any] | None, file: str) -> None:
    """Make sure that a service in `file` can use an entry.

    Nothing is done when the file or the base defines it already. An entry of other overlays
    only is defined once more as they do.

    Args:
        draft: the recipe.
        kind: the section's name.
        key: the entry's key.
        body: what a new entry says.
        file: the compose file.
    """
    known = definitions(draft.recipe, kind, key)
    if file in known or BASE in known:
        return
    data = draft.recipe.data
    place = {} if kind in data[file] else beside(kind, data[file], data.values())
    wanted = next(iter(known.values())) or None if known else body
    value = None if wanted is None else like(wanted, _sibling(draft.recipe, kind, file))
    draft.edit_yaml(file, lambda editor: editor.set((kind, key), value, **place))


def undefine(draft: Draft, kind: str, key: str) -> tuple[str, ...]:
    """Remove an entry from every compose file; return the files."""
    files = draft.recipe.files_with((kind, key))
    for file in files:
        draft.edit_yaml(file, lambda editor: editor.unset((kind, key), move_anchors=True))
    return files


def _sibling(recipe: Recipe, kind: str, file: str) -> Node | None:
    """Return the last mapping of a section, of this file or else of another."""
    for path in (file, *recipe.compose_paths):
        section = recipe.document(path).find((kind,))
        pairs = section.pairs if isinstance(section, Mapping) else []
        bodies = [node for _, node in pairs if isinstance(node, Mapping)]
        if bodies:
            return bodies[-1]
    return None
