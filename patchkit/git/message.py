"""Commit messages and their trailers, by the rules of git.

https://git-scm.com/docs/git-interpret-trailers
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIX = "Patchkit-Fix"
DIGEST = "Patchkit-Digest"
VERSION = "Patchkit-Version"

_TRAILER = re.compile(r"[A-Za-z0-9-]+[ \t]*:(?!//)")  # an address on a line of its own is text
_GITS_OWN = ("Signed-off-by: ", "(cherry picked from commit ")
_SHARE = 4  # beside one of git's own, every fourth line of the block must be a trailer


def with_trailers(message: str, trailers: Mapping[str, str]) -> str:
    """Return a message with trailers at its end, in the block that is there or in a new one.

    Raises:
        UsageError: the message has no title, or something cannot stand in a commit.
    """
    lines = [line.rstrip() for line in message.replace("\r\n", "\n").split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    if not text or "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise UsageError("a commit needs a message of text", hint="see the fix's title and why")
    added = "\n".join(f"{name}: {_value(name, value)}" for name, value in trailers.items())
    # The first paragraph is the title, whatever it looks like.
    last = text.partition("\n\n")[2].rpartition("\n\n")[2]
    gap = "\n" if _is_block(last.split("\n")) else "\n\n"
    return f"{text}{gap}{added}\n"


def _value(name: str, value: str) -> str:
    clean = value.strip()
    if not clean or not clean.isprintable() or not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise UsageError(f"{name}: {value!r} is no trailer", hint="it is one line of text")
    return clean


def _is_block(lines: Iterable[str]) -> bool:
    """Whether the lines of a paragraph are trailers: all, or many beside one of git's own."""
    trailers = others = 0
    is_gits, in_trailer = False, False
    for line in lines:
        if line.startswith((" ", "\t")):  # goes on with the line above
            others += not in_trailer
            continue
        own = line.startswith(_GITS_OWN)
        in_trailer = own or bool(_TRAILER.match(line))
        is_gits |= own
        trailers += in_trailer
        others += not in_trailer
    return trailers > 0 and (not others or (is_gits and trailers * (_SHARE - 1) >= others))
