"""What a recorded fix and its recipe are called."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.edit import dotenv
from patchkit.errors import RecipeError
from patchkit.recipe.model import ENV_SAMPLE

if TYPE_CHECKING:
    from patchkit.tree import RecipeTree

README = "README.md"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TITLE = re.compile(r"^#\s+(.+?)\s*$", re.MULTILINE)
_FALLBACK = "recipe"


def recipe_name(tree: RecipeTree) -> str:
    """Return what a recipe calls itself; else its folder, or the title of its README."""
    names = (*_own_names(tree), tree.name.partition("@")[0], _title(tree))
    return next((name for name in names if _NAME.fullmatch(name)), _FALLBACK)


def fix_id(name: str) -> str:
    """Return a name as the id of a fix: made of a-z, 0-9 and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or _FALLBACK


def _own_names(tree: RecipeTree) -> list[str]:
    found = dotenv.entries(_text(tree, ENV_SAMPLE))
    own = [e for e in found if e.name in {"TYPE", "RECIPE"} and not e.commented]
    return [entry.value.partition(":")[0] for entry in own]


def _title(tree: RecipeTree) -> str:
    title = _TITLE.search(_text(tree, README))
    return fix_id(title[1]) if title else ""


def _text(tree: RecipeTree, path: str) -> str:
    try:
        return tree.text(path) if path in tree else ""
    except RecipeError:
        return ""
