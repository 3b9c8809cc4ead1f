"""A recipe as a value: its files with their git modes, from a folder, a git commit or memory."""

from patchkit.tree.entry import EXECUTABLE, LINK, REGULAR, Entry
from patchkit.tree.journal import recover, refusing
from patchkit.tree.own import make_own
from patchkit.tree.recipe_tree import MAX_TEXT_BYTES, RecipeTree

__all__ = [
    "EXECUTABLE",
    "LINK",
    "MAX_TEXT_BYTES",
    "REGULAR",
    "Entry",
    "RecipeTree",
    "make_own",
    "recover",
    "refusing",
]
