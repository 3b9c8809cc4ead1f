"""What pydantic refuses, in plain words: what was expected, what was found, what was meant."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from patchkit.edit.scalars import resolve
from patchkit.spec.templates import has_template
from patchkit.spec.words import did_you_mean, found, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

    from patchkit.spec.source import Loc

_Model = TypeVar("_Model", bound=BaseModel)

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


def checked(
    model: type[_Model], data: Any, *, unrendered: bool = False
) -> tuple[_Model | None, list[Mistake]]:
    """Return `data` as a model, and what is wrong with it; None when pydantic refuses it.

    Args:
        model: what it is to be.
        data: plain values.
        unrendered: whether what a template will fill in is not judged yet.
    """
    result, wrong = None, []
    try:
        result = model.model_validate(data)
    except ValidationError as error:
        wrong = _mistakes(error.errors(), model, data, unrendered=unrendered)
    return result, [*_empty_keys([model], data, ()), *wrong]


def _empty_keys(kinds: list[Any], data: Any, loc: Loc) -> Iterator[Mistake]:
    """Yield the keys without a value: to pydantic None is as good as not written."""
    steps = data.items() if isinstance(data, dict) else enumerate(data)
    for step, value in steps:
        at = (*loc, step)
        if isinstance(value, (dict, list)):
            yield from _empty_keys(_kinds_below(kinds, step), value, at)
        elif value is None and any(_may_be_left_out(kind, step) for kind in kinds):
            yield Mistake(at, at, "expected a value, found nothing")


def _may_be_left_out(kind: Any, step: str | int) -> bool:
    return any(
        field.default is None and field.annotation is not Any for field in _fields(kind, step)
    )


def _mistakes(
    errors: list[ErrorDetails], model: type[BaseModel], data: Any, *, unrendered: bool
) -> list[Mistake]:
    details = [(*_follow(data, detail["loc"]), detail) for detail in errors]
    if unrendered:
        details = [part for part in details if not _may_be_rendered(*part)]
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
        if not any(_is_below(deeper, loc) for deeper, _, _ in details):
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
    kinds: list[Any] = [model]
    for step in loc[:-1]:
        kinds = _kinds_below(kinds, step)
    known = [
        field.alias or name
        for kind in kinds
        if _is_model(kind)
        for name, field in kind.model_fields.items()
    ]
    near = did_you_mean(str(loc[-1]), known)
    hint = "" if near else f"known keys: {', '.join(dict.fromkeys(known))}"
    return Mistake(loc, loc[:-1], f'unknown key "{loc[-1]}"{near}', key=True, hint=hint)


def _kinds_below(kinds: list[Any], step: str | int) -> list[Any]:
    """Return the types that may stand at `step` of one of `kinds`."""
    below = [part for kind in kinds for part in _below(kind, step)]
    return [plain for kind in below for plain in _alternatives(kind)]


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    for field in _fields(kind, step):
        yield field.annotation
    if get_origin(kind) in {list, dict}:
        yield get_args(kind)[-1]


def _fields(kind: Any, step: str | int) -> Iterator[FieldInfo]:
    if _is_model(kind):
        for name, field in kind.model_fields.items():
            if step == (field.alias or name):
                yield field


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
