"""The model of a fix spec: what each key means, and which go together.

The descriptions and examples here become the JSON Schema that editors show. Values are taken
strictly, as YAML has them: `yes` is text and no truth value, `1.22` is a number and no text.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from patchkit.edit.yaml.values import scalar_text
from patchkit.spec.templates import has_template
from patchkit.spec.words import found, one_of

Kind = Literal["str", "int", "float", "bool", "list"]
Found = Literal["service", "volume", "config", "secret", "environment", "file", "network"]

KINDS: dict[str, str] = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list of texts",
}

# What each `find:` must be told, and what it takes at least one of.
FINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "service": ((), ("image", "mounts", "config_at", "label", "publishes", "name")),
    "volume": (("service", "at"), ()),
    "config": (("service", "at"), ()),
    "secret": (("service", "at"), ()),
    "environment": (("service", "name"), ()),
    "file": (("config",), ()),
    "network": ((), ("service", "name")),
}
SELECTORS = tuple(dict.fromkeys(name for pair in FINDS.values() for part in pair for name in part))

# What a condition about a service can say of it.
SERVICE_FACTS = (
    ("image", "label", "environment", "config_at", "volume_at")
    + ("secret", "depends_on", "network")
)
_VALUED = ("label", "environment")
# What a condition can be about, and what else it may say then.
_SUBJECTS: dict[str, tuple[str, ...]] = {
    "any": (),
    "service": (*SERVICE_FACTS, "value", "matches"),
    "file": ("text", "matches"),
    "files": ("text", "matches"),
    "config": (),
    "volume": (),
    "secret": (),
    "network": (),
}

_ID = "[a-z0-9][a-z0-9-]*"
_RECIPE = "[A-Za-z0-9][A-Za-z0-9._-]*"
_NAME = "[A-Za-z_][A-Za-z0-9_]*"
_RESERVED = frozenset(
    ("and", "caller", "elif", "else", "false", "False", "for", "if", "in", "is", "kwargs", "loop")
    + ("namespace", "none", "None", "not", "or", "range", "recursive", "self", "true", "True")
    + ("varargs",)
)


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


def _recipe(value: str) -> str:
    if not re.fullmatch(_RECIPE, value):
        raise ValueError("a recipe's name is made of letters, digits, dots, hyphens and _")
    return value


def _name(value: str) -> str:
    if not re.fullmatch(_NAME, value) or value in _RESERVED:
        raise ValueError("a param's name is made of letters, digits and _, and no word of Jinja2")
    return value


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
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from None
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_text(value: Any) -> Any:
    return scalar_text(value) if isinstance(value, (bool, int, float)) else value


def _scalar(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        raise ValueError(f"expected text, a number, true, false or nothing, found {found(value)}")
    return value


def _schema(**keys: Any) -> Any:
    return Field(json_schema_extra=keys)


_SCALARS = ["string", "number", "boolean"]

Id = Annotated[str, AfterValidator(_id), _schema(pattern=f"^{_ID}$")]
Recipe = Annotated[str, AfterValidator(_recipe), _schema(pattern=f"^{_RECIPE}$")]
ParamName = Annotated[str, AfterValidator(_name), _schema(pattern=f"^{_NAME}$")]
Said = Annotated[str, AfterValidator(_said)]
OneLine = Annotated[str, AfterValidator(_one_line)]
Regex = Annotated[str, AfterValidator(_regex), _schema(format="regex")]
Texts = Annotated[
    list[str],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
]
ScalarText = Annotated[
    str, BeforeValidator(_as_text, json_schema_input_type=str | float | bool)
]
# Keeps quotes and the way a number was written, which `str` and `int` do not.
ScalarValue = Annotated[
    Any, AfterValidator(_scalar), _schema(type=[*_SCALARS, "null"])
]


class SpecModel(BaseModel):
    """Everything in a fix spec: unknown keys are refused, and nothing changes afterwards."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class Param(SpecModel):
    """A value that templates use: given by the user, found in the recipe, or its default."""

    type: Kind | None = Field(
        None,
        description="What values it takes. Without it the default tells; text if there is none.",
        examples=["int"],
    )
    default: Any = Field(
        None,
        description="The value if none is given or found. It may use other params.",
        examples=["backup.sql", 7],
    )
    choices: list[ScalarValue] | None = Field(
        None, description="The only values it takes.", examples=[["small", "large"]]
    )
    description: str = Field(
        "", description="What it is for.", examples=["The service that runs the database."]
    )
    optional: bool = Field(
        False, description="Whether it may stay nothing (none) when it is not given or found."
    )
    find: Found | None = Field(
        None, description="What it names in the recipe, where it is looked up."
    )
    image: str | None = Field(
        None, description="find: service by its image, without the tag.", examples=["postgres"]
    )
    mounts: str | None = Field(
        None,
        description="find: service by the container path of one of its volumes.",
        examples=["/var/lib/postgresql/data"],
    )
    config_at: str | None = Field(
        None,
        description="find: service by the container path of one of its configs.",
        examples=["/etc/gitea/app.ini"],
    )
    label: str | None = Field(
        None, description="find: service by one of its labels.", examples=["traefik.enable"]
    )
    publishes: ScalarText | None = Field(
        None, description="find: service by a port it publishes.", examples=[443]
    )
    name: str | None = Field(
        None,
        description="find: service or network by its name, with * for any text; "
        "find: environment by the variable's name.",
        examples=["db*", "POSTGRES_DB"],
    )
    service: str | None = Field(
        None, description="The service that has what is looked for.", examples=["{{ database }}"]
    )
    at: str | None = Field(
        None, description="Its path in the container.", examples=["/var/lib/postgresql/data"]
    )
    config: str | None = Field(
        None, description="find: file by the config that is made from it.", examples=["app_ini"]
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("expected a default, or a mapping such as {type: str}; found nothing")
        return value if isinstance(value, dict) else {"default": value}

    @model_validator(mode="after")
    def _selectors_fit(self) -> Param:
        told = [name for name in SELECTORS if getattr(self, name) is not None]
        if self.find is None:
            if told:
                raise wrong_together(f'"{told[0]}" is for a param with "find"')
            return self
        needed, any_of = FINDS[self.find]
        for name in told:
            if name not in needed + any_of:
                takes = one_of(needed + any_of)
                raise wrong_together(f'find: {self.find} takes no "{name}"; it takes {takes}')
        for name in needed:
            if name not in told:
                raise wrong_together(f'find: {self.find} needs "{name}"')
        if any_of and not told:
            raise wrong_together(f"find: {self.find} needs {one_of(any_of)}")
        return self

    @model_validator(mode="after")
    def _default_fits(self) -> Param:
        for choice in self.choices or []:
            if not self._is_of_type(choice):
                raise ValueError(f'"choices" holds {found(choice)}, which is not {self.expected}')
        if self.has_default and not _holds_template(self.default):
            self.check(self.default)
        return self

    @property
    def has_default(self) -> bool:
        """Whether a default is written down."""
        return "default" in self.model_fields_set

    @property
    def is_required(self) -> bool:
        """Whether the user must give it."""
        return not (self.find or self.has_default or self.optional)

    @property
    def kind(self) -> Kind | None:
        """The type, declared or told by the default; None when a template makes the default."""
        if self.type or not self.has_default:
            return self.type or "str"
        if _holds_template(self.default):
            return None
        kinds: dict[type, Kind] = {bool: "bool", int: "int", float: "float", list: "list"}
        return next((name for kind, name in kinds.items() if isinstance(self.default, kind)), "str")

    @property
    def expected(self) -> str:
        """What values it takes, in plain words."""
        return one_of(map(_shown, self.choices)) if self.choices else KINDS[self.kind or "str"]

    def check(self, value: Any) -> None:
        """Raise ValueError, in plain words, unless `value` is what the param takes."""
        fits = value in self.choices if self.choices else self._is_of_type(value)
        if not fits:
            raise ValueError(f"expected {self.expected}, found {found(value)}")

    def _is_of_type(self, value: Any) -> bool:
        if self.kind is None:
            return True
        if self.kind == "list":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        if self.kind in {"int", "float"} and isinstance(value, bool):
            return False
        kinds: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool}
        return isinstance(value, kinds[self.kind])


class Condition(SpecModel):
    """Something that must hold of the recipe, before the ops (expects) or after (ensures)."""

    service: str | None = Field(
        None,
        description="A service of the merged recipe. Alone: that it exists.",
        examples=["app", "{{ database }}"],
    )
    image: str | None = Field(
        None,
        description="With service: a pattern of its image; without a colon the tag is ignored.",
        examples=["postgres", "gitea/gitea:1.2*"],
    )
    label: str | None = Field(
        None,
        description="With service: the name of one of its labels.",
        examples=["backupbot.backup.path"],
    )
    environment: str | None = Field(
        None, description="With service: a variable that is set for it.", examples=["POSTGRES_DB"]
    )
    config_at: str | None = Field(
        None,
        description="With service: the container path of one of its configs.",
        examples=["/etc/gitea/app.ini"],
    )
    volume_at: str | None = Field(
        None,
        description="With service: the container path of one of its volumes.",
        examples=["/var/lib/postgresql/data"],
    )
    depends_on: str | None = Field(
        None, description="With service: a service that it depends on.", examples=["sidekiq"]
    )
    file: str | None = Field(
        None, description="A file of the recipe. Alone: that it exists.", examples=["abra.sh"]
    )
    files: str | None = Field(
        None, description="A pattern of files, for text or matches.", examples=["compose*.yml"]
    )
    config: str | None = Field(
        None, description="A config that is defined at the top level.", examples=["app_ini"]
    )
    volume: str | None = Field(
        None, description="A volume that is defined at the top level.", examples=["postgres"]
    )
    secret: str | None = Field(
        None,
        description="A secret that is defined at the top level; with service: that it has it.",
        examples=["db_password"],
    )
    network: str | None = Field(
        None,
        description="A network that is defined at the top level; with service: that it joins it.",
        examples=["proxy"],
    )
    value: ScalarText | None = Field(
        None,
        description="With label or environment: its value, with * for any text.",
        examples=["true", "/var/lib/*"],
    )
    matches: Regex | None = Field(
        None,
        description="With label, environment, file or files: a regular expression that matches "
        "somewhere in the value or text.",
        examples=[r"image: gitea/gitea:1\.\d+"],
    )
    text: str | None = Field(
        None, description="With file or files: a literal text they hold.", examples=["sidekiq"]
    )
    any: list[Condition] | None = Field(
        None,
        description="Conditions of which at least one must hold.",
        min_length=1,
        examples=[[{"volume": "postgres"}, {"volume": "db"}]],
    )
    absent: bool = Field(False, description="Whether it must not hold instead.")
    because: str = Field(
        "",
        description="A sentence shown when the condition fails.",
        examples=["The dump is made for postgres."],
    )

    @property
    def subject(self) -> str:
        """What it is about: `any`, `service`, `file`, `files` or a top-level definition."""
        return next((name for name in _SUBJECTS if getattr(self, name) is not None), "")

    @model_validator(mode="after")
    def _goes_together(self) -> Condition:
        said = [name for name in _SAYABLE if getattr(self, name) is not None]
        if not self.subject:
            raise wrong_together(f"a condition needs {one_of(_SUBJECTS)}")
        for name in said:
            if name not in (self.subject, *_SUBJECTS[self.subject]):
                raise wrong_together(f'"{name}" does not go with "{self.subject}"')
        self._check_service(said)
        if {"value", "matches"} <= set(said) or {"text", "matches"} <= set(said):
            raise wrong_together(f'"matches" does not go with "{"value" if self.value else "text"}"')
        if self.subject == "files" and not {"text", "matches"} & set(said):
            raise wrong_together('"files" needs "text" or "matches"')
        return self

    def _check_service(self, said: list[str]) -> None:
        if self.service is None:
            return
        facts = [name for name in SERVICE_FACTS if name in said]
        if len(facts) > 1:
            pair = f'"{facts[0]}" and "{facts[1]}"'
            raise wrong_together(f"{pair} are two conditions; write one entry for each")
        for name in ("value", "matches"):
            if name in said and not set(facts) & set(_VALUED):
                raise wrong_together(f'"{name}" needs {one_of(_VALUED)}')


_SAYABLE = tuple(name for name in Condition.model_fields if name not in {"absent", "because"})


class Allow(SpecModel):
    """A lint rule that the fix may break, and why."""

    rule: OneLine = Field(description="The rule's reference.", examples=["R005"])
    reason: Said = Field(
        description="Why breaking it is right.", examples=["The app has no semver tags."]
    )


class PullRequestText(SpecModel):
    """What a pull request with this fix says."""

    title: OneLine | None = Field(
        None,
        description="Its title; the fix's title if there is none.",
        examples=["Back up a dump of the database"],
    )
    body: Texts = Field(
        default=[],
        description="Paragraphs of Markdown that are added to the fix's why.",
        examples=[["Operators need to do nothing."]],
    )
    labels: list[OneLine] = Field(
        default=[], description="Labels of the pull request.", examples=[["backup"]]
    )
    comment: Said | None = Field(
        None, description="A comment posted once on each new head.", examples=["!testme"]
    )


class OpModel(SpecModel):
    """The keys that every op has; each op's model adds its own.

    Fields take values strictly: a YAML list is a `list`, never a tuple. A field of type `str`
    loses the quotes its author wrote; `ScalarValue` and `Any` keep them.
    """

    op: str = Field(description="The op's name.", examples=["labels.set"])
    optional: bool = Field(
        False, description="Whether the op does nothing, instead of refusing, if nothing matches."
    )
    on_alias: Literal["error", "expand", "edit-anchor"] = Field(
        "error",
        description="What to do when the value comes through a YAML alias: refuse; write the "
        "alias out and change that; or change the anchor, and with it all that use it.",
    )


class FixSpec(SpecModel):
    """A fix: what is wrong with a recipe, how to tell, and the ops that cure it."""

    RENDERED: ClassVar[tuple[str, ...]] = ("params", "expects", "ops", "ensures", "pr")

    id: Id = Field(
        description="The fix's name: its branch, its snapshot, what users type.",
        examples=["mattermost"],
    )
    title: OneLine = Field(
        description="What the fix does, as a commit message's first line.",
        examples=["Back the database up as a dump that can be restored"],
    )
    recipe: Recipe = Field(
        description="The recipe it is for, as its repository is called.",
        examples=["mattermost-lts"],
    )
    alternative: Id | None = Field(
        None,
        description="The fix that cures the same in another way; this one is used only when named.",
        examples=["bluesky-pds"],
    )
    why: Said = Field(
        description="What goes wrong without the fix, for the pull request's reader.",
        examples=["A restore does not bring the state back."],
    )
    evidence: Texts = Field(
        default=[],
        description="Where it was seen: versions, logs, links.",
        examples=[["restore of 2.1.8 leaves the old rows in place"]],
    )
    params: dict[ParamName, Param] = Field(
        default={},
        description="Values that templates use, by name: a default, or a mapping.",
        examples=[{"dump": "backup.sql", "database": {"find": "service", "image": "postgres"}}],
    )
    expects: list[Condition] = Field(
        default=[],
        description="What must hold before the ops; otherwise the recipe has drifted.",
        examples=[[{"service": "app", "config_at": "/etc/gitea/app.ini"}]],
    )
    ops: list[dict[str, Any]] = Field(
        description="The edits, in order.",
        min_length=1,
        examples=[[{"op": "labels.set", "service": "app", "labels": {"a": "b"}}]],
    )
    ensures: list[Condition] = Field(
        default=[],
        description="What must hold after the ops, of the whole merged recipe.",
        examples=[[{"text": "sidekiq", "files": "compose*.yml", "absent": True}]],
    )
    allow: list[Allow] = Field(
        default=[], description="Lint rules that the fix may break, each with its reason."
    )
    verify: list[OneLine] = Field(
        default=[],
        description="Names of checks on the result by real programs.",
        examples=[["shellcheck"]],
    )
    with_: list[Id] = Field(
        default=[],
        alias="with",
        description="Fixes that belong into the same change.",
        examples=[["other-fix"]],
    )
    pr: PullRequestText = Field(
        default_factory=PullRequestText, description="What the pull request says."
    )
    version: Literal["leave", "patch", "minor", "major"] = Field(
        "leave", description="Which part of the recipe's version the fix raises."
    )

    @field_validator("alternative", "with_")
    @classmethod
    def _names_others(cls, value: Any, info: ValidationInfo) -> Any:
        names = value if isinstance(value, list) else [value]
        if info.data.get("id") in names:
            raise ValueError("names this fix itself")
        if len(set(names)) < len(names):
            raise ValueError("names a fix twice")
        return value


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else scalar_text(value)


def _holds_template(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_template, value))
    return isinstance(value, str) and has_template(value)
