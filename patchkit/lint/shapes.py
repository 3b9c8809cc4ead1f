"""The shape that a compose file must have before variables are filled in.

Docker checks types and formats on the text as it is written, so `start_period: ${X:-5m}` is no
duration. The fields are those of Compose file version 3.8 as Docker 28 reads them:
https://docs.docker.com/reference/compose-file/legacy-versions/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from patchkit.edit.yaml import Mapping, Scalar, Sequence
from patchkit.edit.yaml.data import scalar_value
from patchkit.edit.yaml.nodes import target
from patchkit.lint.nodes import keyed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.edit.yaml import Node

Fault: TypeAlias = tuple["Node", str]

_DURATION = re.compile(r"[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)")
_SIZE = re.compile(r"\d+(?:\.\d+)? ?(?:[kmgtp]i?b?|b)?", re.IGNORECASE)
_PORTS = re.compile(
    r"(?:(?:\[[^\]]*\]|[\d.]*):)?(?:\d*(?:-\d+)?:)?\d+(?:-\d+)?(?:/(?:tcp|udp|sctp))?",
    re.IGNORECASE,
)

_MOUNT = re.compile(r"(?:[a-zA-Z]:(?=[\\/]))?[^:]+(?::[^:]+){0,2}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    return _is_number(value) and float(str(value)).is_integer()


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


@dataclass(frozen=True)
class Plain:
    """A scalar: what to call it, and whether a value is one."""

    what: str
    fits: Callable[[object], bool]


@dataclass(frozen=True)
class ListOf:
    """A list, in some places without doubles."""

    item: Shape
    unique: bool = False


@dataclass(frozen=True)
class MapOf:
    """A mapping of free keys."""

    value: Shape
    keys: re.Pattern[str] = re.compile(r"(?s).+")


@dataclass(frozen=True)
class Fields:
    """A mapping of known keys; those in `x-` are free."""

    known: dict[str, Shape]
    needs: tuple[str, ...] = ()
    is_open: bool = False


@dataclass(frozen=True)
class OneOf:
    """One of several shapes, told apart by the kind of the node."""

    shapes: tuple[Shape, ...] = field(default=())


Shape: TypeAlias = Plain | ListOf | MapOf | Fields | OneOf

TEXT = Plain("a text", _is_text)
NUMBER = Plain("a number", _is_number)
INTEGER = Plain("an integer", _is_integer)
BOOLEAN = Plain("true or false", lambda value: isinstance(value, bool))
NULL = Plain("nothing", lambda value: value is None)
DURATION = Plain("a duration like 1m30s", _matches(_DURATION))
SIZE = Plain("a size like 512M", _matches(_SIZE))
PORTS = Plain("a port like 8080:80", lambda value: _is_number(value) or _matches(_PORTS)(value))


MOUNT = Plain(
    "source:target:options without further colons",
    lambda value: isinstance(value, str) and _MOUNT.fullmatch(value) is not None,
)


def faults(node: Node | None, shape: Shape) -> Iterator[Fault]:
    """Yield the nodes that have another shape than they must, each with what was expected."""
    if node is None:
        return
    if isinstance(shape, OneOf):
        yield from faults(node, _chosen(node, shape))
    elif isinstance(shape, Plain):
        if not isinstance(node, Scalar) or not shape.fits(scalar_value(node)):
            yield node, f"must be {shape.what}"
    elif isinstance(shape, ListOf):
        yield from _list_faults(node, shape)
    elif not isinstance(node, Mapping):
        yield node, "must be a mapping"
    elif isinstance(shape, MapOf):
        yield from _map_faults(node, shape)
    else:
        yield from _field_faults(node, shape)


def _chosen(node: Node, shape: OneOf) -> Shape:
    """Return the one of several shapes that a node seems to mean."""
    kinds = {Mapping: (Fields, MapOf), Sequence: (ListOf,), Scalar: (Plain,)}
    fitting = [s for s in shape.shapes if isinstance(s, kinds.get(type(node), ()))]
    if isinstance(node, Scalar):
        value = scalar_value(node)
        fitting = [s for s in fitting if isinstance(s, Plain) and s.fits(value)] or fitting
    if fitting and (len(fitting) == 1 or _fits(node, fitting[0])):
        return fitting[0]
    return Plain(" or ".join(map(_called, shape.shapes)), lambda _: False)


def _fits(node: Node, shape: Shape) -> bool:
    return not isinstance(shape, Plain) or next(faults(node, shape), None) is None


def _called(shape: Shape) -> str:
    if isinstance(shape, Plain):
        return shape.what
    return "a list" if isinstance(shape, ListOf) else "a mapping"


def _list_faults(node: Node, shape: ListOf) -> Iterator[Fault]:
    if not isinstance(node, Sequence):
        yield node, "must be a list"
        return
    if not node.items:
        # Docker 28 loses an empty list while it checks the text, and then misses it.
        yield node, "must not be empty"
    seen: set[object] = set()
    for item in map(target, node.items):
        yield from faults(item, shape.item)
        value = (item.tag, item.value) if isinstance(item, Scalar) else item
        if shape.unique and item is not None and value in seen:
            yield item, "stands twice in this list"
        seen.add(value)


def _map_faults(node: Mapping, shape: MapOf) -> Iterator[Fault]:
    for name, (key, value) in keyed(node).items():
        if not shape.keys.fullmatch(name):
            yield key, "is no name that Compose takes"
        yield from _value_faults(key, value, shape.value)


def _value_faults(key: Node, value: Node | None, shape: Shape) -> Iterator[Fault]:
    """Yield the faults of a value; of one that is left out the key is what can be seen."""
    for node, what in faults(value, shape):
        yield (key if node is value and node.start == node.end else node), what


def _field_faults(node: Mapping, shape: Fields) -> Iterator[Fault]:
    pairs = keyed(node)
    for name, (key, value) in pairs.items():
        if name in shape.known:
            yield from _value_faults(key, value, shape.known[name])
        elif not name.startswith("x-") and not shape.is_open:
            yield key, "is no key that Docker knows here"
    for name in shape.needs:
        if name not in pairs:
            yield node, f"lacks the key {name}"
