"""The files below `templates/`: found by name, never outside their folder, read as UTF-8."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from patchkit.errors import Place, SpecError
from patchkit.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAX_BYTES = 1024 * 1024


def located(name: str, dirs: Sequence[Path]) -> Path:
    """Return the template file `name` of the first folder that has it.

    Raises:
        SpecError: none has it, or the name or a link leads out of the folder.
    """
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or "\\" in name or not name.isprintable():
        raise SpecError(f'the template name "{name}" leaves its folder')
    for folder in dirs:
        if _is_file(path := folder / name):
            if path.resolve().is_relative_to(folder.resolve()):
                return path
            raise SpecError(f'the template "{name}" is a link that leaves {folder}')
    near = did_you_mean(name, _names(dirs))
    searched = ", ".join(map(str, dirs)) or "no folder"
    raise SpecError(f'there is no template "{name}"{near}', hint=f"searched: {searched}")


def content(path: Path) -> str:
    """Return the text of a template file.

    Raises:
        SpecError: it is larger than `MAX_BYTES`, cannot be read, or is not UTF-8.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SpecError(f"cannot be read: {error.strerror}", place=Place(str(path))) from None
    if len(raw) > MAX_BYTES:
        message = f"{len(raw):,} bytes are more than a template may have ({MAX_BYTES:,})"
        raise SpecError(message, place=Place(str(path)))
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        place = Place(str(path), raw.count(b"\n", 0, error.start) + 1)
        raise SpecError("a template must be UTF-8", place=place) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file system takes
        return False


def _names(dirs: Sequence[Path]) -> list[str]:
    return [
        path.relative_to(folder).as_posix()
        for folder in dirs
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
