"""RecipeTree: the files of a recipe with their git modes, as an immutable value.

Changes make a new tree and leave the old one as it was; only `write` touches the disk.
"""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.errors import Place, RecipeError, UsageError
from patchkit.tree.entry import LINK, REGULAR, Entry, check_path, resolve
from patchkit.tree.journal import recover, unfinished
from patchkit.tree.sources import walk_commit, walk_folder
from patchkit.tree.write import Change, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_TEXT_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RecipeTree:
    """An immutable recipe, equal to another with the same files and modes.

    Attributes:
        entries: the files by path: relative, with plain slashes.
        name: what to call the recipe in messages.
    """

    entries: Mapping[str, Entry]
    name: str = ""

    @classmethod
    def from_dir(cls, path: str | os.PathLike[str]) -> RecipeTree:
        """Return the recipe in the folder `path`; a file's bytes are read when first asked for.

        Git's own files are left out; links are kept as links, never followed.

        Raises:
            UsageError: there is no such folder.
            RecipeError: it cannot be read, or an interrupted write has to be recovered first.
        """
        folder = Path(path)
        _check_folder(folder)
        files = {check_path(name): entry for name, entry in walk_folder(folder)}
        return cls(files, folder.resolve().name or str(folder))

    @classmethod
    def from_files(cls, files: Mapping[str, bytes | str | Entry], name: str = "") -> RecipeTree:
        """Return the recipe made of `files`: content or entry by path.

        Raises:
            RecipeError: a path leaves the recipe, or a file lies under another file.
        """
        entries = {check_path(path): _entry(path, file) for path, file in files.items()}
        for path in entries:
            _refuse_nesting(entries, path)
        return cls(entries, name)

    @classmethod
    def from_commit(cls, repo: str | os.PathLike[str], rev: str = "HEAD") -> RecipeTree:
        """Return the recipe as a git revision has it, without a checkout; submodules left out.

        Args:
            repo: the folder of a bare or normal repository.
            rev: a branch, tag, commit, or an expression like `HEAD~1`.

        Raises:
            GitError: there is no such repository or revision.
            RecipeError: it holds a path that no recipe may have.
        """
        files = {check_path(name): entry for name, entry in walk_commit(os.fspath(repo), rev)}
        name = Path(repo).resolve().name.removesuffix(".git") or str(repo)
        return cls(files, f"{name}@{rev}")

    def __contains__(self, path: object) -> bool:
        return path in self.entries

    def __eq__(self, other: object) -> bool:
        return not self.changed_paths(other) if isinstance(other, RecipeTree) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset((path, entry.mode) for path, entry in self.entries.items()))

    def __repr__(self) -> str:
        return f"<RecipeTree {self.name!r} of {len(self.entries)} files>"

    def paths(self) -> tuple[str, ...]:
        """Return every path, sorted."""
        return tuple(sorted(self.entries))

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the paths that fit a pattern, sorted.

        Args:
            pattern: `*` stands for any text, slashes too; `**/` also for nothing at all, so that
                `tests/**/*.py` means the files right in `tests` as well.
        """
        patterns = {pattern, pattern.replace("**/", "")}
        return tuple(p for p in self.paths() if any(fnmatchcase(p, one) for one in patterns))

    def read(self, path: str) -> bytes:
        """Return the bytes of a file, through links that stay inside the recipe.

        Raises:
            RecipeError: no such file, a link out of the recipe or in a circle, unreadable.
        """
        return self.entries[self._find(path)].data

    def text(self, path: str) -> str:
        r"""Return a file as text: strict UTF-8, line endings as they are, a BOM as "\ufeff".

        Raises:
            RecipeError: as `read`; too large, binary, or not UTF-8.
        """
        entry = self.entries[self._find(path)]
        if entry.size > MAX_TEXT_BYTES:
            raise RecipeError(
                f"this file has {entry.size} bytes; text may have {MAX_TEXT_BYTES}",
                place=Place(path),
                hint="take the file out of the recipe, or keep the fix away from it",
            )
        return _decode(path, entry.data)

    def mode(self, path: str) -> int:
        """Return the git mode of a file: 0o100644, 0o100755, or 0o120000 for a link itself."""
        return self.entries[self._find(path, follow=False)].mode

    def link(self, path: str) -> str | None:
        """Return where the link `path` points to, None when the file is no link."""
        entry = self.entries[self._find(path, follow=False)]
        return os.fsdecode(entry.data) if entry.mode == LINK else None

    def with_file(self, path: str, data: bytes | str, mode: int | None = None) -> RecipeTree:
        """Return a tree in which `path` holds `data`; a link's target is written, not the link.

        Args:
            path: the file; it need not exist.
            data: its content; a str is encoded as UTF-8; with the mode of a link its target.
            mode: the git mode; None keeps the old one, 0o100644 for a new file.

        Raises:
            RecipeError: the path leaves the recipe, or is a folder or under a file.
        """
        real = resolve(self.entries, path, follow=mode != LINK)
        old = self.entries.get(real)
        if old is None:
            _refuse_nesting(self.entries, real)
        if mode is None:
            mode = old.mode if old else REGULAR
        return self._with(real, Entry(_encode(path, data), mode))

    def with_texts(self, texts: Mapping[str, str]) -> RecipeTree:
        """Return a tree in which files that are there have other contents, by path.

        A link's target is written, not the link. It costs one look at the tree, however many
        files there are.

        Raises:
            RecipeError: no such file.
        """
        made = dict(self.entries)
        for path, text in texts.items():
            real = self._find(path)
            made[real] = Entry(_encode(path, text), self.entries[real].mode)
        return RecipeTree(made, self.name)

    def without(self, path: str) -> RecipeTree:
        """Return a tree that lacks `path`; of a link the link goes, not its target.

        Raises:
            RecipeError: no such file.
        """
        real = self._find(path, follow=False)
        return RecipeTree({p: e for p, e in self.entries.items() if p != real}, self.name)

    def with_mode(self, path: str, mode: int) -> RecipeTree:
        """Return a tree in which the file `path` (of a link its target) has the git mode `mode`.

        Raises:
            RecipeError: no such file, or not the mode of a file.
        """
        real = self._find(path)
        return self._with(real, Entry(self.entries[real].content, mode))

    def changed_paths(self, base: RecipeTree) -> tuple[str, ...]:
        """Return the paths that differ from `base` in content or mode, or exist on one side."""
        ours, theirs = self.entries.get, base.entries.get
        paths = self.entries.keys() | base.entries.keys()
        return tuple(sorted(p for p in paths if ours(p) is not theirs(p) and ours(p) != theirs(p)))

    def write(
        self, path: str | os.PathLike[str], base: RecipeTree | None = None
    ) -> tuple[str, ...]:
        """Make the folder `path` hold this tree, all or nothing.

        Args:
            path: the folder; created when absent.
            base: the tree that was read from it: only what differs from it is touched. None
                reads the folder now.

        Returns:
            The paths that were written or removed, sorted.

        Raises:
            WriteRefused: a file is not as `base` has it any more, or the system refuses; nothing
                was changed.
        """
        folder = Path(path)
        recover(folder)
        if not os.path.lexists(folder):
            base = RecipeTree({})
        elif base is None:
            base = RecipeTree.from_dir(folder)
        changed = self.changed_paths(base)
        if changed:
            write(folder, [Change(p, base.entries.get(p), self.entries.get(p)) for p in changed])
        return changed

    def _with(self, path: str, entry: Entry) -> RecipeTree:
        return RecipeTree({**self.entries, path: entry}, self.name)

    def _find(self, path: str, *, follow: bool = True) -> str:
        """Return the path behind links of a file that is there."""
        real = resolve(self.entries, path, follow=follow)
        if real not in self.entries:
            raise self._missing(path, real)
        return real

    def _missing(self, path: str, real: str) -> RecipeError:
        if any(name.startswith(f"{real}/") for name in self.entries):
            return RecipeError("this is a folder; a file was expected", place=Place(path))
        near = difflib.get_close_matches(path, self.entries)
        through = f", to which {path!r} leads" if real != path else ""
        return RecipeError(
            f"{self.name or 'the recipe'} has no file {real!r}{through}",
            place=Place(path) if through else None,
            hint=f"did you mean {' or '.join(near)}?" if near else "no other path is like it",
        )


def _check_folder(folder: Path) -> None:
    if not os.path.isdir(folder):  # noqa: PTH112  False, no error, where looking is denied
        there = os.path.lexists(folder)
        raise UsageError(
            "this is not a folder" if there else "there is no such folder",
            place=Place(str(folder)),
            hint="name the folder that holds the recipe's compose.yml",
        )
    if unfinished(folder):
        raise RecipeError(
            "a write into this folder was interrupted",
            place=Place(str(folder)),
            hint=f"finish it first: patchkit apply --in {folder}",
        )


def _refuse_nesting(paths: Iterable[str], path: str) -> None:
    """Refuse a file where a folder is, or under a file."""
    for other in paths:
        if other.startswith(f"{path}/"):
            raise _nested(path, other)
        if path.startswith(f"{other}/"):
            raise _nested(other, path)


def _nested(upper: str, lower: str) -> RecipeError:
    return RecipeError(
        f"{lower!r} needs a folder where the file {upper!r} is",
        hint="rename one of them, or remove it first",
    )


def _entry(path: str, file: bytes | str | Entry) -> Entry:
    return file if isinstance(file, Entry) else Entry(_encode(path, file))


def _encode(path: str, data: bytes | str) -> bytes:
    try:
        return data.encode() if isinstance(data, str) else data
    except UnicodeEncodeError as error:
        raise RecipeError(
            f"the new content holds U+{ord(error.object[error.start]):04X}, half a character",
            place=Place.at(path, error.object, error.start),
            hint="write the whole character instead of its escapes",
        ) from error


def _decode(path: str, data: bytes) -> str:
    if b"\0" in data:
        raise RecipeError(
            "this is a binary file: it holds NUL bytes",
            place=_line(path, data, data.index(b"\0")),
            hint="text was expected; only whole binary files can be added or removed",
        )
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise RecipeError(
            f"this is not UTF-8: byte 0x{data[error.start]:02x}",
            place=_line(path, data, error.start),
            hint=f"save it as UTF-8, for example: iconv -f latin1 -t utf-8 {path}",
        ) from error


def _line(path: str, data: bytes, offset: int) -> Place:
    return Place(path, data.count(b"\n", 0, offset) + 1)
