"""Every fault at every request of a pull request's life: run again, all is as it should be.

A request is broken once; the command may go on after it or end with an error, and is run again
when anything is not as it should be.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from faults import Fault
from lifecycle import FLOWS, Stage, check, state

from patchkit.forge.http import Http
from patchkit.git import program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import Result
    from loopback import Request
    from world import World

pytestmark = pytest.mark.matrix

# A certificate needs TLS, and has a test of its own. To a client, 503 is 500 with a time to wait.
KINDS = [f for f in Fault if f not in {Fault.WRONG_CERTIFICATE, Fault.UNAVAILABLE}]
SOON = 0.4  # seconds after which a broken run takes an answer for lost; the run after it waits


@pytest.fixture(params=FLOWS)
def flow(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def stage(world: World, pr: Callable[..., Result], flow: str) -> Stage:
    FLOWS[flow](world, pr)
    return Stage(world, world.root.parent / "cache")


@contextmanager
def hurry() -> Iterator[None]:
    """Take answers for lost that do not come soon, and let git give up as soon."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Http.__init__.__kwdefaults__, "timeout", SOON)
        patch.setenv("GIT_HTTP_LOW_SPEED_LIMIT", "1")
        patch.setenv("GIT_HTTP_LOW_SPEED_TIME", "1")
        # With half of a forge's answer to a push, git waits for the rest until it is stopped.
        patch.setattr(program, "_REMOTE_TIMEOUT", 3)
        yield


def matters(fault: Fault, request: Request) -> bool:
    """Whether a fault is another one for this request: what reads is the same before and after."""
    writes = request.method != "GET" and not request.path.endswith("/git-upload-pack")
    return writes or fault not in {Fault.DROP_AFTER, Fault.HTML_AFTER}


@pytest.mark.parametrize("fault", KINDS, ids=str)
def test_every_fault_at_every_request(
    world: World, pr: Callable[..., Result], stage: Stage, flow: str, fault: Fault
) -> None:
    before = len(world.proxy.requests)
    world.proxy.reset()
    assert pr().code == 0
    asked = world.proxy.requests[before:]
    whole = state(world)
    check(flow, whole, world.origins["gitea"].bare)
    assert len(asked) > 5
    wrong = []
    for number, request in enumerate(asked):
        if not matters(fault, request):
            continue
        stage.restore()
        world.proxy.fail(fault, at=number)
        with hurry():
            first = pr()
        assert first.code in {0, 5}, first.err
        world.proxy.reset()
        if state(world) != whole:
            assert first.code == 5, f"it says that all is well: {request.target}"
            again = pr()
            if again.code or state(world) != whole:
                wrong.append((number, request.method, request.target, again.err, state(world)))
    assert not wrong
