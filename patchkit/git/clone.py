"""Clones in the cache: one process at a time changes one, and its references are patchkit's.

The git program only brings objects; it never writes a reference here. So a lock file of git's
that is found while the clone is locked was left by a killed process, and may go.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import FileMode

from patchkit.errors import GitError, Place
from patchkit.git.faults import DAMAGED
from patchkit.git.remote import BRANCHES, TAGS
from patchkit.tree import RecipeTree
from patchkit.tree.entry import check_path
from patchkit.tree.objects import Store, read
from patchkit.tree.sources import read_all, walk_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from patchkit.git.remote import Remote

BROKEN = (pygit2.GitError, KeyError, ValueError, OSError)  # what reading a damaged clone raises
PULLS = "refs/patchkit/pulls/"
_OWN = (BRANCHES, TAGS, PULLS)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time change a clone; the lock goes with the process.

    Raises:
        GitError: the folder of all clones cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        file = folder.with_suffix(".lock").open("w")
    except OSError as error:
        raise unwritable(folder, error) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def unwritable(folder: Path, error: Exception) -> GitError:
    """Return the error for a clone that cannot be made."""
    return GitError(
        f"the cache cannot be written: {error}",
        place=Place(str(folder.parent)),
        hint="give it room, or name another folder: PATCHKIT_CACHE=path/to/folder",
    )


@contextmanager
def made(folder: Path) -> Iterator[Path]:
    """Yield an empty bare repository that takes the place of `folder` when all went well."""
    scratch = Path(tempfile.mkdtemp(prefix=f"{folder.stem}.new.", dir=folder.parent))
    try:
        pygit2.init_repository(str(scratch / "new"), bare=True)
        yield scratch / "new"
        if folder.exists():
            folder.rename(scratch / "old")
        (scratch / "new").rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def opened(folder: Path) -> pygit2.Repository:
    """Return the repository in a folder, never one around it.

    Raises:
        pygit2.GitError: there is none that can be read.
    """
    return pygit2.Repository(str(folder), pygit2.enums.RepositoryOpenFlag.NO_SEARCH)


def is_marked(folder: Path) -> bool:
    """Whether somebody found the clone damaged."""
    return (folder / DAMAGED).exists()


def tidy(folder: Path) -> None:
    """Remove what killed processes left, lock files and half clones; only while `locked`."""
    for left in folder.parent.glob(f"{folder.stem}.new.*"):
        # The git that one of them started may still be writing there: the next one removes it.
        shutil.rmtree(left, ignore_errors=True)
    for path in (folder, folder / "objects" / "info", folder / "objects" / "pack"):
        for left in path.glob("*.lock"):
            left.unlink(missing_ok=True)
    for left in (folder / "refs").rglob("*.lock"):
        left.unlink(missing_ok=True)


def wanted(remote: Remote, pulls: Iterable[int]) -> dict[str, str]:
    """Return the references that a clone of a remote should have, with those of some pulls."""
    return (
        {BRANCHES + name: sha for name, sha in remote.branches.items()}
        | {TAGS + name: sha for name, sha in remote.tags.items()}
        | {f"{PULLS}{number}": remote.pulls[number] for number in pulls if number in remote.pulls}
    )


def sources(missing: Iterable[str]) -> list[str]:
    """Return what the remote calls these references."""
    return [
        f"refs/pull/{name.removeprefix(PULLS)}/head" if name.startswith(PULLS) else name
        for name in missing
    ]


def references(repository: pygit2.Repository) -> dict[str, str]:
    """Return the object of every reference that is patchkit's to keep."""
    return {
        reference.name: str(reference.target)
        for reference in repository.references.iterator()
        if reference.name.startswith(_OWN)
    }


def take(repository: pygit2.Repository, wants: Mapping[str, str], default_branch: str) -> None:
    """Make the references what they should be; those of pulls that nobody asked for stay.

    Raises:
        pygit2.GitError, ValueError: an object is not there, or a reference cannot be written.
    """
    has = references(repository)
    # A branch `a` goes before `a/b` comes.
    for name in has.keys() - wants.keys():
        if not name.startswith(PULLS):
            repository.references.delete(name)
    for name, sha in wants.items():
        if has.get(name) != sha:
            repository.references.create(name, sha, force=True)
    if default_branch and repository.lookup_reference("HEAD").target != BRANCHES + default_branch:
        repository.set_head(BRANCHES + default_branch)


def read_commit(repository: pygit2.Repository, oid: pygit2.Oid | str) -> pygit2.Commit:
    """Return a commit; errors as of `read`, also when it is something else."""
    return read(repository, oid).peel(pygit2.Commit)


def whole_tree(repository: pygit2.Repository, sha: str) -> RecipeTree:
    """Return the recipe of a commit, with every file looked at.

    Raises:
        pygit2.GitError, KeyError, ValueError, OSError, GitError: something is missing or broken.
        RecipeError: it holds a path that no recipe may have.
    """
    top = read_commit(repository, sha).tree_id
    files = {check_path(name): entry for name, entry in walk_tree(Store.of(repository), top)}
    read_all(files.values())
    return RecipeTree(files, f"{Path(repository.path).name.removesuffix('.git')}@{sha}")


def is_whole(repository: pygit2.Repository, shas: Iterable[str]) -> bool:
    """Whether every file of these commits is there and has the bytes that its name says."""
    store = Store.of(repository)
    seen: set[bytes] = set()
    try:
        folders = [bytes(read_commit(repository, sha).tree_id.raw) for sha in shas]
        while folders:
            for mode, name in store.folder(pygit2.Oid(raw=folders.pop())).values():
                if name in seen or mode == FileMode.COMMIT:
                    continue
                seen.add(name)
                if mode == FileMode.TREE:
                    folders.append(name)
                else:
                    store.data(pygit2.Oid(raw=name))
    except BROKEN:
        return False
    return True
