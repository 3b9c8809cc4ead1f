"""Volumes: the data of services that outlives their containers.

Compose spec, «volumes», at the top level and in services: short and long syntax.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from patchkit.draft import missing, uses
from patchkit.draft.leftovers import drop_volume_if_unused
from patchkit.draft.sections import define
from patchkit.errors import EditRefused
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.find import same_path
from patchkit.recipe.forms import mounts
from patchkit.recipe.model import BASE
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.draft.uses import Use


class VolumeAdd(OpModel):
    """Add a volume to a service: its mount, and its entry at the top level.

    Both go into the compose file that defines the service; the mount in the short syntax unless
    its neighbours are long. A volume that the recipe has already is just mounted. It is refused
    when the service has something else at the target.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    name: str = Field(
        description="The volume's key.", examples=["data"], pattern=r"^[a-zA-Z0-9][a-zA-Z0-9._-]*$"
    )
    target: str = Field(
        description="The absolute path in the container.",
        examples=["/var/lib/data"],
        pattern=r"^[/$]",
    )
    read_only: bool = Field(
        default=False, description="Whether the container may only read the volume."
    )
    compose_file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )


class VolumeRemove(OpModel):
    """Remove a mount from a service in every compose file.

    When nothing uses the volume any more, its entry at the top level and its backup labels go
    as well. The data stays on the server: `release/next` tells the operator which command
    removes it.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    name: str | None = Field(
        default=None, description="The volume's key; all its mounts go.", examples=["cache"]
    )
    at: str | None = Field(
        default=None, description="The path in the container.", examples=["/var/cache/app"]
    )

    @model_validator(mode="after")
    def _named(self) -> VolumeRemove:
        if self.name is None and self.at is None:
            raise wrong_together('volume.remove needs "name" or "at"')
        return self


def volume_add(draft: Draft, step: VolumeAdd) -> Changed | Unchanged:
    """Define the volume and mount it, as far as that is not done yet."""
    before = draft.tree
    home = uses.home(draft, step.service, step.compose_file)
    uses.require_free(draft, "volumes", step.service, step.name, step.target)
    define(draft, "volumes", step.name, None, home)
    _mount(draft, step, home)
    if draft.tree == before:
        return Unchanged(f"{step.service} has the volume {step.name} at {step.target} already")
    return Changed(f"added the volume {step.name} at {step.target} of {step.service}")


def volume_remove(draft: Draft, step: VolumeRemove) -> Changed:
    """Cut the mounts, then the volumes that nothing uses any more."""
    draft.require_service(step.service)
    held = uses.uses(draft.recipe, "volumes", step.service)
    cut = uses.cut(
        draft, "volumes", lambda use: use.service == step.service and _is_meant(step, use)
    )
    if not cut:
        raise _not_mounted(step, held)
    dropped = [
        sentence
        for source in dict.fromkeys(use.source for use in cut)
        for sentence in drop_volume_if_unused(draft, source)
    ]
    spots = ", ".join(dict.fromkeys(f"the {use.name} at {use.target}" for use in cut))
    return Changed("; ".join([f"removed {spots} from {step.service}", *dropped]))


def _mount(draft: Draft, step: VolumeAdd, home: str) -> None:
    for use in uses.uses(draft.recipe, "volumes", step.service):
        same = use.source == step.name and same_path(use.target, step.target)
        if not same or use.file not in {home, BASE}:
            continue
        if mounts({"volumes": [use.entry]})[0].read_only != step.read_only:
            raise EditRefused(
                f"{step.service} has the volume {step.name} at {step.target}"
                f" {'to write as well' if step.read_only else 'read-only'}",
                place=uses.place(draft, use),
                hint="remove that mount first with volume.remove",
            )
        return
    short = f"{step.name}:{step.target}{':ro' if step.read_only else ''}"
    long = {"type": "volume", "source": step.name, "target": step.target}
    flag = {"read_only": True} if step.read_only else {}
    entry = uses.form(draft, "volumes", step.service, home, long=long | flag, short=short)
    uses.add(draft, "volumes", step.service, home, entry)


def _is_meant(step: VolumeRemove, use: Use) -> bool:
    named = step.name in {None, use.source}
    return named and (step.at is None or same_path(use.target, step.at))


def _not_mounted(step: VolumeRemove, held: list[Use]) -> EditRefused:
    if step.name is not None and step.name not in {use.source for use in held}:
        known = dict.fromkeys(use.source for use in held)
        return missing(f"volume of {step.service}", step.name, known)
    targets = dict.fromkeys(use.target for use in held)
    return missing(f"volume of {step.service} at", str(step.at), targets)


_TOP = """\
services:
  app:
    image: nginx:1.27
"""
_MOUNT = """\
    volumes:
      - cache:/var/cache/nginx
"""
_DEFINED = """\

volumes:
  cache:
"""

OPS = {
    "add": Op(
        "volume.add",
        VolumeAdd,
        volume_add,
        Example(
            step="op: volume.add\nservice: app\nname: cache\ntarget: /var/cache/nginx\n",
            before={"compose.yml": _TOP},
            after={"compose.yml": _TOP + _MOUNT + _DEFINED},
        ),
    ),
    "remove": Op(
        "volume.remove",
        VolumeRemove,
        volume_remove,
        Example(
            step="op: volume.remove\nservice: app\nat: /var/cache/nginx\n",
            before={"compose.yml": _TOP + _MOUNT + _DEFINED},
            after={"compose.yml": _TOP},
        ),
    ),
}
