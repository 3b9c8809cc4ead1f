"""Cuts a template into tokens, trim markers and comments already done, as text/template does.

https://pkg.go.dev/text/template#hdr-Text_and_spaces
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

SPACES = " \t\r\n"
MAX_SIZE = 1000 * 1024  # bytes: Swarm takes no larger config
MAX_TOKENS = 100_000
_KEYWORDS = frozenset(
    {"block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"}
)
_NAMED = frozenset({"variable", "field", "word"})
_TRIM_LEFT = re.compile(r"-[ \t\r\n]")
_CLOSE = re.compile(r"(?P<trim>[ \t\r\n]-)?\}\}")
_TERMINATOR = re.compile(r"[ \t\r\n.,|:()]|\}\}|\Z")
_TOKEN = re.compile(
    r"""
    (?P<space>[ \t\r\n]+?(?=[ \t\r\n]-\}\})|[ \t\r\n]+)
    |(?P<declare>:=)
    |(?P<assign>=)
    |(?P<pipe>\|)
    |(?P<string>"(?:[^"\\\n]|\\[^\n])*"|`[^`]*`)
    |(?P<char>'(?:[^'\\\n]|\\[^\n])*')
    |(?P<variable>\$\w*)
    |(?P<number>[+-]?\.?[0-9][\w.]*(?:(?<=[eEpP])[+-]\w*)?)
    |(?P<field>\.\w*)
    |(?P<word>\w+)
    |(?P<open>\()
    |(?P<shut>\))
    |(?P<other>[!#-&*-/;-@\[-_{-~])
    """,
    re.VERBOSE,
)
_UNFINISHED = {'"': "quoted string", "`": "raw quoted string", "'": "character constant"}


class Token(NamedTuple):
    """A piece of a template.

    Attributes:
        kind: `text`, `{{`, `}}`, a keyword, one of the groups above, `EOF` or `error`.
        text: as it is written; the message of an error.
        position: its offset.
    """

    kind: str
    text: str
    position: int


class _Unreadable(Exception):  # noqa: N818  becomes the last token
    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.position = position


def tokens(text: str) -> list[Token]:
    """Return the tokens of a template; the last is its end, or the error that ends the reading."""
    found: list[Token] = []
    try:
        for token in islice(_tokens(text), MAX_TOKENS):
            found.append(token)  # noqa: PERF402  what was read before an error is kept
    except _Unreadable as error:
        found.append(Token("error", str(error), error.position))
    if len(found) == MAX_TOKENS:
        found.append(Token("error", f"more than {MAX_TOKENS} words", found[-1].position))
    return found


def _tokens(text: str) -> Iterator[Token]:
    if len(text.encode()) > MAX_SIZE:
        raise _Unreadable(f"Swarm takes no config of more than {MAX_SIZE} bytes", 0)
    position = 0
    while (start := text.find("{{", position)) >= 0:
        trim = _TRIM_LEFT.match(text, start + 2)
        plain = text[position:start]
        if plain := plain.rstrip(SPACES) if trim else plain:
            yield Token("text", plain, position)
        inside = trim.end() if trim else start + 2
        if text.startswith("/*", inside):
            position = _after_comment(text, inside)
        else:
            yield Token("{{", "{{", start)
            position = yield from _action(text, inside)
    if position < len(text):
        yield Token("text", text[position:], position)
    yield Token("EOF", "", len(text))


def _after_comment(text: str, start: int) -> int:
    end = text.find("*/", start + 2)
    if end < 0:
        raise _Unreadable("this comment has no end", start)
    close = _CLOSE.match(text, end + 2)
    if close is None:
        raise _Unreadable("after a comment comes }} and nothing else", end)
    return _after(text, close)


def _after(text: str, close: re.Match[str]) -> int:
    end = close.end()
    while close["trim"] and end < len(text) and text[end] in SPACES:
        end += 1
    return end


def _action(text: str, position: int) -> Generator[Token, None, int]:
    """Yield what stands between `{{` and `}}`; return where the text goes on."""
    opened = 0
    while not (close := _CLOSE.match(text, position)):
        token = _token(text, position)
        opened += {"open": 1, "shut": -1}.get(token.kind, 0)
        if opened < 0:
            raise _Unreadable("this ) closes nothing", position)
        yield token
        position += len(token.text)
    if opened:
        raise _Unreadable("a ( is not closed before this", position)
    yield Token("}}", "}}", position)
    return _after(text, close)


def _token(text: str, position: int) -> Token:
    match = _TOKEN.match(text, position)
    if match is None:
        raise _Unreadable(_unreadable(text, position), position)
    kind, word = str(match.lastgroup), match[0]
    if kind in _NAMED:
        _check_name(text, word, match)
    if kind == "number" and text[match.end() : match.end() + 1] in ("+", "-"):
        raise _Unreadable("this is no number, or a complex one, which is not known here", position)
    if kind == "word":
        kind = _kind(word)
    return Token("dot" if (kind, word) == ("field", ".") else kind, word, position)


def _kind(word: str) -> str:
    if word in _KEYWORDS:
        return word
    return {"true": "bool", "false": "bool", "nil": "nil"}.get(word, "word")


def _check_name(text: str, word: str, match: re.Match[str]) -> None:
    # Python's \w has more than Go's letters and decimal digits.
    strange = next((c for c in word[1:] if not (c == "_" or c.isalpha() or c.isdecimal())), None)
    if strange is None and not _TERMINATOR.match(text, match.end()):
        strange = text[match.end()]
    if strange is not None:
        raise _Unreadable(f"a name cannot go on with {strange!r}", match.start())


def _unreadable(text: str, position: int) -> str:
    rest = text[position : position + 1]
    if rest in _UNFINISHED:
        return f"this {_UNFINISHED[rest]} has no end"
    if rest == ":":
        return "after : comes = here"
    return f"{rest!r} means nothing here" if rest else "an action has no end: }} is missing"
