"""Handing out jobs: in order, bounded, nothing lost, nobody stopped by another."""

from __future__ import annotations

import itertools
from concurrent.futures import Executor, Future
from contextlib import contextmanager, nullcontext
from types import SimpleNamespace

import pytest
from fleet_tools import Act, begun

from patchkit.errors import ExitCode, RecipeError, UsageError
from patchkit.fleet.crew import Crew, Inline, _Cluster
from patchkit.fleet.stream import stream

CREWS = [Crew(1), Crew(3, "threads"), Crew(2, "processes")]
IDS = ["inline", "threads", "processes"]


def told(outcomes) -> list[tuple[str, int]]:
    return [(outcome.source.where, int(outcome.code)) for outcome in outcomes]


@pytest.mark.parametrize("crew", CREWS, ids=IDS)
def test_outcomes_come_in_order_and_each_once(crew, tmp_path):
    works = [Act(f"{n:03}", tmp_path) for n in range(40)]
    assert told(stream(works, crew)) == [(f"{n:03}", 0) for n in range(40)]
    assert begun(tmp_path) == {f"{n:03}": 1 for n in range(40)}


@pytest.mark.parametrize("crew", CREWS, ids=IDS)
def test_one_that_raises_does_not_stop_the_others(crew, tmp_path):
    works = [Act("a", tmp_path), Act("b", tmp_path, "raise"), Act("c", tmp_path)]
    assert told(stream(works, crew)) == [("a", 0), ("b", 70), ("c", 0)]


@pytest.mark.parametrize("crew", CREWS, ids=IDS)
def test_no_more_is_taken_than_a_window(crew, tmp_path):
    taken = itertools.count()
    works = (Act(f"{next(taken)}", tmp_path) for _ in itertools.repeat(None))
    outcomes = stream(works, crew)
    for _ in range(5):
        next(outcomes)
    outcomes.close()
    assert next(taken) <= 5 + crew.window


def test_a_worker_that_dies_takes_nobody_with_it(tmp_path):
    deeds = ["return"] * 12
    deeds[2], deeds[9] = "die", "die"
    works = [Act(f"{n:02}", tmp_path, deed) for n, deed in enumerate(deeds)]
    outcomes = list(stream(works, Crew(2, "processes")))
    assert told(outcomes) == [(f"{n:02}", 70 if n in {2, 9} else 0) for n in range(12)]
    assert "the worker did not come back" in outcomes[2].problems[0].message


def test_a_worker_that_is_killed_once_is_replaced(tmp_path):
    outcomes = list(stream([Act("a", tmp_path, "die once")], Crew(2, "processes")))
    assert told(outcomes) == [("a", 0)]
    assert begun(tmp_path) == {"a": 2}


def test_works_that_cannot_travel_are_told(tmp_path, monkeypatch):
    def refuse(work: Act) -> Act:
        raise RecipeError(f"no {work.name}")

    class Far(Executor):
        submit = None  # nothing is handed out

    monkeypatch.setattr(Act, "portable", refuse)
    monkeypatch.setattr("patchkit.fleet.crew._dask", lambda _: iter([Far()]))
    (outcome,) = stream([Act("a", tmp_path)], Crew(1, "dask", "tcp://nowhere"))
    assert (outcome.code, outcome.problems[0].message) == (ExitCode.REFUSED, "no a")


def test_ctrl_c_in_a_job_that_is_done_here_goes_through(tmp_path, monkeypatch):
    def interrupted(_: Act) -> list[object]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Act, "__call__", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(stream([Act("a", tmp_path)], Crew(1)))


def test_without_dask_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(UsageError, match="needs dask") as caught:
        list(stream([Act("a", tmp_path)], Crew(2, "dask", "tcp://127.0.0.1:1")))
    assert "patchkit[dask]" in caught.value.problems[0].hint


def test_a_cluster_that_goes_away_ends_the_run_instead_of_holding_it_up(tmp_path, monkeypatch):
    client = SimpleNamespace(status="running")

    @contextmanager
    def executor(_):
        yield _Cluster(client, Inline(), "tcp://host:8786")

    monkeypatch.setattr(Crew, "executor", executor)
    outcomes = []
    for outcome in stream([Act(f"{n:02}", tmp_path) for n in range(30)], Crew(1, "dask", "x")):
        outcomes.append(outcome)
        client.status = "connecting"
    good = [outcome for outcome in outcomes if not outcome.problems]
    assert len(outcomes) == 30
    assert len(good) == Crew(1, "dask", "x").window
    last = outcomes[-1].problems[0]
    assert last.message == "the scheduler of dask at tcp://host:8786 has gone away"
    assert "--resume" in last.hint


class Forgetful(Inline):
    """A cluster that loses the answer of a work, as often as it is told."""

    def __init__(self, losses: dict[str, int]) -> None:
        super().__init__()
        self.losses = losses

    def submit(self, fn, /, *args, **kwargs):
        future = super().submit(fn, *args, **kwargs)
        name = args[0].name
        if self.losses.get(name):
            self.losses[name] -= 1
            future = Future()
            future.cancel()
        return future


@pytest.mark.parametrize(("losses", "code"), [(1, 0), (2, 70)])
def test_an_answer_that_a_cluster_lost_is_asked_for_once_more(tmp_path, losses, code):
    pool = Forgetful({"b": losses})
    crew = SimpleNamespace(is_far=True, window=3, executor=lambda: nullcontext(pool))
    works = [Act(name, tmp_path) for name in "abc"]
    assert told(stream(works, crew)) == [("a", 0), ("b", code), ("c", 0)]
