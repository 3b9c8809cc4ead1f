"""Writes new values as YAML in the style of what stands around them.

Only values that an edit adds pass through here; text that was there is never emitted again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from patchkit.edit.scalars import needs_quotes
from patchkit.edit.yaml.values import FlowDict, FlowList, StyledStr, scalar_text

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]"
)


@dataclass(frozen=True, slots=True)
class Style:
    """The habits of a file.

    Attributes:
        step: columns a nested mapping is indented by.
        dash: columns a sequence's dash is indented by below its key.
        gap: blanks between a dash and its item.
        quote: what a string is quoted with where it must be.
        always: whether strings are quoted where they need not be.
        literal: whether strings of several lines may be block scalars.
    """

    step: int = 2
    dash: int = 2
    gap: str = " "
    quote: str = '"'
    always: bool = False
    literal: bool = True


@dataclass(frozen=True, slots=True)
class Block:
    """A value as text: what follows its key or dash on the line, and the lines below."""

    inline: str
    lines: tuple[str, ...] = ()


def scalar(value: Any, style: Style, *, flow: bool = False) -> str:
    """Return a scalar on one line.

    A string keeps the quotes its author gave it (`StyledStr`); else it is plain where every
    reader takes the plain text for a string, and quoted as the file quotes otherwise.
    """
    if not isinstance(value, str):
        return scalar_text(value) or "null"
    wanted = value.style if isinstance(value, StyledStr) else ""
    if wanted in {"'", '"'}:
        return quoted(value, wanted)
    if style.always or needs_quotes(value, flow=flow):
        return quoted(value, style.quote)
    return str(value)


def quoted(value: str, quote: str) -> str:
    """Return `value` in quotes: the given ones, or double ones where single ones cannot hold it."""
    if quote == "'" and "\n" not in value and not _UNPRINTABLE.search(value):
        return "'" + value.replace("'", "''") + "'"
    escaped = "".join(_ESCAPES.get(char, char) for char in value)
    return '"' + _UNPRINTABLE.sub(_escape, escaped) + '"'


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004


def key_text(key: str, style: Style, *, flow: bool = False) -> str:
    """Return a mapping key: plain where it can be."""
    return quoted(key, style.quote) if needs_quotes(key, flow=flow) else str(key)


def flow_text(value: Any, style: Style) -> str:
    """Return a value in flow style, on one line."""
    if isinstance(value, dict):
        pairs = (
            f"{key_text(str(k), style, flow=True)}: {flow_text(v, style)}" for k, v in value.items()
        )
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(flow_text(item, style) for item in value) + "]"
    return scalar(value, style, flow=True)


def block(value: Any, column: int, style: Style, *, dash: int | None = None) -> Block:
    """Return a value in block style.

    Args:
        value: dict, list or scalar.
        column: where the value's key (or its dash) stands.
        style: the habits of the file.
        dash: columns from `column` to the dashes when the value is a list; None: the file's.
    """
    if isinstance(value, dict) and value and not isinstance(value, FlowDict):
        return Block("", tuple(mapping_lines(value, column + style.step, style)))
    if isinstance(value, (list, tuple)) and value and not isinstance(value, FlowList):
        at = column + (style.dash if dash is None else dash)
        return Block("", tuple(line for item in value for line in item_lines(item, at, style)))
    if isinstance(value, (dict, list, tuple)):
        return Block(flow_text(value, style))
    if value is None:
        return Block("")
    if style.literal and isinstance(value, str) and _fits_literal(value):
        return _literal(value, column + style.step)
    return Block(scalar(value, style))


def mapping_lines(value: dict[str, Any], column: int, style: Style) -> list[str]:
    """Return the lines of a block mapping whose keys stand at `column`."""
    return [line for key, item in value.items() for line in pair_lines(key, item, column, style)]


def pair_lines(key: str, value: Any, column: int, style: Style) -> list[str]:
    """Return the lines of one `key: value`."""
    text = block(value, column, style)
    head = " " * column + key_text(str(key), style) + ":"
    return [f"{head} {text.inline}" if text.inline else head, *text.lines]


def item_lines(value: Any, column: int, style: Style) -> list[str]:
    """Return the lines of one `- item` whose dash stands at `column`."""
    head = " " * column + "-"
    inner = column + 1 + len(style.gap)
    if isinstance(value, dict) and value and not isinstance(value, FlowDict):
        lines = mapping_lines(value, inner, style)
    elif isinstance(value, (list, tuple)) and value and not isinstance(value, FlowList):
        lines = [line for item in value for line in item_lines(item, inner, style)]
    else:
        text = block(value, column, style)
        return [f"{head}{style.gap}{text.inline}" if text.inline else head, *text.lines]
    return [head + style.gap + lines[0][inner:], *lines[1:]]


def _fits_literal(value: str) -> bool:
    # A second newline at the end would need `+`, which takes in the blank lines behind as well.
    if "\n" not in value.rstrip("\n") or value.endswith("\n\n") or _UNPRINTABLE.search(value):
        return False
    # An indentation indicator would be needed for a first line that starts with a blank.
    return not value.startswith((" ", "\n", "\t")) and not re.search(r"[ \t]+(\n|$)", value)


def _literal(value: str, column: int) -> Block:
    body = value.removesuffix("\n").split("\n")
    lines = tuple(" " * column + line if line else "" for line in body)
    return Block("|" if value.endswith("\n") else "|-", lines)
