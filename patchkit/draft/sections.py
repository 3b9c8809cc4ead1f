"""The top-level sections `configs`, `secrets`, `volumes` and `networks`, over all compose files.

Compose spec, «Top-level elements». An entry may stand in several files; what a service in an
overlay uses must stand in that overlay or in the base, since overlays come and go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.draft.habits import beside, like
from patchkit.edit.yaml import Mapping, Scalar
from patchkit.edit.yaml.nodes import walk
from patchkit.recipe.model import BASE, Recipe

if TYPE_CHECKING:
    from patchkit.draft.draft import Draft
    from patchkit.edit.yaml import Node


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


def drop_unused_extensions(draft: Draft) -> list[str]:
    """Remove the `x-` sections whose anchors had users, and have none any more; say so."""
    before = draft.before
    done = []
    for file in before.compose_paths:
        while names := _used_extensions(before, file) & _idle_extensions(draft.recipe, file):
            name = min(names)
            _cut(draft, file, name)
            done.append(f"removed {name} from {file}: nothing uses it any more")
    return done


def _cut(draft: Draft, file: str, key: str) -> None:
    draft.edit_yaml(file, lambda editor: editor.unset((key,)))


def _idle_extensions(recipe: Recipe, file: str) -> set[str]:
    return _extensions(recipe, file).keys() - _used_extensions(recipe, file)


def _used_extensions(recipe: Recipe, file: str) -> set[str]:
    """Return the `x-` sections to which aliases elsewhere in the file lead."""
    used = set()
    for name, section in _extensions(recipe, file).items():
        below = {id(node) for node in walk(section)}
        aliases = [alias for alias in recipe.document(file).aliases if id(alias) not in below]
        if any(id(alias.target) in below for alias in aliases):
            used.add(name)
    return used


def _extensions(recipe: Recipe, file: str) -> dict[str, Node]:
    root = recipe.document(file).root if file in recipe.compose_paths else None
    pairs = root.pairs if isinstance(root, Mapping) else []
    return {k.value: v for k, v in pairs if isinstance(k, Scalar) and k.value.startswith("x-")}


def _sibling(recipe: Recipe, kind: str, file: str) -> Node | None:
    """Return the last mapping of a section, of this file or else of another."""
    for path in (file, *recipe.compose_paths):
        section = recipe.document(path).find((kind,))
        pairs = section.pairs if isinstance(section, Mapping) else []
        bodies = [node for _, node in pairs if isinstance(node, Mapping)]
        if bodies:
            return bodies[-1]
    return None
