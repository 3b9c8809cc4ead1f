"""Edits `.env.sample`, the operator's settings of a recipe, line by line.

How it is read stands in `dotenv_reader`; the names of that module are here too.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from patchkit.edit.dotenv_reader import (
    Entry,
    compose_files,
    entries,
    get,
    is_name,
    is_prose,
    is_quoted,
)
from patchkit.edit.lines import (
    Span,
    body_start,
    content_end,
    insert_lines,
    is_blank,
    line_end,
    line_start,
    remove_lines,
    spans,
)
from patchkit.errors import EditRefused, Place

__all__ = ["Entry", "adds", "compose_files", "entries", "get", "set_value", "unset"]

_BARE = re.compile(r"""[^\s"'`\\#;&|<>()]*""")
_SECRET = re.compile(r"SECRET_\w+_VERSION", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class _Wish:
    name: str
    value: str
    comment: str | None
    commented: bool
    after: str | Entry | None
    before: str | None
    path: str

    @property
    def placed(self) -> bool:
        return self.after is not None or self.before is not None

    def refused(self, message: str, hint: str, place: Place | None = None) -> EditRefused:
        here = Place(self.path) if self.path else None
        return EditRefused(message, place=place or here, hint=hint)


def set_value(
    text: str,
    name: str,
    value: str,
    *,
    comment: str | None = None,
    commented: bool = False,
    after: str | Entry | None = None,
    before: str | None = None,
    path: str = "",
) -> str:
    """Give a setting its value, where it stands if it is there.

    An option on offer is uncommented in place. One whose words read as prose
    (`# FOO=1 turns on the foo`) stays, and the new line goes right behind it. A new line goes
    to its family: a secret's version behind the last one, else behind the last name with the
    longest common `PREFIX_`, else to the end of the file.

    A value that adds to the setting (`$COMPOSE_FILE:compose.x.yml`) is a line of its own: only
    a line with just this value is it, and a new one goes below the block of the last.

    Args:
        text: the whole file.
        name: the variable.
        value: without quotes; a `$` stays what it is, a reference to another variable.
        comment: the words behind the value; None keeps what is there, "" takes it away.
        commented: whether the setting shall only be on offer, as `#KEY=value`.
        after: the setting behind which a new line goes, by name or as the entry itself.
        before: the setting before which a new line goes.
        path: what messages call the file.

    Raises:
        EditRefused: the name stands on several lines, `after` or `before` on none, or the
            value cannot be written on one line.
    """
    wish = _Wish(name, value, comment and _words(comment), commented, after, before, path)
    _check(wish)
    found = entries(text)
    mine = [e for e in found if e.name == name and (not adds(name, value) or e.value == value)]
    prose = [e for e in mine if _reads_as_prose(e, value)]
    target = _target(text, wish, [e for e in mine if e not in prose])
    if target:
        return _rewritten(text, wish, target, _mark(found))
    offset, apart = _position(text, wish, found, prose)
    beside = [e.mark for e in found if offset in e.span and e.commented]
    line = _new_line(wish, found, *beside[:1])
    return insert_lines(text, offset, [""] * apart + [line])


def unset(text: str, name: str, *, value: str | None = None, commented_too: bool = True) -> str:
    """Remove a setting's lines, the comments that speak of it alone, and a spare blank line.

    A comment directly above goes only if no other setting follows directly below.

    Args:
        text: the whole file.
        name: the variable.
        value: which of its lines go; None for all of them.
        commented_too: whether lines that only offer it go as well.
    """
    while block := _last_block(text, name, value, commented_too):
        start, end = block
        text = remove_lines(text, _head_start(text, start, end), end)
    return text


def adds(name: str, value: str) -> bool:
    """Tell whether a value adds to what the lines above give the setting."""
    return re.search(rf"\$(?:\{{{name}\b|{name}\b)", value) is not None


def _check(wish: _Wish) -> None:
    if not is_name(wish.name):
        raise wish.refused(f'"{wish.name}" is no variable name', "use letters, digits and _ only")
    if _CONTROL.search(wish.value + (wish.comment or "")):
        what = f"the value or comment of {wish.name} holds a line break or a control character"
        raise wish.refused(what, "a setting of this file stands on one line")
    if wish.after is not None and wish.before is not None:
        what = f"{wish.name} cannot go both after {wish.after} and before {wish.before}"
        raise wish.refused(what, "say one of them")


def _words(comment: str) -> str:
    return comment.strip().removeprefix("#").strip()


def _reads_as_prose(entry: Entry, value: str) -> bool:
    wordy = entry.raw == entry.value and " " in entry.value
    return entry.commented and wordy and entry.value != value


def _target(text: str, wish: _Wish, mine: list[Entry]) -> Entry | None:
    """Return the line to rewrite, None for a new one."""
    active = [e for e in mine if not e.commented]
    choice = active or mine
    if len(choice) <= 1:
        return choice[0] if choice else None
    same = [e for e in choice if e.commented and e.value == wish.value]
    if len(same) == 1 or (same and wish.commented):
        return same[0]
    if wish.placed and not active:
        return None
    lines = ", ".join(str(e.line) for e in choice)
    what = f"{wish.name} is {'set' if active else 'offered'} on several lines: {lines}"
    change = "change the line you mean with text.replace"
    hint = change if active else f"{change}, or say `after` for a new line"
    raise wish.refused(what, hint, Place.at(wish.path, text, choice[0].span[0]))


def _rewritten(text: str, wish: _Wish, entry: Entry, mark: str) -> str:
    start, first, last = entry.span[0], *entry.value_span
    end = start + len(text[start : entry.span[1]].rstrip("\r\n"))
    lead, tail = text[start:first], text[last:end]
    toggled = entry.commented != wish.commented
    # what a comment may hold, an active line may not: an open quote runs on over the next lines
    stays = wish.value == entry.value and (is_quoted(entry.raw) or not toggled)
    raw = entry.raw if stays else _quoted(wish.value, entry.raw)
    if toggled:
        closed = re.sub(r"[ \t]+=", "=", lead)
        lead = mark + closed if wish.commented else lead.replace(entry.mark, "", 1)
    if wish.comment not in {None, entry.comment}:
        gap = tail[: len(tail) - len(tail.lstrip())] or " "
        tail = f"{gap}# {wish.comment}" if wish.comment else ""
    return text[:start] + lead + raw + tail + text[end:]


def _new_line(wish: _Wish, found: list[Entry], near: str = "") -> str:
    active = [e for e in found if not e.commented]
    export = "export " if active and all(e.export for e in active) else ""
    mark = (near or _mark(found)) if wish.commented else ""
    note = f" # {wish.comment}" if wish.comment else ""
    like = [e.raw for e in found if e.name == wish.name and adds(wish.name, wish.value)]
    return f"{mark}{export}{wish.name}={_quoted(wish.value, *like[-1:])}{note}"


def _mark(found: list[Entry]) -> str:
    """Return the comment mark of most options on offer."""
    marks = [e.mark for e in found if e.commented]
    return max(("#", "# "), key=marks.count)


def _quoted(value: str, like: str = "") -> str:
    """Return the value in the quotes of `like`; where that has none, in quotes if it needs any."""
    quote = like[0] if is_quoted(like) else ""
    if not quote and _BARE.fullmatch(value):
        return value
    # godotenv lets a backslash hide the closing single quote, a shell does not
    if not re.search(r"['\\]", value):
        wants_single = not quote and re.search(r'["`]', value) and "$" not in value
        if quote == "'" or wants_single:
            return f"'{value}'"
    return '"' + re.sub(r'(["\\`])', r"\\\1", value) + '"'


def _position(text: str, wish: _Wish, found: list[Entry], prose: list[Entry]) -> tuple[int, bool]:
    """Return where a new line goes, and whether a blank line parts it from the one above."""
    if isinstance(wish.after, Entry):
        return wish.after.span[1], False
    if wish.after is not None:
        return _named(wish, found, wish.after)[-1].span[1], False
    if wish.before is not None:
        return _head_start(text, *_named(wish, found, wish.before)[0].span), False
    pool = [e for e in found if wish.commented or not e.commented]
    if same := [e for e in pool if e.name == wish.name and adds(wish.name, wish.value)]:
        end = _block_end(text, same[-1].span[1])
        return end, end > same[-1].span[1]
    if kin := prose or _kin(pool, wish.name):
        return kin[-1].span[1], False
    end = content_end(text)
    grouped = any(not text[start:stop].strip() for start, stop in spans(text[:end]))
    under_prose = end > body_start(text) and is_prose(text, line_start(text, end - 1))
    return end, grouped or under_prose


def _named(wish: _Wish, found: list[Entry], name: str) -> list[Entry]:
    """Return the entries of a name: the active ones, else those on offer."""
    mine = [e for e in found if e.name == name]
    if not mine:
        near = difflib.get_close_matches(name, dict.fromkeys(e.name for e in found))
        hint = f"did you mean {' or '.join(near)}?" if near else "name a setting of the file"
        raise wish.refused(f"no setting {name} to put {wish.name} beside", hint)
    return [e for e in mine if not e.commented] or mine


def _kin(pool: list[Entry], name: str) -> list[Entry]:
    """Return the entries of a name's family."""
    kin = [e for e in pool if _SECRET.fullmatch(name) and _SECRET.fullmatch(e.name)]
    prefix = name
    while not kin and (prefix := prefix.rpartition("_")[0]):
        kin = [e for e in pool if e.name.startswith(f"{prefix}_")]
    return kin


def _block_end(text: str, offset: int) -> int:
    """Return the end of the lines from offset on up to a blank one."""
    while offset < len(text) and not is_blank(text, offset):
        offset = line_end(text, offset)
    return offset


def _last_block(text: str, name: str, value: str | None, commented_too: bool) -> Span | None:
    """Return the last run of adjacent lines of a name, of one value or of any."""
    mine = [
        e
        for e in entries(text)
        if e.name == name and value in {None, e.value} and (commented_too or not e.commented)
    ]
    if not mine:
        return None
    start, end = mine.pop().span
    while mine and mine[-1].span[1] == start:
        start = mine.pop().span[0]
    return start, end


def _head_start(text: str, start: int, end: int) -> int:
    """Return where the comment lines start that speak of the lines from start to end alone."""
    alone = end == len(text) or is_blank(text, end) or is_prose(text, end)
    while alone and start > body_start(text) and is_prose(text, line_start(text, start - 1)):
        start = line_start(text, start - 1)
    return start
