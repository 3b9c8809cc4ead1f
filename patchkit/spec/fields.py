"""The base of every model of a fix spec, and the kinds of text its fields hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from patchkit.edit.yaml.values import scalar_text
from patchkit.spec.templates import has_template
from patchkit.spec.words import found

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = "[a-z0-9][a-z0-9-]*"
_CLASS = f"classes/{_ID}"
_REPOSITORY = "[A-Za-z0-9][A-Za-z0-9._-]*"


class SpecModel(BaseModel):
    """Everything in a fix spec: unknown keys are refused, and nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


def wrong_together(message: str) -> PydanticCustomError:
    """Return the error of keys that do not go together, to raise in a model's validator.

    Unlike a plain ValueError it is reported when the spec is loaded, even where values hold
    templates: it must say nothing about the values themselves.
    """
    return PydanticCustomError("wrong_together", "{message}", {"message": message})


def _id(value: str) -> str:
    if not re.fullmatch(_ID, value):
        raise ValueError("an id is made of a-z, 0-9 and hyphens, and starts with no hyphen")
    return value


def _named(what: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(_REPOSITORY, value):
            raise ValueError(f"a {what}'s name is made of letters, digits, dots, hyphens and _")
        return value

    return AfterValidator(check)


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _one_line(value: str) -> str:
    if "\n" in value.strip("\n"):
        raise ValueError("must be one line")
    return _said(value).strip()


def _regex(value: str) -> str:
    try:
        if not has_template(value):
            re.compile(value)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    return scalar_text(value) if isinstance(value, (bool, int, float)) else value


def _scalar(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        message = f"expected text, a number, true, false or nothing, found {found(value)}"
        raise ValueError(message)  # noqa: TRY004  pydantic reports ValueErrors only
    return value


def schema_keys(**keys: Any) -> Any:
    """Return what adds `keys` to the JSON Schema of an annotated type."""
    return Field(json_schema_extra=keys)


def choices(about: Mapping[str, str]) -> Any:
    """Return what tells editors of each value of a Literal what it means, in their order."""
    return schema_keys(enumDescriptions=list(about.values()))


def _class_name(value: str) -> str:
    if not re.fullmatch(_CLASS, value):
        raise ValueError("a class is named classes/<id>")
    return value


Id = Annotated[str, AfterValidator(_id), schema_keys(pattern=f"^{_ID}$")]
ClassName = Annotated[str, AfterValidator(_class_name), schema_keys(pattern=f"^{_CLASS}$")]
Recipe = Annotated[str, _named("recipe"), schema_keys(pattern=f"^{_REPOSITORY}$")]
Repository = Annotated[str, _named("repository"), schema_keys(pattern=f"^{_REPOSITORY}$")]
Said = Annotated[str, AfterValidator(_said)]
OneLine = Annotated[str, AfterValidator(_one_line)]
Regex = Annotated[str, AfterValidator(_regex)]
Texts = Annotated[
    list[str],
    BeforeValidator(_as_list),
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        mode="validation",
    ),
]
ScalarText = Annotated[
    str,
    BeforeValidator(_as_text),
    WithJsonSchema({"type": ["string", "number", "boolean"]}, mode="validation"),
]
# Keeps quotes and the way a number was written, which `str` and `int` do not.
ScalarValue = Annotated[
    Any, AfterValidator(_scalar), schema_keys(type=["string", "number", "boolean", "null"])
]
