"""Texts of strangers, so that nothing in them is invisible or turns the line around.

Bidirectional marks can make code read otherwise than it runs: https://trojansource.codes
"""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

# Directional marks, joiners, blanks of no width, tags: what an eye cannot see.
_UNSEEN: Final = (
    *range(0x200B, 0x2010),
    *range(0x2028, 0x202F),
    *range(0x2060, 0x2070),
    *(0xAD, 0x61C, 0x180E, 0xFEFF),
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),
)
_HALF: Final = re.compile(r"[\ud800-\udfff]")
_CONTROLS: Final = (*(n for n in range(0x20) if chr(n) not in "\t\n"), *range(0x7F, 0xA0))
_NAMES: Final = {n: f"[U+{n:04X}]" for n in (*_CONTROLS, *_UNSEEN)}


def shown(text: str) -> str:
    """Return a text with names in place of what cannot be seen, and of bytes that are no UTF-8."""
    return (_whole(text) if _HALF.search(text) else text).translate(_NAMES)


def prose(text: str) -> Markup:
    """Return what a person wrote, with what stands between backticks as code."""
    parts = re.split(r"`([^`\n]+)`", shown(text))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if n % 2 else escape(p) for n, p in enumerate(parts))


def _whole(text: str) -> str:
    """Return a text without halves of characters: most stand for bytes that are no UTF-8."""
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
