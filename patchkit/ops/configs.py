"""Configs: files of the recipe that Swarm puts into containers, read-only and versioned.

Co-op Cloud docs, «Managing configs»: the name of each carries a version that `abra.sh` exports.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from patchkit.draft import missing, uses
from patchkit.draft.leftovers import drop_config_if_unused
from patchkit.draft.sections import define, definitions
from patchkit.edit import shell
from patchkit.edit.yaml.values import WrittenInt
from patchkit.errors import EditRefused, Place
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.configs import configs, exports, version_variable
from patchkit.recipe.find import same_path
from patchkit.recipe.model import ABRA_SH, BASE
from patchkit.spec.fields import ScalarText, wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.draft.uses import Use

_KEY = r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
_PATH = r"^[/$]"


class ConfigAdd(OpModel):
    """Add a config to a service: its file, its entry at the top level, and its mount.

    The content is `text`, a `template`, or a file that the recipe has already. Entry and mount
    go into the compose file that defines the service; a config that other overlays define is
    used as it is. The version is exported in `abra.sh` by a closing rule. It is refused when
    the service has something else at the target, when the config is another one already, or
    when the file is there with another content.
    """

    service: str = Field(description="The service's Compose key.", examples=["db"])
    name: str = Field(description="The config's key.", examples=["pg_backup"], pattern=_KEY)
    target: str = Field(
        description="The absolute path in the container.",
        examples=["/pg_backup.sh"],
        pattern=_PATH,
    )
    file: str | None = Field(
        default=None,
        description="The recipe's file with the content. Without it: the name, with the ending"
        " of the target, and `.tmpl` for a template of Swarm's.",
        examples=["pg_backup.sh"],
    )
    text: str | None = Field(
        default=None, description="The content.", examples=["#!/bin/sh\nexec nginx\n"]
    )
    template: str | None = Field(
        default=None,
        description="The template that makes the content.",
        examples=["pg_backup.sh.j2"],
    )
    mode: str | None = Field(
        default=None,
        description="The permission bits in the container, octal.",
        examples=["0555"],
        pattern=r"^0?[0-7]{3}$",
    )
    template_driver: Literal["golang"] | None = Field(
        default=None, description="`golang` when Swarm shall fill in the content's templates."
    )
    compose_file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )

    @model_validator(mode="after")
    def _one_content(self) -> ConfigAdd:
        if self.text is not None and self.template is not None:
            raise wrong_together('config.add takes either "text" or "template"')
        return self


class ConfigRemove(OpModel):
    """Remove a config from a service, or from all, in every compose file.

    When nothing uses it any more its entry at the top level, its file and its export in
    `abra.sh` go as well, unless another config needs them.
    """

    name: str = Field(description="The config's key.", examples=["pg_backup"])
    service: str | None = Field(
        default=None, description="The service; without it, every service.", examples=["db"]
    )


class ConfigRetarget(OpModel):
    """Mount a config of a service at another path, in every compose file that mounts it there.

    Docker takes the entry of an overlay in place of the base's entry of the same config, so all
    follow. An entry in the short syntax becomes long; mode and owner stay.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    name: str | None = Field(default=None, description="The config's key.", examples=["app_ini"])
    at: str | None = Field(
        default=None, description="The path where it is now.", examples=["/etc/gitea/app.ini"]
    )
    to: str = Field(
        description="The absolute path where it shall be.",
        examples=["/etc/templates/app.ini"],
        pattern=_PATH,
    )

    @model_validator(mode="after")
    def _named(self) -> ConfigRetarget:
        if self.name is None and self.at is None:
            raise wrong_together('config.retarget needs "name" or "at"')
        return self


class ConfigVersion(OpModel):
    """Give a config a name that carries a version, and export that in `abra.sh`.

    A name that has a version already stays as it is; one that is exported already is not
    raised. A config that several compose files define is refused.
    """

    name: str = Field(description="The config's key.", examples=["robots_txt"])
    version: ScalarText = Field(
        default="v1", description="The version of its text.", examples=["v1"]
    )


def config_version(draft: Draft, step: ConfigVersion) -> Changed | Unchanged:
    """Set the name and the export, as far as that is not done yet."""
    known = configs(draft.recipe)
    if step.name not in known:
        raise missing("config", step.name, known)
    homes = list(definitions(draft.recipe, "configs", step.name))
    variable = known[step.name].variable or version_variable(step.name)
    before = draft.tree
    if known[step.name].variable is None:
        if len(homes) > 1:
            path = ("configs", step.name)
            raise EditRefused(
                f"{' and '.join(homes)} define the config {step.name}",
                place=draft.recipe.place(homes[1], path),
                hint="keep one of them",
            )
        name = f"${{STACK_NAME}}_{step.name}_${{{variable}}}"
        at = ("configs", step.name, "name")
        draft.edit_yaml(homes[0], lambda editor: editor.set(at, name))
    if variable not in exports(draft.recipe):
        text = draft.tree.text(ABRA_SH) if ABRA_SH in draft.tree else ""
        draft.save(ABRA_SH, shell.set_export(text, variable, step.version, path=ABRA_SH))
    if draft.tree == before:
        return Unchanged(f"the config {step.name} has its version {variable} already")
    return Changed(f"gave the config {step.name} the version {variable}={step.version}")


def config_add(draft: Draft, step: ConfigAdd) -> Changed | Unchanged:
    """Write the file, define the config and mount it, as far as that is not done yet."""
    before = draft.tree
    home = uses.home(draft, step.service, step.compose_file)
    uses.require_free(draft, "configs", step.service, step.name, step.target)
    file = _file(draft, step)
    _write(draft, step, file)
    body = {"name": f"${{STACK_NAME}}_{step.name}_${{{version_variable(step.name)}}}", "file": file}
    if step.template_driver:
        body["template_driver"] = step.template_driver
    define(draft, "configs", step.name, body, home)
    _mount(draft, step, home)
    if draft.tree == before:
        return Unchanged(f"{step.service} has the config {step.name} at {step.target} already")
    return Changed(f"added the config {step.name} at {step.target} of {step.service}")


def config_remove(draft: Draft, step: ConfigRemove) -> Changed:
    """Cut the mounts, then what nothing uses any more."""
    if step.service is not None:
        draft.require_service(step.service)
    mounted = uses.uses(draft.recipe, "configs", step.service)
    cut = uses.cut(
        draft,
        "configs",
        lambda use: use.source == step.name and step.service in {None, use.service},
    )
    dropped = drop_config_if_unused(draft, step.name) if cut or step.service is None else []
    if not cut and not dropped:
        owner = f" of {step.service}" if step.service else ""
        known = dict.fromkeys(use.source for use in mounted)
        raise missing(
            f"config{owner}", step.name, known if step.service else draft.recipe.section("configs")
        )
    services = ", ".join(dict.fromkeys(use.service for use in cut))
    done = [f"removed the config {step.name} from {services}"] if cut else []
    return Changed("; ".join([*done, *dropped]))


def config_retarget(draft: Draft, step: ConfigRetarget) -> Changed | Unchanged:
    """Change the target of every mount that is meant."""
    draft.require_service(step.service)
    mounted = uses.uses(draft.recipe, "configs", step.service)
    named = [use for use in mounted if step.name in {None, use.source}]
    stale = [use for use in named if not same_path(use.target, step.to)]
    meant = [use for use in stale if step.at is None or same_path(use.target, step.at)]
    if not meant and len(stale) < len(named):
        return Unchanged(f"{step.service} has it at {step.to} already")
    if not meant:
        raise _not_mounted(step, mounted)
    _require_one(draft, step, meant)
    uses.require_free(draft, "configs", step.service, meant[0].source, step.to)
    for use in meant:
        uses.change(draft, use, "target", step.to)
    return Changed(f"mounted the config {meant[0].source} of {step.service} at {step.to}")


def _file(draft: Draft, step: ConfigAdd) -> str:
    """Return the path of the content; a config that is there must be what the step says."""
    known = definitions(draft.recipe, "configs", step.name)
    if not known:
        return posixpath.normpath(step.file or _default_file(step))
    defined_in, body = next(iter(known.items()))
    file = posixpath.normpath(str(body.get("file")))
    same_file = step.file is None or posixpath.normpath(step.file) == file
    if "file" in body and same_file and body.get("template_driver") == step.template_driver:
        return file
    raise EditRefused(
        f"there is a config {step.name} already, and it is another one",
        place=draft.recipe.place(defined_in, ("configs", step.name)),
        hint="choose another name, or say `file` and `template_driver` as they stand there",
    )


def _default_file(step: ConfigAdd) -> str:
    ending = posixpath.splitext(step.target)[1]
    stem = step.name.removesuffix(ending.replace(".", "_"))
    return stem + ending + (".tmpl" if step.template_driver else "")


def _write(draft: Draft, step: ConfigAdd, file: str) -> None:
    text = draft.template(step.template) if step.template is not None else step.text
    if file not in draft.tree:
        if text is None:
            raise EditRefused(
                f"the recipe has no file {file!r} for the config {step.name}",
                hint="give its content with `text` or `template`, or name the `file`",
            )
        draft.save(file, text)
    elif text is not None and draft.tree.read(file) != text.encode():
        raise EditRefused(
            f"{file} is there already with another content",
            place=Place(file),
            hint="choose another `file`, or change that one with text.replace or file.add",
        )


def _mount(draft: Draft, step: ConfigAdd, home: str) -> None:
    mine = [
        use for use in uses.uses(draft.recipe, "configs", step.service) if use.source == step.name
    ]
    for use in mine:
        if not same_path(use.target, step.target):
            raise EditRefused(
                f"{step.service} has the config {step.name} at {use.target}",
                place=uses.place(draft, use),
                hint="move it with config.retarget",
            )
    here = [use for use in mine if use.file in {home, BASE}]
    mode = _mode(step.mode) if step.mode else {}
    if not here:
        long = {"source": step.name, "target": step.target} | mode
        entry = uses.form(draft, "configs", step.service, home, long=long)
        uses.add(draft, "configs", step.service, home, entry)
    elif mode and not (isinstance(here[-1].entry, dict) and mode.items() <= here[-1].entry.items()):
        uses.change(draft, here[-1], "mode", mode["mode"])


def _mode(octal: str) -> dict[str, WrittenInt]:
    """Return the field `mode`: an integer, written with one zero in front as recipes have it."""
    text = f"0{octal.removeprefix('0')}"
    mode = WrittenInt(text, 8)
    mode.text = text
    return {"mode": mode}


def _not_mounted(step: ConfigRetarget, mounted: list[Use]) -> EditRefused:
    if step.name is not None and step.name not in {use.source for use in mounted}:
        known = dict.fromkeys(use.source for use in mounted)
        return missing(f"config of {step.service}", step.name, known)
    targets = dict.fromkeys(use.target for use in mounted)
    return missing(f"config of {step.service} at", step.at or step.to, targets)


def _require_one(draft: Draft, step: ConfigRetarget, meant: list[Use]) -> None:
    """Refuse when a name means several targets, or a target several configs."""
    if len({(use.source, use.target) for use in meant}) > 1:
        spots = ", ".join(f"{u.source} at {u.target} ({uses.place(draft, u)})" for u in meant)
        raise EditRefused(
            f"more than one config of {step.service} is meant: {spots}",
            place=uses.place(draft, meant[0]),
            hint="say both `name` and `at`",
        )


_TOP = """\
services:
  app:
    image: nginx:1.27
"""
_MOUNT = """\
    configs:
      - source: nginx_conf
        target: /etc/nginx/nginx.conf
        mode: 0444
"""
_DEFINED = """\

configs:
  nginx_conf:
    name: ${STACK_NAME}_nginx_conf_${NGINX_CONF_VERSION}
    file: nginx.conf
"""
_NAME = "    name: ${STACK_NAME}_nginx_conf_${NGINX_CONF_VERSION}\n"
_UNVERSIONED = _DEFINED.replace(_NAME, "")

OPS = {
    "add": Op(
        "config.add",
        ConfigAdd,
        config_add,
        Example(
            step="op: config.add\nservice: app\nname: nginx_conf\ntarget: /etc/nginx/nginx.conf\n"
            'mode: "0444"\ntext: |\n  events {}\n',
            before={"compose.yml": _TOP},
            after={"compose.yml": _TOP + _MOUNT + _DEFINED, "nginx.conf": "events {}\n"},
        ),
    ),
    "remove": Op(
        "config.remove",
        ConfigRemove,
        config_remove,
        Example(
            step="op: config.remove\nname: nginx_conf\n",
            before={
                "compose.yml": _TOP + _MOUNT + _DEFINED,
                "abra.sh": "export NGINX_CONF_VERSION=v1\nexport OTHER_VERSION=v2\n",
                "nginx.conf": "events {}\n",
            },
            after={
                "compose.yml": _TOP,
                "abra.sh": "export OTHER_VERSION=v2\n",
                "nginx.conf": None,
            },
        ),
    ),
    "retarget": Op(
        "config.retarget",
        ConfigRetarget,
        config_retarget,
        Example(
            step="op: config.retarget\nservice: app\nat: /etc/nginx/nginx.conf\nto: /nginx.conf\n",
            before={"compose.yml": _TOP + _MOUNT + _DEFINED},
            after={
                "compose.yml": _TOP
                + _MOUNT.replace("/etc/nginx/nginx.conf", "/nginx.conf")
                + _DEFINED
            },
        ),
    ),
    "version": Op(
        "config.version",
        ConfigVersion,
        config_version,
        Example(
            step="op: config.version\nname: nginx_conf\n",
            before={"compose.yml": _TOP + _MOUNT + _UNVERSIONED},
            after={
                "compose.yml": _TOP + _MOUNT + _UNVERSIONED + _NAME,
                "abra.sh": "export NGINX_CONF_VERSION=v1\n",
            },
        ),
    ),
}
