"""Writing files into a folder, all of them or none.

New contents wait in a staging folder beside copies of the old ones, until a journal names them
all (see `patchkit.tree.journal`); before that nothing outside the staging folder is touched.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from patchkit.errors import Place, RecipeError, WriteRefused
from patchkit.tree.entry import EXECUTABLE, LINK, STAGING, Entry
from patchkit.tree.journal import Journal, locked, parents, refuse_links, refusing
from patchkit.tree.sources import from_disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Change(NamedTuple):
    """One path of a write; None stands for no file."""

    path: str
    old: Entry | None
    new: Entry | None


def write(folder: Path, changes: Sequence[Change]) -> None:
    """Make every change in `folder` (created when absent), or none.

    Raises:
        WriteRefused: a file is not `old` any more, a target would leave the folder, or the
            system refuses; the folder is as it was.
    """
    rows = [(path, old is not None, new is not None) for path, old, new in changes]
    journal = Journal.of(folder, rows)
    with refusing(folder), _made(folder), locked(folder):
        _check(folder, changes)
        try:
            _stage(journal, changes)
            journal.post()
        except BaseException:
            journal.retract()
            raise
        journal.commit()


def _check(folder: Path, changes: Sequence[Change]) -> None:
    """Refuse changes whose files on disk are not the ones they start from."""
    gone = {change.path for change in changes if change.new is None}
    for change in changes:
        _check_link(change)
        if gone.isdisjoint(parents(change.path)):
            refuse_links(folder, change.path)
        if not _is_still(folder / change.path, change):
            raise WriteRefused(
                "the file changed on disk after it was read",
                place=Place(change.path),
                hint="look at that change, then run the command again",
            )


def _check_link(change: Change) -> None:
    if change.new and change.new.mode == LINK and b"\0" in change.new.data:
        raise WriteRefused(
            "a link cannot lead to a path that holds a NUL character",
            place=Place(change.path),
            hint="give the link a path as its content",
        )


def _is_still(target: Path, change: Change) -> bool:
    try:
        found = from_disk(target, change.path)
        if found or change.old:
            return found == change.old
    except RecipeError as error:
        raise WriteRefused(error.problems) from error
    # An empty folder gives way to a file; a full one stops the write later.
    return not os.path.lexists(target) or target.is_dir()


def _stage(journal: Journal, changes: Sequence[Change]) -> None:
    (journal.folder / STAGING).mkdir(0o700)
    for step, (_, old, new) in zip(journal.steps, changes, strict=True):
        if new:
            _create(step.new, new, step.target)
        if new and old:
            _keep(step.target, step.old, old)


def _keep(target: Path, copy: Path, old: Entry) -> None:
    try:
        os.link(target, copy, follow_symlinks=False)
    except OSError:  # a file system without hard links, or a file of another owner
        _create(copy, old, target)


def _create(path: Path, entry: Entry, like: Path) -> None:
    """Create a file with the permissions of `like`, executable or not as `entry` says."""
    if entry.mode == LINK:
        path.symlink_to(os.fsdecode(entry.data))
        return
    with path.open("xb") as file:
        file.write(entry.data)
        file.flush()
        os.fchmod(file.fileno(), _permissions(entry, os.fstat(file.fileno()), like))
        os.fsync(file.fileno())


def _permissions(entry: Entry, created: os.stat_result, like: Path) -> int:
    with suppress(FileNotFoundError, NotADirectoryError):
        status = like.lstat()
        if stat.S_ISREG(status.st_mode):
            created = status
    mode = created.st_mode & 0o777
    if (entry.mode == EXECUTABLE) == bool(mode & stat.S_IXUSR):
        return mode
    readable = mode & 0o444
    return mode & 0o666 | (readable >> 2 if entry.mode == EXECUTABLE else 0)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Create the folder and its parents, and take them away again when the write fails."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except BaseException:
        with suppress(OSError):
            for path in missing:
                path.rmdir()
        raise
