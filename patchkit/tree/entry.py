"""One file of a recipe: its bytes, its git mode, what its path may be and where links lead.

Modes are those of git's trees: https://git-scm.com/docs/git-fast-import (filemodify).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from patchkit.errors import Place, RecipeError

if TYPE_CHECKING:
    from collections.abc import Mapping

REGULAR = 0o100644
EXECUTABLE = 0o100755
LINK = 0o120000

STAGING = ".patchkit-write"
MAX_HOPS = 40  # as many links as Linux follows


class Lazy(Protocol):
    """Content that is read when it is first asked for, and kept."""

    @property
    def size(self) -> int:
        """How many bytes `data` has, known without reading them."""

    @property
    def data(self) -> bytes:
        """The bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A file, equal to another with the same bytes and mode.

    Args:
        content: its bytes, or what reads them; of a link its target.
        mode: REGULAR, EXECUTABLE or LINK.
    """

    content: bytes | Lazy
    mode: int = REGULAR

    def __post_init__(self) -> None:
        if self.mode not in (REGULAR, EXECUTABLE, LINK):
            raise RecipeError(
                f"{self.mode:#o} is not the git mode of a file",
                hint="use 0o100644, 0o100755 (executable) or 0o120000 (link)",
            )

    @property
    def data(self) -> bytes:
        """The bytes; a RecipeError or GitError when they cannot be read any more."""
        return self.content if isinstance(self.content, bytes) else self.content.data

    @property
    def size(self) -> int:
        """The number of bytes, known without reading them."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.size

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entry):
            return NotImplemented
        if self.mode != other.mode:
            return False
        # Contents of one object of git are equal without a look at them.
        if self.content is other.content or self.content == other.content:
            return True
        return self.size == other.size and self.data == other.data

    def __hash__(self) -> int:
        return hash((self.mode, self.size))


def check_path(path: str) -> str:
    """Return `path` when it may name a file of a recipe.

    Raises:
        RecipeError: it is absolute, empty or not normal, or names git's or patchkit's own files.
    """
    if fault := _fault(path):
        raise RecipeError(
            f"{path!r} cannot name a file of a recipe: {fault}",
            hint="write it relative to the recipe's folder, like 'config/app.ini'",
        )
    return path


@lru_cache(maxsize=4096)
def _fault(path: str) -> str:
    parts = path.split("/")
    faults = (
        (not path, "it is empty"),
        (path.startswith("/"), "it is absolute"),
        ("\0" in path, "it holds a NUL character"),
        ("\\" in path, "it holds a backslash"),
        (any("\ud800" <= c < "\udc80" or "\udcff" < c <= "\udfff" for c in path), "it is no text"),
        (".." in parts, "it climbs with '..'"),
        ("" in parts or "." in parts, "it has an empty part or '.'"),
        (any(part.lower() == ".git" for part in parts), "'.git' belongs to git"),
        (parts[0].lower() == STAGING, f"'{STAGING}' is patchkit's own"),
    )
    return next((reason for wrong, reason in faults if wrong), "")


def resolve(entries: Mapping[str, Entry], path: str, *, follow: bool = True) -> str:
    """Return the path behind links: those among its folders, and at its end when `follow`.

    Raises:
        RecipeError: the path is wrong, or a link leads out of the recipe or in a circle.
    """
    entry = entries.get(path)
    if entry and not (follow and entry.mode == LINK):
        return path  # its folders are none of the links: no file lies under another
    rest, done, link, hops = check_path(path).split("/")[::-1], list[str](), "", 0
    while rest:
        _walk(done, rest.pop(), link)
        here = "/".join(done)
        target = _target(entries.get(here)) if rest or follow else None
        if target is not None:
            link, hops = here, hops + 1
            _refuse_link(link, target, hops)
            done.pop()
            rest += target.split("/")[::-1]
    if fault := _fault("/".join(done)):
        raise _bad_link(link, f"does not lead to a file: {fault}")
    return "/".join(done)


def _walk(done: list[str], part: str, link: str) -> None:
    if part == "..":
        if not done:
            raise _bad_link(link, "leads out of the recipe")
        done.pop()
    elif part not in ("", "."):
        done.append(part)


def _target(entry: Entry | None) -> str | None:
    return os.fsdecode(entry.data) if entry and entry.mode == LINK else None


def _refuse_link(link: str, target: str, hops: int) -> None:
    if target.startswith("/"):
        raise _bad_link(link, f"leads out of the recipe, to {target}")
    if hops > MAX_HOPS:
        raise _bad_link(link, "leads in a circle")


def _bad_link(link: str, reason: str) -> RecipeError:
    return RecipeError(
        f"this link {reason}",
        place=Place(link),
        hint="replace it by a file, or by a link to a file of the recipe",
    )
