"""The reviewed diff: a file that says what a fix makes of a sample, and that people read."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from patchkit.errors import Problem
from patchkit.testing.failure import Failure
from patchkit.testing.layout import shown

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.errors import Place

_UPDATE = "read it, then take it over with --snapshot-update"


def compare(path: Path, made: str, place: Place) -> Failure | None:
    """Return how a diff differs from the reviewed one, None where it does not.

    Args:
        path: the file with the reviewed diff.
        made: the diff as it is now.
        place: the part of the spec that makes it.
    """
    reviewed = _read(path)
    if reviewed == made:
        return None
    if reviewed is None:
        said = f"no diff was reviewed: there is no {shown(path)}"
        return Failure((Problem(said, place, _UPDATE),), detail=made)
    said = f"the diff is not the reviewed one in {shown(path)}"
    return Failure((Problem(said, place, _UPDATE),), detail=_difference(path, reviewed, made))


def write(path: Path, made: str) -> None:
    """Make a diff the reviewed one."""
    if _read(path) != made:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.encode("utf-8", "surrogateescape"))


def too_many(folder: Path, known: set[str], place: Place) -> Failure | None:
    """Return which diffs of a fix's folder belong to no sample of it, None where all do."""
    found = sorted(path for path in folder.glob("*.diff") if path.stem not in known)
    hint = "remove it, or name the sample in the settings: testing.fixes"
    problems = [Problem(f"{shown(path)} is of no sample of the fix", place, hint) for path in found]
    return Failure(tuple(problems)) if problems else None


def _read(path: Path) -> str | None:
    if not path.is_file():
        return None
    return path.read_bytes().decode("utf-8", "surrogateescape")


def _difference(path: Path, reviewed: str, made: str) -> str:
    before, after = reviewed.splitlines(), made.splitlines()
    lines = difflib.unified_diff(before, after, shown(path), "made now", lineterm="")
    return "\n".join(lines)
