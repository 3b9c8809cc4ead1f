"""What an operator who took `.env.sample` as it is would deploy.

abra puts the settings of the app's `.env` and the exports of `abra.sh` into the environment in
which compose files are read, and names the stack after the domain (Co-op Cloud docs, «Environment
variables»).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.edit import dotenv
from patchkit.recipe.configs import exports
from patchkit.recipe.forms import as_mapping
from patchkit.recipe.interpolate import interpolate, variables
from patchkit.recipe.model import ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from patchkit.recipe.model import Recipe

_DOMAIN = "recipe.example.com"


def settings(recipe: Recipe) -> dict[str, str]:
    """Return the variables that compose files are read with, by name.

    A setting that `.env.sample` only offers, commented out, counts too where no line sets it:
    the overlays on offer need theirs.
    """
    text = recipe.tree.text(ENV_SAMPLE) if ENV_SAMPLE in recipe.tree else ""
    entries = sorted(dotenv.entries(text), key=lambda entry: not entry.commented)
    sample = {entry.name: entry.value for entry in entries if entry.name != "COMPOSE_FILE"}
    domain = sample.get("DOMAIN") or _DOMAIN
    known = {"DOMAIN": domain, "STACK_NAME": re.sub(r"[^a-zA-Z0-9]", "_", domain)}
    return sample | {k: v for k, v in known.items() if not sample.get(k)} | exports(recipe)


def environment(
    recipe: Recipe, service: str, given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of a service's containers, all compose files merged.

    Args:
        recipe: the recipe.
        service: its Compose key.
        given: the variables of the deployment; `settings(recipe)` by default.
    """
    known = settings(recipe) if given is None else given
    entries = as_mapping(recipe.services.get(service, {}).get("environment"))
    return {
        name: _filled(value, known) if value is not None else known[name]
        for name, value in entries.items()
        if value is not None or name in known
    }


def filled(names: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Return what an operator has to fill in, of settings that the sample leaves empty.

    `1` does as a text, a number and a port.
    """
    return {name: "1" for name in names if not known.get(name)}


def _filled(value: str, known: Mapping[str, str]) -> str:
    """Return a value with every variable filled in; one that nobody knows is empty for Docker."""
    return interpolate(value, dict.fromkeys(variables(value), "") | dict(known))
