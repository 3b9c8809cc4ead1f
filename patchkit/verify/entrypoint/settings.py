"""The settings in an app.ini, and what Gitea and a new version of a recipe make of them.

Gitea saves secrets that it needs and its app.ini does not give:
https://docs.gitea.com/administration/config-cheat-sheet
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.edit.ini_reader import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.edit.ini_reader import Line

Key = tuple[str, str]
SECRETS: tuple[Key, ...] = (
    ("oauth2", "JWT_SECRET"),
    ("server", "LFS_JWT_SECRET"),
    ("security", "INTERNAL_TOKEN"),
)
_PLAIN = re.compile(r"[\w./:-]+")
_NEW: Key = ("patchkit", "NEW")


def values(text: str) -> dict[Key, str]:
    """Return the values by section and key, the last one of each, without quotes."""
    return {
        (line.section or "", line.key): text[slice(*line.value_span)].strip("\"'`")
        for line in read(text)
        if line.key is not None
    }


def settings(text: str) -> dict[Key, str]:
    """Return the same without the secrets that Gitea may save."""
    return {key: value for key, value in values(text).items() if key not in SECRETS}


def made(config: str) -> dict[Key, str]:
    """Return secrets that Gitea makes up when it starts with a config: those it does not give."""
    known = values(config)
    return {
        (section, key): f"{key.replace('_', '-').lower()}_made-by.Gitea"
        for section, key in SECRETS
        if not known.get((section, key)) and not known.get((section, f"{key}_URI"))
    }


def saved(text: str, secrets: Mapping[Key, str]) -> str:
    """Return an app.ini into which Gitea has saved secrets."""
    for (section, key), value in secrets.items():
        for line in reversed(read(text)):
            if (line.section, line.key) == (section, key):
                text = text[: line.span[0]] + text[line.span[1] :]
        heads = [line for line in read(text) if line.key is None and line.section == section]
        at = heads[0].span[1] if heads else len(text)
        before = text[:at] if text[:at].endswith("\n") or not at else f"{text[:at]}\n"
        head = "" if heads else f"\n[{section}]\n"
        text = f"{before}{head}{key} = {value}\n{text[at:]}"
    return text


def renewed(config: str) -> str:
    """Return a config as a later version of the recipe has it.

    One setting and the secrets that it gives have other values, one setting is gone, one is new.
    """
    lines = [line for line in read(config) if line.key is not None]
    given = [line for line in lines if (line.section or "", line.key) in SECRETS]
    plain = [ln for ln in lines if ln not in given and _PLAIN.fullmatch(_raw(config, ln))]
    gone, other = plain[-1:], [*plain[:-1][:1], *(ln for ln in given if _raw(config, ln))]
    for line in reversed(lines):
        if line in gone:
            config = config[: line.span[0]] + config[line.span[1] :]
        elif line in other:
            start, end = line.value_span
            config = f"{config[:start]}another{config[end:]}"
    end_of_line = "" if config.endswith("\n") or not config else "\n"
    return f"{config}{end_of_line}\n[{_NEW[0]}]\n{_NEW[1]} = true\n"


def _raw(config: str, line: Line) -> str:
    return config[slice(*line.value_span)]
