"""Environment variables of a service, in list form (`- NAME=value`) or mapping form.

Compose spec, «environment»: https://docs.docker.com/reference/compose-file/services/#environment.
A variable without a value hands through what the operator's settings say.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, WithJsonSchema

from patchkit.draft import NoMatch
from patchkit.draft.field import KeyedField, Overrides
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.given import given, with_default
from patchkit.spec.fields import ScalarText
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft

_PATHS = (("environment",),)
_JSON_SCHEMA = {"type": ["string", "number", "boolean", "null"]}

Value = Annotated[ScalarText | None, WithJsonSchema(_JSON_SCHEMA)]


class EnvironmentSet(OpModel):
    """Set environment variables of a service, in the form (list or mapping) that the file uses.

    A variable that stands somewhere is changed there, in its quotes; a new one goes next to the
    variables that share its prefix, in the file that defines the service. A variable that
    stands in several files is refused unless `file` or `overrides` says what is meant.
    Variables that an `env_file` brings are not seen.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    variables: dict[str, Value] = Field(
        description="Names and values; null hands the operator's own value through.",
        examples=[{"SMTP_PORT": "${SMTP_PORT:-587}", "SMTP_USER": None}],
        min_length=1,
    )
    file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )
    overrides: Overrides = Field(
        default="error",
        description="When several files hold a variable: refuse, or `remove` what overlays set, "
        "so that it stands where the service is defined.",
    )


class EnvironmentUnset(OpModel):
    """Remove environment variables of a service from every compose file that sets them.

    An overlay cannot take a variable away, so each is cut where it stands. A name may hold `*`.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    names: list[str] = Field(
        description="Variable names, or patterns with `*`; each must be there, unless optional.",
        examples=[["SIDEKIQ_*"]],
        min_length=1,
    )
    file: str | None = Field(
        default=None, description="Only in this compose file.", examples=["compose.smtp.yml"]
    )


class EnvironmentMove(OpModel):
    """Move environment variables from one service to another, with their quotes and comments.

    Each stays in the file that it stands in. A variable that the other service has with another
    value is refused.
    """

    service: str = Field(description="The service that has the variables.", examples=["sidekiq"])
    to: str = Field(description="The service that gets them.", examples=["app"])
    names: list[str] = Field(
        description="Variable names, or patterns with `*`; each must be there.",
        examples=[["SMTP_*"]],
        min_length=1,
    )


class EnvironmentRename(OpModel):
    """Rename environment variables of a service in every compose file; values and places stay.

    With `optional: true` names that the service does not have are passed over.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    names: dict[str, str] = Field(
        description="Each variable's name and its new one.",
        examples=[{"DATABASE_HOST": "DB_HOST"}],
        min_length=1,
    )


class EnvironmentDefault(OpModel):
    """Give variables in a service's environment a default, where nothing else gives them a value.

    `${NAME}` becomes `${NAME:-default}` for each variable that neither `.env.sample` nor `abra.sh`
    knows and abra does not set. An empty default keeps what is so without one, and says that it is
    meant.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    default: ScalarText = Field(
        default="", description="The default of each of them.", examples=["100M"]
    )
    names: list[str] = Field(
        default=["*"],
        description="The variables that are meant: names, or patterns with `*`.",
        examples=[["UPLOAD_LIMIT"]],
        min_length=1,
    )


def environment_set(draft: Draft, step: EnvironmentSet) -> Changed | Unchanged:
    """Set each variable where it stands, or where the service is defined."""
    field = _environment(draft, step.service)
    changed = [
        name
        for name, value in step.variables.items()
        if field.set(name, value, step.file, overrides=step.overrides)
    ]
    if not changed:
        return Unchanged(f"{step.service} has these variables already")
    return Changed(f"set {', '.join(changed)} of {step.service}")


def environment_unset(draft: Draft, step: EnvironmentUnset) -> Changed:
    """Cut each variable out of every file."""
    field = _environment(draft, step.service)
    patterns = field.present(step.names, step.file) if step.optional else step.names
    cut = [name for pattern in patterns for name in field.unset(pattern, step.file)]
    if not cut:
        raise NoMatch(f"{step.service} has none of {', '.join(step.names)}")
    return Changed(f"removed {', '.join(cut)} of {step.service}")


def environment_move(draft: Draft, step: EnvironmentMove) -> Changed | Unchanged:
    """Move each variable within the file that it stands in."""
    field, other = _environment(draft, step.service), _environment(draft, step.to)
    moved = [name for pattern in step.names for name in field.move(other, pattern)]
    if not moved:
        return Unchanged(f"{step.to} has these variables already")
    return Changed(f"moved {', '.join(moved)} from {step.service} to {step.to}")


def environment_rename(draft: Draft, step: EnvironmentRename) -> Changed | Unchanged:
    """Rename each variable where it stands."""
    field = _environment(draft, step.service)
    present = {entry.key for entry in field.entries()}
    names = {o: n for o, n in step.names.items() if o in present or not step.optional}
    renamed = [old for old, new in names.items() if field.rename(old, new)]
    if not renamed:
        return Unchanged(f"{step.service} has none of {', '.join(step.names)} any more")
    return Changed(f"renamed {', '.join(renamed)} of {step.service}")


def environment_default(draft: Draft, step: EnvironmentDefault) -> Changed | Unchanged:
    """Write the default into each value that uses such a variable."""
    field, known = _environment(draft, step.service), given(draft.recipe)
    done: dict[str, None] = {}

    def default(name: str) -> str | None:
        meant = any(fnmatchcase(name, pattern) for pattern in step.names)
        if name in known or not meant:
            return None
        done[name] = None
        return step.default

    for entry in field.entries():
        value = entry.value and with_default(entry.value, default)
        if value != entry.value:
            field.set(entry.key, value, entry.file)
    if not done:
        return Unchanged(f"every variable of {step.service} has a value or a default")
    return Changed(f"gave {', '.join(done)} of {step.service} a default")


def _environment(draft: Draft, service: str) -> KeyedField:
    return KeyedField(draft, service, _PATHS, "variable")


_HEAD = """\
services:
  app:
    image: nginx:1.27
    environment:
      - DOMAIN
      - SMTP_HOST=mail.example.com
"""
_PORT = "      - SMTP_PORT=587\n"
_WORKER = "  worker:\n    image: nginx:1.27\n"

OPS = {
    "set": Op(
        "environment.set",
        EnvironmentSet,
        environment_set,
        Example(
            step='op: environment.set\nservice: app\nvariables:\n  SMTP_PORT: "587"\n',
            before={"compose.yml": _HEAD},
            after={"compose.yml": _HEAD + _PORT},
        ),
    ),
    "unset": Op(
        "environment.unset",
        EnvironmentUnset,
        environment_unset,
        Example(
            step="op: environment.unset\nservice: app\nnames: [SMTP_PORT]\n",
            before={"compose.yml": _HEAD + _PORT},
            after={"compose.yml": _HEAD},
        ),
    ),
    "move": Op(
        "environment.move",
        EnvironmentMove,
        environment_move,
        Example(
            step="op: environment.move\nservice: app\nto: worker\nnames: [SMTP_PORT]\n",
            before={"compose.yml": _HEAD + _PORT + _WORKER},
            after={"compose.yml": _HEAD + _WORKER + "    environment:\n" + _PORT},
        ),
    ),
    "rename": Op(
        "environment.rename",
        EnvironmentRename,
        environment_rename,
        Example(
            step="op: environment.rename\nservice: app\nnames: {SMTP_HOST: MAIL_HOST}\n",
            before={"compose.yml": _HEAD},
            after={"compose.yml": _HEAD.replace("SMTP_HOST", "MAIL_HOST")},
        ),
    ),
    "default": Op(
        "environment.default",
        EnvironmentDefault,
        environment_default,
        Example(
            step="op: environment.default\nservice: app\ndefault: 100M\n",
            before={"compose.yml": f"{_HEAD}      - LIMIT=${{UPLOAD_LIMIT}} # per file\n"},
            after={"compose.yml": f"{_HEAD}      - LIMIT=${{UPLOAD_LIMIT:-100M}} # per file\n"},
        ),
    ),
}
