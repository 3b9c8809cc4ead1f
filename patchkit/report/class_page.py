"""The page of a class, made of its own fields: for `explain`."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from patchkit.spec.condition import SERVICE_FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.spec.condition import Condition
    from patchkit.spec.fix import Fix
    from patchkit.spec.parameter import Param

_WIDTH = 80


def class_page(fix: Fix) -> str:
    """Return a class's page: why, what it finds, what it is for, when it refuses, what it does."""
    spec = fix.spec
    lines = [fix.name, "=" * len(fix.name), "", spec.title, "", *spec.why.rstrip("\n").split("\n")]
    lines += _part("Seen", (_item(text) for text in spec.evidence))
    lines += _part("Values", (_item(_param(name, p)) for name, p in spec.params.items()))
    lines += _part(
        "It has something to say of a recipe in which",
        (_item(_condition(c)) for c in spec.applies_to),
    )
    lines += _part("It refuses, as drifted, unless", (_item(_condition(c)) for c in spec.expects))
    lines += _part("What it does", (_item(_op(raw)) for raw in spec.ops))
    lines += _part("What holds afterwards", (_item(_condition(c)) for c in spec.ensures))
    lines += _part("Rules of lint that it cures", (_item(rule) for rule in spec.cures))
    lines += _part("Try it", [f"    patchkit diff {fix.name} --in path/to/recipe"])
    return "\n".join(lines) + "\n"


def class_list(classes: Iterable[Fix]) -> str:
    """Return every class with its title."""
    rows = [(fix.name, fix.title) for fix in classes]
    width = max((len(name) for name, _ in rows), default=0)
    return "".join(f"{name:<{width}}  {title}\n" for name, title in rows)


def _part(title: str, entries: Iterable[str]) -> Iterator[str]:
    lines = list(entries)
    if lines:
        yield from ("", title, "-" * len(title), *lines)


def _item(text: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent="  - ",
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _param(name: str, param: Param) -> str:
    selectors = param.model_dump(exclude_unset=True, exclude={"description", "default", "type"})
    found = selectors.pop("find", None)
    is_optional = selectors.pop("optional", False)
    words = [param.description.rstrip(".")] if param.description else []
    if found:
        way = ", ".join(f"{key} {value}" for key, value in selectors.items() if key != "each")
        words.append(f"{'every' if param.each else 'the'} {found} with {way}")
    if param.has_default:
        words.append(f"{'else ' if found else ''}{param.default}")
    if param.is_required:
        words.append(f"give it with --param {name}=VALUE")
    return f"{name}: {'; '.join(words)}{' (optional)' if is_optional else ''}"


def _condition(condition: Condition) -> str:
    if condition.any is not None:
        text = " or ".join(map(_condition, condition.any))
    else:
        text = _fact(condition)
    return f"{text}. If not: {condition.because}" if condition.because else text


def _fact(condition: Condition) -> str:
    no = "no " if condition.absent else ""
    subject = getattr(condition, condition.subject)
    value = _value(condition)
    if condition.subject in {"file", "files"}:
        holds = f" with {value}" if value else ""
        return f"{no}{'some of ' if condition.subject == 'files' else 'file '}{subject}{holds}"
    fact = next((name for name in SERVICE_FACTS if getattr(condition, name) is not None), "")
    if condition.subject == "lint":
        return f"{no or 'a '}finding of the rule {subject}"
    if condition.subject != "service" or not fact:
        return f"{no or 'a '}{condition.subject} {subject}"
    said = f"{no}{fact.replace('_', ' ')} {getattr(condition, fact)}"
    return f"service {subject}: {said}{f' {value}' if value else ''}"


def _value(condition: Condition) -> str:
    if condition.value is not None:
        return f"= {condition.value}"
    if condition.matches is not None:
        return f"a match of {condition.matches}"
    return f"the text {condition.text}" if condition.text is not None else ""


def _op(raw: dict[str, Any]) -> str:
    keys = (f"{key} {_short(raw[key])}" for key in raw if key not in {"op", "on_alias", "when"})
    return f"{raw['op']}: {', '.join(keys)}"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}={_short(item)}" for key, item in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
