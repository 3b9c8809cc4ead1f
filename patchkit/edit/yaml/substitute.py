"""Replaces a word within scalars and keys, in place: quotes, folds and comments stay."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from patchkit.edit.yaml.nodes import Mapping, Scalar, Sequence, walk
from patchkit.edit.yaml.splices import Splice
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.editor import YamlEditor
    from patchkit.edit.yaml.nodes import Node


def substitute(editor: YamlEditor, starts: list[int], old: str, new: str) -> None:
    """Replace the word `old` by `new` where it begins at the given characters of the text.

    Args:
        editor: the text to change, in one edit.
        starts: offsets within scalars, keys or comments.
        old: what stands there.
        new: a word that needs no quotes anywhere.

    Raises:
        EditRefused: an escape spells the word, so that value and text do not line up.
    """
    root = editor.document.root
    values: dict[int, str] = {}
    for node in walk(root) if root else []:
        if isinstance(node, Scalar):
            inside = [start for start in starts if node.body <= start < node.end]
            if inside:
                values[id(node)] = _value(editor, node, inside, old, new)
    made = [Splice(start, start + len(old), new) for start in starts]
    if root is not None and made:
        doubt = f"{old!r} cannot be replaced in place here", min(starts)
        editor.commit(made, _respelled(root, values), doubt=doubt)


def _value(editor: YamlEditor, node: Scalar, starts: list[int], old: str, new: str) -> str:
    raw = editor.text[node.body : node.end]
    in_raw = [node.body + m.start() for m in re.finditer(re.escape(old), raw)]
    in_value = [m.start() for m in re.finditer(re.escape(old), node.value)]
    if len(in_raw) != len(in_value) or not set(starts) <= set(in_raw):
        raise EditRefused(
            f"an escape spells {old!r} here, so it cannot be replaced in place",
            place=editor.document.place(node.start),
            hint="write the value without escapes first",
        )
    value = node.value
    for start in sorted(starts, reverse=True):
        at = in_value[in_raw.index(start)]
        value = value[:at] + new + value[at + len(old) :]
    return value


def _respelled(node: Node, values: dict[int, str]) -> Node:
    if isinstance(node, Scalar):
        return replace(node, value=values[id(node)]) if id(node) in values else node
    if isinstance(node, Mapping):
        pairs = [(_respelled(k, values), _respelled(v, values)) for k, v in node.pairs]
        return replace(node, pairs=pairs)
    if isinstance(node, Sequence):
        return replace(node, items=[_respelled(item, values) for item in node.items])
    return node
