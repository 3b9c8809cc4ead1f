"""Whether a folder holds work that a write could meet.

Asked of the git program (git-status documentation, «Porcelain Format Version 1»).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.git.program import git

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HINT = "run git status there to see why, or write all the same with --force"
_UNTRACKED = "??"


def unclean(folder: Path, paths: Iterable[str]) -> list[str]:
    """Return what stands in the way of writing `paths`: their changes, and stray compose files.

    Untracked `compose*.yml` count, since whoever deploys from the folder deploys them too.
    A folder that is no git work tree has nothing to lose that git knows of: an empty list.

    Raises:
        GitError: git is missing, or cannot read the repository.
    """
    if not in_work_tree(folder):
        return []
    arguments = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--", ".")
    status = git(folder, *arguments, hint=_HINT)
    prefix = git(folder, "rev-parse", "--show-prefix", hint=_HINT).rstrip("\n")
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


def in_work_tree(folder: Path) -> bool:
    """Whether git would find a work tree: asked of the disk, so that git may be missing."""
    top = folder.resolve()
    return any((path / ".git").exists() for path in (top, *top.parents))
