"""One form for each field of a service that the Compose spec lets authors write in several.

Nothing here raises on a wrong type: it gives an empty result, and lint tells the author.
https://github.com/compose-spec/compose-spec/blob/main/05-services.md
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from patchkit.recipe.shorthand import long_ports, long_volume

# Go prints floats between these without an exponent.
_PLAIN_FLOATS = (1e-4, 1e21)


@dataclass(frozen=True, slots=True)
class Mount:
    """One of a service's `volumes`.

    Attributes:
        source: the key of a volume, or a path of the host; empty for an anonymous volume.
        target: the path in the container.
        type: "volume", "bind", "tmpfs", ...
        read_only: whether the container may not write there.
    """

    source: str
    target: str
    type: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class FileRef:
    """One of a service's `configs` or `secrets`.

    Attributes:
        source: the key at the top level.
        target: the absolute path in the container, unless a variable starts it.
        mode: the permission bits, None when not given (Swarm takes 0444).
        uid: the owner as written, None when not given.
        gid: the group as written, None when not given.
    """

    source: str
    target: str
    mode: int | None
    uid: str | None
    gid: str | None


@dataclass(frozen=True, slots=True)
class Port:
    """One of a service's `ports`; a number that a variable gives is text.

    Attributes:
        target: the port in the container.
        published: the port outside, None when Swarm chooses one.
        protocol: "tcp", "udp" or "sctp".
        mode: "ingress" or "host".
    """

    target: int | str
    published: int | str | None
    protocol: str
    mode: str


def as_mapping(value: object, *, bare: str | None = None) -> dict[str, str | None]:
    """Return `environment`, `labels` or the like as a mapping, from its list or mapping form.

    Args:
        value: the field as data.
        bare: the value of an entry that has none (`- KEY`, `KEY:`). None, which for
            `environment` means that the deployer's value is passed on; `labels` have "".
    """
    if isinstance(value, Mapping):
        return {
            str(key): bare if item is None else as_text(item)
            for key, item in value.items()
            if item is None or as_text(item) is not None
        }
    pairs = (entry.partition("=") for entry in _items(value) if isinstance(entry, str))
    return {key: item if equals else bare for key, equals, item in pairs}


def as_text(value: object) -> str | None:
    """Return a scalar as Docker prints it where it wants text; None for anything else."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _float_text(value)
    return str(value) if isinstance(value, (str, int)) else None


def as_list(value: object) -> list[Any]:
    """Return a field that takes one text or a list (`dns`, `env_file`, `tmpfs`) as a list."""
    return [value] if isinstance(value, str) else _items(value)


def as_hosts(value: object) -> list[str]:
    """Return `extra_hosts` as a list of `host:address`, IPv6 addresses without brackets."""
    if isinstance(value, Mapping):
        pairs = sorted((str(host), as_text(address) or "") for host, address in value.items())
    else:
        pairs = [_host(entry) for entry in _items(value) if isinstance(entry, str)]
    return [f"{host}:{_bare_address(address)}" for host, address in pairs if address]


def as_ports(value: object) -> list[dict[str, Any]]:
    """Return `ports` in the long form, a range as one entry a port."""
    ports: list[dict[str, Any]] = []
    for entry in _items(value):
        if isinstance(entry, Mapping):
            ports.append(dict(entry))
        elif text := as_text(entry):
            ports.extend(long_ports(text))
    return ports


def as_volumes(value: object) -> list[dict[str, Any]]:
    """Return the `volumes` of a service in the long form."""
    return [
        dict(entry) if isinstance(entry, Mapping) else long_volume(entry)
        for entry in _items(value)
        if isinstance(entry, (Mapping, str))
    ]


def as_files(value: object) -> list[dict[str, Any]]:
    """Return the `configs` or `secrets` of a service in the long form."""
    return [
        dict(entry) if isinstance(entry, Mapping) else {"source": entry}
        for entry in _items(value)
        if isinstance(entry, (Mapping, str))
    ]


def as_networks(value: object) -> dict[str, dict[str, Any] | None]:
    """Return the `networks` of a service as a mapping; None where nothing is set on one."""
    if isinstance(value, Mapping):
        return {
            str(name): dict(item) if isinstance(item, Mapping) else None
            for name, item in value.items()
        }
    return dict.fromkeys(name for name in _items(value) if isinstance(name, str))


def as_test(value: object) -> list[Any]:
    """Return `healthcheck.test` as a list: one text is a command for the shell."""
    return ["CMD-SHELL", value] if isinstance(value, str) else _items(value)


def mounts(service: object) -> list[Mount]:
    """Return the `volumes` of a service."""
    return [
        Mount(
            source=as_text(volume.get("source")) or "",
            target=as_text(volume.get("target")) or "",
            type=as_text(volume.get("type")) or "volume",
            read_only=volume.get("read_only") is True,
        )
        for volume in as_volumes(_field(service, "volumes"))
    ]


def config_refs(service: object) -> list[FileRef]:
    """Return the `configs` of a service; one without target is mounted at `/<source>`."""
    return _file_refs(_field(service, "configs"), "/")


def secret_refs(service: object) -> list[FileRef]:
    """Return the `secrets` of a service; targets are relative to `/run/secrets`."""
    return _file_refs(_field(service, "secrets"), "/run/secrets")


def networks(service: object) -> dict[str, list[str]]:
    """Return the aliases of a service by network; empty when it joins just `default`."""
    return {
        name: [alias for alias in _items((item or {}).get("aliases")) if isinstance(alias, str)]
        for name, item in as_networks(_field(service, "networks")).items()
    }


def depends_on(service: object) -> list[str]:
    """Return the services that a service depends on, from the list or the mapping form."""
    return as_names(_field(service, "depends_on"))


def as_names(value: object) -> list[str]:
    """Return the keys of a mapping, or the texts of a list."""
    names = list(value) if isinstance(value, Mapping) else _items(value)
    return [name for name in names if isinstance(name, str)]


def ports(service: object) -> list[Port]:
    """Return the `ports` of a service, a range as one entry a port."""
    return [
        Port(
            target=_port_number(port.get("target")) or 0,
            published=_port_number(port.get("published")),
            protocol=as_text(port.get("protocol")) or "tcp",
            mode=as_text(port.get("mode")) or "ingress",
        )
        for port in as_ports(_field(service, "ports"))
    ]


def _field(service: object, name: str) -> object:
    return service.get(name) if isinstance(service, Mapping) else None


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _file_refs(value: object, folder: str) -> list[FileRef]:
    return [_file_ref(entry, folder) for entry in as_files(value)]


def _file_ref(entry: Mapping[str, Any], folder: str) -> FileRef:
    source = as_text(entry.get("source")) or ""
    target = as_text(entry.get("target")) or source
    mode = entry.get("mode")
    return FileRef(
        source=source,
        target=target if target.startswith("$") else posixpath.join(folder, target),
        mode=mode if isinstance(mode, int) else None,
        uid=as_text(entry.get("uid")),
        gid=as_text(entry.get("gid")),
    )


def _port_number(value: object) -> int | str | None:
    return value if isinstance(value, (int, str)) and value else None


def _host(entry: str) -> tuple[str, str]:
    host, _, address = entry.partition("=" if "=" in entry else ":")
    return host, address


def _bare_address(address: str) -> str:
    return address[1:-1] if address.startswith("[") and address.endswith("]") else address


def _float_text(value: float) -> str:
    low, high = _PLAIN_FLOATS
    if value and not low <= abs(value) < high:
        return repr(value)
    return format(Decimal(repr(value)), "f").removesuffix(".0")
