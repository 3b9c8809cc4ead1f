"""The values that a template meets, and what Go calls their types.

Texts, numbers and booleans are Python's own; a map is Python's `dict`, «no value» is None.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.verify.gotemplate.fault import CallFault

if TYPE_CHECKING:
    from collections.abc import Mapping


class Byte(int):
    """A byte of a text, which Go keeps apart from its integers."""


@dataclass(frozen=True, slots=True)
class Struct:
    """Something with named fields, such as `.Service`.

    Attributes:
        name: what to call it.
        fields: its fields by name.
        is_whole: whether it is the dot that a template starts with, which Go would print with
            its private parts.
    """

    name: str
    fields: Mapping[str, Value]
    is_whole: bool = False


Value: TypeAlias = "str | int | float | bool | dict[str, str] | Struct | None"

_TYPES = ((bool, "bool"), (Byte, "uint8"), (int, "int"), (float, "float64"), (str, "string"))
_COMPARABLE = frozenset({"bool", "uint8", "int", "float64", "string"})


def type_of(value: Value) -> str:
    """Return what Go calls the type of a value; `nil` for none."""
    if value is None:
        return "nil"
    if isinstance(value, dict):
        return "map[string]string"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), "struct")


def kind_of(value: Value) -> str:
    """Return the type as comparisons see it: integers alike, all else that has no order `other`."""
    found = type_of(value)
    if found not in _COMPARABLE:
        return "other"
    return "int" if found == "uint8" else found


def is_true(value: Value) -> bool:
    """Return whether `if` takes a value as true: not empty, not 0; a struct always."""
    return True if isinstance(value, Struct) else bool(value)


def equal(first: Value, second: Value) -> bool:
    """Return whether two values are equal, as `eq` says; structs are not compared here.

    Raises:
        CallFault: they cannot be compared.
    """
    if first is None or second is None:
        return first is second
    kind = kind_of(first)
    if kind != kind_of(second) or kind == "other":
        raise CallFault(f"{type_of(first)} and {type_of(second)} cannot be compared")
    return first == second


def less(first: Any, second: Any) -> bool:
    """Return whether one value comes before another, as `lt` says.

    Raises:
        CallFault: they have no order.
    """
    kind = kind_of(first)
    if kind != kind_of(second) or kind in {"bool", "other"}:
        raise CallFault(f"{type_of(first)} and {type_of(second)} have no order")
    return bool(first < second)
