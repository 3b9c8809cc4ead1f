"""What a repository says of its Python: in ruff's settings, and by its folders."""

from __future__ import annotations

import posixpath
import tomllib
from typing import TYPE_CHECKING, Any

from patchkit.errors import RecipeError

if TYPE_CHECKING:
    from patchkit.tree import RecipeTree

_LENGTH = 88
_FILES = (".ruff.toml", "ruff.toml", "pyproject.toml")


def line_length(tree: RecipeTree, file: str) -> int:
    """Return how long a line of a file may be, ruff's default where nothing is said."""
    _, settings = _ruff(tree, file)
    length = settings.get("line-length")
    return length if isinstance(length, int) else _LENGTH


def first_party(tree: RecipeTree, file: str) -> frozenset[str]:
    """Return the packages that a file's repository holds itself, as ruff sees them."""
    home, settings = _ruff(tree, file)
    lint = _table(settings, "lint")
    isort = _table(lint, "isort") | _table(settings, "isort")
    known = isort.get("known-first-party", [])
    folders = settings.get("src", [".", "src"])
    names = {name for name in known if isinstance(name, str)}
    for folder in (f for f in folders if isinstance(f, str)):
        names |= _modules(tree, posixpath.normpath(posixpath.join(home, folder)))
    return frozenset(names)


def _modules(tree: RecipeTree, folder: str) -> set[str]:
    """Return the names of the packages and modules right in a folder."""
    prefix = "" if folder == "." else f"{folder}/"
    inside = [path[len(prefix) :] for path in tree.paths() if path.startswith(prefix)]
    files = {path.removesuffix(".py") for path in inside if "/" not in path}
    folders = {path.partition("/")[0] for path in inside if path.endswith(".py") and "/" in path}
    return files | folders


def _ruff(tree: RecipeTree, file: str) -> tuple[str, dict[str, Any]]:
    """Return the folder and content of the ruff settings that are nearest above a file."""
    folder = posixpath.dirname(file)
    while True:
        for name in _FILES:
            path = posixpath.join(folder, name)
            data = _read(tree, path) if path in tree else {}
            settings = _table(_table(data, "tool"), "ruff") if name == "pyproject.toml" else data
            if settings:
                return folder, settings
        if not folder:
            return "", {}
        folder = posixpath.dirname(folder)


def _read(tree: RecipeTree, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(tree.text(path))
    except (RecipeError, tomllib.TOMLDecodeError):
        return {}


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    value = data.get(name)
    return value if isinstance(value, dict) else {}
