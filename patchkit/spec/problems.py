"""Mistakes and faults as problems: each with its place, and a message that says which step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from patchkit.spec.faults import Fault
    from patchkit.spec.mistakes import Mistake
    from patchkit.spec.source import Loc, Source

_NUMBERED = {"ops": "step"} | {
    name: name for name in ("applies_to", "expects", "ensures", "allow", "cures")
}


def of_mistakes(found: Iterable[Mistake], source: Source, base: Loc = ()) -> list[Problem]:
    """Return mistakes as problems of `source`; `base` is where their data stands in it."""
    return [
        Problem(
            _headed(title(base + mistake.about, source.data), mistake.message),
            source.place(base + mistake.loc, key=mistake.key),
            mistake.hint,
        )
        for mistake in found
    ]


def of_fault(fault: Fault, text: str, source: Source, loc: Loc, *, key: bool = False) -> Problem:
    """Return the fault of the template `text`, the value at `loc` or, with `key`, its key."""
    head = title(loc[:-1] if key else loc, source.data)
    place = source.place(loc, key=key)
    return Problem(_headed(head, fault.message), fault.place(place, text), fault.hint)


def title(loc: Loc, data: dict[str, Any]) -> str:
    """Return what a message is about: `step 2 (labels.set): "service"`."""
    head, rest = "", loc
    section, entry = (*loc, "", "")[:2]
    if section in _NUMBERED and isinstance(entry, int):
        head, rest = f"{_NUMBERED[str(section)]} {entry + 1}", loc[2:]
        head += _op_name(data["ops"][entry]) if section == "ops" else ""
    elif section == "params" and entry:
        head, rest = f'param "{entry}"', loc[2:]
    elif section == "pr":
        head, rest = "pr", loc[1:]
    return ": ".join(part for part in (head, _last_key(rest)) if part)


def _op_name(step: Any) -> str:
    name = step.get("op") if isinstance(step, dict) else None
    return f" ({name})" if isinstance(name, str) else ""


def _last_key(loc: Loc) -> str:
    """Return the last key of `loc` with the entry numbers behind it: `"body" entry 2`."""
    words = ""
    for step in loc:
        words = f'"{step}"' if isinstance(step, str) else f"{words} entry {step + 1}".lstrip()
    return words


def _headed(head: str, message: str) -> str:
    return f"{head}: {message}" if head else message
