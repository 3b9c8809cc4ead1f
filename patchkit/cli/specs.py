"""Which spec files a command of those who write fixes is about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.errors import UsageError
from patchkit.fixes import classes_in, known_names, specs_in

if TYPE_CHECKING:
    from collections.abc import Iterable

_HERE = "fixes"


def named(names: Iterable[str]) -> list[str]:
    """Return the spec files that are named, and those of folders; of ./fixes where none is.

    Args:
        names: files, or names of fixes; folders, whose classes are meant as well, or that hold
            a folder fixes.

    Raises:
        UsageError: a folder has no specs.
    """
    given = list(names) or [_HERE]
    return [spec for name in given for spec in _specs(name, is_named=bool(names))]


def _specs(name: str, *, is_named: bool) -> list[str]:
    folder = Path(name)
    if is_named and not folder.is_dir():
        return [name]
    folder = folder / _HERE if (folder / _HERE).is_dir() else folder
    found = [str(path) for path in (*specs_in(folder), *classes_in(folder))]
    if found or name in known_names():
        return found or [name]
    where = folder if is_named else f"./{folder}"
    raise UsageError(f"there are no fixes in {where}", hint="name one, or `patchkit new FIX`")
