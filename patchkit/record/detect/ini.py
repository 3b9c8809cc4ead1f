"""Keys of INI files."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from patchkit.edit.ini_reader import read
from patchkit.record.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record.candidate import Case, Step

_LONGEST = 256 * 1024  # characters
_NAMES = ("*.ini*", "*.cnf*", "*.cfg*", "*.conf*")


def changed_keys(case: Case) -> Iterator[Candidate]:
    """Keys that are new, have another value, or are gone."""
    for path in case.edited:
        texts = case.texts(path)
        if texts and len(texts[1]) <= _LONGEST and any(fnmatchcase(path, name) for name in _NAMES):
            yield from _changed(path, *map(_values, texts))


def _changed(
    path: str, old: dict[tuple[str | None, str], str], new: dict[tuple[str | None, str], str]
) -> Iterator[Candidate]:
    for (section, key), value in new.items():
        if old.get((section, key)) != value:
            yield Candidate(_step("set", path, section, key) | {"value": value})
    for section, key in old:
        if (section, key) not in new:
            yield Candidate(_step("unset", path, section, key))


def _step(verb: str, path: str, section: str | None, key: str) -> Step:
    where = {"section": section} if section is not None else {}
    return {"op": f"ini.{verb}", "file": path} | where | {"key": key}


def _values(text: str) -> dict[tuple[str | None, str], str]:
    lines = [line for line in read(text) if line.key is not None and line.sep.strip()]
    return {(line.section, line.key or ""): text[slice(*line.value_span)] for line in lines}
