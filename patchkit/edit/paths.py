r"""Paths into YAML as people write them: `services.app.ports[0]`.

A dot within a key is written `\.`, or the key is quoted: `labels."traefik.enable"`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.edit.yaml import Path

_STEP = re.compile(
    r"""(?:\[(?P<item>[0-9]+)\]|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>(?:[^."\[\\]|\\.)+))"""
)
_ESCAPE = re.compile(r"\\(.)")


def parse_path(text: str) -> Path:
    r"""Return the steps of a path: keys as str, numbers of items as int.

    Args:
        text: steps joined by dots; `[0]` and `.0` are items, `\.` is a dot within a key, and a
            key in double quotes is taken as it is, numbers too.

    Raises:
        ValueError: it is no path; in plain words.
    """
    steps: list[str | int] = []
    at = 0
    while at < len(text) or not steps:
        step = _STEP.match(text, at)
        if step is None or (steps and text[at - 1] != "." and not step["item"]):
            raise ValueError(f'expected a path such as services.app.ports[0], found "{text}"')
        steps.append(_value(step))
        at = step.end()
        at += text.startswith(".", at) and at + 1 < len(text)
    return tuple(steps)


def dotted(path: Path) -> str:
    """Return a path as text that `parse_path` reads back."""
    return ".".join(_written(step) for step in path)


def _value(step: re.Match[str]) -> str | int:
    if step["item"]:
        return int(step["item"])
    if step["plain"] is None:
        return _ESCAPE.sub(r"\1", step["quoted"])
    plain = step["plain"]
    return int(plain) if re.fullmatch("[0-9]+", plain) else _ESCAPE.sub(r"\1", plain)


def _written(step: str | int) -> str:
    if isinstance(step, int) or re.fullmatch(r'[^."\[\\]*[^."\[\\0-9][^."\[\\]*', step):
        return str(step)
    return '"' + re.sub(r'(["\\])', r"\\\1", step) + '"'
