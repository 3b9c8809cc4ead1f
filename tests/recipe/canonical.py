"""A merged view in the words of `docker stack config`, so that the two can be compared.

Only spelling is changed here, nothing is merged: variables are filled in, durations, sizes and
paths written as Docker writes them, and zeros dropped where Docker does not print them.
"""

from __future__ import annotations

import posixpath
import re
import shlex

from patchkit.recipe.forms import as_mapping
from patchkit.recipe.interpolate import interpolate

SECTIONS = ("networks", "volumes", "secrets", "configs")
TEXT_MAPS = ("environment", "labels", "sysctls", "options", "args", "driver_opts")
# Docker prints their zero too.
POINTERS = ("init", "max_attempts", "parallelism", "replicas", "retries")
INTEGERS = ("max_attempts", "parallelism", "replicas", "retries")
DURATIONS = ("delay", "interval", "monitor", "start_interval", "start_period", "timeout", "window")
# Their order says nothing.
UNORDERED = ("configs", "ports", "secrets", "volumes")


def canonical(merged, env, folder, home):
    """Return what Docker would print for `merged` in `folder`, as data."""
    data = filled(merged, env)
    version = data.get("version", "3")
    data["version"] = "3.13" if version == "3" else version
    data["services"] = {
        name: service_as_printed(service, env, folder, home)
        for name, service in data["services"].items()
    }
    for section in SECTIONS:
        entries = {
            name: entry_as_printed(section, name, entry or {}, folder)
            for name, entry in data.pop(section, {}).items()
        }
        if entries:
            data[section] = entries
    return data


def unordered(data):
    """Return what Docker printed, with the lists sorted whose order says nothing."""
    services = {
        name: {key: in_order(key, value) for key, value in service.items()}
        for name, service in data["services"].items()
    }
    return data | {"services": services}


def filled(value, env, key=""):
    if isinstance(value, dict):
        texts = key in TEXT_MAPS
        return {filled(k, env) if texts else k: filled(v, env, k) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(item, env, key) for item in value]
    if not isinstance(value, str):
        return value
    text = interpolate(value, env)
    return number(text) if key in INTEGERS else text


def number(value):
    return int(value) if str(value).isdecimal() else value


def service_as_printed(service, env, folder, home):
    service = {key: respelled(key, value, folder, home) for key, value in service.items()}
    if "environment" in service:
        service["environment"] = {
            name: text or env.get(name, text) for name, text in service["environment"].items()
        }
    return {key: in_order(key, value) for key, value in pruned(service).items()}


def respelled(key, value, folder, home):
    if key in ("command", "entrypoint"):
        return shlex.split(value) if isinstance(value, str) else value
    if key == "volumes":
        return [volume_as_printed(volume, folder, home) for volume in value]
    if key == "ports":
        return [{k: number(v) for k, v in port.items()} for port in value]
    if key == "expose":
        return [str(port) for port in value]
    if key == "stop_grace_period":
        return go_duration(value)
    if key in ("deploy", "healthcheck"):
        return with_amounts(value)
    return value


def with_amounts(value, key=""):
    if isinstance(value, dict) and key != "labels":
        return {k: with_amounts(v, k) for k, v in value.items()}
    if key == "memory":
        return str(size(value)) if size(value) else None
    return go_duration(value) if key in DURATIONS else value


def volume_as_printed(volume, folder, home):
    if volume["type"] != "bind":
        return volume
    return volume | {"source": in_full(re.sub("^~", home, volume["source"]), folder)}


def in_full(path, folder):
    return path if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))


def entry_as_printed(section, name, entry, folder):
    entry = {k: v for k, v in entry.items() if k != "external"} | external(name, entry)
    for key in ("labels", "driver_opts"):
        if key in entry:
            entry[key] = as_mapping(entry[key], bare="")
    if section in ("configs", "secrets") and "external" not in entry and "driver" not in entry:
        entry["file"] = in_full(entry.get("file", ""), folder)
    return pruned(entry)


def external(name, entry):
    mark = entry.get("external")
    if not mark:
        return {}
    own = entry.get("name") if mark is True else mark.get("name")
    return {"external": True, "name": own or name}


def pruned(value, key=""):
    """Leave out what Docker takes for not given."""
    if isinstance(value, list):
        return [pruned(item) for item in value]
    if not isinstance(value, dict) or key in TEXT_MAPS or key.startswith("x-"):
        return value
    items = {k: pruned(v, k) for k, v in value.items()}
    return {k: v for k, v in items.items() if v or key == "networks" or keeps_zero(k)}


def keeps_zero(key):
    return key in POINTERS or key.startswith("x-")


def in_order(key, value):
    return sorted(value, key=contents) if key in UNORDERED else value


def contents(item):
    return repr(sorted(item.items(), key=repr))


def go_duration(text):
    """`90s` is printed `1m30s`; of the units that recipes use."""
    seconds = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
    total = sum(
        float(number) * seconds[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m|h)", text)
    )
    if 0 < total < 1:
        return f"{total * 1000:g}ms"
    minutes, rest = divmod(total, 60)
    hours, minutes = divmod(int(minutes), 60)
    large = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{large}{rest:g}s"


def size(text):
    number, unit = re.fullmatch(r"([\d.]+) *([kmgt]?)i?b?", str(text).lower()).groups()
    return int(float(number) * 1024 ** " kmgt".index(unit or " "))
