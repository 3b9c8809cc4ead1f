"""npm's emulate as GitHub on loopback, and the door before it that knows what GitHub describes.

emulate is other people's work, stateful, and lenient: it takes any token, opens a second pull
request for the same head, and has no GraphQL, no statuses and no assignees of pull requests. A
test puts recorded answers of GitHub beside it for those.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loopback import Loopback, Reply, Request

from patchkit.forge.github import GitHub
from patchkit.forge.token import Token

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "a-token-that-nobody-may-see-8305"
ORG = "coop-recipes"
BOT = "patch-bot"
PEOPLE = ("ann", "ben")
_ADVERTISED = "http://emulate.test"
_SECONDS = 15
_KEPT = {"content-type", "link", "location", "retry-after"}
# emulate counts 5,000 requests a token and then refuses, as GitHub does.
_TOKENS = [f"a-token-of-the-bot-{number}" for number in range(8)]
_SEED = {
    "tokens": {token: {"login": BOT, "scopes": ["repo"]} for token in _TOKENS},
    "github": {
        "users": [{"login": name} for name in (BOT, *PEOPLE)],
        "orgs": [{"login": ORG, "members": [{"login": BOT, "role": "admin"}]}],
    },
}
Beside = Callable[[Request], Reply | None]


@dataclass
class Emulate:
    """A running emulate; `call` is for setting the scene, and asks it directly."""

    port: int
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _tokens: Iterator[str] = field(default_factory=lambda: itertools.cycle(_TOKENS))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        text = None if body is None else json.dumps(body).encode()
        status, _, answer = self.forward(method, path, self.signed(), text)
        assert status < 400, f"{method} {path}: {status} {answer!r}"
        return json.loads(answer) if answer else None

    def signed(self) -> dict[str, str]:
        """Return a header that says who asks: the bot, by one of its tokens."""
        return {"Authorization": f"Bearer {next(self._tokens)}"}

    def repository(self) -> str:
        """Make a repository with one commit and return its name."""
        name = f"recipe-{next(self._numbers)}"
        self.call("POST", f"/orgs/{ORG}/repos", {"name": name, "auto_init": True})
        return name

    def pull(self, name: str, head: str = "fix", base: str = "main", **more: Any) -> int:
        """Open a pull request, its branch too, and return its number."""
        body = {"title": "A title", "body": "A body", "head": head, "base": base, **more}
        return self.call("POST", f"/repos/{ORG}/{name}/pulls", body)["number"]

    def branches(self, name: str) -> set[str]:
        return {one["name"] for one in self.call("GET", f"/repos/{ORG}/{name}/branches")}

    def forward(
        self, method: str, target: str, headers: dict[str, str], body: bytes | None
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_SECONDS)
        try:
            connection.request(method, target, body or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


@dataclass
class Door(Loopback):
    """Before emulate: holds each request against GitHub's description, and passes it on."""

    emulate: Emulate = field(default_factory=lambda: Emulate(0))
    check: Callable[[Request], None] = lambda request: None
    beside: list[tuple[str, Beside]] = field(default_factory=list)

    def put_beside(self, pattern: str, answer: Beside) -> None:
        """Let `answer` speak for emulate where `METHOD /path` matches; None lets emulate."""
        self.beside.append((pattern, answer))

    @property
    def asked(self) -> list[str]:
        """What was asked, as `METHOD /path`."""
        return [f"{one.method} {one.path}" for one in self.requests]

    def answer(self, request: Request) -> Reply | None:
        self.check(request)
        for pattern, beside in self.beside:
            if re.fullmatch(pattern, f"{request.method} {request.path}") and (
                reply := beside(request)
            ):
                return reply
        headers = {"Host": request.headers["Host"]}
        if (signed := request.headers["Authorization"]) is not None:
            assert signed == f"Bearer {TOKEN}"
            headers |= self.emulate.signed()
        status, got, body = self.emulate.forward(
            request.method, request.target, headers, request.body
        )
        here = f"http://{request.headers['Host']}"
        kept = tuple((k, v.replace(_ADVERTISED, here)) for k, v in got if k.lower() in _KEPT)
        return Reply(status, body.replace(_ADVERTISED.encode(), here.encode()), kept)


def github(url: str, name: str, **more: Any) -> GitHub:
    """Return the forge under test, in no hurry to wait."""
    how = {"timeout": 10, "pauses": (0, 0), **more}
    return GitHub(ORG, name, Token(TOKEN, "a test"), base_url=url, **how)


@contextmanager
def running(program: Path, folder: Path) -> Iterator[Emulate]:
    """Run emulate on a free port, until the end of the block."""
    seed = folder / "seed.json"
    seed.write_text(json.dumps(_SEED))
    port = _free_port()
    how = ("--service", "github", "--port", str(port), "--base-url", _ADVERTISED)
    with (folder / "emulate.log").open("w") as log:
        process = subprocess.Popen(
            [shutil.which("node") or "node", program, "start", *how, "--seed", seed],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
        try:
            _wait_for(process, port, folder / "emulate.log")
            yield Emulate(port)
        finally:
            process.terminate()
            process.wait(_SECONDS)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"emulate did not start: {log.read_text()}")
