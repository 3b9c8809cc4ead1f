"""The functions that Swarm gives to a template: text/template's own, and four more.

`env`, `secret`, `config` and `join` are all that swarmkit's `template` package adds; what other
tools know (`split`, `default`, `toYaml`) is an error in Swarm, as it is here.
https://pkg.go.dev/text/template#hdr-Functions
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

from patchkit.verify.gotemplate.fault import CallFault
from patchkit.verify.gotemplate.printing import sprint, sprintf, sprintln
from patchkit.verify.gotemplate.values import Byte, equal, is_true, less, type_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.verify.gotemplate.values import Value

_MAX_INDEXES = 2
_HTML = str.maketrans(
    {'"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;", "\0": "\ufffd"}
)
_JS = {c: f"\\{c}" for c in "\\'\""} | {c: f"\\u{ord(c):04X}" for c in "<>&="}


@dataclass(frozen=True, slots=True)
class Signature:
    """What a function takes.

    Attributes:
        call: what it does; None for what needs the task (`env`), or its arguments one by one.
        fixed: how many arguments it takes.
        is_variadic: whether it takes more of the last kind.
        texts: how many of the first arguments must be texts.
    """

    call: Callable[..., Value] | None
    fixed: int
    is_variadic: bool = False
    texts: int = 0


def _eq(first: Value, *others: Value) -> bool:
    if not others:
        raise CallFault("eq compares with something")
    return any(equal(first, other) for other in others)


def _le(first: Value, second: Value) -> bool:
    return less(first, second) or equal(first, second)


def _len(value: Value) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, dict):
        return len(value)
    raise CallFault(f"{type_of(value)} has no length")


def _index(value: Value, *indexes: Value) -> Value:
    if value is None:
        raise CallFault("nil has no index")
    for index in indexes:
        value = _item(value, index)
    return value


def _item(value: Value, index: Value) -> Value:
    if isinstance(value, str):
        raw = value.encode()
        return Byte(raw[_position(index, len(raw) - 1)])
    if not isinstance(value, dict) or not isinstance(index, str):
        raise CallFault(f"{type_of(value)} has no index of type {type_of(index)}")
    return value.get(index, "")


def _position(index: Value, last: int) -> int:
    if not isinstance(index, int) or isinstance(index, bool):
        raise CallFault(f"{type_of(index)} is no index of a text")
    if not 0 <= index <= last:
        raise CallFault(f"the index {index} is out of range")
    return index


def _slice(value: Value, *indexes: Value) -> str:
    if not isinstance(value, str) or len(indexes) > _MAX_INDEXES:
        raise CallFault(f"{type_of(value)} is not sliced by {len(indexes)} indexes")
    raw = value.encode()
    places = [_position(index, len(raw)) for index in indexes]
    start, end = [*places, *(0, len(raw))[len(places) :]]
    if start > end:
        raise CallFault(f"{start} comes after {end}")
    try:
        return raw[start:end].decode()
    except UnicodeDecodeError:
        raise CallFault("this would cut a character in two") from None


def _join(*texts: str) -> str:
    if not texts:
        raise CallFault("join needs a separator")
    return texts[0].join(texts[1:])


def _call(value: Value, *_: Value) -> Value:
    raise CallFault(f"{type_of(value)} is no function")


def _words(values: tuple[Value, ...]) -> str:
    return sprint(["<no value>" if value is None else value for value in values])


def _html(*values: Value) -> str:
    return _words(values).translate(_HTML)


def _js(*values: Value) -> str:
    return "".join(map(_js_character, _words(values)))


def _js_character(char: str) -> str:
    if char in _JS:
        return _JS[char]
    return char if char.isprintable() or char == "\x7f" else f"\\u{ord(char):04X}"


def _urlquery(*values: Value) -> str:
    return quote_plus(_words(values), safe="")


FUNCTIONS: dict[str, Signature] = {
    "and": Signature(None, 1, is_variadic=True),
    "or": Signature(None, 1, is_variadic=True),
    "env": Signature(None, 1, texts=1),
    "secret": Signature(None, 1, texts=1),
    "config": Signature(None, 1, texts=1),
    "join": Signature(_join, 0, is_variadic=True, texts=10**9),
    "not": Signature(lambda value: not is_true(value), 1),
    "eq": Signature(_eq, 1, is_variadic=True),
    "ne": Signature(lambda a, b: not equal(a, b), 2),
    "lt": Signature(less, 2),
    "le": Signature(_le, 2),
    "gt": Signature(lambda a, b: not _le(a, b), 2),
    "ge": Signature(lambda a, b: not less(a, b), 2),
    "len": Signature(_len, 1),
    "index": Signature(_index, 1, is_variadic=True),
    "slice": Signature(_slice, 1, is_variadic=True),
    "call": Signature(_call, 1, is_variadic=True),
    "print": Signature(lambda *values: sprint(values), 0, is_variadic=True),
    "println": Signature(lambda *values: sprintln(values), 0, is_variadic=True),
    "printf": Signature(lambda form, *values: sprintf(form, values), 1, is_variadic=True, texts=1),
    "html": Signature(_html, 0, is_variadic=True),
    "js": Signature(_js, 0, is_variadic=True),
    "urlquery": Signature(_urlquery, 0, is_variadic=True),
}
