"""A proxy on loopback that makes chosen requests go wrong, in front of any HTTP server.

`with FaultProxy(server.url) as proxy: proxy.fail(Fault.DROP_AFTER, at=2)` breaks the third
request from then on. Requests are counted by connections, since each is closed after its answer.
"""

from __future__ import annotations

import http.client
import ssl
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from loopback import Loopback, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    import trustme
    from loopback import Request

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer"}
_HTML = (("Content-Type", "text/html; charset=utf-8"),)
_JSON = (("Content-Type", "application/json"),)


class Fault(Enum):
    """What goes wrong; `acts` tells whether the server behind has done what was asked."""

    DROP_BEFORE = "drop before", False
    DROP_AFTER = "drop after", True
    INTERNAL_ERROR = "500", False
    BAD_GATEWAY = "502 after", True
    UNAVAILABLE = "503", False
    TOO_MANY = "429", False
    SLOW = "slow", True
    TRUNCATED = "truncated", True
    CUT = "half of the JSON", True
    HTML = "HTML", False
    HTML_AFTER = "HTML after", True
    WRONG_CERTIFICATE = "wrong certificate", False

    @property
    def acts(self) -> bool:
        return self.value[1]

    def __str__(self) -> str:
        return self.value[0]


@dataclass
class FaultProxy(Loopback):
    """In front of `target`; with `authority` it speaks TLS, and can show a wrong certificate.

    Attributes:
        target: the URL of the server behind, plain HTTP.
        authority: who signs the certificate for localhost.
        retry_after: what a 429 or a 503 tells to wait, None to tell nothing.
        hook: called with each request's number before it goes on.
    """

    target: str = ""
    authority: trustme.CA | None = None
    retry_after: str | None = "0"
    hook: Callable[[int], object] = lambda number: None
    faults: dict[int, Fault] = field(default_factory=dict)
    first: int = 0  # the number of the connection that counts as 0

    def __post_init__(self) -> None:
        if self.authority is not None:
            self._right, self._wrong = _contexts(self.authority)

    @property
    def count(self) -> int:
        """How many requests came since the last `reset`; refused certificates count too."""
        return self._seen - self.first

    def reset(self) -> None:
        """Count from 0 again, without faults."""
        self.faults.clear()
        self.first = self._seen

    def fail(self, fault: Fault, *, at: int = 0, times: int = 1) -> None:
        """Break a request by its number since the last `reset`, and those that follow it."""
        self.faults |= dict.fromkeys(range(at, at + times), fault)

    def tls(self, number: int) -> ssl.SSLContext | None:
        if number >= 0:
            self._seen = max(self._seen, number + 1)
        if self.authority is None:
            return None
        wrong = self.faults.get(number - self.first) is Fault.WRONG_CERTIFICATE
        return self._wrong if wrong else self._right

    def answer(self, request: Request) -> Reply | None:
        self.hook(request.number - self.first)
        fault = self.faults.get(request.number - self.first)
        real = self._forward(request) if fault is None or fault.acts else Reply()
        return real if fault is None else self._broken(fault, real)

    def _broken(self, fault: Fault, real: Reply) -> Reply | None:
        half = real.body[: len(real.body) // 2]
        wait = () if self.retry_after is None else (("Retry-After", self.retry_after),)
        return {
            Fault.DROP_BEFORE: None,
            Fault.DROP_AFTER: None,
            Fault.SLOW: Reply(wait_for_client=True),
            Fault.TRUNCATED: Reply(real.status, half, real.headers, length=len(real.body) or 1),
            Fault.CUT: Reply(real.status, half, real.headers),
            Fault.INTERNAL_ERROR: Reply(500, b'{"message": ""}', _JSON),
            Fault.BAD_GATEWAY: Reply(502, b"<h1>502 Bad Gateway</h1>", _HTML),
            Fault.UNAVAILABLE: Reply(503, b"<h1>back soon</h1>", (*_HTML, *wait)),
            Fault.TOO_MANY: Reply(429, b"slow down\n", wait),
        }.get(fault, Reply(200, b"<!doctype html><title>Welcome to the hotel</title>", _HTML))

    def _forward(self, request: Request) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.target).netloc, timeout=10)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP}
        connection.request(request.method, request.target, request.body or None, headers)
        real = connection.getresponse()
        kept = tuple((k, v) for k, v in real.getheaders() if k.lower() not in _HOP_BY_HOP)
        body = real.read()
        connection.close()
        return Reply(real.status, body, kept)

    _seen = 0


@cache
def _contexts(authority: trustme.CA) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return how localhost shows who it is: by this authority, and by a stranger."""
    pair = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for context, signer in zip(pair, (authority, type(authority)()), strict=True):
        signer.issue_cert("localhost").configure_cert(context)
    return pair
