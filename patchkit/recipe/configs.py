"""Versioned configs: Swarm configs are immutable, so their names carry a version.

`name: ${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}` in a compose file, and
`export PG_BACKUP_VERSION=v1` in `abra.sh` (Co-op Cloud docs, «Managing configs»).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from patchkit.edit import shell
from patchkit.recipe.interpolate import default_of, variables
from patchkit.recipe.model import ABRA_SH

if TYPE_CHECKING:
    from patchkit.recipe.model import Recipe

_STACK = "STACK_NAME"
_NUMBER = re.compile(r"^(.*?)(\d+)$")
# The same text is read once, as compose files are.
_exports = lru_cache(maxsize=16)(shell.exports)


@dataclass(frozen=True, slots=True)
class Config:
    """One config of the recipe's top level.

    Attributes:
        key: its Compose key.
        file: the recipe's file that it is made from, or None.
        name: the full name as written, or None.
        variable: the variable that carries its version, or None when the name has none.
        version: what `abra.sh` exports for it, else the name's own default, else None.
        defined_in: the compose file that defines it.
    """

    key: str
    file: str | None
    name: str | None
    variable: str | None
    version: str | None
    defined_in: str


def configs(recipe: Recipe) -> dict[str, Config]:
    """Return the recipe's configs by key; external ones are another stack's and left out."""
    exported = exports(recipe)
    found: dict[str, Config] = {}
    for path, data in recipe.data.items():
        section = data.get("configs")
        for key, body in section.items() if isinstance(section, dict) else ():
            if isinstance(body, dict) and not body.get("external"):
                found.setdefault(key, _config(key, body, exported, path))
    return found


def _config(key: str, body: dict[str, object], exported: dict[str, str], path: str) -> Config:
    name = body.get("name")
    file = body.get("file")
    text = name if isinstance(name, str) else ""
    variable = next((v for v in reversed(variables(text)) if v != _STACK), None)
    version = exported.get(variable, default_of(text, variable)) if variable else None
    return Config(
        key=key,
        # Docker resolves it from the first compose file's folder: the recipe.
        file=file.removeprefix("./") if isinstance(file, str) else None,
        name=text or None,
        variable=variable,
        version=version,
        defined_in=path,
    )


def exports(recipe: Recipe) -> dict[str, str]:
    """Return what `abra.sh` exports, by name."""
    if ABRA_SH not in recipe.tree:
        return {}
    return {e.name: e.value for e in _exports(recipe.tree.text(ABRA_SH)) if e.value is not None}


def raised(version: str) -> str | None:
    """Return the next version: `v3` → `v4`; None for one that does not end in a number."""
    match = _NUMBER.match(version)
    return None if match is None else f"{match[1]}{int(match[2]) + 1}"


def version_variable(key: str) -> str:
    """Return a config's customary version variable: `pg_backup` → `PG_BACKUP_VERSION`."""
    return re.sub(r"\W", "_", key).upper() + "_VERSION"
