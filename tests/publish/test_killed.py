"""Commands are killed at every request, or meet another run of themselves there.

The other run comes and goes while the first one waits at a request: so every moment at which two
can meet is tried, and no test depends on who is faster. What happens after one request is what
happens before the next: the server sees no difference.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest
from forks import Forks
from lifecycle import ASKED, WRITING, called, state
from stages import environment, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from forks import Process
    from stages import Stage, Stages

COMMENT = re.compile(r"POST .*/comments")


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as running:
        yield running


@pytest.fixture(params=WRITING)
def stage(request: pytest.FixtureRequest, stages: Stages) -> Iterator[Stage]:
    with stages.on(request.param) as ready:
        yield ready


@pytest.fixture
def start(stage: Stage, forks: Forks) -> Callable[..., Process]:
    """Start the command in a process of its own, with the cache of this test or another one."""

    def call(cache: str = "cache") -> Process:
        env = environment(stage.folder) | {"PATCHKIT_CACHE": str(stage.folder / cache)}
        return forks.start(stage.words, stage.folder / "here", env)

    return call


def test_killed_at_any_request(stage: Stage, start: Callable[..., Process], forks: Forks) -> None:
    for number, request in enumerate(stage.asked):
        for when in ("before", "after") if writes(request) else ("after",):
            stage.restore()
            killed_at(stage, start, number, when)
            again = called(stage.words)  # while the forge may still be at it
            forks.settle()
            assert again.code in {0, 3}, again.err
            if not stage.is_whole:
                assert again.code == 3
                stage.mended()
            assert stage.is_whole, f"{when} request {number}"


def killed_at(stage: Stage, start: Callable[..., Process], number: int, when: str) -> None:
    pid: Future[int] = Future()
    stage.world.proxy.events[number, when] = lambda: os.kill(pid.result(30), signal.SIGKILL)
    process = start()
    pid.set_result(process.pid)
    assert process.wait() == -signal.SIGKILL


def test_two_machines_at_any_request(stage: Stage, start: Callable[..., Process]) -> None:
    """A run with a cache of its own comes to its end while another one waits."""
    for number in range(len(stage.asked)):
        stage.restore()
        arrived, leave = threading.Event(), threading.Event()

        def wait(arrived: threading.Event = arrived, leave: threading.Event = leave) -> None:
            arrived.set()
            leave.wait(60)

        stage.world.proxy.events[number, "after"] = wait
        waiting = start("other")
        assert arrived.wait(60)
        passing = called(stage.words)
        leave.set()
        assert (waiting.wait(), passing.code) in {(0, 0), (3, 0)}, waiting.said + passing.err
        now = state(stage.world)
        if is_blind(stage, number):
            assert now.comments == [*stage.whole.comments, stage.whole.comments[-1]]
            now = now._replace(comments=stage.whole.comments)
        assert now == stage.whole, f"request {number}: {stage.asked[number].target}"


def is_blind(stage: Stage, number: int) -> bool:
    """Whether comments were just looked at, and one is to come: no forge closes this moment."""
    asked = [f"{request.method} {request.path}" for request in stage.asked]
    (comment,) = (i for i, one in enumerate(asked) if COMMENT.fullmatch(one))
    return number == comment - 1


@pytest.mark.parametrize("caches", [("cache", "cache"), ("cache", "other")], ids=["one", "two"])
def test_two_at_once(stage: Stage, start: Callable[..., Process], caches: tuple[str, str]) -> None:
    for _ in range(3):
        stage.restore()
        both = [start(cache) for cache in caches]
        codes = {process.wait() for process in both}
        assert codes <= {0, 3}, [process.said for process in both]
        now = state(stage.world)
        if caches[0] == caches[1]:
            assert codes == {0}
            assert now == stage.whole
        else:
            assert set(now.comments) == set(stage.whole.comments)
            assert now._replace(comments=[]) == stage.whole._replace(comments=[])
            assert len(now.comments) <= len(stage.whole.comments) + 1
    assert ASKED in stage.whole.comments
