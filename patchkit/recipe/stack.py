"""A recipe's stack as parts: networks, and each service with what it joins, mounts and is told.

It is what a person draws on a whiteboard, of all compose files merged.
https://docs.docker.com/reference/cli/docker/stack/deploy/
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchkit.recipe import forms
from patchkit.recipe.configs import configs
from patchkit.recipe.model import BASE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.recipe.model import Recipe

_SECTIONS = {"volumes": "volume", "configs": "config", "secrets": "secret"}
# What a service's parts, networks and image tell already.
_TOLD = {
    *("image", "networks", "volumes", "configs", "secrets", "ports", "depends_on"),
    *("environment", "deploy", "labels"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One thing of a service, or of the stack.

    Attributes:
        kind: `volume`, `config`, `secret`, `port`, `depends_on`, `environment`, `label`,
            `network` or `setting`.
        name: the Compose key, the variable or label, the port, the field.
        detail: where it is mounted, its version, its value; empty where there is nothing to say.
    """

    kind: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One service of the stack.

    Attributes:
        name: its Compose key.
        image: as written; empty for an orphan that only overlays name.
        files: the compose files that speak of it.
        networks: the networks that it joins.
        parts: all else, in the order of kinds and as written within one.
    """

    name: str
    image: str
    files: tuple[str, ...]
    networks: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack.

    Attributes:
        files: its compose files, the base first.
        networks: those that are defined or joined, with `external` or their aliases' detail.
        services: as written.
        objects: the volumes, configs and secrets of the top level, with their definitions.
        unused: the names of those objects that no service uses, by kind.
    """

    files: tuple[str, ...]
    networks: tuple[Part, ...]
    services: tuple[Service, ...]
    objects: tuple[Part, ...]
    unused: frozenset[tuple[str, str]]


def stack(recipe: Recipe) -> Stack:
    """Return the stack that all compose files of a recipe make together."""
    versions = _versions(recipe)
    services = tuple(
        _service(recipe, name, body, versions) for name, body in recipe.services.items()
    )
    objects = tuple(_objects(recipe))
    used = {(part.kind, part.name) for service in services for part in service.parts}
    unused = frozenset((o.kind, o.name) for o in objects if (o.kind, o.name) not in used)
    return Stack(recipe.compose_paths, _networks(recipe, services), services, objects, unused)


def _service(
    recipe: Recipe, name: str, body: Mapping[str, Any], versions: Mapping[str, str]
) -> Service:
    joined = tuple(forms.networks(body)) or (() if "network_mode" in body else ("default",))
    image = forms.as_text(body.get("image")) or ""
    files = recipe.files_with(("services", name)) or (BASE,)
    return Service(str(name), image, files, joined, tuple(_parts(body, versions)))


def _parts(body: Mapping[str, Any], versions: Mapping[str, str]) -> Iterator[Part]:
    for mount in forms.mounts(body):
        kind = "volume" if mount.type == "volume" else mount.type
        how = f"{mount.target} (read only)" if mount.read_only else mount.target
        yield Part(kind, mount.source or "anonymous", how)
    for ref in forms.config_refs(body):
        yield Part("config", ref.source, _joined(versions.get(ref.source, ""), ref.target))
    for ref in forms.secret_refs(body):
        usual = ref.target == f"/run/secrets/{ref.source}"
        yield Part("secret", ref.source, "" if usual else ref.target)
    for port in forms.ports(body):
        yield Part("port", f"{port.published or 'any'} → {port.target}/{port.protocol}", port.mode)
    for other in dict.fromkeys(forms.depends_on(body)):
        yield Part("depends_on", other)
    for network, aliases in forms.networks(body).items():
        if aliases:
            yield Part("network", network, f"also called {', '.join(aliases)}")
    yield from _told(body)


def _told(body: Mapping[str, Any]) -> Iterator[Part]:
    """Yield what a service is told: variables, labels, and every other field."""
    deploy = body.get("deploy")
    deploy = deploy if isinstance(deploy, dict) else {}
    for kind, value in (
        ("environment", body.get("environment")),
        ("label", deploy.get("labels")),
        ("label", body.get("labels")),
    ):
        for name, text in forms.as_mapping(value).items():
            yield Part(kind, name, "" if text is None else text)
    for name, value in body.items():
        if name not in _TOLD:
            yield from _settings(str(name), value)
    for name, value in deploy.items():
        if name != "labels":
            yield from _settings(f"deploy.{name}", value)


def _settings(name: str, value: object) -> Iterator[Part]:
    """Yield a field, or each field of a mapping."""
    if not isinstance(value, dict):
        yield Part("setting", name, _text(value))
    for key, item in value.items() if isinstance(value, dict) else ():
        yield Part("setting", f"{name}.{key}", _text(item))


def _networks(recipe: Recipe, services: tuple[Service, ...]) -> tuple[Part, ...]:
    defined = {str(name): body for name, body in recipe.section("networks").items()}
    names = dict.fromkeys([*defined, *(name for s in services for name in s.networks)])
    return tuple(
        Part("network", name, "external" if defined.get(name, {}).get("external") else "")
        for name in names
    )


def _objects(recipe: Recipe) -> Iterator[Part]:
    for section, kind in _SECTIONS.items():
        for name, body in recipe.section(section).items():
            yield Part(
                kind, str(name), ", ".join(f"{key} {_text(item)}" for key, item in body.items())
            )


def _versions(recipe: Recipe) -> dict[str, str]:
    return {key: config.version or "" for key, config in configs(recipe).items()}


def _joined(*texts: str) -> str:
    return " ".join(filter(None, texts))


def _text(value: object) -> str:
    """Return a field's value in one line: a scalar, the words of a list, else JSON."""
    text = forms.as_text(value)
    words = [forms.as_text(item) for item in value] if isinstance(value, list) else [text]
    if all(word is not None for word in words):
        return " ".join(filter(None, words))
    return json.dumps(value, ensure_ascii=False, default=str)
