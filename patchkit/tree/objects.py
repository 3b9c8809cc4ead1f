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
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pygit2

Items: TypeAlias = dict[bytes, tuple[int, bytes]]  # mode and object by name

_ID = re.compile(r"[0-9a-f]{40}")
_PIECE, _SMALL = 2**20, 2**16  # bytes
_TREE = 2  # what libgit2 calls the type of a folder
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
    folders: tuple[str, ...]

    @classmethod
    def of(cls, repository: pygit2.Repository) -> Store:
        """Return the objects of a repository."""
        return cls(repository.odb, tuple(_folders(repository)))

    def size(self, oid: pygit2.Oid) -> int:
        """Return the size of an object in bytes; errors as of `check`."""
        _check(self.folders, str(oid))
        size: int = self.odb.read_header(oid)[1]
        return size

    def data(self, oid: pygit2.Oid) -> bytes:
        """Return the bytes of an object; errors as of `check`."""
        return self._read(oid)[1]

    def small(self, oid: pygit2.Oid) -> bytes | None:
        """Return the bytes of a small loose object, None for another; errors as of `check`."""
        found = _small(self.folders, str(oid))
        return found[1] if found else None

    def folder(self, oid: pygit2.Oid) -> Items:
        """Return what a tree of git holds; errors as of `check`.

        Raises:
            ValueError: the object is no tree.
        """
        kind, raw = self._read(oid)
        if kind not in (_TREE, b"tree"):
            raise ValueError(f"object {oid} is no folder")
        return tree_items(raw)

    def _read(self, oid: pygit2.Oid) -> tuple[int | bytes, bytes]:
        if found := _small(self.folders, str(oid)):
            return found
        _check(self.folders, str(oid))
        kind, data = self.odb.read(oid)[:2]
        return kind, data


def tree_items(raw: bytes) -> Items:
    """Return what the bytes of a tree say; modes stay as they are, old ones too."""
    found: Items = {}
    at = 0
    while at < len(raw):
        head = raw.index(b"\0", at)
        mode, _, name = raw[at:head].partition(b" ")
        at = head + 21
        found[name] = (int(mode, 8), raw[head + 1 : at])
    return found


def _small(folders: Iterable[str], name: str) -> tuple[bytes, bytes] | None:
    """Return type and bytes of a loose object that is read and unpacks in one piece.

    Raises:
        KeyError: it is broken.
    """
    for folder in folders:
        try:
            with open(f"{folder}/{name[:2]}/{name[2:]}", "rb", 0) as file:  # noqa: PTH123  hot
                packed = file.read(_SMALL)
        except (FileNotFoundError, NotADirectoryError):
            continue
        unpacking = zlib.decompressobj()
        try:
            whole = unpacking.decompress(packed, _PIECE)
        except zlib.error:
            raise _broken(name) from None
        if not unpacking.eof:
            return None
        if hashlib.sha1(whole, usedforsecurity=False).hexdigest() != name:
            raise _broken(name)
        head, _, data = whole.partition(b"\0")
        return head.partition(b" ")[0], data
    return None


def _check(folders: Sequence[str], name: str) -> None:
    if _small(folders, name):
        return
    for folder in folders:
        loose = Path(folder, name[:2], name[2:])
        if loose.is_file() and not _is_sound(loose, name):
            raise _broken(name)


def _broken(name: str) -> KeyError:
    return KeyError(f"object {name} is broken")


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
        for file in Path(folder).glob("[0-9a-f][0-9a-f]/*"):
            if _ID.fullmatch(name := file.parent.name + file.name):
                yield name


def _folders(repository: pygit2.Repository) -> list[str]:
    """Return where objects lie: in the repository, in the one it is a work tree of, in lenders."""
    common = _lines(f"{repository.path}/commondir")
    top = str(Path(repository.path, common[0])) if common else repository.path
    found = [f"{top}/objects"]
    lenders = found
    for _ in range(_DEPTH - 1):
        lenders = [lender for folder in lenders for lender in _lenders(folder)]
        found = [*found, *lenders]
    return list(dict.fromkeys(found))


def _lenders(folder: str) -> list[str]:
    lines = _lines(f"{folder}/info/alternates")
    return [str(Path(folder, line)) for line in lines if line and not line.startswith("#")]


def _lines(file: str) -> list[str]:
    """Return the lines of a file, none if there is none."""
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as text:  # noqa: PTH123  hot
            return text.read().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []
