"""How a recipe writes things, for what ops add to it: where a key goes, and in which form.

Compose takes keys in any order and entries in several forms; a new one looks like those around it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import FlowDict, Mapping, Scalar, StyledStr

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.edit.yaml import Node


def beside(key: str, keys: Iterable[str], examples: Iterable[Iterable[str]]) -> dict[str, str]:
    """Return where a new key goes, as the `after` or `before` of `YamlEditor.set`.

    Args:
        key: the new key.
        keys: the keys that stand there.
        examples: keys of other mappings, in their order. The first that has `key` and one of
            `keys` decides, by the nearest of them.

    Returns:
        One argument; none when no example tells, and the key goes last.
    """
    present = set(keys)
    for example in map(list, examples):
        at = example.index(key) if key in example else None
        others = [i for i, other in enumerate(example) if other in present and i != at]
        if at is not None and others:
            nearest = min(others, key=lambda i: (abs(i - at), i < at))
            return {"before" if nearest > at else "after": example[nearest]}
    return {}


def like(entry: dict[str, Any], sibling: Node | None) -> dict[str, Any]:
    """Return a mapping in the braces, the key order and the quotes of a sibling."""
    if not isinstance(sibling, Mapping):
        return entry
    written = {key.value: node for key, node in sibling.pairs if isinstance(key, Scalar)}
    order = dict.fromkeys([*(key for key in written if key in entry), *entry])
    made = {key: _quoted(entry[key], written.get(key)) for key in order}
    return FlowDict(made) if sibling.flow else made


def _quoted(value: Any, sibling: Node | None) -> Any:
    if isinstance(value, str) and isinstance(sibling, Scalar) and sibling.style in {"'", '"'}:
        return StyledStr(value, sibling.style)
    return value
