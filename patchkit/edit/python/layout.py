"""A statement broken into lines as ruff and black break it, where that is beyond doubt.

An edit within a statement may make it too long for its line, or short enough for one. It is laid
out anew only if this module lays the old statement out exactly as it stands, and if its one pair
of brackets leaves no choice; else the author's lines stay.
"""

from __future__ import annotations

import ast
import keyword
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import libcst as cst

from patchkit.edit.lines import line_end, line_start
from patchkit.edit.python.splices import spliced

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.edit.lines import Span
    from patchkit.edit.python.source import Source
    from patchkit.edit.python.splices import Splice

_CLOSING = {"(": ")", "[": "]", "{": "}"}
_STRINGS = (cst.SimpleString, cst.FormattedString)
_HEADS = r"(?:return|await|yield|assert|raise|if|elif|while|for [\w, ]+ in|with) "
# What may stand before the one bracket: no operator, which would want a bracket of its own.
_TARGET = r"[\w.]+(?:: [\w.| ]+(?:\[[\w., |\[\]]+\])?)?"
_HEAD = re.compile(rf"@?(?:{_HEADS})*(?:{_TARGET} ?[-+*/|&]?= ?)?(?:await )?[\w.]*")


@dataclass(slots=True)
class _Group:
    """Brackets and the items between them.

    Attributes:
        opening: the opening bracket.
        items: what stands between commas.
        comma: whether there is a comma behind the last one, which asks for a line each.
        called: whether they stand behind a name, as those of a call.
    """

    opening: str
    called: bool = False
    items: list[_Parts] = field(default_factory=lambda: [[]])
    comma: bool = False


_Parts: TypeAlias = "list[str | _Group]"


def settled(source: Source, splices: Sequence[Splice]) -> str:
    """Return the text with splices made within statements, each of these laid out anew.

    Raises:
        Differs: as `spliced`.
    """
    text = spliced(source, splices)
    if text == source.text:
        return text
    new = source.again(text)
    moved, pairs = 0, []
    for splice in sorted(splices, key=lambda splice: splice.start):
        pairs.append((_line_at(source, splice.start), _line_at(new, splice.start + moved)))
        moved += len(splice.text) - (splice.end - splice.start)
    result, bound = text, len(text)
    for old, span in sorted(set(pairs), reverse=True):
        line = _laid_out(source, old, new, span) if span[1] <= bound else None
        if line is not None:
            result, bound = result[: span[0]] + line + result[span[1] :], span[0]
    if result == text or ast.dump(source.again(result).tree) != ast.dump(new.tree):
        return text
    return result


def _laid_out(source: Source, old: Span, new: Source, span: Span) -> str | None:
    """Return a new statement's lines, or None where the old one is not laid out as here."""
    if _is_off(source, old[0]):
        return None
    before, after = _lines(source, old), _lines(new, span)
    is_known = before is not None and source.eol.join(before) == source.text[slice(*old)]
    return new.eol.join(after) if is_known and after is not None else None


def _lines(source: Source, span: Span) -> list[str] | None:
    parts = _read(source, span)
    indent = source.indent_at(span[0])
    limit = source.line_length - source.text.startswith(",", span[1])
    lines = None if parts is None else _broken(parts, indent, source.indent, limit)
    return None if lines is None else [lines[0].removeprefix(indent), *lines[1:]]


def _broken(parts: _Parts, indent: str, unit: str, limit: int) -> list[str] | None:
    """Return the lines of a part, or None where it could be broken in several ways."""
    flat = _flat(parts)
    if flat is not None and len(indent) + len(flat) <= limit:
        return [indent + flat]
    at = [i for i, part in enumerate(parts) if isinstance(part, _Group) and _is_full(part)]
    group = parts[at[0]] if len(at) == 1 else None
    if not isinstance(group, _Group):
        return None
    head, tail = _flat(parts[: at[0]]), _flat(parts[at[0] + 1 :])
    if head is None or not _HEAD.fullmatch(head) or tail not in {"", ":"}:
        return None
    if group.called != (group.opening == "(") and (group.called or len(group.items) == 1):
        return None
    body = _body(group, indent + unit, unit, limit)
    if body is None or len(indent) + len(head) >= limit:
        return None
    return [f"{indent}{head}{group.opening}", *body, f"{indent}{_CLOSING[group.opening]}{tail}"]


def _body(group: _Group, indent: str, unit: str, limit: int) -> list[str] | None:
    flat = None if group.comma else _joined(group)
    loops = any(isinstance(part, str) and re.search(r"\bfor\b", part) for part in group.items[0])
    if flat is not None and len(indent) + len(flat) <= limit and (group.called or loops):
        return [indent + flat]  # arguments may share a line; items of a list or dict never do
    if loops:
        return None
    lines: list[str] = []
    for item in group.items:
        broken = _broken(item, indent, unit, limit - 1)
        if broken is None:
            return None
        lines += [*broken[:-1], f"{broken[-1]},"]
    return lines


def _is_full(group: _Group) -> bool:
    return group.items != [[]]


def _flat(parts: _Parts) -> str | None:
    """Return a part on one line; None where a comma asks for more."""
    texts = [part if isinstance(part, str) else _flat_group(part) for part in parts]
    return None if None in texts else "".join(filter(None, texts))


def _flat_group(group: _Group) -> str | None:
    single = group.opening == "(" and len(group.items) == 1 and not group.called
    inside = None if group.comma and not single else _joined(group)
    last = "," if group.comma else ""
    return None if inside is None else f"{group.opening}{inside}{last}{_CLOSING[group.opening]}"


def _joined(group: _Group) -> str | None:
    items = [_flat(item) for item in group.items]
    return None if None in items else ", ".join(filter(None, items))


# --- reading -----------------------------------------------------------------------------------


def _line_at(source: Source, offset: int) -> Span:
    """Return where what is laid out by itself around an offset stands.

    That is a statement, of one with a block its head, or an item that has its lines to itself.
    """
    return [span for span in _units(source) if span[0] <= offset <= span[1]][-1]


@lru_cache(maxsize=2)
def _units(source: Source) -> tuple[Span, ...]:
    return tuple(_found_units(source))


def _found_units(source: Source) -> Iterator[Span]:
    yield 0, len(source.text)
    for node in source.nodes:
        if isinstance(node, (cst.SimpleStatementLine, cst.Decorator)):
            yield source.span(node)
        elif isinstance(node, cst.BaseCompoundStatement):
            body = getattr(node, "body", None)
            if isinstance(body, cst.BaseSuite):
                yield source.span(node)[0], source.full_span(body)[0]
        elif isinstance(node, (cst.Call, cst.List, cst.Tuple, cst.Set, cst.Dict)):
            items = node.args if isinstance(node, cst.Call) else node.elements
            if items and all(_is_alone(source, item) for item in items):
                yield from map(source.span, items)


def _is_alone(source: Source, item: cst.Arg | cst.BaseElement | cst.BaseDictElement) -> bool:
    """Whether an item has its lines to itself, up to the comma behind it."""
    start, _ = source.span(item)
    if not isinstance(item.comma, cst.Comma):
        return False
    end = source.span(item.comma)[1]
    before = source.text[line_start(source.text, start) : start]
    return not (before + source.text[end : line_end(source.text, end)]).strip()


def _is_off(source: Source, offset: int) -> bool:
    """Whether a comment keeps formatters away from a place."""
    said = re.findall(r"#\s*(?:fmt|yapf):\s*(off|on|disable|enable)\b", source.text[:offset])
    return bool(said) and said[-1] in {"off", "disable"}


def _read(source: Source, span: Span) -> _Parts | None:
    """Return a statement as text and brackets; None where comments or such stand in it."""
    stack, pieces = [_Group("")], _pieces(source, span)
    for piece, is_string in pieces:
        here = stack[-1].items[-1]
        if is_string:
            if "\n" in piece:
                return None
            here.append(piece)
        elif piece in _CLOSING:
            group = _Group(piece, called=_ends_name(here))
            here.append(group)
            stack.append(group)
        elif piece in _CLOSING.values():
            _strip(stack[-1])
            stack.pop()
        elif piece == "," and len(stack) > 1:
            stack[-1].items.append([])
        elif "#" in piece or "\\" in piece:
            return None
        else:
            here.append(piece)
    return _with_target(stack[0].items[0]) if len(stack) == 1 else None


def _with_target(parts: _Parts) -> _Parts:
    """Return a statement whose annotated target is one text: that is not broken."""
    at = parts.index(" = ") if " = " in parts else 0
    target = _flat(parts[:at])
    if not target or not re.fullmatch(_TARGET, target):
        return parts
    return [f"{target} = ", *parts[at + 1 :]]


def _ends_name(parts: _Parts) -> bool:
    """Whether brackets behind these parts are those of a call or an index."""
    if not parts or isinstance(parts[-1], _Group):
        return bool(parts)
    words = re.findall(r"\w+$", parts[-1])
    return bool(words) and not keyword.iskeyword(words[0])


def _strip(group: _Group) -> None:
    """Take the blanks off the ends of a group's items, and the empty one behind a comma."""
    for item in group.items:
        for at, side in ((0, str.lstrip), (-1, str.rstrip)):
            if item and isinstance(text := item[at], str):
                item[at] = side(text)
                if not item[at]:
                    del item[at]
    if len(group.items) > 1 and not group.items[-1]:
        group.items.pop()
        group.comma = True


def _pieces(source: Source, span: Span) -> Iterator[tuple[str, bool]]:
    """Yield brackets, commas and what is between them, its line breaks as one blank; and strings.

    Each comes with whether it is a string.
    """
    at = span[0]
    for start, end in (*_string_spans(source, span), (span[1], span[1])):
        for piece in re.findall(r"[()\[\]{},]|[^()\[\]{},]+", source.text[at:start]):
            yield re.sub(r"\s*\n\s*", " ", piece), False
        if start < end:
            yield source.text[start:end], True
        at = end


def _string_spans(source: Source, span: Span) -> list[Span]:
    first, last = span
    return [(start, end) for start, end in _strings(source) if first <= start and end <= last]


@lru_cache(maxsize=2)
def _strings(source: Source) -> tuple[Span, ...]:
    """Return where strings stand; of those within an f-string only the f-string itself."""
    found: list[Span] = []
    for node in source.nodes:
        if isinstance(node, _STRINGS):
            start, end = source.span(node)
            if not found or start >= found[-1][1]:
                found.append((start, end))
    return tuple(found)
