"""Small HTTP servers on loopback that stand for services, and remember who asked what."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST = 1000  # requests that are remembered
_SECONDS = 5.0  # how long a client may take
OK, NOT_FOUND = 200, 404


@dataclass(frozen=True, slots=True)
class Request:
    """A request that reached a stand-in."""

    method: str
    path: str
    host: str

    @property
    def domain(self) -> str:
        """The domain that an `ask` endpoint is asked about."""
        return parse_qs(urlsplit(self.path).query).get("domain", [""])[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path} for {self.host}"


class StandIn:
    """A server that stands for one or more services.

    Attributes:
        name: what it stands for.
        requests: what reached it, in order.
        port: where it listens on loopback.
    """

    def __init__(self, name: str, answer: Callable[[Request], int]) -> None:
        self.name = name
        self.requests: list[Request] = []
        self._answer = answer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port: int = self._server.server_port

    @contextlib.contextmanager
    def serving(self) -> Iterator[StandIn]:
        """Serve; the port is free again on leaving."""
        thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()

    def take(self, request: Request) -> int:
        """Remember a request and return the status that answers it."""
        if len(self.requests) < _MOST:
            self.requests.append(request)
        return self._answer(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        take, name = self.take, self.name

        class Handler(BaseHTTPRequestHandler):
            timeout = _SECONDS

            def _respond(self) -> None:
                host = self.headers.get("Host", "")
                body = f"{name}\n".encode()
                self.send_response(take(Request(self.command, self.path, host)))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_POST = _respond  # noqa: N815  names of http.server

            def log_message(self, *_: object) -> None:
                pass

        return Handler
