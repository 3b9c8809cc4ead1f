"""Files in a container's root, handled from outside.

The container's programs are strangers' and patchkit may be root: no link in there is followed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_PLAIN = 0o755


@contextlib.contextmanager
def opened(root: Path, path: str) -> Iterator[int]:
    """Open a folder of a container, made where it is missing; gives its descriptor.

    Raises:
        OSError: something on the way is no folder.
    """
    folder = os.open(root, _FOLDER)
    try:
        for name in filter(None, path.split("/")):
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, _PLAIN, dir_fd=folder)
            inner = os.open(name, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        yield folder
    finally:
        os.close(folder)


def lay(root: Path, path: str, content: str, mode: int) -> None:
    """Put a new file into a container, for what stands at its path."""
    parent, _, name = path.rpartition("/")
    with opened(root, parent) as folder:
        _remove(folder, name)
        file = os.open(name, _NEW, 0o600, dir_fd=folder)
        with open(file, "w", encoding="utf-8", newline="") as stream:  # noqa: PTH123  a descriptor
            stream.write(content)
            os.fchmod(file, mode)


def clear(root: Path, path: str, kept: Collection[str]) -> None:
    """Empty a folder of a container, except for the folders that are kept."""
    with opened(root, path) as folder:
        os.fchmod(folder, stat.S_IMODE(os.fstat(folder).st_mode) | stat.S_IRWXU)
        for name in os.listdir(folder):  # noqa: PTH208  a descriptor
            inner = f"{path}/{name}"
            if any(one.startswith(f"{inner}/") for one in kept):
                clear(root, inner, kept)
            elif inner not in kept:
                _remove(folder, name)


def _remove(folder: int, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(os.lstat(name, dir_fd=folder).st_mode):
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)
