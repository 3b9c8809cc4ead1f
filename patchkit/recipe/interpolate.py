"""Variables in compose values, as far as a recipe itself answers them.

Compose spec, «Interpolation»: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`,
`${NAME:?error}`, `${NAME:+other}`, and `$$` for a dollar.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)"
    r"(?:(?P<operator>:?[-?+])(?P<word>(?:[^{}$]|\$(?!\{)|\$\{[^{}]*\})*))?\})"
)


def interpolate(text: str, env: Mapping[str, str] | None = None) -> str:
    """Return `text` with variables filled from `env`, else from their own defaults.

    A variable without either stays as it is written, so that nothing is invented.
    """

    def value(match: re.Match[str]) -> str:
        if match["escaped"]:
            return "$"
        name, operator = match["plain"] or match["name"], match["operator"] or ""
        known = (env or {}).get(name)
        if known or (known == "" and not operator.startswith(":")):
            return interpolate(match["word"], env) if operator.endswith("+") else known
        if operator.endswith("-"):
            return interpolate(match["word"], env)
        return "" if operator.endswith("+") else match[0]

    return _VARIABLE.sub(value, text)


def variables(text: str) -> tuple[str, ...]:
    """Return the names of the variables that `text` uses, in order."""
    if "$" not in text:
        return ()
    return tuple(m["plain"] or m["name"] for m in _VARIABLE.finditer(text) if not m["escaped"])


def default_of(text: str, name: str) -> str | None:
    """Return the default that `text` itself gives to the variable `name`."""
    for match in _VARIABLE.finditer(text):
        if match["name"] == name and (match["operator"] or "").endswith("-"):
            return match["word"]
    return None
