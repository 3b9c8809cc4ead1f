"""Characters that end a line for YAML and for no editor: U+0085, U+2028 and U+2029."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.edit.yaml.nodes import Scalar, walk

if TYPE_CHECKING:
    from patchkit.edit.yaml.parse import Document

_FOREIGN = re.compile("[\x85\u2028\u2029]")


def foreign_break(document: Document) -> int | None:
    """Return the first such character outside of quotes; inside, it breaks nothing for an edit."""
    if document.text.isascii() or not _FOREIGN.search(document.text):
        return None
    quoted = [
        (node.body, node.end)
        for node in (walk(document.root) if document.root else [])
        if isinstance(node, Scalar) and node.style in {"'", '"'}
    ]
    for found in _FOREIGN.finditer(document.text):
        if not any(start < found.start() < end for start, end in quoted):
            return found.start()
    return None
