"""The merged view of a recipe: what `docker stack deploy -c a.yml -c b.yml` deploys.

Follows the Docker CLI 28, which differs from the Compose spec: lists append without a look at
doubles (`healthcheck.test` too), and an overlay cannot set a field back to empty, zero or false.
Values stay the author's, variables and all; https://docs.docker.com/reference/cli/docker/stack/deploy/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from patchkit.recipe import forms

Form = Callable[[Any], Any]
Rule = Callable[[Any, Any], Any]

_SECTIONS = ("networks", "volumes", "secrets", "configs")


def merge(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the one compose file that `files`, a base and its overlays in order, amount to.

    Args:
        files: compose files as data, aliases and merge keys resolved, variables not.

    Returns:
        A new compose file as data. `services` is always there. Each field of a service has one
        form: `environment`, `labels` and the like are mappings of texts, `networks` a mapping,
        `ports`, `volumes`, `configs` and `secrets` lists in the long form, `depends_on` a list
        of names. What env files and the deployer's shell add is not in it.
    """
    return together([uniform(file) for file in files])


def uniform(file: Mapping[str, Any]) -> dict[str, Any]:
    """Return a compose file with each field of its services in one form: see `merge`."""
    services = _mapping(file.get("services")).items()
    return {**file, "services": {k: _uniform(_SERVICE_FORMS, body) for k, body in services}}


def together(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what `merge` does, of files that are `uniform`; it shares what they hold."""
    # Of what is neither a service nor one of the sections, Docker takes the first file's alone.
    rest = dict(files[0]) if files else {}
    return rest | {"services": _services(files)} | _sections(files)


def _services(files: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    services: dict[str, Any] = {}
    for file in files:
        for name, overlay in file["services"].items():
            known = name in services
            services[name] = _merged_service(services[name], overlay) if known else overlay
    return services


def _sections(files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the volumes, networks, ...: a later file replaces the whole entry of that key."""
    sections = {}
    for section in _SECTIONS:
        if any(section in file for file in files):
            entries = (_mapping(file.get(section)) for file in files)
            sections[section] = {name: item for entry in entries for name, item in entry.items()}
    return sections


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


# One form for each field


def _uniform(fields: Mapping[str, Form], value: object) -> dict[str, Any]:
    """Return the mapping `value` with the form of each of its known fields applied."""
    return {
        key: fields[key](item) if key in fields else item for key, item in _mapping(value).items()
    }


def _build(value: object) -> dict[str, Any]:
    return _uniform(_BUILD_FORMS, {"context": value} if isinstance(value, str) else value)


_labels = partial(forms.as_mapping, bare="")
_BUILD_FORMS: dict[str, Form] = {
    "args": forms.as_mapping,
    "cache_from": forms.as_list,
    "extra_hosts": forms.as_hosts,
    "labels": _labels,
}
_SERVICE_FORMS: dict[str, Form] = {
    "build": _build,
    "configs": forms.as_files,
    "depends_on": forms.as_names,
    "deploy": partial(_uniform, {"labels": _labels}),
    "dns": forms.as_list,
    "dns_search": forms.as_list,
    "env_file": forms.as_list,
    "environment": forms.as_mapping,
    "extra_hosts": forms.as_hosts,
    "healthcheck": partial(_uniform, {"test": forms.as_test}),
    "labels": _labels,
    "logging": partial(_uniform, {"options": _labels}),
    "networks": forms.as_networks,
    "ports": forms.as_ports,
    "secrets": forms.as_files,
    "sysctls": _labels,
    "tmpfs": forms.as_list,
    "ulimits": partial(_uniform, {}),
    "volumes": forms.as_volumes,
}


# What becomes of a field that both files have


def _merged_service(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    merged: dict[str, Any] = _merged("", base, overlay)
    for field, key in _KEYS.items():
        if field in base:
            merged[field] = _last_of_each(key, merged[field])
    return merged


def _merged(path: str, base: Any, overlay: Any) -> Any:
    """Return the field at `path` (dotted, from the service) as both files together give it."""
    rule = _extension if path.startswith("x-") else _RULES.get(path)
    if base is None:
        return overlay
    if rule:
        return rule(base, overlay)
    if isinstance(base, Mapping) and isinstance(overlay, Mapping):
        prefix = f"{path}." if path else ""
        return _by_key(base, overlay, lambda key, *items: _merged(f"{prefix}{key}", *items))
    if isinstance(base, list) and isinstance(overlay, list):
        return base + overlay
    return base if _is_empty(path, overlay) else overlay


def _by_key(
    base: Mapping[str, Any], overlay: Mapping[str, Any], rule: Callable[[str, Any, Any], Any]
) -> dict[str, Any]:
    """Return the keys of both, `rule` deciding on those that both have."""
    items = ((k, rule(k, base[k], v) if k in base else v) for k, v in overlay.items())
    return {**base, **dict(items)}


def _is_empty(path: str, value: object) -> bool:
    """Return whether Docker takes `value` for not given: the zero of its type."""
    return not value or (path in _AMOUNTS and _ZERO_AMOUNT.fullmatch(str(value)) is not None)


def _last_of_each(key: str, items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return `items` with only the last of those that agree in `key`.

    Two protocols of one published port agree, and so do all ports that Swarm is to choose:
    Docker keeps one of them where the base has the field, whatever the overlay says.
    """
    return list({forms.as_text(item.get(key) or ""): item for item in items}.values())


def _extension(base: Any, overlay: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(overlay, Mapping):
        return _by_key(base, overlay, lambda _, *items: _extension(*items))
    if isinstance(base, list) and isinstance(overlay, list):
        return base + overlay
    return overlay


def _override(base: Any, overlay: Any) -> Any:
    return base if overlay is None else overlay


def _command(base: Any, overlay: Any) -> Any:
    return overlay or base


def _update(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    return {**base, **overlay}


def _environment(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """An overlay can neither empty a variable nor pass the deployer's value on instead."""
    return _by_key(base, overlay, lambda _, old, new: new or old if old else new)


def _networks(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    return _by_key(base, overlay, lambda _, *items: _network(*items))


def _network(base: Mapping[str, Any] | None, overlay: Mapping[str, Any] | None) -> Any:
    """The overlay's aliases replace the base's, also when it gives none."""
    if base is None or overlay is None:
        return overlay if base is None else base
    kept = {key: value for key, value in base.items() if key != "aliases"}
    given = {key: overlay[key] for key in _ENDPOINT_FIELDS if overlay.get(key)}
    return {**kept, **given}


def _logging(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    old, new = base.get("driver"), overlay.get("driver")
    if old and new and old != new:
        return dict(overlay)
    merged = {**base, "driver": new} if new else dict(base)
    # Docker forgets an overlay's options when the base has none.
    if "options" in base:
        merged["options"] = {**base["options"], **overlay.get("options", {})}
    return merged


_KEYS = {"configs": "source", "ports": "published", "secrets": "source", "volumes": "target"}
_ENDPOINT_FIELDS = ("aliases", "ipv4_address", "ipv6_address")
_RULES: dict[str, Rule] = {
    "build.args": _environment,
    "build.labels": _update,
    "command": _command,
    "deploy.labels": _update,
    # Numbers where zero says something.
    "deploy.replicas": _override,
    "deploy.restart_policy.max_attempts": _override,
    "deploy.rollback_config.parallelism": _override,
    "deploy.update_config.parallelism": _override,
    "entrypoint": _command,
    "environment": _environment,
    "healthcheck.retries": _override,
    "labels": _update,
    "logging": _logging,
    "networks": _networks,
    "sysctls": _update,
    "ulimits": _update,
}
# Durations and sizes: "0s" and "0M" are zero as well.
_AMOUNTS = frozenset(
    (
        *(f"healthcheck.{name}" for name in ("interval", "timeout", "start_period")),
        "healthcheck.start_interval",
        *(
            f"deploy.{name}_config.{field}"
            for name in ("update", "rollback")
            for field in ("delay", "monitor")
        ),
        "deploy.resources.limits.memory",
        "deploy.resources.reservations.memory",
        "deploy.restart_policy.delay",
        "deploy.restart_policy.window",
        "stop_grace_period",
    )
)
_ZERO_AMOUNT = re.compile(r"[^1-9$]*")
