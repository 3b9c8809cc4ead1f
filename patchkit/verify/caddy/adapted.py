"""A Caddyfile as caddy's own JSON: whom it dials, and the same with other addresses.

https://caddyserver.com/docs/json/
"""

from __future__ import annotations

import copy
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Config = dict[str, Any]
LOOPBACK = "127.0.0.1"
_ENV = re.compile(r"\{env\.(\w+)\}")
_INTERNAL = {"module": "internal"}
# Keys of places outside: the default storage lies in the folder, and is kept.
_ATTACHED = frozenset(
    (
        *("storage", "ca", "certificate_selection", "client_authentication"),
        *("client_certificate_file", "client_certificate_key_file"),
        *("client_certificate_automate", "root_ca_pem_files", "root_ca_pool"),
    )
)
_TERMINAL = frozenset({"stdout", "stderr", "discard"})


def read(output: str, env: Mapping[str, str]) -> Config | None:
    """Return the JSON among the lines of `caddy adapt`, `{env.NAME}` filled in; None without."""
    for line in reversed(output.splitlines()):
        try:
            found = json.loads(_ENV.sub(lambda match: _filled(match, env), line))
        except ValueError:
            continue
        # Its log is JSON as well.
        if isinstance(found, dict) and "msg" not in found:
            return found
    return None


def _filled(match: re.Match[str], env: Mapping[str, str]) -> str:
    return json.dumps(env.get(match[1], ""))[1:-1]


def proxies(node: object) -> Iterator[Config]:
    """Yield every `reverse_proxy` in a part of a config."""
    for item in _mappings(node):
        if item.get("handler") == "reverse_proxy":
            yield item


def upstreams(proxy: Config) -> list[str]:
    """Return the addresses that a `reverse_proxy` dials, those that it looks up included."""
    found = [str(upstream.get("dial", "")) for upstream in proxy.get("upstreams") or []]
    sources = [item for item in _mappings(proxy.get("dynamic_upstreams")) if "name" in item]
    return found + [f"{item['name']}:{item.get('port', 80)}" for item in sources]


def host_of(address: str) -> str:
    """Return the host of an address that caddy dials; empty for a socket."""
    network, slash, rest = address.rpartition("/")
    if network.startswith("unix"):
        return ""
    return (rest if slash else address).rpartition(":")[0].strip("[]")


def asked(config: Config) -> str:
    """Return the URL that is asked before a certificate is fetched on demand; empty for none."""
    on_demand = _at(config, "apps", "tls", "automation", "on_demand")
    found = _at(on_demand, "permission").get("endpoint") or on_demand.get("ask")
    return found if isinstance(found, str) else ""


def servers(config: Config) -> dict[str, Config]:
    """Return the HTTP servers by name."""
    return {
        name: server
        for name, server in _at(config, "apps", "http", "servers").items()
        if isinstance(server, dict) and server.get("listen")
    }


def hosts(config: Config, server: str) -> list[str]:
    """Return the hosts that a server's routes name, with their `*`; none takes every host."""
    routes = servers(config)[server].get("routes")
    return [host for item in _mappings(routes) for host in item.get("host") or []]


def is_tls(config: Config, name: str) -> bool:
    """Return whether a server speaks TLS: caddy's rules for automatic HTTPS."""
    server = servers(config)[name]
    http = _at(config, "apps", "http")
    ports = {address.rpartition(":")[2] for address in server["listen"]}
    automatic = server.get("automatic_https") or {}
    if server.get("tls_connection_policies") or ports == {str(http.get("https_port", 443))}:
        return True
    named = set(hosts(config, name))
    is_off = automatic.get("disable") or named <= set(automatic.get("skip") or [])
    return bool(named) and not is_off and ports != {str(http.get("http_port", 80))}


def contained(config: Config, folder: Path) -> Config:
    """Return a config that writes only below a folder and needs no file of the container."""
    changed = _detached(config)
    for log in _at(changed, "logging", "logs").values():
        writer = _at(log, "writer")
        if writer.get("output") == "file":
            name = str(writer.get("filename")).strip("/").replace("..", "_")
            writer["filename"] = str(folder / name)
        elif writer and writer.get("output") not in _TERMINAL:
            log["writer"] = {"output": "discard"}
    return changed


def _detached(config: Config) -> Config:
    """Return a config without what it reads from the container's files or from the network."""
    changed = copy.deepcopy(config)
    _at(changed, "apps", "tls").pop("certificates", None)
    for item in _mappings(changed):
        for key in _ATTACHED & item.keys():
            # A header or a variable may be called so too.
            if isinstance(item[key], dict) or key.startswith(("client_certificate_", "root_ca_")):
                del item[key]
    return changed


def moved(
    config: Config, folder: Path, ports: Mapping[str, int], port_of: Callable[[str], int]
) -> Config:
    """Return a config for loopback: the same routes between other addresses.

    Args:
        config: what `caddy adapt` gave.
        folder: where caddy may write.
        ports: where each server listens, by its name.
        port_of: the port on loopback that stands for a host that caddy dials.
    """
    apps = _at(_detached(config), "apps")
    http = apps.setdefault("http", {})
    http["https_port"] = _standard_port(config, "https_port", 443, ports)
    http["http_port"] = _standard_port(config, "http_port", 80, ports)
    http["grace_period"] = "1s"
    for name, server in servers({"apps": apps}).items():
        server["listen"] = [f"{LOOPBACK}:{ports[name]}"]
        server["protocols"] = ["h1", "h2"]
        server["automatic_https"] = (server.get("automatic_https") or {}) | {
            "disable_redirects": True
        }
    for proxy in proxies(apps):
        dialled = [{"dial": f"{LOOPBACK}:{port_of(host_of(item))}"} for item in upstreams(proxy)]
        proxy["upstreams"] = dialled
        for key in ("dynamic_upstreams", "health_checks", "transport"):
            proxy.pop(key, None)
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(folder)},
        "apps": {
            "http": http,
            "tls": _tls(apps.get("tls") or {}, asked(config), port_of),
            "pki": {"certificate_authorities": {"local": {"install_trust": False}}},
        },
    }


def _standard_port(config: Config, name: str, usual: int, ports: Mapping[str, int]) -> int:
    """Return the port that stands for that of HTTPS or HTTP; 1, which is never used, for none."""
    standard = str(_at(config, "apps", "http").get(name, usual))
    for server, body in servers(config).items():
        if any(address.rpartition(":")[2] == standard for address in body["listen"]):
            return ports[server]
    return 1


def _tls(tls: Config, asked: str, port_of: Callable[[str], int]) -> Config:
    """Return the TLS part with certificates from caddy's own authority."""
    automation = tls.setdefault("automation", {})
    policies = automation.setdefault("policies", [])
    for policy in policies:
        policy["issuers"] = [_INTERNAL]
        policy.pop("get_certificate", None)
    if all(policy.get("subjects") for policy in policies):
        policies.append({"issuers": [_INTERNAL]})
    if asked:
        host = urlsplit(asked).hostname or ""
        url = urlsplit(asked)._replace(scheme="http", netloc=f"{LOOPBACK}:{port_of(host)}")
        automation["on_demand"] = {"permission": {"module": "http", "endpoint": url.geturl()}}
    tls.pop("certificates", None)  # their files lie in the container
    return tls


def _at(node: object, *path: str) -> Config:
    for key in path:
        node = node.get(key) if isinstance(node, dict) else None
    return node if isinstance(node, dict) else {}


def _mappings(node: object) -> Iterator[Config]:
    """Yield every mapping in a part of a config, itself included."""
    if isinstance(node, dict):
        yield node
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _mappings(item)
