"""Values that remember how their author wrote them, so that a fix writes them the same way.

They are plain `str`, `int`, `float`, `dict` and `list` to everybody but the emitter: `0555`
stays `0555` although it means 365, and `[CMD, curl]` stays on one line.
"""

from __future__ import annotations

import math
from typing import Any, Self

from patchkit.edit.scalars import resolve
from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence


class StyledStr(str):
    """A string with its quote style (`''`, `'`, `"`, `|` or `>`)."""

    __slots__ = ("style",)
    style: str

    def __new__(cls, value: str, style: str = "") -> Self:
        """Make it; `style` as in `Scalar.style`."""
        self = super().__new__(cls, value)
        self.style = style
        return self


class WrittenInt(int):
    """An integer with its text, such as `0555`."""

    text: str


class WrittenFloat(float):
    """A floating point number with its text, such as `3.80`."""

    text: str


class FlowDict(dict[str, Any]):
    """A mapping that stands in braces."""


class FlowList(list[Any]):
    """A sequence that stands in brackets."""


def styled(node: Node) -> Any:
    """Return the value of a node without aliases, in the styles of its text."""
    if isinstance(node, Scalar):
        return _styled_scalar(node)
    if isinstance(node, Mapping):
        pairs = {key.value: styled(value) for key, value in node.pairs if isinstance(key, Scalar)}
        return FlowDict(pairs) if node.flow else pairs
    if isinstance(node, Alias):
        raise TypeError("an alias has no value of its own")
    items = [styled(item) for item in node.items]
    return FlowList(items) if node.flow else items


def _styled_scalar(node: Scalar) -> Any:
    if node.is_text or node.tag is not None:
        return StyledStr(node.value, node.style)
    value = resolve(node.value)
    if value is None or isinstance(value, (bool, str)):
        return value
    written = WrittenInt(value) if isinstance(value, int) else WrittenFloat(value)
    written.text = node.value
    return written


def to_node(value: Any) -> Node:
    """Return plain data as a node without a place: what an edited text must mean."""
    if isinstance(value, dict):
        pairs: list[tuple[Node, Node]] = [
            (
                Scalar(str(key), "" if isinstance(key, str) and _is_plain(key) else '"'),
                to_node(item),
            )
            for key, item in value.items()
        ]
        return Mapping(pairs)
    if isinstance(value, (list, tuple)):
        return Sequence([to_node(item) for item in value])
    if isinstance(value, str):
        return Scalar(str(value), '"')
    return Scalar(scalar_text(value))


def _is_plain(key: str) -> bool:
    return isinstance(resolve(key), str)


def scalar_text(value: Any) -> str:
    """Return the plain text of a value that is no string; `''` for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (WrittenInt, WrittenFloat)):
        return value.text
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' * (value < 0)}.inf"
    if isinstance(value, (int, float)):
        return repr(value)
    raise TypeError(f"{type(value).__name__} cannot stand in YAML")
