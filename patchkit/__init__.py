"""patchkit: declarative fixes for Co-op Cloud recipes, rendered into the smallest correct diff.

>>> from patchkit import RecipeTree, load_fix, render
>>> patch = render(load_fix("fixes/mattermost.yml"), RecipeTree.from_dir("mattermost-lts"))
>>> print(patch.verdict, patch.diff())  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from patchkit.errors import PatchkitError
    from patchkit.finding import Finding
    from patchkit.fixes import load_fix, loads_fix
    from patchkit.lint import Gate
    from patchkit.rendering import Change, Patch, Verdict, check, render
    from patchkit.spec.fix import Fix
    from patchkit.tree import RecipeTree

__version__ = "0.1.0"
__all__ = [
    "Change",
    "Finding",
    "Fix",
    "Gate",
    "Patch",
    "PatchkitError",
    "RecipeTree",
    "Verdict",
    "check",
    "load_fix",
    "loads_fix",
    "render",
]

_HOMES = {
    "Change": "rendering",
    "Finding": "finding",
    "Fix": "spec.fix",
    "Gate": "lint",
    "Patch": "rendering",
    "PatchkitError": "errors",
    "RecipeTree": "tree",
    "Verdict": "rendering",
    "check": "rendering",
    "load_fix": "fixes",
    "loads_fix": "fixes",
    "render": "rendering",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: the command line starts without them."""
    if name not in _HOMES:
        raise AttributeError(f"module 'patchkit' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"patchkit.{_HOMES[name]}"), name)
