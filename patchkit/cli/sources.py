"""Where a command's recipe comes from: a folder, a mirror, or a sample that patchkit carries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.cli.patience import tell_retries
from patchkit.data import data_dir
from patchkit.errors import UsageError
from patchkit.fleet.source import name_of
from patchkit.report.terminal import working
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Source:
    """A recipe's origin.

    Attributes:
        name: what messages call it.
        folder: the recipe's folder, or the repository of a mirror.
        revision: the git revision that is meant; None for the folder as it is.
    """

    name: str
    folder: Path
    revision: str | None = None

    def tree(self) -> RecipeTree:
        """Return the recipe as it is there now."""
        if self.revision is None:
            return RecipeTree.from_dir(self.folder)
        return RecipeTree.from_commit(self.folder, self.revision)


def folder(path: str | Path) -> Source:
    """Return the recipe in a folder."""
    return Source(str(path), Path(path))


def mirror(url: str) -> Source:
    """Return the recipe on a mirror's default branch, fetched now.

    Raises:
        PatchkitError: as of `read_mirror`, or it has no commits.
    """
    from patchkit.fleet.private import read_mirror  # noqa: PLC0415  few calls need git

    tell_retries()
    with working(f"fetching {url}"):
        found = read_mirror(url, name_of(url.rstrip("/")))
    return Source(url, found.folder, found.head)


def sample(recipe: str, kind: str = "recipe") -> Source:
    """Return the bundled sample of a recipe, or of a repository of another kind."""
    samples = data_dir("recipes")
    path = samples / recipe
    if recipe and path.is_dir() and path.parent == samples:
        return Source(f"the bundled sample {recipe}", path)
    raise UsageError(
        f"patchkit has no sample of the {kind} {recipe}",
        hint=f"say where it is: --in path/to/{recipe}",
    )


def has_sample(fix: Fix) -> bool:
    """Whether there is a sample of a fix's recipe, beside the fix or in patchkit."""
    is_bundled = bool(fix.repository) and (data_dir("recipes") / fix.repository).is_dir()
    return is_bundled or own_sample(fix) is not None


def own_sample(fix: Fix) -> Path | None:
    """Return the sample beside a fix that patchkit does not ship, as `patchkit test` finds it.

    It is that of the fix's recipe, else the first that the settings name for the fix; None where
    there is none of both.

    Raises:
        SettingsError: the settings are wrong.
    """
    from patchkit.fixes import find_fix  # noqa: PLC0415  what reads no spec need not wait

    file = find_fix(fix.path)
    if not fix.repository or file.resolve().is_relative_to(data_dir("fixes").resolve()):
        return None
    from patchkit.testing.layout import Layout, shown  # noqa: PLC0415  the shipped need it not

    layout = Layout.of(file)
    for name in (fix.repository, *layout.of_fix(fix.name).names):
        if (found := layout.own(name)) is not None:
            return Path(shown(found))
    return None


def one(fix: Fix, path: str | None, url: str | None) -> Source:
    """Return the one source that is named, a sample for a fix where none is: its own first."""
    if path is not None and url is not None:
        raise UsageError("--in and --mirror name two recipes", hint="leave one of them out")
    if path is not None:
        return folder(path)
    if url is not None:
        return mirror(url)
    if fix.is_class:
        raise UsageError(
            f"{fix.name} is for every recipe of a kind", hint="say which: --in DIR, or --mirror URL"
        )
    own = own_sample(fix)
    return sample(fix.repository, fix.kind) if own is None else Source(f"the sample {own}", own)
