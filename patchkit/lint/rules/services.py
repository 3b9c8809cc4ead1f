"""patchkit's rules about services as a whole, and what names nothing or is named by nothing."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from patchkit.edit.yaml import Scalar
from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.recipe import forms
from patchkit.recipe.interpolate import variables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from patchkit.errors import Place
    from patchkit.lint.nodes import Part
    from patchkit.lint.subject import Subject

_DEFAULT_NETWORK = "default"


@rule("orphaned-service", Severity.ERROR, cure="service.remove")
def orphaned_service(subject: Subject) -> Iterator[Hit]:
    """Compose files mention a service that none of them gives an image.

    Why: the stack cannot be deployed by any operator who uses one of these files, and tests of
    the files that others use stay green.

    Bad:
        # compose.smtpauth.yml, after sidekiq was taken out of compose.yml
        services:
          sidekiq:
            secrets:
              - smtp_password

    Good:
        services:
          app:
            secrets:
              - smtp_password

    Fix: remove the service from this file too, and give what is still needed to its heir.
    """
    for part in subject.services:
        if not subject.merged.get(part.name, {}).get("image"):
            yield Hit(part.place, f"no compose file gives {part.name} an image")


@rule("dangling-reference", Severity.ERROR, cure="service.unset")
def dangling_reference(subject: Subject) -> Iterator[Hit]:
    """A service names a config, secret, volume, network or service that is not there.

    Why: `docker stack deploy` stops at it, or passes over it and the service comes up without.

    Bad:
        services:
          app:
            depends_on:
              - database
          db:
            image: postgres:15.14

    Good:
        services:
          app:
            depends_on:
              - db
          db:
            image: postgres:15.14

    Fix: define what is named, name what is defined, or cut the name out where it stands.
    """
    known = {name: set(subject.recipe.section(name)) for name in _NAMED}
    known["networks"].add(_DEFAULT_NETWORK)
    known |= {field: set(subject.merged) for field in _OF_SERVICES}
    for part in subject.services:
        for field, what in _WHAT.items():
            for name, place in _named(part, field):
                if name not in known[field] and not variables(name):
                    message = f"{part.name} names the {what} {name}, which nothing defines"
                    yield Hit(place, message, _near(name, known[field]))
    yield from _missing_files(subject)


@rule("unused-definition", Severity.WARN, cure="yaml.unset")
def unused_definition(subject: Subject) -> Iterator[Hit]:
    """A config, secret, volume or network is defined that no service uses.

    Why: operators have to make secrets that nothing reads, and cannot tell what still matters.

    Bad:
        services:
          app:
            image: gitea/gitea:1.24.6
        secrets:
          smtp_pw:
            external: true

    Good:
        services:
          app:
            image: gitea/gitea:1.24.6
            secrets:
              - smtp_pw
        secrets:
          smtp_pw:
            external: true

    Fix: remove the definition, and its lines in `.env.sample` and `abra.sh`.
    """
    for section, used in _NAMED.items():
        names = {name for body in subject.merged.values() for name in used(body)}
        for part in subject.definitions(section):
            if part.name not in names | {_DEFAULT_NETWORK}:
                what = f"the {_WHAT[section]} {part.name}"
                yield Hit(part.place, f"no service uses {what}")


@rule("on-failure-restart", Severity.WARN, cure="service.set")
def on_failure_restart(subject: Subject) -> Iterator[Hit]:
    """A service is restarted only when it fails.

    Why: a server that ends with code 0, as many do when they are told to stop or lose their
    database, stays down until somebody looks.

    Bad:
        restart_policy:
          condition: on-failure

    Good:
        restart_policy:
          condition: any

    Fix: write `condition: any`, unless the service is a job that is meant to end.
    """
    for part in subject.services:
        node = part.field("deploy", "restart_policy", "condition")
        if isinstance(node, Scalar) and node.value == "on-failure":
            yield Hit(part.at(node), f"{part.name} stays down when it ends with code 0")


def _sources(files: Iterable[forms.FileRef]) -> list[str]:
    return [file.source for file in files]


_NAMED: dict[str, Callable[[object], Iterable[str]]] = {
    "configs": lambda body: _sources(forms.config_refs(body)),
    "secrets": lambda body: _sources(forms.secret_refs(body)),
    "volumes": lambda body: [m.source for m in forms.mounts(body) if m.type == "volume"],
    "networks": forms.networks,
}
# Fields that name services; a mode does so behind `service:`.
_MODES = ("network_mode", "pid", "ipc")
_OF_SERVICES = ("depends_on", "links", "volumes_from", *_MODES)
_WHAT = {
    "configs": "config",
    "secrets": "secret",
    "volumes": "volume",
    "networks": "network",
    **dict.fromkeys(_OF_SERVICES, "service"),
}


def _named(part: Part, field: str) -> Iterator[tuple[str, Place]]:
    if field == "volumes":
        yield from ((volume.source, volume.place) for volume in part.volumes())
    elif field in _MODES:
        node = part.field(field)
        if isinstance(node, Scalar) and node.value.startswith("service:"):
            yield node.value.removeprefix("service:"), part.at(node)
    elif field in {"links", "volumes_from"}:
        names = ((entry.name.partition(":")[0], entry.place) for entry in part.names(field))
        yield from ((name, place) for name, place in names if name != "container")
    else:
        yield from ((entry.name, entry.place) for entry in part.names(field))


def _missing_files(subject: Subject) -> Iterator[Hit]:
    """Docker reads the file of a config or secret from the recipe's folder."""
    for section in ("configs", "secrets"):
        for part in subject.definitions(section):
            node = part.field("file")
            if isinstance(node, Scalar) and subject.lacks(node.value):
                message = (
                    f"the recipe has no file {node.value} for the {_WHAT[section]} {part.name}"
                )
                yield Hit(part.at(node), message, _near(node.value, subject.tree.paths()))


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1)
    return f"did you mean {near[0]}?" if near else ""
