"""Which service and which part before is which one after."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from patchkit.recipe.stack import Part, Service, Stack


def same_services(old: Stack, new: Stack) -> list[tuple[Service | None, Service | None]]:
    """Return each service before and after, also under another name; None where it is not."""
    after: dict[int, Service] = {}
    left = list(new.services)
    for alike in _ALIKE:
        for n, service in enumerate(old.services):
            match = next((s for s in left if n not in after and alike(service, s)), None)
            if match is not None:
                after[n] = match
                left.remove(match)
    rows: list[tuple[Service | None, Service | None]] = [
        (s, after.get(n)) for n, s in enumerate(old.services)
    ]
    return rows + [(None, service) for service in left]


def keyed(parts: Iterable[Part]) -> dict[tuple[str, str, int], Part]:
    """Return parts by kind and name; one that is there twice counts as first and second."""
    seen: Counter[tuple[str, str]] = Counter()
    keyed = {}
    for part in parts:
        key = part.kind, part.name
        keyed[*key, seen[key]] = part
        seen[key] += 1
    return keyed


def _repository(service: Service) -> str:
    head, _, tail = service.image.rpartition("/")
    return f"{head}/{tail.partition('@')[0].partition(':')[0]}"


_ALIKE: tuple[Callable[[Service, Service], bool], ...] = (
    lambda a, b: a.name == b.name and _repository(a) == _repository(b),
    lambda a, b: bool(a.image) and a.image == b.image,
    lambda a, b: a.name == b.name,
)
