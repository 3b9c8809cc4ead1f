"""What pydantic refuses, in plain words: what was expected, what was found, what was meant."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from patchkit.edit.scalars import resolve
from patchkit.spec.templates import has_template
from patchkit.spec.words import did_you_mean, found, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from patchkit.spec.source import Loc

_SHAPES = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a mapping",
    "none_required": "nothing",
    "string_type": "text",
}
_LIMITS = {
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "wrong_together": "{message}",
}
# What a validator written in Python says about values.
_OF_VALUES = frozenset(("value_error", "assertion_error"))
_NOT_OF_VALUES = frozenset(("missing", "extra_forbidden", "wrong_together"))
_ON_KEY = "[key]"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong with data.

    Attributes:
        loc: where in the data, as far as it exists there.
        about: what the message is about: `loc`, or what is around a key that is wrong itself.
        message: what is wrong.
        key: whether the place of the key is meant and not its value's.
        hint: the next step.
    """

    loc: Loc
    about: Loc
    message: str
    key: bool = False
    hint: str = ""


def mistakes(
    error: ValidationError, model: type[BaseModel], data: Any, *, unrendered: bool = False
) -> list[Mistake]:
    """Return what is wrong with `data`, in the order that pydantic found it.

    Args:
        error: what validating `data` raised.
        model: what it was validated as.
        data: plain values.
        unrendered: whether what a template will fill in is not judged yet.
    """
    details = [(*_follow(data, detail["loc"]), detail) for detail in error.errors()]
    if unrendered:
        details = [part for part in details if not _may_be_rendered(*part)]
    locs = [loc for loc, _, _ in details]
    shapes: dict[Loc, list[str]] = {}
    result: dict[Mistake, None] = {}
    for loc, value, detail in details:
        if detail["type"] in _SHAPES:
            shapes.setdefault(loc, []).append(_SHAPES[detail["type"]])
        else:
            result[_mistake(loc, value, detail, model)] = None
    # A union is refused once for each of its types: one mistake that names them all, and none
    # where one of the types came further than the others.
    for loc, wanted in shapes.items():
        if not any(_is_below(deeper, loc) for deeper in locs):
            result[_misshapen(loc, wanted, _follow(data, loc)[1])] = None
    return list(result)


def _follow(data: Any, loc: Loc) -> tuple[Loc, Any]:
    """Return the part of `loc` that exists in `data`, and the value there.

    Pydantic mixes in steps of its own: the branch of a union, a key that is missing.
    """
    exists: list[str | int] = []
    for step in loc:
        if _has(data, step):
            data = data[step]
            exists.append(step)
    return tuple(exists), data


def _has(data: Any, step: str | int) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and step < len(data)
    return isinstance(data, dict) and step in data


def _is_below(deeper: Loc, loc: Loc) -> bool:
    return len(deeper) > len(loc) and deeper[: len(loc)] == loc


def _may_be_rendered(loc: Loc, value: Any, detail: ErrorDetails) -> bool:
    if detail["type"] in _NOT_OF_VALUES:
        return False
    if detail["loc"][-1:] == (_ON_KEY,):
        return has_template(str(loc[-1]))
    if isinstance(value, str):
        return has_template(value)
    return detail["type"] in _OF_VALUES and _holds_template(value)


def _holds_template(value: Any) -> bool:
    if isinstance(value, dict):
        return any(has_template(key) or _holds_template(item) for key, item in value.items())
    if isinstance(value, list):
        return any(map(_holds_template, value))
    return isinstance(value, str) and has_template(value)


def _mistake(loc: Loc, value: Any, detail: ErrorDetails, model: type[BaseModel]) -> Mistake:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return Mistake(loc, loc, f'"{detail["loc"][-1]}" is missing')
    if kind == "extra_forbidden":
        return _unknown_key(loc, model)
    if detail["loc"][-1:] == (_ON_KEY,):
        return Mistake(loc, loc[:-1], f'"{loc[-1]}": {_said(detail)}', key=True)
    if kind == "literal_error":
        return Mistake(loc, loc, _not_a_choice(value, context["expected"]))
    if context.get("min_length") == 1:
        return Mistake(loc, loc, "must not be empty")
    if kind in _LIMITS:
        return Mistake(loc, loc, _LIMITS[kind].format(**context))
    return Mistake(loc, loc, _said(detail))


def _said(detail: ErrorDetails) -> str:
    if detail["type"] in _OF_VALUES:
        return str(detail["ctx"]["error"])
    return detail["msg"][:1].lower() + detail["msg"][1:]


def _misshapen(loc: Loc, wanted: list[str], value: Any) -> Mistake:
    message = f"expected {' or '.join(dict.fromkeys(wanted))}, found {found(value)}"
    hint = ""
    if "text" in wanted and isinstance(value, (bool, int, float)):
        hint = "put quotes around it to make it text"
    elif isinstance(value, str) and not isinstance(resolve(value), str):
        hint = "write it without quotes"
    return Mistake(loc, loc, message, hint=hint)


def _not_a_choice(value: Any, expected: str) -> str:
    choices = [choice.strip("'") for choice in expected.replace(" or ", ", ").split(", ")]
    near = did_you_mean(value, choices) if isinstance(value, str) else ""
    return f"expected {one_of(choices)}, found {found(value)}{near}"


def _unknown_key(loc: Loc, model: type[BaseModel]) -> Mistake:
    known = list(dict.fromkeys(key for kind in _kinds_at(model, loc[:-1]) for key in _keys(kind)))
    near = did_you_mean(str(loc[-1]), known)
    hint = "" if near else f"known keys: {', '.join(known)}"
    return Mistake(loc, loc[:-1], f'unknown key "{loc[-1]}"{near}', key=True, hint=hint)


def _keys(kind: Any) -> Iterator[str]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            yield field.alias or name


def _kinds_at(model: type[BaseModel], loc: Loc) -> list[Any]:
    """Return the types that may stand at `loc` of a model."""
    kinds: list[Any] = [model]
    for step in loc:
        below = [part for kind in kinds for part in _below(kind, step)]
        kinds = [plain for kind in below for plain in _alternatives(kind)]
    return kinds


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step == (field.alias or name):
                yield field.annotation
    elif get_origin(kind) in {list, dict}:
        yield get_args(kind)[-1]


def _alternatives(kind: Any) -> Iterator[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _alternatives(get_args(kind)[0])
    elif origin in {Union, types.UnionType}:
        for member in get_args(kind):
            yield from _alternatives(member)
    else:
        yield kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
