"""Short syntax of mounts and ports, written out as Docker writes it out.

Text that variables fill in at deploy stays as it is: `${DATA:-./data}:/data` has one colon that
separates. https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes
"""

from __future__ import annotations

import re
from typing import Any

from patchkit.recipe.interpolate import interpolate

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_PORTS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
_PROPAGATIONS = frozenset(("private", "rprivate", "shared", "rshared", "slave", "rslave"))


def long_volume(text: str) -> dict[str, Any]:
    """Return the long form of `[source:]target[:options]`.

    Options that Docker passes over (`z`, `cached`, ...) are left out.
    """
    source, target, options = [*_split(text, ":"), "", ""][:3]
    if not target:
        return {"type": "volume", "target": text}
    volume: dict[str, Any] = {
        "type": "bind" if is_path(source) else "volume",
        "source": source,
        "target": target,
    }
    for option in options.split(","):
        _apply(option, volume)
    return volume


def long_ports(text: str) -> list[dict[str, Any]]:
    """Return the long forms of `[[address:]published:]target[/protocol]`, one a port.

    Swarm publishes on every address, so Docker drops the one given here.
    """
    *rest, container = _split(text, ":")
    target, protocol = [*_split(container, "/"), "tcp"][:2]
    published = _numbers(rest[-1]) if rest and rest[-1] else []
    targets = _numbers(target)
    if len(targets) == 1:
        targets *= len(published) or 1
    ports = [{"mode": "ingress", "target": t, "protocol": protocol.lower()} for t in targets]
    for port, number in zip(ports, published, strict=False):
        port["published"] = number
    return ports


def is_path(source: str) -> bool:
    """Return whether the source of a mount is a path of the host; else it names a volume.

    A variable in front counts as its default, or as a path when a path goes on behind it.
    """
    source = interpolate(source)
    return source.startswith((".", "/", "~")) or (source.startswith("$") and "/" in source)


def _apply(option: str, volume: dict[str, Any]) -> None:
    if option in ("ro", "rw"):
        volume["read_only"] = option == "ro"
    elif option == "nocopy":
        volume["volume"] = {"nocopy": True}
    elif option in _PROPAGATIONS:
        volume["bind"] = {"propagation": option}


def _split(text: str, separator: str) -> list[str]:
    """Split `text` at separators that stand outside `${...}`."""
    hidden = _VARIABLE.sub(lambda match: match[0].replace(separator, "\0"), text)
    return [part.replace("\0", separator) for part in hidden.split(separator)]


def _numbers(text: str) -> list[int | str]:
    """Return the ports of `80` or `80-82`; what a variable will say stays text."""
    match = _PORTS.fullmatch(text)
    if not match:
        return [text]
    return list(range(int(match[1]), int(match[2] or match[1]) + 1))
