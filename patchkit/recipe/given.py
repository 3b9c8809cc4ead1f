"""Which variables of compose files get a value: from abra, from the operator's settings, or not.

abra reads `.env`, a copy of `.env.sample`, and what `abra.sh` exports; a few it sets itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.edit import dotenv
from patchkit.recipe.configs import exports
from patchkit.recipe.model import ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.recipe.model import Recipe

# Set by abra for every app.
BY_ABRA = frozenset(("STACK_NAME", "DOMAIN", "TYPE", "RECIPE", "VERSION", "LETS_ENCRYPT_ENV"))
_BARE = re.compile(r"\$(?:\$|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)\})")


def given(recipe: Recipe) -> frozenset[str]:
    """Return the variables that have a value, or are on offer in `.env.sample`."""
    text = recipe.tree.text(ENV_SAMPLE) if ENV_SAMPLE in recipe.tree else ""
    return BY_ABRA | {entry.name for entry in dotenv.entries(text)} | set(exports(recipe))


def bare(text: str) -> Iterator[str]:
    """Yield the variables that a text uses without a default, an error or another word."""
    for match in _BARE.finditer(text):
        if found := match["plain"] or match["name"]:
            yield found


def with_default(text: str, default: Callable[[str], str | None]) -> str:
    """Return a text with a default for each bare variable that `default` has one for."""

    def written(match: re.Match[str]) -> str:
        name = match["plain"] or match["name"]
        word = default(name) if name else None
        return match[0] if word is None else f"${{{name}:-{word}}}"

    return _BARE.sub(written, text)
