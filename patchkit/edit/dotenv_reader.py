"""Reads `.env.sample`: the settings of a recipe, active ones and those on offer in comments.

The syntax is godotenv's, which abra reads the file with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from patchkit.edit.lines import Span, line_end, spans

DEFAULT_FILES = ("compose.yml",)

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
# a word in front of the name, or a blank in front of the `=`, makes a comment prose
_OPTION = re.compile(rf"[ \t]*(?P<mark>#[ \t]*)(?P<export>export[ \t]+)?(?P<name>{_NAME})=")
_ACTIVE = re.compile(rf"[ \t]*(?P<mark>)(?P<export>export[ \t]+)?(?P<name>{_NAME})[ \t]*=")
_QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""", re.DOTALL)
_TAIL = re.compile(r"(?:[ \t]+#[^\n]*)?[ \t]*\r?(?:\n|\Z)")
_NOTE = re.compile(r"[ \t]#")
_COMPOSE_FILE = re.compile(r"\$\{COMPOSE_FILE\b[^}]*\}|\$COMPOSE_FILE\b")


@dataclass(frozen=True, slots=True)
class Entry:
    """A setting of the file, active or on offer in a comment.

    Attributes:
        name: the variable.
        value: without quotes, `$` not expanded.
        raw: the value as it is written.
        comment: the words behind the value, without the `#`; "" when there are none.
        mark: the `#` of a setting on offer with the blanks behind it; "" for an active one.
        export: whether `export` stands before the name.
        line: where it starts, from 1.
        span: its lines, the line ending included.
        value_span: where `raw` stands.
    """

    name: str
    value: str
    raw: str
    comment: str
    mark: str
    export: bool
    line: int
    span: Span
    value_span: Span

    @property
    def commented(self) -> bool:
        """Whether the setting is only on offer."""
        return bool(self.mark)


def entries(text: str) -> list[Entry]:
    """Return every setting of the file in its order, those in comments included."""
    return list(_entries(text))


@lru_cache(maxsize=16)
def _entries(text: str) -> tuple[Entry, ...]:
    """Read a text once: every look at a recipe asks for its settings."""
    found: list[Entry] = []
    for line, (start, _) in enumerate(spans(text), start=1):
        inside_quotes = found and start < found[-1].span[1]
        match = _OPTION.match(text, start) or _ACTIVE.match(text, start)
        if match and not inside_quotes:
            found.append(_entry(text, match, line))
    return tuple(found)


def get(text: str, name: str) -> str | None:
    """Return the value a shell would see, the last active one; None if there is none."""
    values = [e.value for e in entries(text) if e.name == name and not e.commented]
    return values[-1] if values else None


def compose_files(text: str) -> list[tuple[str, ...]]:
    """Return every list of compose files that the `COMPOSE_FILE` lines set or offer.

    First what the active lines give together, `compose.yml` if there is none. Then each option:
    one that names `$COMPOSE_FILE` adds to the active list, any other is a list of its own.
    """
    lines = [e for e in entries(text) if e.name == "COMPOSE_FILE"]
    active: tuple[str, ...] = ()
    for entry in lines:
        if not entry.commented:
            active = _file_list(entry, active)
    active = active or DEFAULT_FILES
    offers = [_file_list(entry, active) for entry in lines if entry.commented]
    return list(dict.fromkeys([active, *filter(None, offers)]))


def is_name(word: str) -> bool:
    """Tell whether `word` can name a variable."""
    return bool(re.fullmatch(_NAME, word))


def is_quoted(raw: str) -> bool:
    """Tell whether one pair of quotes holds the whole value."""
    return bool(_QUOTED.fullmatch(raw))


def is_prose(text: str, offset: int) -> bool:
    """Tell whether the line at `offset` is a comment that offers no setting."""
    is_comment = text[offset : line_end(text, offset)].lstrip().startswith("#")
    return is_comment and not _OPTION.match(text, offset)


def _file_list(entry: Entry, known: tuple[str, ...]) -> tuple[str, ...]:
    joined = _COMPOSE_FILE.sub(lambda _: ":".join(known), entry.value)
    return tuple(part.strip() for part in joined.split(":") if part.strip())


def _entry(text: str, match: re.Match[str], line: int) -> Entry:
    first, last, end = _value(text, match.end(), within_line=bool(match["mark"]))
    raw = text[first:last]
    return Entry(
        name=match["name"],
        value=_unquoted(raw),
        raw=raw,
        comment=text[last:end].strip().removeprefix("#").strip(),
        mark=match["mark"],
        export=bool(match["export"]),
        line=line,
        span=(match.start(), end),
        value_span=(first, last),
    )


def _value(text: str, offset: int, *, within_line: bool) -> tuple[int, int, int]:
    """Return start and end of the value behind the `=`, and the end of its last line."""
    end = line_end(text, offset)
    rest = text[offset:end].rstrip("\r\n")
    first = offset + len(rest) - len(rest.lstrip(" \t"))
    quoted = _QUOTED.match(text, first, end if within_line else len(text))
    if quoted and (tail := _TAIL.match(text, quoted.end())):
        return first, quoted.end(), tail.end()
    note = _NOTE.search(rest)
    bare = (rest[: note.start()] if note else rest).rstrip(" \t")
    return (first if bare else offset), offset + len(bare), end


def _unquoted(raw: str) -> str:
    if not is_quoted(raw):
        return raw
    if raw[0] == "'":
        return raw[1:-1]
    breaks = {"n": "\n", "r": "\r"}
    return re.sub(r"\\([^$])", lambda m: breaks.get(m[1], m[1]), raw[1:-1])
