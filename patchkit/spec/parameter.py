"""A fix's param: a value that its templates use, given, found in the recipe or a default."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from patchkit.edit.yaml.values import scalar_text
from patchkit.spec.fields import (
    Regex,
    ScalarText,
    ScalarValue,
    SpecModel,
    choices,
    schema_keys,
    wrong_together,
)
from patchkit.spec.templates import has_template
from patchkit.spec.words import found, one_of

Kind = Literal["str", "int", "float", "bool", "list"]
Found = Literal[
    "service",
    "volume",
    "mount",
    "config",
    "target",
    "variable",
    "secret",
    "environment",
    "label",
    "field",
    "file",
    "network",
    "match",
]

_FOUND = choices(
    {
        "service": "A service, by image, mounts, config_at, label, publishes, tag or name.",
        "volume": "The Compose key of the volume of a service at a path: service and at.",
        "mount": "The path of the mount of a service that holds a path: service and at.",
        "config": "The Compose key of a config: service with at or within, or name.",
        "target": "The path at which a service mounts a config: service and config.",
        "variable": "The variable that carries a config's version: config.",
        "secret": "The Compose key of the secret of a service at a path: service and at.",
        "environment": "The value of a variable of a service: service and name.",
        "label": "The value of a label of a service: service and name.",
        "field": "The value of a field of a service: service and name.",
        "file": "A file, by the config that is made from it or by a text in it: config or text.",
        "network": "The Compose key of a network: service or name.",
        "match": "The text of a file that a regular expression fits: file and regex.",
    }
)
KINDS: dict[str, str] = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list of texts",
}

_KINDS = choices({name: f"{what[:1].upper()}{what[1:]}." for name, what in KINDS.items()})

# What each `find:` must be told, and what it takes at least one of.
FINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "service": ((), ("image", "mounts", "config_at", "label", "publishes", "tag", "name")),
    "volume": (("service", "at"), ()),
    "mount": (("service", "at"), ()),
    "config": ((), ("service", "at", "name", "within")),
    "target": (("service", "config"), ()),
    "variable": (("config",), ()),
    "secret": (("service", "at"), ()),
    "environment": (("service", "name"), ()),
    "label": (("service", "name"), ()),
    "field": (("service", "name"), ()),
    "file": ((), ("config", "text", "service")),
    "network": ((), ("service", "name")),
    "match": (("file", "regex"), ()),
}
SELECTORS = tuple(dict.fromkeys(name for pair in FINDS.values() for part in pair for name in part))

_NAME = "[A-Za-z_][A-Za-z0-9_]*"
# Jinja2 reads these as something else.
_RESERVED = re.compile(
    "and|caller|elif|else|false|False|for|if|in|is|kwargs|loop|namespace|none|None|not|or|range"
    "|recursive|self|true|True|varargs"
)


def _name(value: str) -> str:
    if not re.fullmatch(_NAME, value) or _RESERVED.fullmatch(value):
        raise ValueError("a param's name is made of letters, digits and _, and no word of Jinja2")
    return value


ParamName = Annotated[str, AfterValidator(_name), schema_keys(pattern=f"^{_NAME}$")]


class Param(SpecModel):
    """A value that templates use: given by the user, found in the recipe, or its default."""

    type: Annotated[Kind, _KINDS] | None = Field(
        default=None,
        description="What values it takes. Without it the default tells; text if there is none.",
        examples=["int"],
    )
    default: Any = Field(
        default=None,
        description="The value if none is given or found. It may use other params.",
        examples=["backup.sql", 7],
    )
    choices: list[ScalarValue] | None = Field(
        default=None, description="The only values it takes.", examples=[["small", "large"]]
    )
    description: str = Field(
        default="", description="What it is for.", examples=["The service that runs the database."]
    )
    optional: bool = Field(
        default=False,
        description="Whether it may stay nothing (none) when it is not given or found.",
    )
    each: bool = Field(
        default=False,
        description="With find: service or config: each that fits, not the only one. The fix is "
        "made for one after the other; those that are not what applies_to says are passed over.",
    )
    find: Annotated[Found, _FOUND] | None = Field(
        default=None,
        description="What it names in the recipe, where it is looked up: found by what it is, not "
        "by what it is called. It decides which other keys say how.",
        examples=["service"],
    )
    image: str | None = Field(
        default=None, description="find: service by a pattern of its image.", examples=["postgres"]
    )
    mounts: str | None = Field(
        default=None,
        description="find: service by the container path of one of its volumes.",
        examples=["/var/lib/postgresql/data"],
    )
    config_at: str | None = Field(
        default=None,
        description="find: service by the container path of one of its configs.",
        examples=["/etc/gitea/app.ini"],
    )
    label: str | None = Field(
        default=None, description="find: service by one of its labels.", examples=["traefik.enable"]
    )
    publishes: ScalarText | None = Field(
        default=None, description="find: service by a port it publishes.", examples=[443]
    )
    tag: Literal["moving"] | None = Field(
        default=None,
        description="find: service by an image that has no tag, or one that moves with releases.",
        examples=["moving"],
    )
    name: str | None = Field(
        default=None,
        description="find: service, config or network by its name, with * for any text; a network "
        "also by a name that it has not, `!proxy`. find: environment, label or field by its name.",
        examples=["db*", "POSTGRES_DB"],
    )
    service: str | None = Field(
        default=None,
        description="The service that has what is looked for; find: file by text is among the "
        "files of its configs then.",
        examples=["{{ database }}"],
    )
    at: str | None = Field(
        default=None,
        description="Its path in the container. find: mount: a path in it; what is found is the "
        "path of the mount that holds it.",
        examples=["/var/lib/postgresql/data"],
    )
    within: Literal["volume"] | None = Field(
        default=None,
        description="find: config of the service that is mounted inside one of its volumes.",
        examples=["volume"],
    )
    config: str | None = Field(
        default=None,
        description="find: file by the config that is made from it. find: target: the path at "
        "which the service mounts it. find: variable: the one that carries this config's version.",
        examples=["app_ini"],
    )
    text: str | None = Field(
        default=None,
        description="find: file, no compose file and no docs, by a text in it.",
        examples=["/opt/bitnami/scripts"],
    )
    file: str | None = Field(
        default=None,
        description="find: match in this file, or in those that fit a pattern with `*`.",
        examples=["runner/harness/canonical.py"],
    )
    regex: Regex | None = Field(
        default=None,
        description="find: match by a regular expression: the text of its group, or of all.",
        examples=[r"^def canonical_domain\((\w+)"],
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
            if told or self.each:
                name = told[0] if told else "each"
                raise wrong_together(f'"{name}" is for a param with "find"')
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
        self._check_pairs()
        return self

    def _check_pairs(self) -> None:
        if self.each and self.find not in {"service", "config"}:
            raise wrong_together('"each" is for a param with find: service or config')
        if self.find == "config":
            self._check_config()
        if self.find == "file" and self.service and self.text is None:
            raise wrong_together('find: file takes "service" only with "text"')

    def _check_config(self) -> None:
        place = [self.at, self.within] if self.service else []
        given = [name for name in (self.name, *place) if name is not None]
        if len(given) != 1 or (self.service and self.name):
            raise wrong_together('find: config needs "service" and "at" or "within", or "name"')

    @model_validator(mode="after")
    def _default_fits(self) -> Param:
        for choice in self.choices or []:
            if not self._is_of_type(choice):
                kind = KINDS[self.kind or "str"]
                raise ValueError(f'"choices" holds {found(choice)}, which is not {kind}')
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
            raise ValueError(f"expected {self.expected}, found {_found(value)}")

    def _is_of_type(self, value: Any) -> bool:
        if self.kind is None:
            return True
        if self.kind == "list":
            return isinstance(value, list) and all(isinstance(item, str) for item in value)
        if self.kind in {"int", "float"} and isinstance(value, bool):
            return False
        kinds: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "bool": bool}
        return isinstance(value, kinds[self.kind])


def _found(value: Any) -> str:
    if isinstance(value, list):
        for item in value:
            if not isinstance(item, str):
                return f"a list that holds {found(item)}"
    return found(value)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else scalar_text(value)


def _holds_template(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_holds_template, value))
    return isinstance(value, str) and has_template(value)
