"""Which requests reach the places where a Caddyfile hands requests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.verify.caddy.adapted import host_of, is_tls, servers, upstreams

if TYPE_CHECKING:
    from patchkit.verify.caddy.adapted import Config

WORD = "patchkit-probe"
_PLAIN = frozenset({"host", "path"})  # matchers that a plain request can meet
# Handlers behind which a plain request does not come through as it was sent.
_STOPPING = frozenset({"authentication", "rewrite", "error", "file_server", "static_response"})
# The hosts and the path with which a request comes to a proxy.
_Way: TypeAlias = "tuple[tuple[str, ...], str, Config]"


@dataclass(frozen=True, slots=True)
class Probe:
    """A request that caddy hands on.

    Attributes:
        server: caddy's name for the server that takes it.
        is_tls: whether over TLS.
        domain: the host that it names.
        path: its path and query.
        upstream: the host that caddy dials for it.
        keeps_host: whether that peer gets the same `Host`.
    """

    server: str
    is_tls: bool
    domain: str
    path: str
    upstream: str
    keeps_host: bool

    @property
    def url(self) -> str:
        """The request as people write it."""
        return f"{'https' if self.is_tls else 'http'}://{self.domain}{self.path}"


def probes(config: Config, domain: str) -> list[Probe]:
    """Return a request for each `reverse_proxy` that a plain request can reach.

    Args:
        config: what `caddy adapt` gave.
        domain: the host of sites that name none.
    """
    found: dict[tuple[str, str, str], Probe] = {}
    for name, server in servers(config).items():
        secure = is_tls(config, name)
        ways, _ = _reached(server.get("routes") or [], (), f"/{WORD}")
        for hosts, path, proxy in ways:
            dialled = [host_of(address) for address in upstreams(proxy)]
            if not dialled or not _speaks_http(proxy):
                continue
            host = _example(hosts, domain)
            probe = Probe(name, secure, host, f"{path}?q=1", dialled[0], _keeps_host(proxy))
            found.setdefault((name, host, path), probe)
    return list(found.values())


def _reached(routes: list[Config], hosts: tuple[str, ...], path: str) -> tuple[list[_Way], bool]:
    """Return the ways to each proxy, and whether no request comes past the routes unchanged."""
    found: list[_Way] = []
    for route in routes:
        matchers: Config = next(iter(route.get("match") or []), {})
        if not matchers.keys() <= _PLAIN:
            continue
        inner = tuple(matchers.get("host") or hosts)
        patterns = matchers.get("path")
        at = patterns[0].replace("*", WORD) if patterns else path
        ways, ends = _handled(route.get("handle") or [], inner, at)
        found += ways
        if ends and not matchers:
            return found, True
    return found, False


def _handled(handlers: list[Config], hosts: tuple[str, ...], path: str) -> tuple[list[_Way], bool]:
    found: list[_Way] = []
    for handler in handlers:
        kind = handler.get("handler")
        ends = kind in _STOPPING
        if kind == "subroute":
            ways, ends = _reached(handler.get("routes") or [], hosts, path)
            found += ways
        elif kind == "reverse_proxy":
            found.append((hosts, path, handler))
            ends = not handler.get("handle_response")
        if ends:
            return found, True
    return found, False


def _example(hosts: tuple[str, ...], domain: str) -> str:
    plain = [host for host in hosts if "*" not in host and "{" not in host]
    wild = [host.replace("*", WORD) for host in hosts if "{" not in host]
    return next(iter((*plain, *wild)), domain)


def _speaks_http(proxy: Config) -> bool:
    transport: dict[str, Any] = proxy.get("transport") or {}
    plain = transport.get("protocol", "http") == "http" and not transport.get("tls")
    return plain and "rewrite" not in proxy


def _keeps_host(proxy: Config) -> bool:
    changed = ((proxy.get("headers") or {}).get("request") or {}).get("set") or {}
    return "Host" not in changed
