"""Real git over smart HTTP: `git http-backend` behind a small server on loopback, with tokens.

    with GitServer(folder, tokens={"secret": {"gitea.git": "write"}}) as server:
        ...  # server.url("gitea.git"), server.requests, server.fail(502, times=1)

A token is taken as the password of Basic, with any user name, and as Bearer, as Gitea and GitHub
take it. https://git-scm.com/docs/git-http-backend
"""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Literal, Self, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit

from serving import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Permission: TypeAlias = Literal["none", "read", "write"]
Kind: TypeAlias = (
    int | Literal["drop", "drop after", "half", "cut", "short", "hold", "hold after", "elsewhere"]
)
_ENOUGH: dict[str, tuple[Permission, ...]] = {"read": ("read", "write"), "write": ("write",)}
_BOUND = 60  # seconds that a held request waits at most


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it came.

    Attributes:
        method: GET or POST.
        path: of the URL, without the query.
        service: `git-upload-pack` (reading) or `git-receive-pack` (pushing).
        token: what came with it; empty when nothing did.
        scheme: how it came: `basic`, `bearer` or nothing.
        chunked: whether the body came in chunks.
        body: the body.
        headers: the names in lower case.
    """

    method: str
    path: str
    service: str
    token: str
    scheme: str
    chunked: bool
    body: bytes
    headers: Mapping[str, str]

    @property
    def repository(self) -> str:
        """The repository's folder below the root."""
        return self.path.split("/info/refs")[0].rpartition("/git-")[0].strip("/") or (
            self.path.split("/info/refs")[0].strip("/")
        )


@dataclass
class Fault:
    """What goes wrong.

    Attributes:
        kind: a status is answered with a page of HTML; `drop` closes the connection unheard,
            `drop after` when git has acted; `half` lets git act on half of the body and closes;
            `cut` sends half of the answer, `short` too, and says that it is all; `hold` waits for
            `release` before anything is done, `hold after` before its answer is sent;
            `elsewhere` sends to another repository.
        when: which requests it meets.
        times: how many of them are left; None for all.
        to: the URL of the repository that `elsewhere` is.
        reached: set when a request is held.
        release: lets it go on.
    """

    kind: Kind
    when: Callable[[Request], bool] = lambda request: True
    times: int | None = None
    to: str = ""
    reached: threading.Event = field(default_factory=threading.Event)
    release: threading.Event = field(default_factory=threading.Event)

    def meets(self, request: Request) -> bool:
        """Whether it is this request's turn."""
        if self.times == 0 or not self.when(request):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class GitServer:
    """Serves the bare repositories below a folder.

    Attributes:
        requests: all that came, in order.
    """

    def __init__(
        self,
        root: Path,
        *,
        tokens: Mapping[str, Mapping[str, Permission]] | None = None,
        anonymous: Permission = "read",
    ) -> None:
        """Make a server.

        Args:
            root: the folder of the repositories.
            tokens: what each token may do with a repository, by the path of its folder.
            anonymous: what everybody may do with all of them.
        """
        self.root = root
        self.tokens = {token: dict(rights) for token, rights in (tokens or {}).items()}
        self.anonymous = anonymous
        self.requests: list[Request] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.git = self
        self._serving = serving(self._http)

    def __enter__(self) -> Self:
        self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for fault in self._faults:
            fault.release.set()
        self._serving.__exit__(None, None, None)

    def url(self, repository: str) -> str:
        """Return the URL of a repository."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/{repository}"

    def fail(
        self,
        kind: Kind,
        *,
        when: Callable[[Request], bool] = lambda request: True,
        times: int | None = None,
        to: str = "",
    ) -> Fault:
        """Let requests go wrong from now on; see Fault."""
        fault = Fault(kind, when, times, to)
        self._faults.append(fault)
        return fault

    def heal(self) -> None:
        """Let nothing go wrong any more, and forget what came."""
        for fault in self._faults:
            fault.release.set()
        self._faults.clear()
        self.requests.clear()

    def take(self, request: Request) -> Fault | None:
        """Note a request, and return what goes wrong with it."""
        with self._lock:
            self.requests.append(request)
            return next((fault for fault in self._faults if fault.meets(request)), None)

    def refuse(self, request: Request) -> int | None:
        """Return the status that a request without the right gets, None when it may."""
        need = "write" if request.service == "git-receive-pack" else "read"
        if self.anonymous in _ENOUGH[need]:
            return None
        if request.token not in self.tokens:
            return 401
        permission = self.tokens[request.token].get(request.repository, "none")
        if permission in _ENOUGH[need]:
            return None
        return 404 if permission == "none" else 403


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    git: GitServer

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that was killed, or a connection that a fault closed."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def _handle(self) -> None:
        request = self._request()
        fault = self.server.git.take(request)
        if fault and fault.kind == "hold":
            _hold(fault)
        if fault and fault.kind == "drop":
            self._hang_up()
        elif fault and fault.kind == "elsewhere":
            target = fault.to + self.path.removeprefix(f"/{request.repository}")
            self._send(302, [("Location", target)], b"")
        elif fault and isinstance(fault.kind, int):
            page = f"<html><h1>{fault.kind}</h1></html>".encode()
            self._send(fault.kind, [("Content-Type", "text/html")], page)
        elif status := self.server.git.refuse(request):
            ask = [("WWW-Authenticate", 'Basic realm="git"')] if status == 401 else []
            self._send(status, ask, b"")
        else:
            self._serve(request, fault)

    def _serve(self, request: Request, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        if fault and kind == "hold":
            _hold(fault)
        body = request.body
        status, headers, answer = self._backend(
            request, body[: len(body) // 2] if kind == "half" else body
        )
        if fault and kind == "hold after":
            _hold(fault)
        if kind in ("drop after", "half"):
            self._hang_up()
        elif kind == "cut":
            self._send(status, headers, answer, sent=len(answer) // 2)
            self._hang_up()
        else:
            self._send(status, headers, answer[: len(answer) // 2] if kind == "short" else answer)

    def _request(self) -> Request:
        url = urlsplit(self.path)
        scheme, token = _credentials(self.headers.get("Authorization", ""))
        service = parse_qs(url.query).get("service", [url.path.rpartition("/")[2]])[0]
        chunked = self.headers.get("Transfer-Encoding", "").lower() == "chunked"
        length = int(self.headers.get("Content-Length", 0))
        body = b"".join(self._chunks()) if chunked else self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(
            self.command, unquote(url.path), service, token, scheme, chunked, body, headers
        )

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.rfile.readline().split(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _backend(self, request: Request, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.server.git.root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.server.git.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": request.method,
            "PATH_INFO": request.path,
            "QUERY_STRING": urlsplit(self.path).query,
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
            "REMOTE_USER": "bot",
            "REMOTE_ADDR": "127.0.0.1",
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, check=False, env=env
        )
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        lines = [line.partition(": ") for line in head.decode().split("\r\n") if line]
        status = next((int(value.split()[0]) for name, _, value in lines if name == "Status"), 200)
        return status, [(name, value) for name, _, value in lines if name != "Status"], answer

    def _send(
        self, status: int, headers: list[tuple[str, str]], body: bytes, sent: int | None = None
    ) -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:sent])

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)


def _hold(fault: Fault) -> None:
    fault.reached.set()
    fault.release.wait(_BOUND)


def _credentials(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "basic":
        return "basic", base64.b64decode(value).decode().partition(":")[2]
    return scheme.lower(), value
