"""Reads the exports of a shell file: what `abra.sh` says to the recipe.

A value is what the file says, not what a shell would make of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from patchkit.edit.lines import Span, line_numbers
from patchkit.edit.shell_grammar import Command, read

_OPERAND = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?", re.DOTALL)
_QUOTES = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Export:
    """An exported variable.

    Attributes:
        name: the variable.
        value: without quotes, `$` not expanded; None when `export NAME` stands alone.
        raw: the value as it is written; None when there is none.
        line: where its name stands, from 1.
        span: the place of `NAME=value`.
        nested: whether it is conditional or stands in a function or a block.
    """

    name: str
    value: str | None
    raw: str | None
    line: int
    span: Span
    nested: bool


@dataclass(frozen=True, slots=True)
class Use:
    """A word that assigns or exports a variable, and the command it is in."""

    name: str
    raw: str | None
    exported: bool
    command: Command
    nth: int

    @property
    def span(self) -> Span:
        """The place of the word."""
        return self.command.words[self.nth]


def exports(text: str) -> list[Export]:
    """Return every export of a shell file in its order, nested ones included."""
    found = _definitions(uses(text))
    lines = line_numbers(text, (use.span[0] for use in found))
    return [
        Export(
            name=use.name,
            value=None if use.raw is None else _unquoted(use.raw),
            raw=use.raw,
            line=line,
            span=use.span,
            nested=use.command.nested,
        )
        for use, line in zip(found, lines, strict=True)
    ]


def get_export(text: str, name: str) -> str | None:
    """Return the last top-level value of an export; None if there is none."""
    values = [e.value for e in exports(text) if e.name == name and not e.nested]
    return values[-1] if values else None


def functions(text: str) -> list[str]:
    """Return the names of the top-level functions in their order."""
    return read(text).functions


def uses(text: str) -> list[Use]:
    """Return every word that assigns or exports a variable for the commands behind it."""
    return [use for command in read(text).commands for use in _uses_of(text, command)]


def _uses_of(text: str, command: Command) -> list[Use]:
    words = [text[start:end] for start, end in command.words]
    operands = [_OPERAND.fullmatch(word) for word in words]
    verb = next((nth for nth, word in enumerate(words) if not _is_assignment(word)), len(words))
    exported = words[verb : verb + 1] == ["export"]
    if not exported and verb < len(words):
        return []  # the assignments before a command last as long as the command
    if exported and "".join(words[verb + 1 :]).startswith("-"):
        return []  # functions, or exports taken back
    first = verb + 1 if exported else 0
    return [
        Use(match[1], match[2], exported, command, nth)
        for nth, match in enumerate(operands)
        if match and nth >= first
    ]


def _is_assignment(word: str) -> bool:
    match = _OPERAND.fullmatch(word)
    return match is not None and match[2] is not None


def _definitions(found: list[Use]) -> list[Use]:
    """Return the uses that give an exported variable its value, or export it without one."""
    top = [use for use in found if not use.command.nested]
    exported = {use.name for use in top if use.exported}
    valued = {use.name for use in top if use.raw is not None}
    return [
        use
        for use in found
        if (use.exported and (use.raw is not None or use.name not in valued))
        or (use.name in exported and not use.exported and not use.command.nested)
    ]


def quotes_of(raw: str) -> str:
    """Return the quotes that hold the whole value, "" if it has none or several."""
    return raw[0] if raw[:1] in {"'", '"'} and _QUOTES.fullmatch(raw) else ""


def _unquoted(raw: str) -> str:
    def plain(match: re.Match[str]) -> str:
        if match[0][0] == "'":
            return match[0][1:-1]
        if match[0][0] == "\\":
            return match[0][1:]
        return re.sub(r'\\([$`"\\])', r"\1", match[0][1:-1])

    return _QUOTES.sub(plain, raw)
