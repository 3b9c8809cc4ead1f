"""A Caddyfile at work on loopback, between stand-ins for whom it dials.

The Caddyfile is not rewritten: what caddy makes of it gets other addresses, and certificates from
caddy's own authority. Each host that it dials is led to where Swarm's names would lead it: to a
stand-in of the service, or, by a name that other stacks use too, to that of a stranger.
"""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from patchkit.verify.caddy.adapted import (
    LOOPBACK,
    asked,
    host_of,
    is_tls,
    moved,
    proxies,
    servers,
    upstreams,
)
from patchkit.verify.caddy.client import Answer, visit
from patchkit.verify.caddy.names import Kind, Peer
from patchkit.verify.caddy.standin import NOT_FOUND, OK, Request, StandIn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from patchkit.verify.bench import Program
    from patchkit.verify.caddy.adapted import Config
    from patchkit.verify.caddy.program import Caddy

_START = 20.0  # seconds until caddy listens
_PATIENCE = 3.0  # seconds for a certificate that caddy fetches at its start
_PAUSE = 0.05
_READY = "serving initial configuration"
_CLOSED = 1  # a port on which nobody listens
_ELSEWHERE = Peer(Kind.ELSEWHERE)
REFUSED = "patchkit-refused"  # no service permits a domain with this word


def dialled(config: Config) -> list[str]:
    """Return every host that caddy dials, the `ask` endpoint's first."""
    hosts = [host_of(address) for proxy in proxies(config) for address in upstreams(proxy)]
    return list(dict.fromkeys(filter(None, [urlsplit(asked(config)).hostname, *hosts])))


@dataclass(frozen=True)
class Stage:
    """Caddy at work.

    Attributes:
        caddy: the program.
        config: what `caddy adapt` gave.
        peers: to whom each host leads.
        standins: the servers by what they stand for.
        ports: where caddy's servers listen.
        authority: the root certificate of caddy's own authority.
        program: caddy itself, as it runs.
    """

    caddy: Caddy
    config: Config
    peers: Mapping[str, Peer]
    standins: Mapping[Peer, StandIn]
    ports: Mapping[str, int]
    authority: Path
    program: Program

    def visit(self, server: str, domain: str, path: str) -> Answer:
        """Return what a domain answers; waits for a certificate that is not made on demand."""
        authority = self.authority if is_tls(self.config, server) else None
        patience = 0.0 if asked(self.config) or authority is None else _PATIENCE
        end = time.monotonic() + min(patience, self.caddy.bench.remaining)
        while True:
            answer = visit(self.ports[server], domain, path, authority)
            if answer.status or time.monotonic() > end:
                return answer
            time.sleep(_PAUSE)

    def got(self, host: str) -> list[Request]:
        """Return the requests that reached whom a host leads to."""
        return self.standins[self.peers[host]].requests

    @property
    def strangers(self) -> list[Request]:
        """The requests that reached other stacks."""
        return [
            request
            for peer, standin in self.standins.items()
            if peer.kind is Kind.STRANGER
            for request in standin.requests
        ]


@contextlib.contextmanager
def staged(caddy: Caddy, config: Config, peers: Mapping[str, Peer]) -> Iterator[Stage]:
    """Run caddy between stand-ins; on leaving nothing runs any more.

    Raises:
        NotRunningError: caddy did not come up.
    """
    with contextlib.ExitStack() as stack:
        standins = {
            peer: stack.enter_context(StandIn(str(peer), _answers(peer, config)).serving())
            for peer in {*peers.values(), _ELSEWHERE}
        }
        names = list(servers(config))
        ports = dict(zip(names, _free_ports(len(names)), strict=True))
        data = caddy.folder / "live"
        changed = moved(config, data, ports, lambda host: _port(peers.get(host), standins))
        place = caddy.write(changed, "live.json")
        program = stack.enter_context(
            caddy.bench.started(caddy.program, "run", "--config", place, env=caddy.env)
        )
        _wait(program, caddy.bench.remaining)
        authority = data / "pki" / "authorities" / "local" / "root.crt"
        yield Stage(caddy, config, peers, standins, ports, authority, program)


class NotRunningError(Exception):
    """Caddy did not come up; says what it said."""


def _answers(peer: Peer, config: Config) -> Callable[[Request], int]:
    """Return how a stand-in answers: another stack's app knows nothing of what it is asked."""
    path = urlsplit(asked(config)).path

    def answer(request: Request) -> int:
        refuses = urlsplit(request.path).path == path and REFUSED in request.domain
        return NOT_FOUND if refuses or peer.kind is Kind.STRANGER else OK

    return answer


def _port(peer: Peer | None, standins: Mapping[Peer, StandIn]) -> int:
    found = peer or _ELSEWHERE
    return _CLOSED if found.kind is Kind.NOBODY else standins[found].port


def _free_ports(number: int) -> list[int]:
    """Return ports of loopback on which nobody listens, each another."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in taken:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in taken]


def _wait(program: Program, seconds: float) -> None:
    end = time.monotonic() + min(_START, seconds)
    while _READY not in program.output:
        if not program.running or time.monotonic() > end:
            raise NotRunningError(program.output)
        time.sleep(_PAUSE)
