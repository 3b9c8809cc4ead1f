"""A small HTTP server on loopback for tests: one request a connection, bounded, gone with them.

What a handler raises is kept and raised again where the server is closed, so that no test passes
over a broken stand-in.
"""

from __future__ import annotations

import itertools
import json
import select
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from serving import serving

if TYPE_CHECKING:
    import ssl
    from http.client import HTTPMessage

_MOST_BYTES = 64 * 1024 * 1024
_SECONDS = 10  # that a socket may stand still, or a client may be waited for


@dataclass(frozen=True)
class Request:
    """What a client asked: `number` counts connections from 0, `target` is path and query."""

    number: int
    method: str
    target: str
    headers: HTTPMessage
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


@dataclass(frozen=True)
class Reply:
    """What a server answers; a `length` that is larger than the body makes it a truncated one."""

    status: int = 200
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    wait_for_client: bool = False  # until it has hung up


def json_reply(data: Any, status: int = 200, **headers: str) -> Reply:
    named = ((name.replace("_", "-"), value) for name, value in headers.items())
    kind = ("Content-Type", "application/json;charset=utf-8")
    return Reply(status, json.dumps(data).encode(), (kind, *named))


@dataclass
class Loopback:
    """Serves `answer` on a port of its own between `with` and its end."""

    requests: list[Request] = field(default_factory=list)

    def answer(self, request: Request) -> Reply | None:
        """Return the answer, None to hang up without one."""
        raise NotImplementedError

    def tls(self, number: int) -> ssl.SSLContext | None:  # noqa: ARG002
        """Return how a connection is encrypted, None for plain HTTP."""
        return None

    @property
    def url(self) -> str:
        scheme = "http" if self.tls(-1) is None else "https"
        return f"{scheme}://localhost:{self._server.server_port}"

    def __enter__(self):
        self._server = _Server(self)
        self._serving = serving(self._server)
        self._serving.__enter__()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._serving.__exit__(None, None, None)
        if kind is None and self._server.errors:
            raise self._server.errors[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, owner: Loopback) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.owner = owner
        self.errors: list[BaseException] = []
        self.numbers = itertools.count()

    def finish_request(self, request: Any, client_address: Any) -> None:
        request.settimeout(_SECONDS)
        number = next(self.numbers)
        if context := self.owner.tls(number):
            # A client that refuses the certificate ends this here: an OSError.
            request = context.wrap_socket(request, server_side=True)
        with request:
            _Handler(request, client_address, self, number)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        if (error := sys.exception()) and not isinstance(error, OSError):
            self.errors.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, connection: Any, address: Any, server: _Server, number: int) -> None:
        self.number = number
        super().__init__(connection, address, server)

    def serve(self) -> None:
        self.close_connection = True
        request = Request(self.number, self.command, self.path, self.headers, self._body())
        self.server.owner.requests.append(request)
        reply = self._answer(request)
        if reply is None:
            return
        if reply.wait_for_client:
            select.select([self.connection], [], [], _SECONDS)
            return
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        length = len(reply.body) if reply.length is None else reply.length
        if reply.status not in {204, 304}:
            self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        with suppress(OSError):
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

    def _answer(self, request: Request) -> Reply | None:
        """Return the answer; what went wrong here is told with a status that nobody tries again."""
        try:
            return self.server.owner.answer(request)
        except Exception as error:  # noqa: BLE001  it is raised where the server is closed
            self.server.errors.append(error)
            return Reply(418, str(error).encode(), (("Content-Type", "text/plain"),))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):
            return self.serve
        raise AttributeError(name)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return b"".join(self._chunks())
        return self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _MOST_BYTES))

    def _chunks(self):
        left = _MOST_BYTES
        while size := int(self.rfile.readline().split(b";")[0], 16):
            left -= size
            assert left > 0, "a test sends too much"
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""
