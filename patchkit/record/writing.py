"""The text of a recorded fix spec: what `patchkit new` explains, filled with what was found."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import FlowDict, FlowList, StyledStr
from patchkit.edit.yaml.emit import Style, flow_text, item_lines
from patchkit.spec.templates import has_template

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.record.candidate import Candidate, Step

_STYLE = Style()
_WIDTH = 100
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
    lines += [f"# unsure: {sentence}\n" for sentence in parts.unsure]
    lines += _conditions("expects", parts.expects)
    lines.append("ops:\n")
    for op in parts.ops:
        lines += [f"  # unsure: {sentence}\n" for sentence in op.unsure]
        lines += [f"{line}\n" for line in item_lines(escaped(op.step), 2, _STYLE)]
    lines += _conditions("ensures", parts.ensures)
    return "".join(lines)


_FILLED = ("id", "name", "kind", "source")


def _conditions(key: str, conditions: Iterable[Step]) -> list[str]:
    lines = [line for condition in conditions for line in _condition(escaped(condition))]
    return [f"{key}:\n", *(f"{line}\n" for line in lines)] if lines else []


def _condition(condition: Step) -> list[str]:
    """Return a condition on one line if it is short, else a line for each of its keys."""
    line = f"  - {flow_text(condition, _STYLE)}"
    return [line] if len(line) <= _WIDTH else item_lines(condition, 2, _STYLE)


def escaped(value: Any) -> Any:
    """Return a value in which no text is taken for a template; styles stay."""
    if isinstance(value, dict):
        kind = FlowDict if isinstance(value, FlowDict) else dict
        return kind({_text(key): escaped(item) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        kind = FlowList if isinstance(value, FlowList) else list
        return kind(escaped(item) for item in value)
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if not has_template(value):
        return value
    if "\r" in value or _END_RAW.search(value):  # Jinja changes line ends outside of strings
        return "{{ " + json.dumps(value, ensure_ascii=False) + " }}"
    raw = f"{{% raw %}}{value}{{% endraw %}}"
    return StyledStr(raw, value.style) if isinstance(value, StyledStr) else raw
