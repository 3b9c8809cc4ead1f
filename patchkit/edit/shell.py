"""Edits the exports of `abra.sh`, where a recipe keeps the versions of its configs.

Only what stands at the top level is edited. Every edit is read back: the value must be there,
and every other export and function be as it was.
"""

from __future__ import annotations

import re

from patchkit.edit.lines import (
    insert_below_head,
    insert_lines,
    line_end,
    line_start,
    remove_lines,
)
from patchkit.edit.shell_reader import (
    Export,
    Use,
    exports,
    functions,
    get_export,
    quotes_of,
    uses,
)
from patchkit.errors import EditRefused, Place

__all__ = ["Export", "exports", "functions", "get_export", "set_export", "unset_export"]

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]*")
_VERSION = re.compile(r"v?\d[\w.+-]*", re.ASCII)
_CODE = re.compile(r"[$`\x00-\x08\x0a-\x1f\x7f]")
_REST = re.compile(r"[ \t]*;?[ \t]*(?:#[^\n]*)?\r?\n?")


def set_export(text: str, name: str, value: str, *, path: str = "") -> str:
    """Export a variable with a value, where it stands if it is there.

    A new one goes behind the last export of a version, in the quotes that all of them have, else
    below the head comment.

    Args:
        text: the whole file; an empty one becomes the one line.
        name: the variable.
        value: a literal text.
        path: what messages call the file.

    Raises:
        EditRefused: the name is defined twice or only in a block, the value is shell code, or
            the file is not understood.
    """
    _check(name, value, path)
    export = _only(text, name, path)
    if export and export.value == value:
        return text
    new = _replaced(text, export, value) if export else _added(text, name, value)
    return _verified(text, new, name, value, path)


def unset_export(text: str, name: str, *, path: str = "") -> str:
    """Remove a variable's top-level export, with its line if nothing else stands there.

    Args:
        text: the whole file.
        name: the variable.
        path: what messages call the file.

    Raises:
        EditRefused: it is exported only in a block, or another command shares the line.
    """
    if not _top_level(text, name, path):
        return text
    new = text
    for use in reversed(uses(text)):
        if use.name == name and not use.command.nested:
            new = _without(new, use, path)
    return _verified(text, new, name, None, path)


def _top_level(text: str, name: str, path: str) -> list[Export]:
    mine = [e for e in exports(text) if e.name == name]
    if mine and all(e.nested for e in mine):
        raise EditRefused(
            f"{name} is exported only in a function, a block or under a condition",
            place=Place.at(path, text, mine[0].span[0]),
            hint="change it with text.replace",
        )
    return [e for e in mine if not e.nested]


def _only(text: str, name: str, path: str) -> Export | None:
    mine = _top_level(text, name, path)
    if len(mine) > 1:
        raise EditRefused(
            f"{name} is defined at lines {', '.join(str(e.line) for e in mine)}",
            place=Place.at(path, text, mine[0].span[0]),
            hint="leave one of them, or change the one you mean with text.replace",
        )
    return mine[0] if mine else None


def _quoted(value: str, like: str) -> str:
    quote = quotes_of(like)
    if not quote and _BARE.fullmatch(value):
        return value
    if "'" not in value and (quote == "'" or (not quote and re.search(r'["\\]', value))):
        return f"'{value}'"
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _check(name: str, value: str, path: str) -> None:
    here = Place(path) if path else None
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        message = f'"{name}" is no variable name'
        raise EditRefused(message, place=here, hint="use letters, digits and _ only")
    if _CODE.search(value):
        message = f"the value of {name} would be shell code, or breaks the line"
        raise EditRefused(message, place=here, hint="write such a line with text.insert")


def _replaced(text: str, export: Export, value: str) -> str:
    start, end = export.span
    return f"{text[:start]}{export.name}={_quoted(value, export.raw or '')}{text[end:]}"


def _added(text: str, name: str, value: str) -> str:
    top = [use for use in uses(text) if use.exported and not use.command.nested]
    versions = [use for use in top if _VERSION.fullmatch((use.raw or "").strip("'\""))]
    if not versions:
        return insert_below_head(text, f"export {name}={_quoted(value, '')}", "#")
    raws = [use.raw or "" for use in versions]
    like = raws[-1] if len(set(map(quotes_of, raws))) == 1 else ""
    line = f"export {name}={_quoted(value, like)}"
    return insert_lines(text, line_end(text, versions[-1].command.words[-1][1]), [line])


def _without(text: str, use: Use, path: str) -> str:
    words, (start, end) = use.command.words, use.span
    operands = len(words) - use.exported
    if operands > 1 and use.nth:
        return text[: words[use.nth - 1][1]] + text[end:]
    if operands > 1:
        return text[:start] + text[words[1][0] :]
    first, last = line_start(text, words[0][0]), line_end(text, words[-1][1])
    if text[first : words[0][0]].strip() or not _REST.fullmatch(text, words[-1][1], last):
        raise EditRefused(
            f"another command stands on the line of {use.name}",
            place=Place.at(path, text, start),
            hint="remove it with text.replace",
        )
    return remove_lines(text, first, last)


def _verified(text: str, new: str, name: str, value: str | None, path: str) -> str:
    wanted = [value] if value is not None else []
    values = [e.value for e in exports(new) if e.name == name and not e.nested]
    if values == wanted and _others(text, name) == _others(new, name):
        return new
    raise EditRefused(
        f"{name} cannot be changed safely: the shell code around it is not understood",
        place=Place(path) if path else None,
        hint="change it with text.replace",
    )


def _others(text: str, name: str) -> tuple[list[str], list[tuple[str, str | None, bool]]]:
    rest = [(e.name, e.raw, e.nested) for e in exports(text) if e.name != name or e.nested]
    return functions(text), rest
