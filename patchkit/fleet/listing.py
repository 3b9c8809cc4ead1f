"""Which recipes a fleet is: the folders below one, the lines of a list, less what is left out."""

from __future__ import annotations

import os
import re
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.errors import Place, UsageError
from patchkit.fleet.source import Source, is_bare
from patchkit.settings import settings_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_COMMENT = re.compile(r"(^|\s)#.*")
_SCP = re.compile(r"[^/\s]+@[^/\s]+:\S+")  # git@host:path
MAX_LINES = 1_000_000


def below(folder: str | Path) -> list[Source]:
    """Return the folders right below one, by name; hidden ones are left out.

    Every one counts, also one that is no recipe: it is told as such instead of overlooked.

    Raises:
        UsageError: there is no such folder, it is a recipe itself, or nothing is in it.
    """
    top = Path(folder)
    try:
        with os.scandir(top) as found:
            names = sorted(e.name for e in found if e.is_dir() and not e.name.startswith("."))
    except OSError as error:
        hint = "name the folder that holds the recipes' folders"
        raise UsageError(
            f"cannot be read: {error.strerror}", place=Place(str(top)), hint=hint
        ) from None
    if (top / "compose.yml").is_file() or is_bare(top):
        raise UsageError(
            "this is a recipe itself, not a folder of recipes",
            place=Place(str(top)),
            hint=f"name the folder above it, or this one alone: --in {top}",
        )
    if not names:
        hint = "name the folder that holds the recipes' folders"
        raise UsageError("there is no folder in it", place=Place(str(top)), hint=hint)
    return [Source.folder(top / name) for name in names]


def listed(file: str, profile: str | None = None) -> list[Source]:
    """Return the recipes that the lines of a file name, each once.

    A line is a folder, a URL of git, or the name of a recipe: its mirror by the settings, else
    the sample that patchkit carries. `#` at the start or after a space opens a comment; `-` is
    standard input.

    Args:
        file: the list.
        profile: of the settings.

    Raises:
        UsageError: the file cannot be read, or names nothing.
        SettingsError: the settings are wrong.
    """
    sources = [_named(line, profile) for line in _lines(file)]
    if not sources:
        raise UsageError(
            "the list names no recipe",
            place=Place(file),
            hint="write a line for each: a folder, a URL or a recipe's name",
        )
    return list({source.key: source for source in sources}.values())


def picked(
    sources: Iterable[Source], only: Sequence[str] = (), skip: Sequence[str] = ()
) -> list[Source]:
    """Return the sources that patterns choose, by the recipe's name or where it comes from.

    Args:
        sources: all there are.
        only: one of these must fit; any when there are none.
        skip: none of these may fit.
    """
    return [s for s in sources if (not only or _fits(s, only)) and not _fits(s, skip)]


def _fits(source: Source, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(n, p) for n in (source.recipe, source.where) for p in patterns)


def _lines(file: str) -> list[str]:
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        text = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"the list cannot be read: {why}",
            place=Place(file),
            hint="a line each: a folder, a URL or a recipe's name",
        ) from None
    lines = (_COMMENT.sub("", line).strip() for line in text.splitlines())
    found = [line for line in lines if line]
    if len(found) > MAX_LINES:
        raise UsageError(f"a list has at most {MAX_LINES:,} lines", place=Place(file))
    return found


def _named(line: str, profile: str | None) -> Source:
    if "://" in line or _SCP.fullmatch(line):
        return Source.mirror(line)
    path = Path(line).expanduser()
    if "/" in line or path.exists():
        return Source.folder(path)
    return of_recipe(line, profile)


def of_recipe(name: str, profile: str | None = None) -> Source:
    """Return the mirror of a recipe by the settings, its bundled sample where none is named."""
    url = settings_for(name, profile=profile).mirror_of(name)
    return Source.mirror(url) if url else Source.sample(name)
