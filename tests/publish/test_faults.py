"""Every fault at every request of a pull request's life: run again, all is as it should be.

What a read gets over by asking again befalls every read of one run, each fault after the other.
All else befalls one request of a run: each fault each write, and what is not asked again, such as
a wrong certificate, each request. Then the command is run again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import stamina
from faults import Fault
from lifecycle import FLOWS, WRITING
from stages import hurry, is_git, writes

if TYPE_CHECKING:
    from loopback import Request
    from stages import Stage, Stages

# To who reads, it is the same before and after.
READS = [f for f in Fault if f not in {Fault.DROP_AFTER, Fault.HTML_AFTER, Fault.WRONG_CERTIFICATE}]
KINDS = [fault for fault in Fault if fault is not Fault.WRONG_CERTIFICATE]


def at_every_read(stage: Stage, faults: list[Fault]) -> list[Request]:
    """Let every read meet all of these faults before it goes well; return what met one."""
    met: list[Request] = []
    left: dict[tuple[str, bool], list[Fault]] = {}

    def hook(number: int) -> None:
        request = stage.world.proxy.requests[-1]
        if writes(request):
            return
        key = f"{request.method} {request.target}", "Authorization" in request.headers
        # By git, a page instead of its protocol is not asked for again.
        over = [f for f in faults if not (is_git(request) and f is Fault.HTML)]
        if rest := left.setdefault(key, over):
            stage.world.proxy.faults[number] = rest[0]
            left[key] = rest[1:]
            met.append(request)
        elif not is_git(request):  # which starts from its first request each time
            del left[key]

    stage.world.proxy.hook = hook
    return met


@pytest.mark.parametrize("faults", [READS[:3], READS[3:6], READS[6:]], ids=lambda f: str(f[0]))
@pytest.mark.parametrize("flow", FLOWS)
def test_reads_are_asked_again(stages: Stages, flow: str, faults: list[Fault]) -> None:
    with stages.on(flow) as stage, hurry(*faults):
        met = at_every_read(stage, faults)
        with stamina.set_testing(True, attempts=4 * len(faults)):
            done = stage.run()
        assert done.code == 0, done.err
        assert stage.is_whole
        reads = [request for request in stage.asked if not writes(request)]
        assert {r.target for r in met} == {r.target for r in reads}
        assert len(met) >= len(faults) * sum(not is_git(request) for request in reads)
        stage.mended()


def befalls(stage: Stage, number: int, fault: Fault) -> None:
    """Let a fault befall one request, and run the command again."""
    stage.restore()
    stage.world.proxy.fail(fault, at=number)
    with hurry(fault):
        first = stage.run()
        stage.world.proxy.reset()
    assert stage.world.proxy.count == 0
    assert first.code in {0, 5}, first.err
    assert first.code == 5 or stage.is_whole, f"it says that all is well: {first.err}"
    stage.mended()


@pytest.mark.parametrize("flow", FLOWS)
def test_a_wrong_certificate_at_every_request(stages: Stages, flow: str) -> None:
    with stages.on(flow, tls=True) as stage:
        for number in range(len(stage.asked)):
            befalls(stage, number, Fault.WRONG_CERTIFICATE)


@pytest.mark.parametrize("flow", FLOWS)
def test_a_page_where_git_reads(stages: Stages, flow: str) -> None:
    with stages.on(flow) as stage:
        for number, request in enumerate(stage.asked):
            if is_git(request) and not writes(request):
                befalls(stage, number, Fault.HTML)


@pytest.mark.parametrize("fault", KINDS, ids=str)
@pytest.mark.parametrize("flow", WRITING)
def test_every_fault_at_every_write(stages: Stages, flow: str, fault: Fault) -> None:
    with stages.on(flow) as stage:
        numbers = [n for n, request in enumerate(stage.asked) if writes(request)]
        assert len(numbers) >= 2
        for number in numbers:
            befalls(stage, number, fault)
