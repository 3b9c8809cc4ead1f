"""A known token stands in no output, log, file, command line or URL, whatever command fails how.

Everything that can be told is: git's traces, the log of requests and urllib3, and tracebacks.
"""

from __future__ import annotations

import base64
import logging
import shlex
import uuid
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
import trustme
from faults import Fault, FaultProxy

from patchkit.cli.boundary import run
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import Request
    from world import World

COMMANDS = {
    "pr": ["pr", "--no-verify", "gitea"],
    "pr --dry-run": ["pr", "--no-verify", "--dry-run", "gitea"],
    "lint --mirror": ["lint", "--mirror", "{url}"],
    "diff --mirror": ["diff", "gitea", "--mirror", "{url}"],
}
TRACES = {
    "GIT_TRACE": "1",
    "GIT_TRACE_CURL": "{here}/trace",
    "GIT_TRACE_PACKET": "1",
    "GIT_TRACE_SETUP": "1",
    "GIT_TRACE_REDACT": "0",
}


@pytest.fixture
def token(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A token that nothing else on this machine knows, in the environment and known to git."""
    secret = f"known+/{uuid.uuid4().hex}"
    world.add_token(secret)
    monkeypatch.setenv("PATCHKIT_TOKEN", secret)
    answer = tmp_path / "answer"
    answer.write_text(f"username=bot\npassword={secret}\n")
    helper = f"!f() {{ cat {shlex.quote(str(answer))}; }}; f"
    (tmp_path / "home" / ".gitconfig").write_text(f'[credential]\nhelper = "{helper}"\n')
    return secret


@pytest.fixture
def verbose(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in TRACES.items():
        monkeypatch.setenv(name, value.replace("{here}", str(Path.cwd())))
    caplog.set_level(1)
    for name in ("urllib3", "requests", "stamina", "patchkit"):
        logging.getLogger(name).setLevel(1)


def forms(token: str) -> list[str]:
    """Return what a token looks like as it is, in a URL, and in a header."""
    pairs = [token, f"x-access-token:{token}", f"bot:{token}"]
    return [token, quote(token, safe=""), *(base64.b64encode(p.encode()).decode() for p in pairs)]


class Processes:
    """The command lines of all processes, looked at while one of them waits for an answer."""

    def __init__(self) -> None:
        self.lines: set[str] = set()

    def look(self) -> None:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                self.lines.add(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))


@pytest.fixture
def processes(world: World) -> Processes:
    seen = Processes()
    world.proxy.watch = seen.look
    return seen


@pytest.fixture
def scan(
    world: World,
    token: str,
    tmp_path: Path,
    verbose: None,
    processes: Processes,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Callable[[list[str], str], int]:
    """Run a command on a mirror, look for the token everywhere, and return the exit code."""

    def call(words: list[str], url: str) -> int:
        capfd.readouterr()
        code = run([word.replace("{url}", url) for word in words])
        texts = [*capfd.readouterr(), *processes.lines]
        texts += [f"{record.getMessage()} {vars(record)!r}" for record in caplog.records]
        texts += [f"{r.target} {r.body!r} {others(r)}" for r in world.proxy.requests]
        texts += [
            path.read_bytes().decode(errors="replace")
            for folder in ("here", "cache")
            for path in (tmp_path / folder).rglob("*")
            if path.is_file()
        ]
        assert not [text for text in texts for form in forms(token) if form in text]
        return code

    return call


def others(request: Request) -> dict[str, str]:
    """Return the headers but the one that carries the token."""
    return {name: value for name, value in request.headers.items() if name != "Authorization"}


@pytest.mark.parametrize("command", [*COMMANDS, "report"])
def test_in_nothing_that_goes_well(
    world: World, scan: Callable[..., int], token: str, processes: Processes, command: str
) -> None:
    words = COMMANDS | {"report": ["report", "--status", "gitea"]}
    assert scan(words[command], world.url("gitea")) in {0, 4}
    sent = {r.headers.get("Authorization", "") for r in world.proxy.requests}
    assert any(form in text for text in sent for form in forms(token)), "the token was not needed"
    assert any(" ls-remote " in line for line in processes.lines)
    assert bool(world.pulls("gitea")) == (command == "pr")


CODES = {
    "401": {5},
    "403": {0, 4, 5},  # it may read
    "404": {5},
    "500": {5},
    "drop after": {5},
    "HTML": {5},
    "certificate": {5},
    "bug": {70},
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("failure", CODES)
def test_in_no_failure(
    world: World,
    scan: Callable[..., int],
    token: str,
    failure: str,
    command: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ExitStack() as stack:
        url = failing(world, token, failure, monkeypatch, stack)
        monkeypatch.setenv("PATCHKIT_MIRROR", url)
        assert scan(COMMANDS[command], url) in CODES[failure]
    assert world.pulls("gitea") == [] or failure == "drop after"


def failing(
    world: World, token: str, failure: str, patch: pytest.MonkeyPatch, stack: ExitStack
) -> str:
    """Let commands fail, and return the URL of the mirror."""
    match failure:
        case "401":
            world.remove_token(token)
        case "403":
            world.add_token(token, "reader", "read")
        case "404":
            return world.url("nobody")
        case "certificate":
            proxy = FaultProxy(target=world.proxy.url, authority=trustme.CA())
            return f"{stack.enter_context(proxy).url}/recipes/gitea.git"
        case "bug":
            patch.setattr(RecipeTree, "from_commit", broken)
        case _:
            kind = next(fault for fault in Fault if str(fault) == failure)
            world.proxy.fail(kind, times=1000)
    return world.url("gitea")


def broken(*_: object) -> None:
    raise RuntimeError("a bug")
