"""What Go's literals stand for: numbers and quoted strings (Go spec, «Lexical elements»)."""

from __future__ import annotations

import math
import re

_NUMBER = re.compile(
    r"[+-]?(?:(?P<hex>0[xX](?:_?[0-9a-fA-F])+)|(?P<oct>0[oO]?(?:_?[0-7])+)|(?P<bin>0[bB](?:_?[01])+)"
    r"|(?P<dec>0|[1-9](?:_?[0-9])*))"
)
_FLOAT = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BASES = {"hex": 16, "oct": 8, "bin": 2, "dec": 10}
_MAX = 2**63
_SIMPLE = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))
_ESCAPE = re.compile(
    r"\\(?:(?P<simple>[abfnrtv\\\"'])|x(?P<byte>[0-9a-fA-F]{2})|(?P<octal>[0-7]{3})"
    r"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|(?P<bad>.?))",
    re.DOTALL,
)


def number(text: str) -> int | float:
    """Return the number; an `int` where its form is one.

    Raises:
        ValueError: it is none, does not fit into 64 bits, or is complex or a hexadecimal float.
    """
    if match := _NUMBER.fullmatch(text):
        kind = str(match.lastgroup)
        value = int(text.replace("_", ""), _BASES[kind]) if kind != "oct" else _octal(text)
        if not -_MAX <= value < _MAX:
            raise ValueError(f"{text} does not fit into 64 bits")
        return value
    if not _FLOAT.fullmatch(text) or not re.search(r"[.eE]", text):
        raise ValueError(f"{text} is no number that is known here")
    found = float(text)
    if math.isinf(found):
        raise ValueError(f"{text} is too large")
    return found


def _octal(text: str) -> int:
    return int(re.sub(r"[oO_]", "", text), 8)


def unquoted(text: str) -> str:
    """Return what a quoted string, raw string or character constant stands for.

    Raises:
        ValueError: an escape is wrong, or the bytes are not UTF-8, which no text file can hold.
    """
    quote, inner = text[0], text[1:-1]
    if quote == "`":
        return inner.replace("\r", "")
    out = bytearray()
    end = 0
    for match in _ESCAPE.finditer(inner):
        out += inner[end : match.start()].encode() + _escaped(match, quote)
        end = match.end()
    out += inner[end:].encode()
    return out.decode()


def _escaped(match: re.Match[str], quote: str) -> bytes:
    if (simple := match["simple"]) and not (simple in "\"'" and simple != quote):
        return _SIMPLE.get(simple, simple).encode()
    if match["byte"]:
        return bytes([int(match["byte"], 16)])
    if match["octal"] and match["octal"] < "400":
        return bytes([int(match["octal"], 8)])
    if code := match["short"] or match["long"]:
        return _character(code)
    raise ValueError(f"{match[0]} is no escape of Go")


def _character(code: str) -> bytes:
    point = int(code, 16)
    if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:  # noqa: PLR2004  Unicode's own limits
        raise ValueError(f"{code} is no character")
    return chr(point).encode()


def character(text: str) -> int:
    """Return the number of a character constant: `'a'` is 97.

    Raises:
        ValueError: it is not one character.
    """
    value = _constant(text[1:-1])
    if value is None:
        raise ValueError(f"{text} is not one character")
    return value


def _constant(inner: str) -> int | None:
    match = _ESCAPE.fullmatch(inner)
    if match and (match["byte"] or match["octal"]):
        return _escaped(match, "'")[0]
    found = unquoted(f"'{inner}'")
    return ord(found) if len(found) == 1 and inner != "'" else None
