"""Edits INI files with Go template text in them, such as Gitea's `app.ini`.

Values are the raw text behind the `=`: what quotes mean differs between the programs that read
such files. How the file is read stands in `ini_reader`.
"""

from __future__ import annotations

import re

from patchkit.edit.ini_reader import Line, has_note, is_balanced, read
from patchkit.edit.lines import (
    body_start,
    content_end,
    insert_below_head,
    insert_lines,
    line_start,
    remove_lines,
    spans,
)
from patchkit.errors import EditRefused, Place

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_LONE_ACTION = re.compile(r"[ \t]*\{\{[^-](?:(?!\}\}).)*-\}\}\s*")


def sections(text: str) -> list[str]:
    """Return the names of the section headers in their order."""
    return [line.section or "" for line in read(text) if line.key is None]


def get(text: str, section: str | None, key: str) -> str | None:
    """Return the raw value of a key, the last one; None if there is none.

    Args:
        text: the whole file.
        section: None for the keys before the first header.
        key: as the file spells it.
    """
    found = _matches(read(text), section, key)
    return text[slice(*found[-1].value_span)] if found else None


def set_value(text: str, section: str | None, key: str, value: str, *, path: str = "") -> str:
    """Give a key its value, where it stands if it is there.

    A value that stands in a template block is changed there. A new key goes behind the
    section's last key outside of any block, a new section to the end of the file.

    Args:
        text: the whole file.
        section: None for the keys before the first header.
        key: as the file spells it.
        value: raw: with the quotes or the template action it needs.
        path: what messages call the file.

    Raises:
        EditRefused: several lines set the key, a template block holds the section's header or
            a part of the line, or the value would be read as something else.
    """
    _check(section, key, value, path)
    lines = read(text)
    if lines and not any(line.key is None or line.sep.strip() for line in lines):
        message = "this is no INI file: no line of it is `key = value` or `[section]`"
        raise _refused(message, path, "change it with text.insert or text.replace")
    if line := _only(text, lines, section, key, path):
        new = _replaced(text, lines, line, value)
    else:
        new = _added(text, lines, section, key, value, path=path)
    if get(new, section, key) != value or _others(new, section, key) != _others(text, section, key):
        message = f"a template action around {key} is left open"
        raise _refused(message, path, "close it with }} first")
    return new


def unset(text: str, section: str | None, key: str, *, path: str = "") -> str:
    """Remove a key's line, and a spare blank line; comments stay.

    Args:
        text: the whole file.
        section: None for the keys before the first header.
        key: as the file spells it.
        path: what messages call the file.

    Raises:
        EditRefused: several lines set the key, or a template block holds the section's header
            or a part of the line.
    """
    line = _only(text, read(text), section, key, path)
    return remove_lines(text, *line.span) if line else text


def _matches(lines: list[Line], section: str | None, key: str) -> list[Line]:
    return [line for line in lines if line.section == section and line.key == key]


def _others(text: str, section: str | None, key: str) -> list[tuple[str | None, str, str]]:
    return [
        (line.section, line.key, text[slice(*line.value_span)])
        for line in read(text)
        if line.key and (line.section, line.key) != (section, key)
    ]


def _refused(message: str, path: str, hint: str) -> EditRefused:
    return EditRefused(message, place=Place(path) if path else None, hint=hint)


def _check(section: str | None, key: str, value: str, path: str) -> None:
    """Refuse words that would not be read back as they are."""
    line = f"[{section or ''}]\n{key} = {value}\n"
    found = read(line)
    same = len(found) == 2 and (found[0].section, found[1].key) == (section or "", key)  # noqa: PLR2004
    odd = _CONTROL.search(value) or has_note(value)
    if not same or odd or line[slice(*found[1].value_span)] != value:
        hint = 'a value with ; or # stands in quotes: "…" or `…`'
        where = f"[{section}] " if section else ""
        raise _refused(f"{where}{key} = {value} would be read otherwise", path, hint)
    if not is_balanced(value):
        hint = "write such a block with text.replace"
        raise _refused(f"the value of {key} opens a template block and leaves it open", path, hint)


def _only(text: str, lines: list[Line], section: str | None, key: str, path: str) -> Line | None:
    """Return the one line that sets a key, None if there is none."""
    hint = "change the file with text.replace"
    for header in lines:
        if header.key is None and header.section == section and not header.outside:
            message = f"the header [{section}] stands in a template block"
            place = Place.at(path, text, header.span[0])
            raise EditRefused(message, place=place, hint=hint)
    found = _matches(lines, section, key)
    places = [Place.at(path, text, line.span[0]) for line in found]
    if len(found) > 1:
        numbers = ", ".join(str(place.line) for place in places)
        raise EditRefused(f"{key} is set at lines {numbers}", place=places[0], hint=hint)
    if found and not found[0].whole:
        message = f"{key} shares its line with a part of a template block"
        raise EditRefused(message, place=places[0], hint=hint)
    return found[0] if found else None


def _replaced(text: str, lines: list[Line], line: Line, value: str) -> str:
    first, last = line.value_span
    if text[first:last] == value:
        return text
    sep = ""
    if not line.sep.strip():
        sep = _separator(_siblings(lines, line.section), line.key or "")
    elif not line.sep.endswith((" ", "\t")) and line.sep.startswith((" ", "\t")):
        sep = " "
    note = " " if text[last : last + 1] in {";", "#"} else ""
    return f"{text[:first]}{sep}{value}{note}{text[last:]}"


def _added(
    text: str, lines: list[Line], section: str | None, key: str, value: str, *, path: str
) -> str:
    siblings = _siblings(lines, section)
    indent = siblings[-1].indent if siblings else ""
    new = f"{indent}{key}{_separator(siblings, key)}{value}".rstrip(" \t")
    inside = [line for line in lines if line.section == section and line.outside]
    if section is None and not inside:
        return insert_below_head(text, new, ";#")
    if inside:
        offset, added = inside[-1].span[1], [new]
    else:
        offset, added = _end(text, path), [*_gap(text, lines), f"[{section}]", new]
    _refuse_swallowed(text, offset, path)
    return insert_lines(text, offset, added)


def _siblings(lines: list[Line], section: str | None) -> list[Line]:
    """Return the keys whose style a new one takes: its section's, else the whole file's."""
    keys = [line for line in lines if line.key and line.sep.strip() and line.whole]
    return [line for line in keys if line.section == section and line.outside] or keys


def _separator(siblings: list[Line], key: str) -> str:
    """Return the `=` with the blanks of the nearest sibling, in its column if it is padded."""
    if not siblings:
        return " = "
    last = siblings[-1]
    mark = last.sep.strip()
    left, right = last.sep.split(mark, 1)
    if left.startswith("  "):
        left = " " * max(1, len(last.key or "") + len(left) - len(key))
    return f"{left}{mark}{right or left[:1]}"


def _end(text: str, path: str) -> int:
    if not is_balanced(text):
        message = "a template block of the file is left open, or closed twice"
        raise _refused(message, path, "close it with {{ end }} first")
    return content_end(text)


def _gap(text: str, lines: list[Line]) -> list[str]:
    """Return the blank line before a new section, unless the file has sections without."""
    end = content_end(text)
    headers = [line for line in lines if line.key is None]
    parted = any(not text[start:stop].strip() for start, stop in spans(text[:end]))
    return [""] if end > body_start(text) and (parted or len(headers) <= 1) else []


def _refuse_swallowed(text: str, offset: int, path: str) -> None:
    """Refuse to add below a line whose end the template takes away: both would become one."""
    line = text[line_start(text, max(offset - 1, 0)) : offset]
    if line.rstrip().endswith("-}}") and not _LONE_ACTION.fullmatch(line):
        message = "a new line would be joined to the one above, which ends in -}}"
        place = Place.at(path, text, line_start(text, offset - 1))
        raise EditRefused(message, place=place, hint="change the file with text.replace")
