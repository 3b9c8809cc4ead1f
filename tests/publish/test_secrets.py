"""A known token stands in no output, log, file, command line or URL, whatever command fails how."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
import pytest
import requests
import trustme
from faults import Fault, FaultProxy
from lifecycle import PR, WITHDRAW
from scan import TRACES, Scan, bugs_shown, forms
from stages import environment, hurry
from world import SAMPLES

from patchkit.cli.main import cli
from patchkit.forge.gitea import Gitea
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stages import Stage, Stages

# What asks a forge, in an order in which each has something to do.
ASKING = {
    "lint": ["lint", "--mirror", "{url}"],
    "diff": ["diff", "gitea", "--mirror", "{url}"],
    "verify": ["verify", "gitea", "--mirror", "{url}", "--only", "shellcheck"],
    "pr --dry-run": [*PR, "--dry-run"],
    "pr": PR,
    "pr --wait": [*PR, "--wait", "--timeout", "1"],
    "status": ["status", "gitea"],
    "report": ["report", "--status", "gitea"],
    "withdraw": WITHDRAW,
}
OTHERS = {
    "apply": ["apply", "gitea", "--in", str(SAMPLES / "gitea"), "--check"],
    "completion": ["completion", "bash"],
    "explain": ["explain", "R011"],
    "list": ["list"],
    "record": ["record", "--in", ".", "--check"],
    "scan": ["scan", str(SAMPLES), "--skip", "cc-ci"],
    "test": ["test", "gitea", "--only", "valid"],
    "format": ["format", "--check", "nowhere.yml"],
    "new": ["new", "mine", "--recipe", "gitea"],
    "schema": ["schema"],
}
KINDS = [fault for fault in Fault if fault is not Fault.WRONG_CERTIFICATE]


@pytest.fixture
def stage(stages: Stages) -> Iterator[Stage]:
    with stages.on("create") as ready:
        yield ready


@pytest.fixture
def scan(
    stage: Stage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[Scan]:
    ready = Scan(stage, caplog, capfd)
    with ready.listening(), hurry():
        yield ready


def test_every_command_is_here() -> None:
    known = {words[0] for words in (ASKING | OTHERS).values()}
    assert known == set(cli.list_commands(click.Context(cli)))


def test_what_is_there_is_found(
    stage: Stage, scan: Scan, capfd: pytest.CaptureFixture[str]
) -> None:
    """The scan itself: a file, and what http.client prints of a program that is not patchkit."""
    file = stage.folder / "home" / "left"
    file.write_text(base64.b64encode(f"bot:{scan.token}".encode()).decode())
    with pytest.raises(AssertionError):
        scan.check()
    file.unlink()
    scan.check()
    requests.get(stage.world.proxy.url, headers={"Authorization": scan.token}, timeout=30)
    with pytest.raises(AssertionError):
        scan.check(*capfd.readouterr())


def test_in_nothing_that_goes_well(stage: Stage, scan: Scan) -> None:
    world = stage.world
    for name, words in ASKING.items():
        world.proxy.reset()
        before = len(world.proxy.requests)
        assert scan.run(words, world.url("gitea")) in {0, 1, 4}, name
        sent = {r.headers.get("Authorization", "") for r in world.proxy.requests[before:]}
        assert any(form in text for text in sent for form in forms(scan.token)), name
        assert any(" ls-remote " in line for line in scan.lines)
    (pull,) = world.pulls("gitea")
    assert pull.state == "closed"


@pytest.mark.parametrize("command", OTHERS)
def test_in_nothing_that_asks_no_forge(scan: Scan, command: str) -> None:
    assert scan.run(OTHERS[command], "") in {0, 1, 2}


LASTING: dict[str, Callable[[Stage, Scan, ExitStack], str]] = {}


def lasting(make: Callable[[Stage, Scan, ExitStack], str]) -> Callable[..., str]:
    """Register a way to let all commands fail, which returns the URL of the mirror."""
    LASTING[make.__name__] = make
    return make


@lasting
def unknown_token(stage: Stage, scan: Scan, stack: ExitStack) -> str:
    stage.world.remove_token(scan.token)
    return stage.world.url("gitea")


@lasting
def token_that_only_reads(stage: Stage, scan: Scan, stack: ExitStack) -> str:
    stage.world.add_token(scan.token, "reader", "read")
    return stage.world.url("gitea")


@lasting
def no_such_mirror(stage: Stage, scan: Scan, stack: ExitStack) -> str:
    return stage.world.url("nobody")


@lasting
def wrong_certificate(stage: Stage, scan: Scan, stack: ExitStack) -> str:
    proxy = FaultProxy(target=stage.world.proxy.url, authority=trustme.CA())
    return f"{stack.enter_context(proxy).url}/recipes/gitea.git"


@lasting
def nobody_there(stage: Stage, scan: Scan, stack: ExitStack) -> str:
    with FaultProxy(target=stage.world.proxy.url) as gone:
        return f"{gone.url}/recipes/gitea.git"


@pytest.mark.parametrize("failure", LASTING)
def test_in_no_failure(
    stage: Stage, scan: Scan, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = {0, 1, 4, 5} if failure == "token_that_only_reads" else {5}
    with ExitStack() as stack:
        url = LASTING[failure](stage, scan, stack)
        monkeypatch.setenv("PATCHKIT_MIRROR", url)
        for name, words in ASKING.items():
            assert scan.run(words, url) in reads, name
    assert stage.world.pulls("gitea") == []


@pytest.mark.parametrize("fault", KINDS, ids=str)
def test_in_no_fault_from_any_request_on(stage: Stage, scan: Scan, fault: Fault) -> None:
    """Each fault begins at other requests than the next one does, and stays."""
    step = 8 if fault is Fault.SLOW else 3  # git takes seconds to give up
    with hurry(fault):
        for number in range(KINDS.index(fault) % step, len(stage.asked), step):
            stage.restore()
            stage.world.add_token(scan.token)
            stage.world.proxy.fail(fault, at=number, times=1000)
            assert scan.run(PR, stage.world.url("gitea")) == 5
            assert scan.run(["status", "gitea"], stage.world.url("gitea")) == 5


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("a bug")


@pytest.mark.parametrize(
    "where",
    [(RecipeTree, "from_commit"), (Gitea, "create"), (subprocess.Popen, "communicate")],
    ids=lambda where: where[1],
)
def test_in_no_bug(
    stage: Stage, scan: Scan, where: tuple[type, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    bugs_shown(monkeypatch, kept)
    monkeypatch.setattr(*where, broken)
    assert scan.run(PR, stage.world.url("gitea")) == 70
    assert "RuntimeError: a bug" in "".join(kept)
    scan.check(*kept)


@pytest.mark.parametrize("number", [0, 2, 8, 11])
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGABRT, -6), (signal.SIGINT, 130)], ids=str)
def test_in_nothing_that_is_stopped(
    stage: Stage, scan: Scan, number: int, sent: signal.Signals, code: int
) -> None:
    """Python tells where it was when it aborts; no memory is written to a file here."""
    env = environment(stage.folder) | {"PATH": os.environ["PATH"], "PATCHKIT_TOKEN": scan.token}
    env |= {name: os.environ[name] for name in TRACES} | {"PYTHONDEVMODE": "1"}
    started: list[subprocess.Popen[str]] = []
    stage.world.proxy.events[number, "before"] = lambda: started[0].send_signal(sent)
    command = ["sh", "-c", 'ulimit -c 0; exec "$@"', "sh", sys.executable, "-m", "patchkit", *PR]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True)
    started.append(process)
    said = process.communicate(timeout=120)
    assert process.returncode == code, said
    assert "Fatal Python error: Aborted" in said[1] or "interrupted" in said[1]
    scan.check(*said)
