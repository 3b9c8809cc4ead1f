"""Whole services: added, removed, renamed, and their fields.

Compose spec, «services»; Swarm docs, «service discovery». A service is one in every overlay:
what is removed or renamed is removed or renamed in all of them, with what refers to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from patchkit.draft import NoMatch, Renamed, missing
from patchkit.draft.heritage import inherit
from patchkit.draft.naming import answered, cut_references, respell
from patchkit.edit.paths import parse_path
from patchkit.edit.yaml import Mapping, YamlEditor
from patchkit.errors import EditRefused
from patchkit.finding import Finding
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.model import BASE
from patchkit.recipe.references import references
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.yaml import Path
    from patchkit.recipe.references import Reference

_NAME = r"^[a-z][a-z0-9._-]*$"


class ServiceAdd(OpModel):
    """Add a service to a compose file, as the last of its services.

    It is refused when any compose file has a service of that name.
    """

    service: str = Field(
        description="The new service's Compose key.", pattern=_NAME, examples=["cache"]
    )
    definition: dict[str, Any] = Field(
        description="The service as Compose writes it; quotes and `[…]` lists stay as given.",
        examples=[{"image": "redis:7-alpine"}],
        min_length=1,
    )
    file: str = Field(
        default=BASE, description="The compose file that gets it.", examples=["compose.cache.yml"]
    )


class ServiceRemove(OpModel):
    """Remove a service from every compose file, with its comments and what names it.

    Entries of `depends_on`, `links` and `volumes_from` are cut where they stand: an overlay
    cannot take them away. An anchor inside the service that others use goes to its first user.
    Configs, secrets, volumes and networks that only this service used go with it (closing
    rule), and `release/next` tells the operator which command removes it from the server.
    A text that still names it as a host is a finding, unless there is an heir to name instead;
    `keep` answers it.
    """

    service: str = Field(description="The service's Compose key.", examples=["sidekiq"])
    heir: str | None = Field(
        default=None,
        description="The service that does its work from now on. It gets the variables and "
        "secrets that only overlays give the old one, and the places that name it.",
        examples=["app"],
    )
    inherit: list[str] = Field(
        default=[],
        description="Variables, or patterns with `*`, that the heir also gets, with their secrets,"
        " where the service is defined.",
        examples=[["SMTP_*"]],
    )
    keep: list[str] = Field(
        default=[],
        description="Texts that name the service and are right: `file` or `file: part of line`.",
        examples=[["README.md: sidekiq is a job queue"]],
    )


class ServiceRename(OpModel):
    """Rename a service in every compose file, and every place that names it.

    Structural references and certain host names (`http://app:3000`, `tasks.app`,
    `${STACK_NAME}_app`) follow in compose files, config templates, `abra.sh`, `.env.sample`
    and docs. A place that may be a host name or not is a finding until the spec answers it:
    `also` renames it, `keep` leaves it. Old release notes are history and stay.
    """

    service: str = Field(description="The service's Compose key now.", examples=["app"])
    to: str = Field(description="Its new key.", examples=["pds"], pattern=_NAME)
    also: list[str] = Field(
        default=[],
        description="Uncertain places to rename too: `file` or `file: part of the line`.",
        examples=[["abra.sh: docker exec app"]],
    )
    keep: list[str] = Field(
        default=[],
        description="Places that mean something else: `file` or `file: part of the line`.",
        examples=[["compose.yml: DRIVERNAME"]],
    )


class ServiceSet(OpModel):
    """Set fields of a service; a dotted name reaches into a field.

    A field is set where it stands; one that stands in several files is refused unless `file`
    says which one is meant; a new one goes into the file that defines the service.
    """

    service: str = Field(description="The service's Compose key.", examples=["app"])
    fields: dict[str, Any] = Field(
        description="Field names, dots reaching into mappings, and values.",
        examples=[{"deploy.restart_policy.condition": "any"}],
        min_length=1,
    )
    file: str | None = Field(
        default=None, description="The compose file to edit.", examples=["compose.smtp.yml"]
    )


class ServiceUnset(OpModel):
    """Remove fields of a service from every compose file that sets them."""

    service: str = Field(description="The service's Compose key.", examples=["app"])
    fields: list[str] = Field(
        description="Field names, dots reaching into mappings; each must be there.",
        examples=[["links"]],
        min_length=1,
    )
    file: str | None = Field(
        default=None, description="Only in this compose file.", examples=["compose.smtp.yml"]
    )


def service_add(draft: Draft, step: ServiceAdd) -> Changed | Unchanged:
    """Add the service unless it is there."""
    path: Path = ("services", step.service)
    present = draft.recipe.files_with(path)
    if present:
        at = draft.recipe.data[present[0]]["services"][step.service]
        if present == (step.file,) and at == step.definition:
            return Unchanged(f"the service {step.service} is there already")
        raise EditRefused(
            f"there is a service {step.service} already, and it is another one",
            place=draft.recipe.place(present[0], path),
            hint="change it with service.set, or choose another name",
        )
    if step.file not in draft.recipe.compose_paths:
        raise missing("compose file", step.file, draft.recipe.compose_paths)
    draft.edit_yaml(step.file, lambda editor: editor.set(path, step.definition))
    return Changed(f"added the service {step.service} to {step.file}")


def service_remove(draft: Draft, step: ServiceRemove) -> Changed:
    """Remove the service and the entries that name it, everywhere."""
    path: Path = ("services", step.service)
    if step.service not in draft.recipe.services:
        raise missing("service", step.service, draft.recipe.services)
    if set(draft.recipe.services) == {step.service}:
        raise EditRefused(
            f"{step.service} is the recipe's only service",
            place=draft.recipe.place(BASE, path),
        )
    if step.heir is not None:
        draft.require_service(step.heir)
        inherit(draft, step.service, step.heir, step.inherit)
    draft.answers[step.service] = step.keep
    cut_references(draft, step.service)
    files = draft.recipe.files_with(path)
    for file in files:
        draft.edit_yaml(file, lambda editor: _drop(editor, path))
    _settle(draft, step)
    return Changed(f"removed the service {step.service} from {', '.join(files)}")


def service_rename(draft: Draft, step: ServiceRename) -> Changed | Unchanged:
    """Rename the keys and the references, each file in one edit."""
    if step.service not in draft.recipe.services and step.to in draft.recipe.services:
        return Unchanged(f"there is a service {step.to}, and no {step.service}")
    draft.require_service(step.service)
    if step.to in draft.recipe.services:
        raise EditRefused(
            f"there is a service {step.to} already",
            place=draft.recipe.place(draft.recipe.home(step.to), ("services", step.to)),
            hint="rename or remove it first",
        )
    draft.answers[step.service] = step.keep
    places = references(draft.recipe, step.service)
    chosen = [ref for ref in places if _follows(ref, step)]
    respell(draft, chosen, step.service, step.to)
    draft.renamed.append(Renamed(step.service, step.to))
    asked = [ref for ref in places if not ref.certain and ref not in chosen]
    draft.findings += [
        _question(
            ref,
            f"name the service {step.service}, now {step.to}",
            f"`also: ['{ref.file}: …']` to rename it, `keep:` to leave it",
        )
        for ref in asked
        if not answered(ref, step.keep)
    ]
    spots = "1 place" if len(chosen) == 1 else f"{len(chosen)} places"
    return Changed(f"renamed the service {step.service} to {step.to} at {spots}")


def service_set(draft: Draft, step: ServiceSet) -> Changed | Unchanged:
    """Set each field in the one file that it belongs to."""
    before = draft.tree
    for name, value in step.fields.items():
        path: Path = ("services", step.service, *parse_path(name))
        file = draft.target(path, step.file, what=f"{name} of {step.service}")
        _set(draft, file, path, value)
    if draft.tree == before:
        return Unchanged(f"{step.service} is already so")
    return Changed(f"set {', '.join(step.fields)} of {step.service}")


def service_unset(draft: Draft, step: ServiceUnset) -> Changed:
    """Cut each field out of every file."""
    draft.require_service(step.service)
    if step.file is not None:
        draft.require_compose(step.file)
    for name in step.fields:
        path: Path = ("services", step.service, *parse_path(name))
        files = [f for f in draft.recipe.files_with(path) if step.file in {None, f}]
        if not files:
            raise _no_field(draft, step, name, path)
        for file in files:
            _unset(draft, file, path)
    return Changed(f"removed {', '.join(step.fields)} of {step.service}")


def _no_field(draft: Draft, step: ServiceUnset, name: str, path: Path) -> NoMatch:
    if others := draft.recipe.files_with(path):
        return NoMatch(
            f"{step.service} has no {name} in {step.file}",
            hint=f"it stands at {draft.spots(others, path)}",
        )
    return missing(f"field of {step.service}", name, draft.recipe.services[step.service])


def _set(draft: Draft, file: str, path: Path, value: Any) -> None:
    draft.edit_yaml(file, lambda editor: editor.set(path, value))


def _unset(draft: Draft, file: str, path: Path) -> None:
    draft.edit_yaml(file, lambda editor: editor.unset(path))


def _follows(ref: Reference, step: ServiceRename) -> bool:
    if answered(ref, step.keep):
        return False
    return ref.structural or ref.certain or answered(ref, step.also)


def _drop(editor: YamlEditor, path: Path) -> None:
    """Remove a service; an overlay that held nothing else stays, for whoever deploys with it."""
    services = editor.node(path[:-1])
    root = editor.document.root
    alone = isinstance(services, Mapping) and len(services.pairs) == 1
    if alone and isinstance(root, Mapping) and len(root.pairs) == 1:
        editor.set(path[:-1], {})
    else:
        editor.unset(path, move_anchors=True)


def _question(ref: Reference, what: str, answer: str) -> Finding:
    return Finding(
        rule="uncertain-reference",
        message=f"this may {what}",
        place=ref.place,
        hint=f"answer it in the spec: {answer}",
    )


def _settle(draft: Draft, step: ServiceRemove) -> None:
    """Name the heir where the removed service is named; what may name it is a finding.

    What comments and docs say of the service is for their authors to rewrite. Certain names
    that are left when all ops are done are a closing rule's to report.
    """
    places = [
        ref
        for ref in references(draft.recipe, step.service)
        if ref.kind != "comment" and ref.form != "mention" and not answered(ref, step.keep)
    ]
    if step.heir is not None:
        respell(draft, [r for r in places if r.certain], step.service, step.heir)
    draft.findings += [
        _question(
            ref,
            f"still name the removed service {step.service}",
            f"remove it before the service, or say `keep: ['{ref.file}: …']` to leave it",
        )
        for ref in places
        if not ref.certain
    ]


_APP = "services:\n  app:\n    image: nginx:1.27\n"
_REDIS = "  redis:\n    image: redis:7-alpine\n"
_DEPENDS = "    depends_on:\n      - redis\n"

OPS = {
    "add": Op(
        "service.add",
        ServiceAdd,
        service_add,
        Example(
            step="op: service.add\nservice: redis\ndefinition:\n  image: redis:7-alpine\n",
            before={"compose.yml": _APP},
            after={"compose.yml": _APP + "\n" + _REDIS},
        ),
    ),
    "remove": Op(
        "service.remove",
        ServiceRemove,
        service_remove,
        Example(
            step="op: service.remove\nservice: redis\n",
            before={"compose.yml": _APP + _DEPENDS + _REDIS},
            after={"compose.yml": _APP},
        ),
    ),
    "rename": Op(
        "service.rename",
        ServiceRename,
        service_rename,
        Example(
            step="op: service.rename\nservice: redis\nto: cache\n",
            before={"compose.yml": _APP + _DEPENDS + _REDIS, "app.conf": "url=http://redis:6379\n"},
            after={
                "compose.yml": _APP
                + _DEPENDS.replace("redis", "cache")
                + _REDIS.replace("  redis:", "  cache:"),
                "app.conf": "url=http://cache:6379\n",
            },
        ),
    ),
    "set": Op(
        "service.set",
        ServiceSet,
        service_set,
        Example(
            step="op: service.set\nservice: app\nfields:\n  deploy.restart_policy.condition: any\n",
            before={"compose.yml": _APP},
            after={
                "compose.yml": _APP + "    deploy:\n      restart_policy:\n        condition: any\n"
            },
        ),
    ),
    "unset": Op(
        "service.unset",
        ServiceUnset,
        service_unset,
        Example(
            step="op: service.unset\nservice: app\nfields: [depends_on]\n",
            before={"compose.yml": _APP + _DEPENDS},
            after={"compose.yml": _APP},
        ),
    ),
}
