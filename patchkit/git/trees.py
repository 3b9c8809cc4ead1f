"""Trees of git out of recipes: what a recipe changes is written, all else keeps its object.

Written byte by byte, since pygit2's builders take names of UTF-8 only.
https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pygit2.enums import FileMode, ObjectType

from patchkit.errors import RecipeError
from patchkit.tree.objects import tree_items

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pygit2

    from patchkit.tree import Entry
    from patchkit.tree.objects import Items

_Path: TypeAlias = tuple[bytes, ...]
_Changes: TypeAlias = "Mapping[_Path, Entry | None]"


def write_tree(
    repository: pygit2.Repository, base: pygit2.Tree, changes: Mapping[str, Entry | None]
) -> pygit2.Oid:
    """Write the tree that another one becomes by some changes.

    Args:
        repository: where to.
        base: the tree to start from; its submodules stay.
        changes: the new file by path; None removes it.

    Returns:
        The tree's object id.

    Raises:
        RecipeError: a file would take the place of a submodule.
    """
    split = {_parts(path): entry for path, entry in changes.items()}
    return _write(repository, _changed(repository, tree_items(base.read_raw()), split, ()))


def _changed(repository: pygit2.Repository, items: Items, changes: _Changes, above: _Path) -> Items:
    """Return what a folder holds after changes, whose paths start in it."""
    here = {parts[0]: entry for parts, entry in changes.items() if len(parts) == 1}
    # A file that goes may leave its name to a folder, and a folder its name to a file.
    for name in [name for name, entry in here.items() if entry is None]:
        items.pop(name, None)
    for name in dict.fromkeys(parts[0] for parts in changes if len(parts) > 1):
        below = {
            parts[1:]: entry
            for parts, entry in changes.items()
            if parts[0] == name and len(parts) > 1
        }
        _change_folder(repository, items, below, (*above, name))
    for name, entry in here.items():
        if entry is not None:
            _refuse_submodule(items.get(name), (*above, name), folder_too=True)
            items[name] = (entry.mode, bytes(repository.create_blob(entry.data).raw))
    return items


def _change_folder(
    repository: pygit2.Repository, items: Items, changes: _Changes, path: _Path
) -> None:
    """Make changes in a folder of a folder; an empty one goes."""
    name = path[-1]
    old = items.get(name)
    _refuse_submodule(old, path)
    is_folder = old is not None and old[0] == FileMode.TREE
    held = tree_items(repository[old[1].hex()].read_raw()) if old and is_folder else {}
    if held := _changed(repository, held, changes, path):
        items[name] = (FileMode.TREE, bytes(_write(repository, held).raw))
    elif is_folder:
        del items[name]


def _refuse_submodule(
    item: tuple[int, bytes] | None, path: _Path, *, folder_too: bool = False
) -> None:
    # A folder that is left over when all its files have gone holds a submodule.
    taken = (FileMode.COMMIT, FileMode.TREE) if folder_too else (FileMode.COMMIT,)
    if item and item[0] in taken:
        name = b"/".join(path).decode(errors="surrogateescape")
        raise RecipeError(
            f"{name!r} is a submodule of the recipe, or holds one",
            hint="let the fix write somewhere else: patchkit leaves submodules alone",
        )


def _write(repository: pygit2.Repository, items: Items) -> pygit2.Oid:
    """Write a tree; folders are sorted as if their names ended in a slash."""
    order = sorted(items, key=lambda name: name + b"/" * (items[name][0] == FileMode.TREE))
    lines = (b"%o %s\0%s" % (items[name][0], name, items[name][1]) for name in order)
    return repository.write(ObjectType.TREE, b"".join(lines))


def _parts(path: str) -> _Path:
    return tuple(path.encode(errors="surrogateescape").split(b"/"))
