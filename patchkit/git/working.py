"""A work tree beside one of its commits: what somebody edited there by hand.

Asked of the git program, so that what git takes for unchanged (line ends, sparse checkouts,
filters) is unchanged, and what it ignores is left out.
https://git-scm.com/docs/diff-format#_raw_output_format
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import UsageError
from patchkit.git.program import git
from patchkit.git.worktree import in_work_tree
from patchkit.tree import EXECUTABLE, LINK, REGULAR, RecipeTree
from patchkit.tree.sources import from_disk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchkit.tree import Entry

_HINT = "run git status there to see why"
_FILES = (REGULAR, EXECUTABLE, LINK)
_OWN = ".patchkit/"  # where `patchkit apply` works


@dataclass(frozen=True, slots=True)
class Edited:
    """A folder of a work tree, as a commit has it and as it is.

    Attributes:
        old: the folder in the commit.
        new: the folder now, new files that git does not ignore included.
        ignored: compose files that lie there and that git ignores; they are left out.
    """

    old: RecipeTree
    new: RecipeTree
    ignored: tuple[str, ...]


def edited(folder: Path, since: str) -> Edited:
    """Return what a folder was in a revision, and what it is now.

    Args:
        folder: a git work tree, or a folder in one.
        since: a branch, tag, commit, or an expression like `HEAD~1`.

    Raises:
        UsageError: the folder is in no work tree.
        GitError: git is missing, there is no such revision, or git cannot read it.
        RecipeError: a path or file cannot be read.
    """
    if not folder.is_dir() or not in_work_tree(folder):
        raise UsageError(
            f"{folder} is no git work tree, so nothing tells what was changed in it",
            hint="name the folder of a checkout, or make one: git init, git add, git commit",
        )
    wanted = ("rev-parse", "--verify", "--end-of-options", f"{since}^{{commit}}")
    commit = git(folder, *wanted, hint=f"there is no commit {since}: git log --oneline").strip()
    top = git(folder, "rev-parse", "--show-toplevel", hint=_HINT).removesuffix("\n")
    prefix = git(folder, "rev-parse", "--show-prefix", hint=_HINT).removesuffix("\n")
    name = folder.resolve().name
    old = _below(RecipeTree.from_commit(top, commit), prefix, name)
    files = dict(old.entries)
    for path, mode in (*_changed(folder, commit), *_untracked(folder)):
        if entry := _entry(folder, path, mode):
            files[path] = entry
        else:
            files.pop(path, None)
    return Edited(old, RecipeTree.from_files(files, name), tuple(_ignored(folder)))


def _below(tree: RecipeTree, prefix: str, name: str) -> RecipeTree:
    found = {p.removeprefix(prefix): e for p, e in tree.entries.items() if p.startswith(prefix)}
    return RecipeTree(found, name)


def _changed(folder: Path, commit: str) -> Iterator[tuple[str, int]]:
    """Yield path and mode of each file that is not as in the commit; 0 for one that is gone."""
    options = ("--raw", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=all")
    listed = git(folder, "diff", *options, "--relative", commit, "--", ".", hint=_HINT)
    fields = iter(listed.split("\0"))
    for head in fields:
        if head:
            mode, status = int(head.split()[1], 8), head.split()[-1]
            path = next(fields, "")
            if status != "U" and mode in (0, *_FILES):
                yield path, mode


def _untracked(folder: Path) -> Iterator[tuple[str, int | None]]:
    arguments = ("ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    for path in git(folder, *arguments, hint=_HINT).split("\0"):
        if path and not path.startswith(_OWN):
            yield path, None


def _entry(folder: Path, path: str, mode: int | None) -> Entry | None:
    """Return a file on disk, with the mode that git sees."""
    entry = from_disk(folder / path, path) if mode != 0 else None
    if entry is None or mode is None or LINK in {mode, entry.mode}:
        return entry
    return replace(entry, mode=mode)


def _ignored(folder: Path) -> Iterator[str]:
    arguments = ("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--")
    listed = git(folder, *arguments, ":(glob)compose*.yml", hint=_HINT)
    yield from (path for path in listed.split("\0") if path)
