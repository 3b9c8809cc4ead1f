"""Labels of a service: `deploy.labels`, where Swarm, traefik and backup-bot-two read them.

Compose spec, «deploy.labels»; list form (`- key=value`) and mapping form are kept as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from patchkit.draft import NoMatch
from patchkit.draft.field import KeyedField, Overrides
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.spec.fields import ScalarText
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft

_PATHS = (("deploy", "labels"), ("labels",))


class LabelsSet(OpModel):
    """Set deploy labels of a service, in the form (list or mapping) that the file uses.

    A label that stands somewhere is changed there, in its quotes; a new one goes next to the
    labels that share its prefix, in the file that defines the service. A label that stands in
    several files is refused unless `file` or `overrides` says what is meant. A name with `*`
    means every label that is there and matches.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    labels: dict[str, ScalarText] = Field(
        description="Label names and values; `$` in a hook is written `$$`.",
        examples=[{"backupbot.backup": "true"}],
        min_length=1,
    )
    file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )
    overrides: Overrides = Field(
        default="error",
        description="When several files hold a label: refuse, or `remove` what overlays set, "
        "so that it stands where the service is defined.",
    )


class LabelsUnset(OpModel):
    """Remove deploy labels of a service from every compose file that sets them.

    An overlay cannot take a label away, so each is cut where it stands. A name may hold `*`.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    labels: list[str] = Field(
        description="Label names, or patterns with `*`; each must be there, unless optional.",
        examples=[["backupbot.backup.path"]],
        min_length=1,
    )
    file: str | None = Field(
        default=None, description="Only in this compose file.", examples=["compose.smtp.yml"]
    )


class LabelsMove(OpModel):
    """Move deploy labels from one service to another, with their quotes and comments.

    Each stays in the file that it stands in. A label that the other service has with another
    value is refused.
    """

    service: str = Field(description="The service that has the labels.", examples=["app"])
    to: str = Field(description="The service that gets them.", examples=["caddy"])
    labels: list[str] = Field(
        description="Label names, or patterns with `*`; each must be there.",
        examples=[["coop-cloud.*"]],
        min_length=1,
    )


class LabelsRename(OpModel):
    """Rename labels of a service in every compose file; values, places and comments stay.

    With `optional: true` names that the service does not have are passed over.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    labels: dict[str, str] = Field(
        description="Each label's name and its new one.",
        examples=[{"backupbot.backup.path": "backupbot.backup.volumes.data.path"}],
        min_length=1,
    )


def labels_rename(draft: Draft, step: LabelsRename) -> Changed | Unchanged:
    """Rename each label where it stands."""
    field = _labels(draft, step.service)
    present = {entry.key for entry in field.entries()}
    names = {old: new for old, new in step.labels.items() if old in present or not step.optional}
    renamed = [old for old, new in names.items() if field.rename(old, new)]
    if not renamed:
        return Unchanged(f"{step.service} has none of {', '.join(step.labels)} any more")
    return Changed(f"renamed {', '.join(renamed)} of {step.service}")


def labels_set(draft: Draft, step: LabelsSet) -> Changed | Unchanged:
    """Set each label where it stands, or where the service is defined."""
    field = _labels(draft, step.service)
    changed = [
        label
        for name, value in step.labels.items()
        for label in _meant(field, name, step.file)
        if field.set(label, value, step.file, overrides=step.overrides)
    ]
    if not changed:
        return Unchanged(f"{step.service} has these labels already")
    return Changed(f"set {', '.join(changed)} of {step.service}")


def labels_unset(draft: Draft, step: LabelsUnset) -> Changed:
    """Cut each label out of every file."""
    field = _labels(draft, step.service)
    patterns = field.present(step.labels, step.file) if step.optional else step.labels
    cut = [key for pattern in patterns for key in field.unset(pattern, step.file)]
    if not cut:
        raise NoMatch(f"{step.service} has none of {', '.join(step.labels)}")
    return Changed(f"removed {', '.join(cut)} of {step.service}")


def labels_move(draft: Draft, step: LabelsMove) -> Changed | Unchanged:
    """Move each label within the file that it stands in."""
    field, other = _labels(draft, step.service), _labels(draft, step.to)
    moved = [key for pattern in step.labels for key in field.move(other, pattern)]
    if not moved:
        return Unchanged(f"{step.to} has these labels already")
    return Changed(f"moved {', '.join(moved)} from {step.service} to {step.to}")


def _meant(field: KeyedField, name: str, file: str | None) -> list[str]:
    """Return the labels that a name or a pattern means."""
    if "*" not in name:
        return [name]
    return list(dict.fromkeys(entry.key for entry in field.matching(name, file)))


def _labels(draft: Draft, service: str) -> KeyedField:
    return KeyedField(draft, service, _PATHS, "label")


_HEAD = """\
services:
  app:
    image: nginx:1.27
    deploy:
      labels:
        - "traefik.enable=true"
"""
_DB = "  db:\n    image: postgres:16\n"

OPS = {
    "set": Op(
        "labels.set",
        LabelsSet,
        labels_set,
        Example(
            step='op: labels.set\nservice: app\nlabels:\n  backupbot.backup: "true"\n',
            before={"compose.yml": _HEAD + _DB},
            after={"compose.yml": _HEAD + '        - "backupbot.backup=true"\n' + _DB},
        ),
    ),
    "unset": Op(
        "labels.unset",
        LabelsUnset,
        labels_unset,
        Example(
            step="op: labels.unset\nservice: app\nlabels: [backupbot.*]\n",
            before={"compose.yml": _HEAD + '        - "backupbot.backup=true"\n' + _DB},
            after={"compose.yml": _HEAD + _DB},
        ),
    ),
    "move": Op(
        "labels.move",
        LabelsMove,
        labels_move,
        Example(
            step="op: labels.move\nservice: app\nto: db\nlabels: [backupbot.backup]\n",
            before={"compose.yml": _HEAD + '        - "backupbot.backup=true"\n' + _DB},
            after={
                "compose.yml": _HEAD
                + _DB
                + '    deploy:\n      labels:\n        - "backupbot.backup=true"\n'
            },
        ),
    ),
    "rename": Op(
        "labels.rename",
        LabelsRename,
        labels_rename,
        Example(
            step="op: labels.rename\nservice: app\nlabels: {traefik.enable: caddy.enable}\n",
            before={"compose.yml": _HEAD + _DB},
            after={"compose.yml": _HEAD.replace("traefik", "caddy") + _DB},
        ),
    ),
}
