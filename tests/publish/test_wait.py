"""`patchkit pr --wait`: until CI has answered, on a clock of the tests' own."""

from __future__ import annotations

import pytest
from cli_tools import git
from dashboard import run_of, say
from faults import Fault

from patchkit.cli import waiting
from patchkit.publish.wait import Clock


class Time:
    """Passes when somebody sleeps; then what was planned for that moment happens."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []
        self.events: list = []

    def sleep(self, seconds: float) -> None:
        assert len(self.pauses) < 200
        self.pauses.append(seconds)
        self.now += seconds
        while self.events and self.events[0][0] <= self.now:
            self.events.pop(0)[1]()


@pytest.fixture
def time(monkeypatch):
    passing = Time()
    monkeypatch.setattr(waiting, "CLOCK", Clock(lambda: passing.now, passing.sleep))
    return passing


def test_green(world, pr, time):
    time.events = [(30, lambda: say(world, "pending")), (300, lambda: say(world, "success"))]
    result = pr("--wait")
    assert result.code == 0, result.err
    assert "gitea: #1: success (level not known)\n" in result.out
    assert 300 <= time.now < 420
    assert time.pauses[:3] == [10.0, 15.0, 22.5]
    assert max(time.pauses) <= 120


def test_green_status_is_not_full_marks(world, pr, time, results):
    results.runs["17"] = run_of(4, lint="fail") | {"lint": {"rules_failed": ["R011"]}}
    time.events = [(30, lambda: say(world, "success"))]
    result = pr("--wait")
    assert result.code == 1
    assert "gitea: #1: success, level 4: lint fail; lint rules failed: R011\n" in result.out
    assert all("Authorization" not in request.headers for request in results.requests)


def test_full_marks(world, pr, time, results):
    results.runs["17"] = run_of(5)
    time.events = [(30, lambda: say(world, "success"))]
    result = pr("--wait")
    assert result.code == 0
    assert "gitea: #1: success, level 5\n" in result.out


def test_results_come_after_the_status(world, pr, time, results):
    def later() -> None:
        results.runs["17"] = run_of(5)

    time.events = [(5, lambda: say(world, "success")), (30, later)]
    assert pr("--wait").code == 0


@pytest.mark.parametrize(
    "case",
    [({}, "with 404"), ({"17": "<title>Welcome"}, "no JSON"), ({"17": "{}"}, "tells no level")],
)
def test_results_that_cannot_be_read(world, pr, time, results, case):
    results.runs, words = case
    time.events = [(5, lambda: say(world, "success"))]
    result = pr("--wait")
    assert result.code == 1
    assert "success (level not known: " in result.out
    assert words in result.out
    assert time.now < 300


def test_failure(world, pr, time):
    time.events = [(30, lambda: say(world, "failure"))]
    result = pr("--wait")
    assert (result.code, "gitea: #1: failure\n" in result.out) == (1, True)


def test_nothing_reacts(world, pr, time):
    result = pr("--wait", "--timeout", "600")
    assert result.code == 1
    assert time.now == 600
    assert "#1: no end after 600 seconds (CI: not enrolled: nothing reacted)" in result.out


def test_status_of_another_program_is_no_answer(world, pr, time):
    time.events = [(30, lambda: say(world, "success", context="other/ci"))]
    assert pr("--wait", "--timeout", "60").code == 1


def test_status_from_before_the_question_is_no_answer(world, pr, time):
    """Somebody asked CI by hand before patchkit did: the baseline tells the answers apart."""
    pr()
    say(world, "success", run=3)
    pull = world.pulls("gitea")[0]
    newest = world.repo("gitea").statuses[-1].id
    pull.body = pull.body.replace(f"{pull.head_sha()}@0@0", f"{pull.head_sha()}@0@{newest}")
    assert pr("--wait", "--timeout", "60").code == 1
    say(world, "success", run=4)
    assert pr("--wait", "--timeout", "60").code == 0


def test_head_that_moves_meanwhile(world, pr, time):
    origin = world.origins["gitea"]

    def push() -> None:
        git(origin.work, "fetch", "-q", str(origin.bare), "patchkit/gitea")
        git(origin.work, "checkout", "-q", "FETCH_HEAD")
        origin.commit({"NOTES": "x\n"}, "ana was here", "refs/heads/patchkit/gitea")

    time.events = [(30, push)]
    result = pr("--wait")
    moved = origin.ref("refs/heads/patchkit/gitea")[:12]
    assert result.code == 1
    assert f"#1: its head moved to {moved} meanwhile: run patchkit pr again" in result.out
    assert time.now < 100


def test_closed_meanwhile(world, pr, time):
    repo = world.repo("gitea")
    time.events = [(30, lambda: world.gitea.forge.set_state(repo, 1, "closed", by="ana"))]
    result = pr("--wait")
    assert (result.code, "it was closed meanwhile" in result.out) == (1, True)


def test_forge_that_is_away_for_a_while(world, pr, time):
    time.events = [
        (10, lambda: (world.proxy.reset(), world.proxy.fail(Fault.UNAVAILABLE, times=20))),
        (200, lambda: (world.proxy.reset(), say(world, "success"))),
    ]
    assert pr("--wait").code == 0


def test_rounds_that_are_used_up(world, pr, time, tmp_path):
    settings = tmp_path / "here" / "patchkit.toml"
    settings.write_text(settings.read_text() + "rounds = 0\n")
    result = pr("--wait")
    assert result.code == 1
    assert "its 0 rounds are used up" in result.out
    assert time.pauses == []


def test_what_the_forge_cannot_do_is_told_once(world, pr, time):
    result = pr("--wait", "--timeout", "1")
    assert result.err.count("gitea has no check runs: CI is heard by commit statuses alone\n") == 1


def test_nothing_to_wait_for(world, pr, time):
    result = pr("--wait", "--mirror", world.url("nobody"))
    assert result.code == 5
    assert "nothing to wait for" in result.err


def test_dry_run_does_not_wait(world, pr):
    result = pr("--wait", "--dry-run")
    assert (result.code, world.writes()) == (2, [])
