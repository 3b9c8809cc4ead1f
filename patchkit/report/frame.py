"""A document for standard output that is written piece by piece, never held whole."""

from __future__ import annotations

import json
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around and between the pieces.

    Attributes:
        head: before the first.
        between: before every other.
        tail: after the last.
        empty: the whole document when there are none.
    """

    head: str = ""
    between: str = ""
    tail: str = ""
    empty: str = ""


PLAIN = Frame()
LINES = Frame(between="\n")
LIST = Frame("[\n", ",\n", "\n]\n", "[]\n")


def json_piece(data: Any, depth: int = 1) -> str:
    """Return one item of a list of JSON as it stands in the whole document, by twos indented."""
    return textwrap.indent(json.dumps(data, indent=2), "  " * depth)


def json_frame(document: Mapping[str, Any], name: str) -> Frame:
    """Return the frame of a JSON object whose last key `name` holds the list of the pieces."""
    empty = json.dumps({**document, name: []}, indent=2)
    head = empty.removesuffix("]\n}")
    return Frame(f"{head}\n", ",\n", "\n  ]\n}\n", f"{empty}\n")
