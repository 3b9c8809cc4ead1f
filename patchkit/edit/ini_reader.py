"""Reads an INI file that may be a Go template, such as Gitea's `app.ini`.

Sections and keys are those of go-ini. A template action is opaque: a `=` or `;` inside `{{ }}`
belongs to the template, and a line break inside it ends no line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from patchkit.edit.lines import Span, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

_ACTION = re.compile(
    r"\{\{(?:-\s)?\s*/\*.*?\*/\s*-?\}\}"
    r"""|\{\{(?:[^"'`}]|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|\}(?!\}))*+\}\}""",
    re.DOTALL,
)
_WORD = re.compile(r"\{\{-?\s*(\w+)")
_STEPS: dict[str, tuple[int, ...]] = {
    **dict.fromkeys(("if", "range", "with", "define", "block"), (1,)),
    "else": (-1, 1),
    "end": (-1,),
}

_MASK = "\0"
_HEADER = re.compile(r"(?P<indent>[ \t\0]*)\[(?P<name>[^\]]*)\]")
_KEY = re.compile(
    r"(?P<indent>[ \t\0]*)(?P<key>[^ \t\0;#=:][^\0=:]*?)(?P<sep>[ \t]*(?:[=:][ \t]*|$))"
)
_QUOTED = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*'|`[^`]*`)(?=[ \t]*(?:[;#].*)?$)""")
_NOTE = re.compile(r"(?:^|[ \t])[;#]")


@dataclass(frozen=True, slots=True)
class Line:
    """A section header or a key, with its place.

    Attributes:
        span: the line, line ending included; several lines where a template action is broken.
        section: the section it opens or stands in; None before the first header.
        key: the key it sets; None for a header.
        indent: what stands before the key.
        sep: the `=` or `:` with the blanks around; blanks only for a key that has none.
        value_span: where the value stands, without a comment behind it.
        outside: whether no part of it is in a template block.
        whole: whether no template block reaches into it, or out of it.
    """

    span: Span
    section: str | None
    key: str | None
    indent: str
    sep: str
    value_span: Span
    outside: bool
    whole: bool


def read(text: str) -> list[Line]:
    """Return the headers and keys of the file in their order."""
    masked = _masked(text)
    steps = _steps(text)
    found: list[Line] = []
    section: str | None = None
    depth = 0
    for start, end in spans(masked):
        depths = [0]
        while steps and steps[-1][0] < end:
            depths.append(depths[-1] + steps.pop()[1])
        closed = min(depths) == depths[-1] == 0
        if line := _line(text, masked, (start, end), section, depth if closed else None):
            found.append(line)
            section = line.section
        depth = max(0, depth + depths[-1])
    return found


def is_balanced(text: str) -> bool:
    """Tell whether every template block that starts in the text ends in it, and no other."""
    depths = list(accumulate((step for _, step in reversed(_steps(text))), initial=0))
    return depths[-1] == 0 and min(depths) == 0


def has_note(value: str) -> bool:
    """Tell whether a reader could take a part of the value for a comment."""
    masked = _masked(value)
    return not _QUOTED.fullmatch(masked) and bool(re.search("[;#]", masked))


def _actions(text: str) -> Iterator[re.Match[str]]:
    """Yield the template actions, up to one that is left open."""
    at = text.find("{{")
    while at >= 0 and (match := _ACTION.match(text, at)):
        yield match
        at = text.find("{{", match.end())


def _masked(text: str) -> str:
    pieces, at = [], 0
    for action in _actions(text):
        pieces += [text[at : action.start()], _MASK * len(action[0])]
        at = action.end()
    return "".join([*pieces, text[at:]])


def _steps(text: str) -> list[tuple[int, int]]:
    """Return where an action opens a block (1) or closes one (-1), the last one first."""
    words = [(action.start(), _WORD.match(action[0])) for action in _actions(text)]
    return [
        (at, step) for at, word in reversed(words) if word for step in _STEPS.get(word[1], ())[::-1]
    ]


def _line(
    text: str, masked: str, span: Span, section: str | None, depth: int | None
) -> Line | None:
    """Return the line at a span, `depth` blocks deep, which is None if it opens or closes one."""
    content = masked[slice(*span)].rstrip("\r\n")
    header = _HEADER.match(content)
    match = header or _KEY.match(content)
    if not match:
        return None
    whole = depth is not None and _MASK not in match["indent"]
    first, last = _value_span(content[match.end() :])
    at = span[0] + match.end()
    name = text[span[0] + header.start("name") : span[0] + header.end("name")] if header else ""
    return Line(
        span=span,
        section=name.strip() if header else section,
        key=None if header else match["key"],
        indent=match["indent"],
        sep="" if header else match["sep"],
        value_span=(at + first, at + last),
        outside=whole and depth == 0,
        whole=whole,
    )


def _value_span(rest: str) -> Span:
    if quoted := _QUOTED.match(rest):
        return quoted.span(1)
    note = _NOTE.search(rest)
    return 0, len((rest[: note.start()] if note else rest).rstrip(" \t"))
