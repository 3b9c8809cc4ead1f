"""Where a recipe of a fleet comes from: a value that can be sent to another process or machine."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from patchkit.data import data_dir
from patchkit.errors import GitError, Place, RecipeError, UsageError
from patchkit.tree import RecipeTree
from patchkit.tree.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Mapping

_USER = re.compile(r"(?<=://)[^/@\s]*@")
Kind: TypeAlias = Literal["folder", "repository", "mirror", "sample", "own", "tree"]
_HERE = frozenset({"folder", "repository", "own"})  # what lies on this machine alone


class Read(NamedTuple):
    """A recipe as it was read.

    Attributes:
        tree: its files.
        folder: the folder or git repository that it was read from; None of a tree.
        commit: the commit that was read; empty of a folder as it is.
    """

    tree: RecipeTree
    folder: Path | None = None
    commit: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A recipe's origin; nothing is read before it is asked for.

    Attributes:
        kind: `folder`, `repository` (a bare one on this machine), `mirror` (a URL of git),
            `sample` (one that patchkit carries), `own` (a sample beside the fixes, which is never
            written to) or `tree` (its files are here).
        where: the path, URL or name.
        recipe: the recipe's own name.
        files: the recipe itself, by path, where it travels with its origin.
    """

    kind: Kind
    where: str
    recipe: str
    files: Mapping[str, Entry] | None = None

    @classmethod
    def folder(cls, path: str | Path) -> Source:
        """Return the recipe in a folder, or at the head of a bare repository."""
        kind: Kind = "repository" if is_bare(Path(path)) else "folder"
        return cls(kind, str(path), name_of(str(path)))

    @classmethod
    def mirror(cls, url: str) -> Source:
        """Return the recipe on a mirror's default branch."""
        return cls("mirror", url, name_of(url.rstrip("/")))

    @classmethod
    def sample(cls, recipe: str) -> Source:
        """Return the bundled sample of a recipe or repository."""
        return cls("sample", recipe, recipe)

    @classmethod
    def own(cls, path: str | Path, recipe: str) -> Source:
        """Return a sample of a recipe that lies beside the fixes."""
        return cls("own", str(path), recipe)

    @classmethod
    def tree(cls, tree: RecipeTree, name: str) -> Source:
        """Return a recipe that is here already."""
        return cls("tree", name, name, tree.entries)

    @property
    def name(self) -> str:
        """What messages call it: nothing that stands before a URL's host is told."""
        if self.kind == "sample":
            return f"the bundled sample {self.where}"
        if self.kind == "own":
            return f"the sample {self.where}"
        return _USER.sub("", self.where) if self.kind == "mirror" else self.where

    @property
    def key(self) -> str:
        """What it is known by from one run to the next."""
        is_path = self.kind in _HERE
        return f"{self.kind}:{Path(self.where).resolve() if is_path else self.where}"

    def read(self) -> Read:
        """Return the recipe as it is there now.

        Raises:
            UsageError: there is no such folder or sample.
            RecipeError: it cannot be read.
            GitError: a repository is broken or has no commits, a mirror cannot be reached.
        """
        if self.kind == "tree" or self.files is not None:
            return Read(RecipeTree(self.files or {}, self.recipe))
        if self.kind == "mirror":
            return _mirror(self.where, self.recipe)
        if self.kind == "repository":
            return _repository(Path(self.where))
        folder = _sample(self.where) if self.kind == "sample" else Path(self.where)
        return Read(RecipeTree.from_dir(folder), folder)

    def portable(self) -> Source:
        """Return the same recipe for another machine: what lies on this one is read now.

        Raises:
            PatchkitError: as for `read`.
        """
        if self.kind not in _HERE:
            return self
        entries = self.read().tree.entries
        files = {path: Entry(entry.data, entry.mode) for path, entry in entries.items()}
        return replace(self, files=files)

    def bare(self) -> Source:
        """Return the origin alone."""
        return replace(self, files=None) if self.files is not None else self


def name_of(place: str) -> str:
    """Return what a recipe is called by its folder or its mirror's URL.

    What no name of a recipe holds becomes a hyphen, so that two folders stay two recipes.
    """
    last = re.split(r"[/:\\]", str(Path(place).resolve()) if Path(place).is_dir() else place)[-1]
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", last.removesuffix(".git"))
    return name.lstrip("._-") or "recipe"


def is_bare(folder: Path) -> bool:
    """Whether a folder is a git repository without files of its own; a broken one counts."""
    return (folder / "objects").is_dir() and (folder / "refs").is_dir()


def check_is_recipe(tree: RecipeTree) -> None:
    """Refuse files that are no recipe.

    Raises:
        RecipeError: no compose file lies at the top.
    """
    if not any(path.startswith("compose") and path.endswith(".yml") for path in tree.entries):
        raise RecipeError(
            "this is no recipe: there is no compose*.yml",
            hint="name the folder that holds the recipe's compose.yml, or leave it out: --skip",
        )


def _sample(recipe: str) -> Path:
    folder = data_dir("recipes") / recipe
    if folder.parent == data_dir("recipes") and folder.is_dir():
        return folder
    raise UsageError(
        f"patchkit has no sample of {recipe}", hint="say where it is: a folder or a mirror's URL"
    )


def _mirror(url: str, recipe: str) -> Read:
    from patchkit.fleet.private import read_mirror  # noqa: PLC0415  what reads folders waits not

    found = read_mirror(url, recipe)
    return Read(RecipeTree.from_commit(found.folder, found.head), found.folder, found.head)


def _repository(folder: Path) -> Read:
    from patchkit.git import clone  # noqa: PLC0415  as above

    try:
        repository = clone.opened(folder)
        sha = "" if repository.head_is_unborn else str(repository.head.target)
        if sha:
            return Read(clone.whole_tree(repository, sha), folder, sha)
    except clone.BROKEN as error:
        raise _broken(folder, error) from error
    except GitError as error:
        raise _broken(folder, "a file cannot be read") from error
    raise GitError(
        "the repository has nothing to read: its default branch has no commits",
        place=Place(str(folder)),
        hint="fetch it again, and see which branch its HEAD names",
    )


def _broken(folder: Path, why: object) -> GitError:
    return GitError(
        f"the repository is broken: {why}",
        place=Place(str(folder)),
        hint=f"git -C {folder} fsck says more; fetch it again",
    )
