"""What succeeded last time: a file of one line each, which a kill at any moment leaves readable.

A line is added when its work is done, in one write; a last line that was cut off counts for
nothing. A new run begins a new file beside the old one and renames it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

from patchkit.errors import Place, WriteRefused
from patchkit.tree import make_own

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_HEAD = b"patchkit fleet 1\n"
_KEY = 32  # characters


class State:
    """The keys of what succeeded.

    Args:
        path: the file, in a folder of patchkit's own folder; None keeps nothing.
        is_resumed: whether what it holds counts; else it is begun anew.

    Attributes:
        done: the keys of last time.
        trouble: why it cannot be kept; empty when it can.
    """

    def __init__(self, path: Path | None, *, is_resumed: bool) -> None:
        self.trouble = ""
        self.done = _read(path) if is_resumed and path else frozenset()
        self._path = path
        self._file: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)

    def begin(self) -> None:
        """Begin the file, once: a run that comes to nothing leaves the one of last time."""
        if self._path is not None and self._file is None and not self.trouble:
            try:
                self._file = _opened(self._path, self.done)
            except OSError as error:
                self._fail(error)

    def add(self, key: str) -> None:
        """Remember that something succeeded; what cannot be kept is only done again."""
        self.begin()
        if self._file is None:
            return
        try:
            os.write(self._file, f"{key}\n".encode())
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.trouble = f"{self._path} cannot be written: {error.strerror}"
        if self._file is not None:
            os.close(self._file)
        self._file = None


def _read(path: Path) -> frozenset[str]:
    """Return the whole lines of the file; none when it is missing, or none of this program's.

    Raises:
        WriteRefused: it is there, and cannot be read.
    """
    try:
        head, *lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return frozenset()
    except OSError as error:
        raise WriteRefused(
            f"cannot be read: {error.strerror}",
            place=Place(str(path)),
            hint="mend that, or run without --resume",
        ) from None
    if head + b"\n" != _HEAD:
        return frozenset()
    return frozenset(line.decode() for line in lines if len(line) == _KEY and line.isalnum())


def _opened(path: Path, done: frozenset[str]) -> int:
    """Begin the file with what counts of the old one, and return it, open for more."""
    make_own(path.parent.parent)
    path.parent.mkdir(exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        new.write_bytes(_HEAD + b"".join(f"{key}\n".encode() for key in sorted(done)))
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
    return os.open(path, os.O_WRONLY | os.O_APPEND)
