"""The text of a recorded fix spec: what `patchkit new` explains, filled with what was found."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import FlowDict, FlowList, StyledStr
from patchkit.edit.yaml.emit import Style, flow_text, key_text, scalar
from patchkit.spec.templates import has_template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.record.candidate import Candidate, Step

_STYLE = Style()
_WIDTH = 100
_FLOW = (FlowDict, FlowList)
_END_RAW = re.compile(r"\{%[-+]?\s*endraw")
SCHEMA = "# yaml-language-server: $schema=schema.json\n"
_HEAD = """\
# {source}
# Every op is explained by `patchkit explain OP`, every key by `patchkit schema`.
id: {id}
title: Say here in one line what the fix does
{kind}: {name}
why: |
  Say here what goes wrong without the fix.
evidence:
  - Say here where it was seen. Versions, logs and links help.
"""


@dataclass(frozen=True, slots=True)
class Head:
    """What a spec says before its ops.

    Attributes:
        id: the fix's id.
        name: the repository that it is for.
        kind: `recipe` or `repository`.
        source: a sentence that says where it comes from.
        schema: whether the file that editors complete it with lies beside it.
    """

    id: str
    name: str
    kind: str = "recipe"
    source: str = "Recorded by patchkit."
    schema: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """What a spec consists of besides its head."""

    ops: tuple[Candidate, ...]
    expects: tuple[Step, ...] = ()
    ensures: tuple[Step, ...] = ()
    unsure: tuple[str, ...] = field(default=())


def spec_text(head: Head, parts: Parts) -> str:
    """Return the text of a spec that is valid as it is."""
    lines = [SCHEMA * head.schema + _HEAD.format(**{key: getattr(head, key) for key in _FILLED})]
    lines += [_unsure(sentence, "") for sentence in parts.unsure]
    lines += _conditions("expects", parts.expects)
    lines.append("ops:\n")
    for op in parts.ops:
        lines += [_unsure(sentence, "  ") for sentence in op.unsure]
        lines += [f"{line}\n" for line in _item(escaped(op.step), 2)]
    lines += _conditions("ensures", parts.ensures)
    return "".join(lines)


def _unsure(sentence: str, indent: str) -> str:
    plain = "".join(char if char.isprintable() else " " for char in sentence)
    return f"{indent}# unsure: {plain}\n"


_FILLED = ("id", "name", "kind", "source")


def _conditions(key: str, conditions: Iterable[Step]) -> list[str]:
    lines = [line for condition in conditions for line in _condition(escaped(condition))]
    return [f"{key}:\n", *(f"{line}\n" for line in lines)] if lines else []


def _condition(condition: Step) -> list[str]:
    """Return a condition on one line if it is short, else a line for each of its keys."""
    line = f"  - {flow_text(condition, _STYLE)}"
    return [line] if len(line) <= _WIDTH else _item(dict(condition), 2)


def escaped(value: Any) -> Any:
    """Return a value in which no text is taken for a template; styles stay."""
    if isinstance(value, dict):
        pairs = {_text(key): escaped(item) for key, item in value.items()}
        return FlowDict(pairs) if isinstance(value, FlowDict) else pairs
    if isinstance(value, (list, tuple)):
        items = [escaped(item) for item in value]
        return FlowList(items) if isinstance(value, FlowList) else items
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if not has_template(value):
        return value
    if "\r" in value or _END_RAW.search(value):  # Jinja changes line ends outside of strings
        return "{{ " + json.dumps(value, ensure_ascii=False) + " }}"
    raw = f"{{% raw %}}{value}{{% endraw %}}"
    return StyledStr(raw, value.style) if isinstance(value, StyledStr) else raw


def _item(value: Any, column: int) -> list[str]:
    """Return the lines of one `- item` whose dash stands at a column."""
    lines = _block(value, column + 2)
    first = lines[0][column + 2 :] if _is_nested(value) else lines[0]
    return [f"{' ' * column}- {first}", *lines[1:]]


def _block(value: Any, column: int) -> list[str]:
    """Return the lines of a value; the first belongs behind its key unless the value is nested."""
    if _is_nested(value) and isinstance(value, dict):
        return [line for key, item in value.items() for line in _pair(key, item, column)]
    if _is_nested(value):
        return [line for item in value for line in _item(item, column)]
    if isinstance(value, str) and _is_literal(value):
        return _literal(value, column)
    return [flow_text(value, _STYLE) if isinstance(value, (dict, list)) else scalar(value, _STYLE)]


def _pair(key: str, value: Any, column: int) -> list[str]:
    lines = _block(value, column + 2)
    head = f"{' ' * column}{key_text(key, _STYLE)}:"
    return [head, *lines] if _is_nested(value) else [f"{head} {lines[0]}", *lines[1:]]


def _is_nested(value: Any) -> bool:
    return bool(value) and isinstance(value, (dict, list)) and not isinstance(value, _FLOW)


def _is_literal(value: str) -> bool:
    """Whether a text reads best as lines of its own."""
    quoted = isinstance(value, StyledStr) and value.style in {"'", '"'}
    lines = value.strip("\n")
    plain = value.replace("\n", "").replace("\t", "").isprintable()
    return not quoted and "\n" in value and bool(lines) and plain


def _literal(value: str, column: int) -> list[str]:
    """Return a text in literal style, with what its first blanks and last breaks need."""
    body = value.rstrip("\n")
    ends = {0: "-", 1: ""}.get(len(value) - len(body), "+")
    start = "2" if value[0] in " \t\n" else ""
    text = body if ends == "-" else value.removesuffix("\n")
    return [
        f"|{start}{ends}",
        *(f"{' ' * column}{line}" if line else "" for line in text.split("\n")),
    ]
