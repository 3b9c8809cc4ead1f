"""The journal of a write: once it is on disk, every step of it happens, or none.

The staging folder holds the new files and keeps the old ones. Every action can be repeated after
a crash: `new` still there means not yet placed, `old` there means that it can be put back.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from patchkit.errors import Place, RecipeError, WriteRefused
from patchkit.tree.entry import STAGING, check_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# The journal's names, by how far the write came.
JOURNAL = "journal"  # it goes through
FINISHED = "finished"
UNDO = "undo"  # it is being taken back
UNDONE = "undone"
NAMES = (JOURNAL, FINISHED, UNDO, UNDONE)


class Step(NamedTuple):
    """One path of a write, with the files that belong to it.

    Args:
        path: the path in the recipe.
        had: there was a file before.
        has: there is a file afterwards.
        target: where the file lies.
        old: where the file from before is kept.
        new: where the file for afterwards waits.
    """

    path: str
    had: bool
    has: bool
    target: Path
    old: Path
    new: Path


@dataclass(frozen=True)
class Journal:
    """The steps of one write into a folder."""

    folder: Path
    steps: Sequence[Step]

    @classmethod
    def of(cls, folder: Path, rows: Iterable[tuple[str, bool, bool]]) -> Journal:
        """Return the journal of `rows`: path, had, has."""
        staging = folder / STAGING
        steps = [
            Step(path, had, has, folder / path, staging / f"old-{n}", staging / f"new-{n}")
            for n, (path, had, has) in enumerate(rows)
        ]
        return cls(folder, steps)

    @classmethod
    def read(cls, folder: Path, name: str) -> Journal:
        """Return the journal that lies in the staging folder; WriteRefused when it is not one."""
        file = folder / STAGING / name
        if file.is_symlink() or not file.is_file():
            _refuse_staging(folder, f"holds a {name} that is not a file")
        try:
            rows = json.loads(file.read_bytes())
            return cls.of(folder, [(check_path(p), bool(had), bool(has)) for p, had, has in rows])
        except (ValueError, TypeError, AttributeError, RecursionError, RecipeError):
            _refuse_staging(folder, f"holds a {name} that patchkit did not write")

    def post(self) -> None:
        """Put the journal into the staging folder, durably: from now on the write counts."""
        staging = self.folder / STAGING
        with (staging / "draft").open("x") as file:
            json.dump([(step.path, step.had, step.has) for step in self.steps], file)
            file.flush()
            os.fsync(file.fileno())
        sync(staging, self.folder)
        self._rename("draft", JOURNAL)

    def retract(self) -> None:
        """Remove the journal, when it is there already, and then all that it speaks of."""
        with suppress(OSError):  # nothing was changed; the next write clears what is left
            (self.folder / STAGING / JOURNAL).unlink(missing_ok=True)
            _clear(self.folder)

    def commit(self) -> None:
        """Take every step, or after a failure none.

        Raises:
            OSError: the system refused; every step was taken back.
            WriteRefused: the same for a link in the way, or the way back is barred too.
        """
        try:
            self._apply()
        except BaseException as error:
            try:
                self.undo()
            except OSError as again:
                raise _half_way(self.folder, again) from error
            raise
        _clear(self.folder)

    def undo(self) -> None:
        """Take back every step that was taken."""
        for name in (JOURNAL, FINISHED):
            with suppress(FileNotFoundError):
                self._rename(name, UNDO)
        arriving = [step for step in self.steps if not step.had]
        for step in arriving:
            if not os.path.lexists(step.new):
                self._move(step, step.target, step.new)
        self._prune(arriving)
        for step in self.steps:
            if step.had:
                self._move(step, step.old, step.target)
        self._sync_targets()
        self._rename(UNDO, UNDONE)
        _clear(self.folder)

    def _apply(self) -> None:
        leaving = [step for step in self.steps if not step.has]
        for step in leaving:
            if not os.path.lexists(step.old):
                self._move(step, step.target, step.old)
        for step in self.steps:
            if step.has:
                self._move(step, step.new, step.target)
        self._prune(leaving)
        self._sync_targets()
        self._rename(JOURNAL, FINISHED)

    def _rename(self, before: str, after: str) -> None:
        staging = self.folder / STAGING
        (staging / before).replace(staging / after)
        sync(staging)

    def _move(self, step: Step, source: Path, target: Path) -> None:
        if not os.path.lexists(source):  # it was moved already
            return
        refuse_links(self.folder, step.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        _make_way(target)
        source.replace(target)

    def _prune(self, steps: list[Step]) -> None:
        """Remove the folders that the steps left empty, where that is allowed: git keeps none."""
        for parent in sorted({p for step in steps for p in parents(step.path)}, reverse=True):
            with suppress(OSError):
                (self.folder / parent).rmdir()

    def _sync_targets(self) -> None:
        names = sorted({parent for step in self.steps for parent in parents(step.path)})
        folders = [self.folder / name for name in names]
        sync(self.folder, *(folder for folder in folders if folder.is_dir()))


def recover(path: str | os.PathLike[str]) -> str | None:
    """Finish or undo what an interrupted write left in the folder `path`.

    Returns:
        A sentence that says what was done; None when there was nothing to do.

    Raises:
        WriteRefused: another process is writing there, what lies there is not patchkit's, or the
            system refuses.
    """
    folder = Path(path)
    if not os.path.lexists(folder / STAGING):
        return None
    with refusing(folder), locked(folder):
        return _recover(folder)


def _recover(folder: Path) -> str | None:
    staging = folder / STAGING
    if not os.path.lexists(staging):  # the process that held the lock has ended its write
        return None
    if staging.is_symlink() or not staging.is_dir():
        _refuse_staging(folder, "is not a folder")
    if os.path.lexists(staging / UNDO):
        Journal.read(folder, UNDO).undo()
        return f"took back an interrupted write into {folder}: it is as it was before"
    if os.path.lexists(staging / JOURNAL):
        Journal.read(folder, JOURNAL).commit()
        return f"finished an interrupted write into {folder}"
    left = {path.name for path in staging.iterdir()}
    _clear(folder)
    if not left:  # the first or the last moment of a write: nothing is half done
        return None
    if FINISHED in left:
        return f"cleared up after a finished write into {folder}"
    return f"cleared up after a write into {folder} that changed nothing"


def unfinished(folder: Path) -> bool:
    """Return whether an interrupted write left `folder` between the old and the new recipe."""
    return any(os.path.lexists(folder / STAGING / name) for name in (JOURNAL, UNDO))


def _clear(folder: Path) -> None:
    """Remove the staging folder, the journal last: until then it is known how the write ended."""
    staging = folder / STAGING
    with suppress(OSError):  # the recipe is whole; the next write clears what is left
        for path in sorted(staging.iterdir(), key=lambda path: path.name in NAMES):
            path.unlink()
        staging.rmdir()


def parents(path: str) -> list[str]:
    """Return the folders above `path` inside the recipe, outermost first."""
    return [str(parent) for parent in reversed(PurePosixPath(path).parents)][1:]


def refuse_links(folder: Path, path: str) -> None:
    """Refuse a path of `folder` one of whose folders is a link on disk."""
    for parent in parents(path):
        if (folder / parent).is_symlink():
            raise WriteRefused(
                "this folder is a link on disk: a write through it could leave the recipe",
                place=Place(parent),
                hint="replace the link by a folder, or name the file at its real place",
            )


def sync(*folders: Path) -> None:
    """Make the names in the folders durable."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _make_way(target: Path) -> None:
    """Remove the emptied folders that lie where a file is to be."""
    if target.is_dir() and not target.is_symlink():
        for folder, _, _ in os.walk(target, topdown=False):
            Path(folder).rmdir()


def _refuse_staging(folder: Path, reason: str) -> NoReturn:
    raise WriteRefused(
        f"{STAGING} {reason}",
        place=Place(str(folder / STAGING)),
        hint="remove it by hand when you know that nothing in it is needed",
    )


def _half_way(folder: Path, error: OSError) -> WriteRefused:
    return WriteRefused(
        f"the write stopped half-way and cannot be taken back: {error.strerror}",
        place=Place(str(error.filename2 or error.filename or folder)),
        hint="mend that, then run the command again: it brings the recipe into order first",
    )


@contextmanager
def refusing(folder: Path) -> Iterator[None]:
    """Turn the system's refusals into WriteRefused."""
    try:
        yield
    except OSError as error:
        raise WriteRefused(
            f"cannot be written: {error.strerror}",
            place=Place(str(error.filename2 or error.filename or folder)),
            hint=f"see to the permissions and the free space of {folder}, then run it again",
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other patchkit processes off the folder; the system frees it when this one dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise WriteRefused(
            "another patchkit is writing in this folder",
            place=Place(str(folder)),
            hint="wait until it has ended, then run the command again",
        ) from error
    except OSError:  # a network file system without locks: written without one
        return
