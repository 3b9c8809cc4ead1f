"""`patchkit pr` is killed at every request, or meets another run of itself there.

The other run comes and goes while the first one waits at a request: so every moment at which two
can meet is tried, and no test depends on who is faster.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

import pytest
from forks import Forks
from lifecycle import ASKED, FLOWS, Stage, check, state
from world import TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Result
    from forks import Process
    from lifecycle import State
    from world import World

pytestmark = pytest.mark.matrix


class Whole(NamedTuple):
    state: State
    asked: list[str]

    def is_blind(self, number: int, when: str) -> bool:
        """Whether comments were just looked at, and one is to come: no forge closes this moment."""
        (comment,) = (i for i, asked in enumerate(self.asked) if COMMENT.fullmatch(asked))
        return (number, when) in {(comment - 1, "after"), (comment, "before")}


COMMENT = re.compile(r"POST .*/comments")
WORDS = ["pr", "--no-verify", "--recipe", "gitea"]


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with Forks() as running:
        yield running


@pytest.fixture(params=FLOWS)
def flow(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def stage(world: World, pr: Callable[..., Result], flow: str) -> Stage:
    FLOWS[flow](world, pr)
    return Stage(world, world.root.parent / "cache")


@pytest.fixture
def start(world: World, forks: Forks) -> Callable[..., Process]:
    """Start the command in a process of its own, with the cache of this test or another one."""
    tmp = world.root.parent

    def call(cache: str = "cache") -> Process:
        env = {"PATCHKIT_CACHE": str(tmp / cache), "PATCHKIT_TOKEN": TOKEN, "HOME": str(tmp)}
        return forks.start(WORDS, tmp / "here", env | {"GIT_CONFIG_NOSYSTEM": "1"})

    return call


@pytest.fixture
def whole(world: World, pr: Callable[..., Result], stage: Stage, flow: str) -> Whole:
    """How it is after a run that nothing befell, and what that run asked."""
    before = len(world.proxy.requests)
    assert pr().code == 0
    check(flow, state(world), world.origins["gitea"].bare)
    return Whole(state(world), [f"{r.method} {r.path}" for r in world.proxy.requests[before:]])


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_request(
    world: World,
    pr: Callable[..., Result],
    start: Callable[..., Process],
    forks: Forks,
    stage: Stage,
    whole: Whole,
    when: str,
) -> None:
    for number in range(len(whole.asked)):
        stage.restore()
        pid: Future[int] = Future()
        world.proxy.events[number, when] = lambda pid=pid: os.kill(pid.result(30), signal.SIGKILL)
        process = start()
        pid.set_result(process.pid)
        assert process.wait() == -signal.SIGKILL
        again = pr()  # while git may still be at it
        forks.settle()
        world.proxy.reset()
        assert again.code in {0, 3}, again.err
        if state(world) != whole.state:
            assert again.code == 3
            assert pr().code == 0
        assert state(world) == whole.state, f"request {number}"


@pytest.mark.parametrize("when", ["before", "after"])
def test_two_machines_at_any_request(
    world: World,
    pr: Callable[..., Result],
    start: Callable[..., Process],
    stage: Stage,
    flow: str,
    whole: Whole,
    when: str,
) -> None:
    """A run with a cache of its own comes to its end while another one waits."""
    for number in range(len(whole.asked)):
        stage.restore()
        arrived, leave = threading.Event(), threading.Event()

        def wait(arrived: threading.Event = arrived, leave: threading.Event = leave) -> None:
            arrived.set()
            leave.wait(60)

        world.proxy.events[number, when] = wait
        waiting = start("other")
        assert arrived.wait(60)
        passing = pr()
        leave.set()
        assert (waiting.wait(), passing.code) in {(0, 0), (3, 0)}, waiting.said + passing.err
        now = state(world)
        if whole.is_blind(number, when):
            assert now.comments == [*whole.state.comments, whole.state.comments[-1]]
            now = now._replace(comments=whole.state.comments)
        assert now == whole.state, f"{when} request {number}: {whole.asked[number]}"


@pytest.mark.parametrize("caches", [("cache", "cache"), ("cache", "other")], ids=["one", "two"])
def test_two_at_once(
    world: World,
    pr: Callable[..., Result],
    start: Callable[..., Process],
    stage: Stage,
    flow: str,
    whole: Whole,
    caches: tuple[str, str],
) -> None:
    for _ in range(3):
        stage.restore()
        both = [start(cache) for cache in caches]
        codes = {process.wait() for process in both}
        assert codes <= {0, 3}, [process.said for process in both]
        if caches[0] == caches[1]:
            assert codes == {0}
            assert state(world) == whole.state
        else:
            now = state(world)
            assert set(now.comments) == set(whole.state.comments)
            assert now._replace(comments=[]) == whole.state._replace(comments=[])
            assert len(now.comments) <= len(whole.state.comments) + 1
    assert ASKED in whole.state.comments
