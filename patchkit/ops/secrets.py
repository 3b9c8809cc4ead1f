"""Secrets: what the operator creates on the server and Swarm puts below `/run/secrets`.

Co-op Cloud docs, «Managing secrets»: external, with the version in `.env.sample` in the name.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

from pydantic import Field, model_validator

from patchkit.draft import missing, sections, uses
from patchkit.draft.field import KeyedField
from patchkit.draft.leftovers import drop_secret_if_unused
from patchkit.edit import dotenv
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.configs import version_variable
from patchkit.recipe.find import same_path
from patchkit.recipe.model import BASE, ENV_SAMPLE
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.draft.uses import Use

MAX_NAME = 12

_FIRST = "v1"
_FOLDER = "/run/secrets"
_DEFAULT = re.compile(r"\$\{SECRET_\w+:-")
_ENVIRONMENT = (("environment",),)


class SecretAdd(OpModel):
    """Add a secret to a service: its use, its entry at the top level, its version.

    Use and entry go into the compose file that defines the service, the version into
    `.env.sample`: on offer only, when that file is an overlay that is not switched on. A secret
    that the recipe has already is just used. The version has a default if those of most other
    secrets have one. A new name of more than 12 characters is refused: the full name of a
    secret may have 64, and the stack's name is in it.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    name: str = Field(
        description="The secret's key.",
        examples=["db_password"],
        pattern=r"^[a-zA-Z0-9][a-zA-Z0-9_-]*$",
    )
    length: int | None = Field(
        default=None, description="How many characters abra shall generate.", examples=[32], gt=0
    )
    environment: str | None = Field(
        default=None,
        description="The variable of the service that gets the secret's path.",
        examples=["DB_PASSWORD_FILE"],
    )
    target: str | None = Field(
        default=None,
        description="The file's name below `/run/secrets`, or an absolute path.",
        examples=["db_password"],
    )
    allow_long: bool = Field(
        default=False, description="Whether the name may have more than 12 characters."
    )
    compose_file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )


class SecretRemove(OpModel):
    """Remove a secret from a service, or from all, in every compose file.

    When nothing uses it any more its entry at the top level and its version in `.env.sample` go
    as well. Variables that name its path stay: see `environment.unset`.
    """

    name: str = Field(description="The secret's key.", examples=["smtp_password"])
    service: str | None = Field(
        default=None, description="The service; without it, every service.", examples=["app"]
    )


class SecretMove(OpModel):
    """Move secrets from one service to another, file by file, as they are written.

    The variables that hold a secret's path move along. A use that the other service has
    already, in the same file or in the base, is just cut. An overlay that lacks the other
    service gets a block for it. Comments of a moved entry are not kept.
    """

    service: str = Field(description="The service that has them.", examples=["sidekiq"])
    to: str = Field(description="The service that gets them.", examples=["app"])
    name: str | None = Field(
        default=None, description="The secret's key.", examples=["smtp_password"]
    )
    names: list[str] | None = Field(
        default=None,
        description="The keys of several secrets.",
        min_length=1,
        examples=[["smtp_password", "db_password"]],
    )
    environment: list[str] | None = Field(
        default=None,
        description="The variables that move along. Without it: those whose value is the path"
        " of a moved secret.",
        examples=[["SMTP_PASSWORD_FILE"]],
    )

    @model_validator(mode="after")
    def _named(self) -> SecretMove:
        if (self.name is None) == (self.names is None):
            raise wrong_together('secret.move needs either "name" or "names"')
        return self

    @property
    def keys(self) -> list[str]:
        """The secrets' keys."""
        return [self.name] if self.name is not None else list(self.names or [])


def secret_add(draft: Draft, step: SecretAdd) -> Changed | Unchanged:
    """Define the secret and let the service use it, as far as that is not done yet."""
    before = draft.tree
    home = uses.home(draft, step.service, step.compose_file)
    if not sections.definitions(draft.recipe, "secrets", step.name):
        _check_length(step)
        variable = f"SECRET_{version_variable(step.name)}"
        _offer(draft, variable, step, home)
        version = _version(draft, variable, home)
        body = {"external": True, "name": f"${{STACK_NAME}}_{step.name}_{version}"}
        sections.define(draft, "secrets", step.name, body, home)
    else:
        sections.define(draft, "secrets", step.name, {}, home)
    path = _use(draft, step, home)
    if step.environment is not None:
        _variables(draft, step.service).set(step.environment, path, step.compose_file)
    if draft.tree == before:
        return Unchanged(f"{step.service} has the secret {step.name} already")
    return Changed(f"added the secret {step.name} to {step.service}")


def secret_remove(draft: Draft, step: SecretRemove) -> Changed:
    """Cut the uses, then what nothing uses any more."""
    if step.service is not None:
        draft.require_service(step.service)
    held = uses.uses(draft.recipe, "secrets", step.service)
    cut = uses.cut(
        draft,
        "secrets",
        lambda use: use.source == step.name and step.service in {None, use.service},
    )
    dropped = drop_secret_if_unused(draft, step.name) if cut or step.service is None else []
    if not cut and not dropped:
        owner = f" of {step.service}" if step.service else ""
        known = dict.fromkeys(use.source for use in held)
        raise missing(
            f"secret{owner}", step.name, known if step.service else draft.recipe.section("secrets")
        )
    services = ", ".join(dict.fromkeys(use.service for use in cut))
    done = [f"removed the secret {step.name} from {services}"] if cut else []
    return Changed("; ".join([*done, *dropped]))


def secret_move(draft: Draft, step: SecretMove) -> Changed | Unchanged:
    """Move each secret within the file that uses it, then the variables."""
    draft.require_service(step.service)
    draft.require_service(step.to)
    moved = _held(draft, step)
    if not moved:
        return Unchanged(f"{step.to} has them, and {step.service} no more")
    for use in moved:
        _give(draft, use, step.to)
    names = _follow(draft, step, moved)
    uses.cut(draft, "secrets", lambda use: use.service == step.service and use.source in step.keys)
    what = ", ".join([*dict.fromkeys(use.source for use in moved), *names])
    return Changed(f"moved {what} from {step.service} to {step.to}")


def _held(draft: Draft, step: SecretMove) -> list[Use]:
    """Return the uses to move; each secret must be with one of the two services."""
    held = uses.uses(draft.recipe, "secrets", step.service)
    theirs = {use.source for use in uses.uses(draft.recipe, "secrets", step.to)}
    known = dict.fromkeys(use.source for use in held)
    for key in step.keys:
        if key not in theirs and key not in known:
            raise missing(f"secret of {step.service}", key, known)
    return [use for use in held if use.source in step.keys]


def _check_length(step: SecretAdd) -> None:
    if len(step.name) > MAX_NAME and not step.allow_long:
        raise EditRefused(
            f"the secret name {step.name!r} has {len(step.name)} characters; with the stack's"
            f" name and the version the full name may not have more than 64",
            hint=f"choose one of at most {MAX_NAME}, or say `allow_long: true`",
        )


def _offer(draft: Draft, variable: str, step: SecretAdd, home: str) -> None:
    """Write the secret's version into `.env.sample`, as active as the compose file is."""
    text = draft.tree.text(ENV_SAMPLE) if ENV_SAMPLE in draft.tree else ""
    commented = home not in draft.recipe.combinations[0]
    found = dotenv.entries(text)
    if any(e.name == variable and commented >= e.commented for e in found):
        return
    new = dotenv.set_value(
        text,
        variable,
        _FIRST,
        comment=None if step.length is None else f"length={step.length}",
        commented=commented,
        after=_above(found, home, commented=commented),
        path=ENV_SAMPLE,
    )
    draft.save(ENV_SAMPLE, new)


def _above(found: list[dotenv.Entry], home: str, *, commented: bool) -> dotenv.Entry | None:
    """Return the last setting of an overlay's own block, which its `COMPOSE_FILE` line opens."""
    block: list[dotenv.Entry] = []
    for entry in found:
        opens = entry.name == "COMPOSE_FILE" and home in entry.value.split(":")
        if opens or (block and entry.name != "COMPOSE_FILE" and entry.line == block[-1].line + 1):
            block = [entry] if opens else [*block, entry]
    own = [entry for entry in block if entry.commented == commented]
    return own[-1] if own and home != BASE else None


def _version(draft: Draft, variable: str, home: str) -> str:
    """Return the version variable as the file's other secrets have it, else the recipe's."""
    names = {
        file: [str(body["name"]) for body in _secrets(data) if body.get("name")]
        for file, data in draft.recipe.data.items()
    }
    siblings = names[home] or [name for each in names.values() for name in each]
    defaults = [name for name in siblings if _DEFAULT.search(name)]
    return f"${{{variable}:-{_FIRST}}}" if 2 * len(defaults) > len(siblings) else f"${{{variable}}}"


def _secrets(data: dict[str, Any]) -> list[dict[str, Any]]:
    section = data.get("secrets")
    bodies = section.values() if isinstance(section, dict) else ()
    return [body for body in bodies if isinstance(body, dict)]


def _use(draft: Draft, step: SecretAdd, home: str) -> str:
    """Let the service use the secret; return the path of its file in the container."""
    path = posixpath.join(_FOLDER, step.target or step.name)
    mine = [u for u in uses.uses(draft.recipe, "secrets", step.service) if u.source == step.name]
    for use in mine:
        if step.target is not None and not same_path(use.target, path):
            raise EditRefused(
                f"{step.service} has the secret {step.name} at {use.target}",
                place=uses.place(draft, use),
                hint="remove it first, or leave `target` out",
            )
    here = [use for use in mine if use.file in {home, BASE}]
    if here:
        return here[-1].target
    uses.require_free(draft, "secrets", step.service, step.name, path)
    long = {"source": step.name, "target": step.target or step.name}
    short = "" if step.target else step.name
    entry = uses.form(draft, "secrets", step.service, home, long=long, short=short)
    uses.add(draft, "secrets", step.service, home, entry)
    return path


def _give(draft: Draft, use: Use, service: str) -> None:
    """Give another service the same use in the same file, unless it has it there."""
    theirs = [u for u in uses.uses(draft.recipe, "secrets", service) if u.source == use.source]
    here = [other for other in theirs if other.file in {use.file, BASE}]
    for other in here:
        if not same_path(other.target, use.target):
            raise EditRefused(
                f"{service} has the secret {use.source} at {other.target}, not at {use.target}",
                place=uses.place(draft, other),
                hint="give both services the same target first",
            )
    if not here:
        uses.require_free(draft, "secrets", service, use.source, use.target)
        uses.add(draft, "secrets", service, use.file, uses.written(draft, use))


def _follow(draft: Draft, step: SecretMove, moved: list[Use]) -> list[str]:
    """Move the variables that the secrets need; return their names."""
    source, to = _variables(draft, step.service), _variables(draft, step.to)
    paths = {use.target for use in moved}
    held = [entry.key for entry in source.entries() if entry.value in paths]
    names = dict.fromkeys(held if step.environment is None else step.environment)
    return [key for name in names for key in source.move(to, name)]


def _variables(draft: Draft, service: str) -> KeyedField:
    return KeyedField(draft, service, _ENVIRONMENT, "variable")


_TOP = """\
services:
  app:
    image: nginx:1.27
"""
_DB = """\

  db:
    image: postgres:16
"""
_USE = """\
    secrets:
      - db_password
"""
_VARIABLE = """\
    environment:
      - POSTGRES_PASSWORD_FILE=/run/secrets/db_password
"""
_DEFINED = """\

secrets:
  db_password:
    external: true
    name: ${STACK_NAME}_db_password_${SECRET_DB_PASSWORD_VERSION}
"""

OPS = {
    "add": Op(
        "secret.add",
        SecretAdd,
        secret_add,
        Example(
            step="op: secret.add\nservice: db\nname: db_password\nlength: 32\n"
            "environment: POSTGRES_PASSWORD_FILE\n",
            before={"compose.yml": _TOP + _DB, ".env.sample": "TYPE=forum\n"},
            after={
                "compose.yml": _TOP + _DB + _USE + _VARIABLE + _DEFINED,
                ".env.sample": "TYPE=forum\nSECRET_DB_PASSWORD_VERSION=v1 # length=32\n",
            },
        ),
    ),
    "remove": Op(
        "secret.remove",
        SecretRemove,
        secret_remove,
        Example(
            step="op: secret.remove\nname: db_password\n",
            before={
                "compose.yml": _TOP + _USE + _DEFINED,
                ".env.sample": "TYPE=forum\nSECRET_DB_PASSWORD_VERSION=v1 # length=32\n",
            },
            after={"compose.yml": _TOP, ".env.sample": "TYPE=forum\n"},
        ),
    ),
    "move": Op(
        "secret.move",
        SecretMove,
        secret_move,
        Example(
            step="op: secret.move\nservice: app\nto: db\nname: db_password\n",
            before={"compose.yml": _TOP + _VARIABLE + _USE + _DB + _DEFINED},
            after={"compose.yml": _TOP + _DB + _USE + _VARIABLE + _DEFINED},
        ),
    ),
}
