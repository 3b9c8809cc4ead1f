"""Objects of a git repository, read only when they are whole.

libgit2 1.9 never comes back from a loose object that is cut short, so its bytes are looked at
before. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

from __future__ import annotations

import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pygit2

_ID = re.compile(r"[0-9a-f]{40}")
_PIECE = 2**20  # bytes
_DEPTH = 5  # of repositories that borrow objects, as git allows


def read(repository: pygit2.Repository, oid: pygit2.Oid | str) -> pygit2.Object:
    """Return an object whose bytes are those that its name says.

    Raises:
        pygit2.GitError, KeyError, ValueError, OSError: it is missing or broken.
    """
    check(repository, str(oid))
    return repository[oid]


def find(repository: pygit2.Repository, rev: str) -> pygit2.Object:
    """Return what a revision names; errors as of `read`.

    What an expression such as `HEAD~1` leads over is not known before: all loose objects are
    looked at for one.
    """
    import pygit2  # noqa: PLC0415  what reads no commit should not wait for it

    if not rev:
        raise ValueError("it is empty")
    if _ID.fullmatch(rev):
        return read(repository, rev)
    try:
        return read(repository, repository.lookup_reference_dwim(rev).resolve().target)
    except (KeyError, ValueError, pygit2.GitError):
        for name in _loose(repository):
            check(repository, name)
        return repository.revparse_single(rev)


def check(repository: pygit2.Repository, name: str) -> None:
    """Refuse a loose object that is not whole.

    Raises:
        KeyError: it is broken.
        OSError: it cannot be read.
    """
    _check(_folders(repository), name)


@dataclass(frozen=True, slots=True)
class Store:
    """The objects of a repository, without it: one of pygit2 refers to itself, and would stay.

    Attributes:
        odb: their database.
        folders: where loose ones lie.
    """

    odb: pygit2.Odb
    folders: tuple[Path, ...]

    @classmethod
    def of(cls, repository: pygit2.Repository) -> Store:
        """Return the objects of a repository."""
        return cls(repository.odb, tuple(dict.fromkeys(_folders(repository))))

    def size(self, oid: pygit2.Oid) -> int:
        """Return the size of an object in bytes; errors as of `check`."""
        _check(self.folders, str(oid))
        size: int = self.odb.read_header(oid)[1]
        return size

    def data(self, oid: pygit2.Oid) -> bytes:
        """Return the bytes of an object; errors as of `check`."""
        _check(self.folders, str(oid))
        data: bytes = self.odb.read(oid)[1]
        return data


def _check(folders: Iterable[Path], name: str) -> None:
    for folder in folders:
        loose = folder / name[:2] / name[2:]
        if loose.is_file() and not _is_sound(loose, name):
            raise KeyError(f"object {name} is broken")


def _is_sound(loose: Path, name: str) -> bool:
    """Whether a file unpacks to what its name says; a piece at a time, however large it gets."""
    unpacking, said = zlib.decompressobj(), hashlib.sha1(usedforsecurity=False)
    try:
        with loose.open("rb") as file:
            while piece := unpacking.unconsumed_tail or file.read(_PIECE):
                said.update(unpacking.decompress(piece, _PIECE))
    except zlib.error:
        return False
    return unpacking.eof and said.hexdigest() == name


def _loose(repository: pygit2.Repository) -> Iterator[str]:
    for folder in _folders(repository):
        for file in folder.glob("[0-9a-f][0-9a-f]/*"):
            if _ID.fullmatch(name := file.parent.name + file.name):
                yield name


def _folders(repository: pygit2.Repository) -> Iterator[Path]:
    """Yield where objects lie: in the repository, in the one it is a work tree of, in lenders."""
    top = Path(repository.path)
    common = top / "commondir"
    folders = [(top / common.read_text().strip() if common.is_file() else top) / "objects"]
    for _ in range(_DEPTH):
        yield from folders
        folders = [lender for folder in folders for lender in _lenders(folder)]


def _lenders(folder: Path) -> list[Path]:
    file = folder / "info" / "alternates"
    lines = file.read_text(errors="surrogateescape").splitlines() if file.is_file() else []
    return [folder / line for line in lines if line and not line.startswith("#")]
