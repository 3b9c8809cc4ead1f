"""Jobs on a cluster of dask: two workers, one of which is killed in the middle."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter

import pytest
from fleet_tools import PIN, PINNED, Act, begun, pin, recipe

from patchkit.errors import UsageError
from patchkit.fleet.crew import Crew
from patchkit.fleet.job import Job
from patchkit.fleet.source import Source
from patchkit.fleet.stream import stream

distributed = pytest.importorskip("distributed", reason="install patchkit[dask]")
# What dask and its own libraries warn of is no matter of patchkit's.
pytestmark = pytest.mark.filterwarnings("ignore")
NUMBER = 24


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two worker processes on loopback, of which a dead one is replaced after a while."""
    where = os.pathsep.join(filter(None, sys.path))
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address=None,
        host="127.0.0.1",
        local_directory=str(tmp_path_factory.mktemp("dask")),
        env={"PYTHONPATH": where},
        silence_logs=50,
    ) as it:
        yield it


def test_one_worker_is_killed_and_nothing_is_lost_or_told_twice(cluster, tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    deeds = ["return"] * NUMBER
    deeds[NUMBER // 2] = "die once"
    works = [Act(f"{n:02}", marks, deed) for n, deed in enumerate(deeds)]
    outcomes = list(stream(works, Crew(2, "dask", cluster.scheduler_address)))
    assert [outcome.source.where for outcome in outcomes] == [f"{n:02}" for n in range(NUMBER)]
    assert {int(outcome.code) for outcome in outcomes} == {0}
    times = begun(marks)
    assert times.keys() == {f"{n:02}" for n in range(NUMBER)}
    assert times[f"{NUMBER // 2:02}"] == 2  # it was cut off, and is done again
    workers = {pid for path in marks.iterdir() for pid in path.read_text().split()}
    assert len(workers) >= 2


def test_recipes_are_rendered_there_and_written_here_once(cluster, patchkit, tmp_path):
    names = [f"r{number:02}/cache" for number in range(NUMBER)]
    for name in names:
        recipe(tmp_path / name)
    (tmp_path / "pin.yml").write_text(PIN)
    (tmp_path / "list").write_text("\n".join(names))
    pids = [worker.pid for worker in cluster.workers.values()]
    os.kill(pids[0], signal.SIGKILL)
    how = ("--executor", "dask", "--scheduler", cluster.scheduler_address, "--jobs", "2")
    result = patchkit("apply", "pin.yml", "--list", "list", "--format", "stat", *how)
    assert result.code == 0, result.err
    assert Counter(result.out.splitlines()) == {"cache/compose.yml  changed   +1 -1": NUMBER}
    assert f"{NUMBER} done: {NUMBER} applied\n" in result.err
    assert {(tmp_path / name / "compose.yml").read_text() for name in names} == {PINNED}
    keys = (tmp_path / ".patchkit/fleet/apply").read_text().splitlines()[1:]
    assert len(keys) == len(set(keys)) == NUMBER


def test_a_worker_needs_nothing_that_lies_here(cluster, tmp_path):
    job = Job(Source.folder(recipe(tmp_path / "cache")), (pin(),), is_kept=True)
    sent = job.portable()
    (tmp_path / "cache").rename(tmp_path / "gone")
    (outcome,) = stream([sent], Crew(1, "dask", cluster.scheduler_address))
    assert outcome.tree.read("compose.yml").decode() == PINNED
    assert outcome.source.files is None


def test_no_scheduler_there(tmp_path, monkeypatch):
    monkeypatch.setattr("patchkit.fleet.crew._DASK_TIMEOUT", 0.5)
    with pytest.raises(UsageError, match=r"no scheduler of dask at tcp://127\.0\.0\.1:1"):
        list(stream([Act("a", tmp_path)], Crew(1, "dask", "tcp://127.0.0.1:1")))
