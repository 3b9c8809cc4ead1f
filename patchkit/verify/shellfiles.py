"""Which files of a recipe a shell reads, and what of them lands in a container.

A shell file is told by its `#!` line, by its name (`abra.sh`, `*.sh`, `*.sh.tmpl`), or by what
Swarm makes of it: a config that services mount as `*.sh`.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from patchkit.errors import RecipeError
from patchkit.recipe.configs import configs
from patchkit.recipe.forms import config_refs
from patchkit.verify.gotemplate import Rendered
from patchkit.verify.mounted import mounted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.recipe.model import Recipe

_NAME = re.compile(r"\.(?:sh|bash)(?:\.tmpl)?$")
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "ash"})
# What may stand in a `#!` line before the interpreter's name.
_BEFORE = re.compile(r"(?:.*/)?(?:env|busybox)$|-\w*$|\w+=")


def is_shell(recipe: Recipe, path: str) -> bool:
    """Return whether a shell reads a file of the recipe."""
    try:
        first = recipe.tree.text(path).partition("\n")[0]
    except RecipeError:
        return bool(_NAME.search(path))
    if (found := interpreter(first)) is not None:
        return found in _SHELLS
    return bool(_NAME.search(path)) or any(_NAME.search(ref) for *_, ref in _mounts(recipe, path))


def interpreter(line: str) -> str | None:
    """Return the program of a `#!` line, without its folder; None for any other line."""
    if not line.startswith("#!"):
        return None
    words = [word for word in line[2:].split() if not _BEFORE.match(word)]
    return posixpath.basename(words[0]) if words else ""


def contents(recipe: Recipe, path: str, *, inverted: bool = False) -> list[Rendered]:
    """Return a file as containers get it, once each; as it is where none does.

    Args:
        recipe: the recipe.
        path: a file of it.
        inverted: take every `if` of a template the other way.

    Raises:
        TemplateError: Swarm would not render it.
    """
    text = recipe.tree.text(path)
    found = {
        rendered.text: rendered
        for service, key, _ in _mounts(recipe, path)
        for rendered in [mounted(recipe, service, key, inverted=inverted)]
    }
    return list(found.values()) or [Rendered(text, text, path)]


def _mounts(recipe: Recipe, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield the service, the config's key and the target of each mount of a file."""
    keys = {key for key, config in configs(recipe).items() if config.file == path}
    for service, body in recipe.services.items():
        for ref in config_refs(body):
            if ref.source in keys:
                yield service, ref.source, ref.target
