"""Tries again without doing twice: how often, how long it waits, and when it gives up."""

from __future__ import annotations

import subprocess
import sys

import pytest

from patchkit.errors import ForgeError
from patchkit.forge.once import PassingError, again, once


@pytest.fixture
def waits(monkeypatch):
    """The seconds that were waited, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


def failing(*faults: Exception, then: object = "done"):
    """Return an act that fails in turn, and the list of its calls."""
    left, calls = list(faults), []

    def act():
        calls.append(len(calls))
        if left:
            raise left.pop(0)
        return then

    return act, calls


def lost(*, acted: bool = True, wait: float | None = None) -> PassingError:
    return PassingError("lost", acted=acted, wait=wait)


def test_what_works_is_done_once_without_a_wait(waits):
    act, calls = failing()
    assert again(act, harmless=True) == "done"
    assert once(lambda: pytest.fail("looked"), act) == "done"
    assert (len(calls), waits) == (2, [])


def test_a_refusal_is_not_tried_again(waits):
    act, calls = failing(ForgeError("no", status=403))
    with pytest.raises(ForgeError, match="no"):
        again(act, harmless=True)
    with pytest.raises(ForgeError, match="no"):
        once(lambda: None, failing(ForgeError("no", status=409))[0])
    assert (len(calls), waits) == (1, [])


def test_waits_longer_each_time_and_gives_up_with_the_fault(waits):
    act, calls = failing(*[lost()] * 9)
    with pytest.raises(PassingError, match="lost"):
        again(act, harmless=True)
    assert len(calls) == 5
    assert len(waits) == 4
    assert all(1 <= wait <= 30 for wait in waits)
    assert waits[3] > waits[0] + 2


def test_waits_as_long_as_the_forge_asks(waits):
    act, calls = failing(lost(wait=7), lost(wait=0))
    assert again(act, harmless=True) == "done"
    assert (len(calls), waits) == (3, [7, 0])


def test_does_not_wait_for_longer_than_two_minutes(waits):
    act, calls = failing(lost(wait=121))
    with pytest.raises(PassingError):
        again(act, harmless=True)
    assert (len(calls), waits) == (1, [])


def test_what_is_not_harmless_is_tried_again_when_the_forge_cannot_have_acted(waits):
    act, calls = failing(lost(acted=False), lost(acted=True))
    with pytest.raises(PassingError):
        again(act, harmless=False)
    assert len(calls) == 2


def test_looks_before_it_acts_again(waits):
    act, calls = failing(lost())
    looks = iter([None, "there"])
    assert once(lambda: next(looks), act) == "there"
    assert len(calls) == 1


def test_looks_three_times_before_it_acts_again(waits):
    act, calls = failing(lost())
    order: list[str] = []

    def look() -> None:
        order.append(f"look {len(calls)}")

    assert once(look, act) == "done"
    assert order == ["look 1", "look 1", "look 1"]
    assert len(calls) == 2
    assert sum(waits) > 6


def test_acts_twice_at_most(waits):
    act, calls = failing(*[lost()] * 9)
    with pytest.raises(PassingError, match="lost"):
        once(lambda: None, act)
    assert len(calls) == 2


def test_a_look_that_is_refused_ends_it(waits):
    act, calls = failing(lost())

    def look() -> None:
        raise ForgeError("who are you?", status=401)

    with pytest.raises(ForgeError, match="who are you"):
        once(look, act)
    assert len(calls) == 1


def test_a_terminal_stays_quiet_and_a_log_says_what_failed(waits, caplog):
    caplog.set_level("INFO", "patchkit")
    again(failing(lost())[0], harmless=True)
    assert [record.getMessage() for record in caplog.records if "patchkit" in record.name] == [
        "lost"
    ]
    code = (
        "from patchkit.forge.once import PassingError, again\n"
        "faults = [PassingError('lost', wait=0.0)]\n"
        "def act():\n"
        "    if faults: raise faults.pop()\n"
        "again(act, harmless=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
