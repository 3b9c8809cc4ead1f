"""What a visitor, a service and a stranger see of caddy at work."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from patchkit.verify.caddy.adapted import asked, hosts
from patchkit.verify.caddy.live import REFUSED
from patchkit.verify.caddy.names import Kind
from patchkit.verify.caddy.program import complaints
from patchkit.verify.judge import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.verify.caddy.client import Answer
    from patchkit.verify.caddy.live import Stage
    from patchkit.verify.caddy.probes import Probe
    from patchkit.verify.caddy.standin import Request

_LINES = 5  # of caddy's log


def observed(stage: Stage, found: list[Probe]) -> Iterator[Check]:
    """Visit the stack and yield what was seen.

    Args:
        stage: caddy at work.
        found: the requests that it hands on.
    """
    wanted = [probe for probe in found if stage.peers[probe.upstream].service]
    visits = [(probe, stage.visit(probe.server, probe.domain, probe.path)) for probe in wanted]
    tried = [probe.upstream for probe in wanted]
    secure = [probe for probe in found if probe.is_tls]
    if secure and asked(stage.config) and stage.peers[_ask_host(stage)].service:
        yield _asks(stage, secure[0])
        yield _refuses(stage, secure[0])
        tried.insert(0, _ask_host(stage))
    for probe, answer in visits:
        yield _reaches(stage, probe, answer)
    if tried:
        yield _no_stranger(stage, tried)


def _ask_host(stage: Stage) -> str:
    return urlsplit(asked(stage.config)).hostname or ""


def _asks(stage: Stage, probe: Probe) -> Check:
    host = _ask_host(stage)
    peer = stage.peers[host]
    about = [request for request in stage.got(host) if request.domain == probe.domain]
    if not about:
        stage.visit(probe.server, probe.domain, "/")
        about = [request for request in stage.got(host) if request.domain == probe.domain]
    return Check(
        f"caddy asks the service {peer.service} about {probe.domain}: {asked(stage.config)}",
        passed=bool(about) and peer.kind is Kind.SERVICE,
        output=f"{host} led to {peer}, which got {_listed(about)}",
    )


def _refuses(stage: Stage, probe: Probe) -> Check:
    host, domain = _ask_host(stage), f"{REFUSED}.{probe.domain}"
    peer = stage.peers[host]
    answer = stage.visit(probe.server, domain, "/")
    was_asked = any(request.domain == domain for request in stage.got(host))
    patterns = hosts(stage.config, probe.server)
    covered = not patterns or any(fnmatchcase(domain, pattern) for pattern in patterns)
    heard = peer.kind is Kind.SERVICE and (was_asked or not covered)
    return Check(
        f"{domain}, which the service {peer.service} refuses, gets no certificate",
        passed=heard and not answer.has_certificate,
        output=f"{host} led to {peer}; the visitor got {_told(answer)}",
    )


def _reaches(stage: Stage, probe: Probe, answer: Answer) -> Check:
    peer = stage.peers[probe.upstream]
    got = stage.got(probe.upstream) if peer.kind is Kind.SERVICE else []
    kept = [
        request
        for request in got
        if request.path == probe.path and (request.host == probe.domain or not probe.keeps_host)
    ]
    same = "path and Host" if probe.keeps_host else "path"
    return Check(
        f"{probe.url} reaches the service {peer.service} by the name {probe.upstream}, "
        f"{same} unchanged",
        passed=bool(kept),
        output="" if kept else _missed(stage, probe, answer),
    )


def _missed(stage: Stage, probe: Probe, answer: Answer) -> str:
    peer = stage.peers[probe.upstream]
    got = _listed(stage.got(probe.upstream)) if peer.kind is not Kind.NOBODY else "nothing"
    return "\n".join(
        (
            f"{probe.upstream} led to {peer}, which got {got}",
            f"the visitor got {_told(answer)}",
            *complaints(stage.program.output)[-_LINES:],
        )
    )


def _no_stranger(stage: Stage, tried: list[str]) -> Check:
    led = "; ".join(f"{host} leads to {stage.peers[host]}" for host in dict.fromkeys(tried))
    return Check(
        f"no other stack is reached: {led}",
        passed=not stage.strangers,
        output=f"another stack got {_listed(stage.strangers)}" if stage.strangers else "",
    )


def _listed(requests: list[Request]) -> str:
    return ", ".join(dict.fromkeys(map(str, requests))) or "no request"


def _told(answer: Answer) -> str:
    return f"HTTP {answer.status}" if answer.status else answer.error
