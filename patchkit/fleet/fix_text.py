"""A fix as text, which can be sent anywhere and is read there once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.data import data_dir
from patchkit.errors import Place, SpecError, UsageError
from patchkit.fixes import loads_fix

if TYPE_CHECKING:
    from patchkit.spec.fix import Fix

MAX_BYTES = 8 * 2**20  # of the templates that travel with a fix
_TEMPLATES = "templates"
_KEPT = 256  # fixes that a process remembers


@dataclass(frozen=True, slots=True)
class FixText:
    """A fix's text, and where what it needs lies.

    Attributes:
        path: the file as the user knows it.
        text: the YAML.
        digest: of the fix as it was read here; one that reads otherwise elsewhere is refused.
        id: what users type for it.
        repository: the recipe or repository it is for; empty when it is for any recipe.
        folders: where its templates lie on this machine.
        extends: the class that it extends; empty when there is none.
        home: the folder below which that class lies; None where patchkit ships it.
        files: what it needs and patchkit does not ship, by path, once it travels.
    """

    path: str
    text: str
    digest: str
    id: str
    repository: str
    folders: tuple[Path, ...] = ()
    extends: str = ""
    home: Path | None = None
    files: tuple[tuple[str, bytes], ...] | None = None

    @classmethod
    def of(cls, fix: Fix) -> FixText:
        """Return the text of a fix that was read."""
        base, extends = fix.source.base, fix.spec.extends or ""
        own = None
        if base is not None and Path(base.path).is_file():
            is_own = Path(base.path).read_bytes() == base.text.encode()
            own = Path(base.path).parent.parent if is_own else None
        return cls(
            *(fix.path, fix.text, fix.digest, fix.name, fix.repository, fix.template_dirs),
            extends,
            own,
        )

    def portable(self) -> FixText:
        """Return the fix for another machine, with what it needs and patchkit does not ship.

        Raises:
            UsageError: that is too large.
        """
        found = {
            f"{_TEMPLATES}/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for folder in reversed(self.folders)
            if folder != data_dir("templates")
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.resolve().is_relative_to(folder.resolve())
        }
        if self.home is not None:
            found[f"{self.extends}.yml"] = (self.home / f"{self.extends}.yml").read_bytes()
        if sum(map(len, found.values())) > MAX_BYTES:
            raise UsageError(
                f"the templates beside it have more than {MAX_BYTES:,} bytes",
                place=Place(self.path),
                hint="keep what other fixes use elsewhere, or work on this machine",
            )
        return replace(self, folders=(), home=None, files=tuple(sorted(found.items())))

    def load(self) -> Fix:
        """Return the fix; it is read once a process.

        Raises:
            SpecError: it is wrong, or reads otherwise here than where the job was made.
        """
        return _loaded(self)


@lru_cache(maxsize=_KEPT)
def _loaded(given: FixText) -> Fix:
    folders, home = given.folders, given.home
    if given.files is not None:
        home = _laid_out(given.files)
        folders = (home / _TEMPLATES, data_dir("templates"))
    fix = loads_fix(given.text, given.path, folders, home)
    if fix.digest != given.digest:
        raise SpecError(
            "the fix reads otherwise here than where the job was made",
            place=Place(given.path),
            hint="run the same patchkit, with the same templates, on every worker",
        )
    return fix


def _laid_out(files: tuple[tuple[str, bytes], ...]) -> Path:
    """Write files into a folder that lives as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="patchkit-fix-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, data in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder
