"""The quotes of new strings: those of the string that goes, else those that the file uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from patchkit.edit.python.code import Code
from patchkit.edit.python.structure import walk

if TYPE_CHECKING:
    from patchkit.edit.python.source import Source

_QUOTES = ('"', "'")


def in_style(source: Source, code: Code, old: cst.CSTNode | None) -> Code:
    """Return code which, if it is but a string, has the quotes of the old code or of the file.

    A string whose text holds quotes or backslashes keeps its own.
    """
    node = code.expression
    if not isinstance(node, cst.SimpleString) or not _is_free(node):
        return code
    quote = _common(old) or _common(source.module) or node.quote
    return Code(f"{node.prefix}{quote}{node.raw_value}{quote}")


def _is_free(node: cst.SimpleString) -> bool:
    """Whether a string could have either quote just as well."""
    marks = ("'", '"', "\\")
    return node.quote in _QUOTES and not any(mark in node.raw_value for mark in marks)


def _common(code: cst.CSTNode | None) -> str:
    """Return the quote that most strings of some code have."""
    nodes = walk(code, (cst.FormattedString,)) if code is not None else ()
    used: list[str] = [n.quote for n in nodes if isinstance(n, cst.SimpleString) and _is_free(n)]
    return max(_QUOTES, key=used.count) if used else ""
