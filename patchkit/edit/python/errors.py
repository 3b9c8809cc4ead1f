"""What the Python editor says when it does not find what it should edit."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from patchkit.errors import EditRefused, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHOWN = 3
_LIKE, _SLIP, _LINE = 0.6, 0.9, 0.5
_WIDTH = 70


class NotFound(EditRefused):
    """What an edit is about is not in the file.

    Attributes:
        near: names that differ from it by a slip: it may be misspelt.
    """

    def __init__(
        self,
        message: str,
        *,
        near: tuple[str, ...] = (),
        place: Place | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.near = near


def no_name(kind: str, name: str, known: Iterable[str], path: str, inside: str = "") -> NotFound:
    """Return the refusal for a name that is not there, with the names most like it."""
    names = list(dict.fromkeys(known))
    like = get_close_matches(name, names, n=_SHOWN, cutoff=_LIKE)
    rest = f"there is {', '.join(names[:12])}" if names else "there is none"
    return NotFound(
        f"no {kind} {name} in {inside or path}",
        near=tuple(get_close_matches(name, names, n=_SHOWN, cutoff=_SLIP)),
        place=Place(path),
        hint=f"did you mean {' or '.join(like)}?" if like else rest,
    )


def no_match(wanted: str, candidates: Mapping[str, int], path: str, inside: str = "") -> NotFound:
    """Return the refusal for code that is not there, with the code most like it.

    Args:
        wanted: the code.
        candidates: pieces of code of the same kind, with the line of each.
        path: what messages call the file.
        inside: the function that was searched, if not the whole file.
    """
    like = get_close_matches(one_line(wanted), candidates, n=_SHOWN, cutoff=_LINE)
    found = "; ".join(f"{path}:{candidates[code]} `{code}`" for code in like)
    return NotFound(
        f"no match of `{one_line(wanted)}` in {f'{inside} of ' if inside else ''}{path}",
        place=Place(path),
        hint=f"nearest: {found}" if found else "nothing is like it",
    )


def one_line(code: str) -> str:
    """Return code as one short line, for messages."""
    line = " ".join(code.split())
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"


def lines_text(lines: Iterable[int]) -> str:
    """Return `lines 3 and 9`."""
    *head, last = map(str, lines)
    return f"lines {', '.join(head)} and {last}" if head else f"line {last}"
