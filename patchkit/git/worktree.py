"""Whether a folder holds work that a write could meet.

Asked of the git program (git-status documentation, «Porcelain Format Version 1»), with the
repository's own file system monitor off: a recipe's configuration is not trusted to run things.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from patchkit.errors import GitError, Place

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_TIMEOUT = 60  # seconds
_UNTRACKED = "??"


def unclean(folder: Path, paths: Iterable[str]) -> list[str]:
    """Return what stands in the way of writing `paths`: their changes, and stray compose files.

    Untracked `compose*.yml` count, since whoever deploys from the folder deploys them too.
    A folder that is no git work tree has nothing to lose that git knows of: an empty list.

    Raises:
        GitError: git is missing, or cannot read the repository.
    """
    if not _in_work_tree(folder):
        return []
    status = _git(folder, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".")
    prefix = _git(folder, "rev-parse", "--show-prefix").rstrip("\n")
    wanted = set(paths)
    found = []
    for code, name in _entries(status):
        path = name.removeprefix(prefix)
        stray = code == _UNTRACKED and "/" not in path
        stray = stray and path.startswith("compose") and path.endswith(".yml")
        if path in wanted or stray:
            found.append(path)
    return sorted(found)


def _entries(status: str) -> Iterable[tuple[str, str]]:
    """Yield code and path of each entry; the old name of a rename follows as one of its own."""
    fields = iter(status.split("\0"))
    for field in fields:
        if field:
            yield field[:2], field[3:]
            if field[0] in "RC":
                yield field[:2], next(fields, "")


def _in_work_tree(folder: Path) -> bool:
    """Whether git would find a work tree: asked of the disk, so that git may be missing."""
    top = folder.resolve()
    return any((path / ".git").exists() for path in (top, *top.parents))


def _git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  fixed program, no shell
            command,
            capture_output=True,
            check=True,
            timeout=_TIMEOUT,
            env=env | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise GitError("the git program is not installed", hint="install git") from None
    except subprocess.SubprocessError as error:
        why = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise GitError(
            f"git {arguments[0]} failed: {why or error}",
            place=Place(str(folder)),
            hint="run git status there to see why, or write all the same with --force",
        ) from None
    return done.stdout.decode(errors="surrogateescape")
