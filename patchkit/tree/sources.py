"""Where the files of a recipe come from: a folder on disk, or a tree in a git repository.

Both list everything at once and read a file's bytes when they are first asked for.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from patchkit.errors import GitError, Place, RecipeError
from patchkit.tree.entry import EXECUTABLE, LINK, REGULAR, STAGING, Entry
from patchkit.tree.objects import Store, find, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import pygit2


_KEPT = 2**16  # bytes
_FOLDER, _SUBMODULE = 0o040000, 0o160000  # modes in trees of git


def walk_folder(folder: Path) -> Iterator[tuple[str, Entry]]:
    """Yield path and entry of every file below `folder`, links unfollowed, git's files left out.

    Raises:
        RecipeError: a folder cannot be listed.
    """
    prefixes = [""]
    while prefixes:
        prefix = prefixes.pop()
        for name, is_folder in _listing(folder, prefix):
            if is_folder:
                prefixes.append(f"{name}/")
            elif entry := from_disk(folder / name, name):
                yield name, entry


def _listing(folder: Path, prefix: str) -> list[tuple[str, bool]]:
    """Return path in the recipe, and whether it is a folder, of all that lies in one folder."""
    try:
        with os.scandir(folder / prefix) as found:
            return [
                (prefix + item.name, item.is_dir(follow_symlinks=False))
                for item in found
                if item.name.lower() != ".git" and prefix + item.name != STAGING
            ]
    except OSError as error:
        raise _unreadable(error, prefix or str(folder)) from error


def from_disk(path: Path, name: str) -> Entry | None:
    """Return the file at `path`, whose path in the recipe is `name`, without following a link.

    Returns:
        None for what git does not keep (folders, fifos, sockets, devices), and for nothing.

    Raises:
        RecipeError: it cannot be looked at.
    """
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return Entry(os.fsencode(path.readlink()), LINK)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unreadable(error, name) from error
    if not stat.S_ISREG(status.st_mode):
        return None
    mode = EXECUTABLE if status.st_mode & stat.S_IXUSR else REGULAR
    return Entry(_DiskFile(path, name, status), mode)


@dataclass(frozen=True, eq=False)
class _DiskFile:
    """A regular file on disk, as it was when it was listed."""

    path: Path
    name: str
    status: os.stat_result

    @property
    def size(self) -> int:
        return self.status.st_size

    @cached_property
    def data(self) -> bytes:
        # What took the file's place meanwhile may be a link (NOFOLLOW) or a fifo (NONBLOCK).
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            with os.fdopen(os.open(self.path, flags), "rb") as file:
                if _stamp(os.fstat(file.fileno())) == _stamp(self.status):
                    return file.read()
        except OSError as error:
            raise _unreadable(error, self.name) from error
        raise RecipeError(
            "the file changed on disk after it was listed",
            place=Place(self.name),
            hint="run the command again",
        )


def _stamp(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_mode, status.st_ino, status.st_dev, status.st_size, status.st_mtime_ns)


def _unreadable(error: OSError, name: str) -> RecipeError:
    return RecipeError(
        f"cannot be read: {error.strerror}",
        place=Place(name),
        hint="check its permissions, and those of the folders above it",
    )


def walk_commit(repo: str, rev: str) -> Iterator[tuple[str, Entry]]:
    """Yield path and entry of every file of a revision, submodules left out.

    Raises:
        GitError: no such repository or revision, or an object is missing.
    """
    import pygit2  # noqa: PLC0415  what reads no commit should not wait for it

    repository = _repository(repo)
    try:
        top = _tree_of(repository, find(repository, rev))
        yield from walk_tree(Store.of(repository), top)
    except (pygit2.GitError, KeyError, ValueError, OSError) as error:
        raise GitError(
            f"the repository does not have {rev!r}: {error}",
            place=Place(repo),
            hint="name a branch, a tag or a commit; 'git log --all --oneline' lists them",
        ) from error
    finally:
        repository.free()


def _repository(repo: str) -> pygit2.Repository:
    import pygit2  # noqa: PLC0415  as above

    try:
        # Without NO_SEARCH a folder inside some other repository would be read as that one.
        return pygit2.Repository(repo, pygit2.enums.RepositoryOpenFlag.NO_SEARCH)
    except pygit2.GitError as error:
        raise GitError(
            f"this is no git repository that can be read: {error}",
            place=Place(repo),
            hint="name the folder of a bare repository, or of a checkout",
        ) from error


def _tree_of(repository: pygit2.Repository, found: Any) -> pygit2.Oid:
    import pygit2  # noqa: PLC0415  as above

    if isinstance(found, pygit2.Tag):
        return _tree_of(repository, read(repository, found.target))
    oid: pygit2.Oid = found.tree_id if isinstance(found, pygit2.Commit) else found.id
    return oid


def walk_tree(store: Store, top: pygit2.Oid) -> Iterator[tuple[str, Entry]]:
    """Yield path and entry of every file of a tree of git, submodules left out.

    Raises:
        pygit2.GitError, KeyError, ValueError, OSError: an object is missing or broken.
    """
    import pygit2  # noqa: PLC0415  as above

    trees = [("", top)]
    while trees:
        prefix, tree = trees.pop()
        for raw, (mode, sha) in store.folder(tree).items():
            # Not by the locale: a commit has the same paths on every machine.
            name, oid = prefix + raw.decode(errors="surrogateescape"), pygit2.Oid(raw=sha)
            if mode == _FOLDER:
                trees.append((f"{name}/", oid))
            elif mode != _SUBMODULE:
                yield name, Entry(_GitBlob(store, oid, name), _git_mode(mode))


def read_all(entries: Iterable[Entry]) -> None:
    """Read every content of a repository once, so that a broken one is found now.

    Small ones are kept, others read again when they are asked for.

    Raises:
        GitError: one is missing or broken.
    """
    for entry in entries:
        if isinstance(entry.content, _GitBlob):
            entry.content.read()


def _git_mode(mode: int) -> int:
    """Return the mode as git writes it today: old trees hold 0o100664 too."""
    if mode == LINK:
        return LINK
    return EXECUTABLE if mode & stat.S_IXUSR else REGULAR


@dataclass(frozen=True)
class _GitBlob:
    """The content of a file in a git repository, equal to any other of the same object."""

    store: Store = field(compare=False)
    oid: pygit2.Oid
    name: str = field(compare=False)

    @cached_property
    def size(self) -> int:
        try:
            small = self.store.small(self.oid)
            if small is not None:
                self.__dict__["data"] = small  # it had to be unpacked: keep it
                return len(small)
            return self.store.size(self.oid)
        except (KeyError, OSError) as error:
            raise self._missing() from error

    def read(self) -> None:
        """Read the bytes; those of a small file are kept."""
        if self.size <= _KEPT:
            _ = self.data
            return
        try:
            self.store.data(self.oid)
        except (KeyError, OSError) as error:
            raise self._missing() from error

    @cached_property
    def data(self) -> bytes:
        try:
            return self.store.data(self.oid)
        except (KeyError, OSError) as error:
            raise self._missing() from error

    def _missing(self) -> GitError:
        return GitError(
            f"the repository lacks the content of this file, object {self.oid}, or it is broken",
            place=Place(self.name),
            hint="fetch it whole: a partial clone leaves contents out; see what git fsck tells",
        )
