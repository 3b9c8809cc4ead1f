"""What changed in a stack, in words: for those who do not see the picture, and for search."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from patchkit.recipe.stack import Part
from patchkit.report.html.stack_pairs import keyed, same_services

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.recipe.stack import Service, Stack

_WORDS = {"depends_on": "dependency on", "environment": "variable", "setting": "field"}
_LONGEST = 120  # characters of a value


def sentences(old: Stack, new: Stack) -> Iterator[str]:
    """Yield what changed, a sentence a thing."""
    for change in (
        *_names("file", old.files, new.files),
        *_changes(old.networks, new.networks),
        *_changes(old.objects, new.objects),
    ):
        yield f"The {change}."
    for before, after in same_services(old, new):
        yield from _service(before, after)


def _service(old: Service | None, new: Service | None) -> Iterator[str]:
    if old is None or new is None:
        service = new or old
        if service is not None:
            yield f"The service {service.name} was {'added' if old is None else 'removed'}."
        return
    if old.name != new.name:
        yield f"The service {old.name} was renamed to {new.name}."
    if old.image != new.image:
        yield f"{new.name}: the image {old.image or 'none'} became {new.image or 'none'}."
    for change in (
        *_names("network", old.networks, new.networks),
        *_names("file", old.files, new.files),
        *_changes(old.parts, new.parts),
    ):
        yield f"{new.name}: the {change}."


def _names(kind: str, old: Iterable[str], new: Iterable[str]) -> Iterator[str]:
    return _changes((Part(kind, name) for name in old), (Part(kind, name) for name in new))


def _changes(old: Iterable[Part], new: Iterable[Part]) -> Iterator[str]:
    before, after = keyed(old), keyed(new)
    for key, part in before.items():
        if key not in after:
            yield f"{_thing(part)} was removed"
    for key, part in after.items():
        if key not in before:
            yield f"{_thing(part)} was added{f': {_short(part)}' if part.detail else ''}"
        elif before[key] != part:
            yield f"{_thing(part)} was changed from {_short(before[key])} to {_short(part)}"


def _thing(part: Part) -> str:
    return f"{_WORDS.get(part.kind, part.kind)} {part.name}"


def _short(part: Part) -> str:
    return textwrap.shorten(part.detail, _LONGEST, placeholder=" …") or "nothing"
