"""Times a class and fixes on many mirrors, beside what else could make the same commits.

    python tests/bench_fleet.py [10 100 1000] [--rounds N] [--alone] [--ram]

Each mirror's head is read, the change is rendered, judged by lint or not, and written as a commit,
without a checkout: by the fleet's own jobs and processes, which have done a few other mirrors
before. All sides work with two jobs at once and wait for no disk. The mirrors lie where temporary
files do, as users' do on a disk; with `--ram` on a RAM disk, where files cost least: (a) and (b)
gain most by it. The best of a few rounds counts, in which the sides take turns; only ratios within
one run say something, and on a machine that does other things too those of the processor's time.
What a process needs to start once is told by bench_start.py.

A class and a recipe's own fix change one line; a large fix makes ten edits and adds a script.

Aims for one line: 1.5 times the time of `git fast-import` without lint and 3 times with it, a
fifth of that of clone and commit and a tenth of that of all-repos, as many a second for 1,000
mirrors as for 100, and no more than 1.3 times the memory.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pygit2
from fleet_mirrors import ENV, RECIPES, Mirror, made
from fleet_rivals import all_repos, clone_and_commit, fast_import

from patchkit import load_fix, loads_fix
from patchkit.fleet.crew import Crew
from patchkit.fleet.fix_text import FixText
from patchkit.fleet.job import Job, Seen
from patchkit.fleet.outcome import Outcome, Word
from patchkit.fleet.source import Source
from patchkit.fleet.stream import stream
from patchkit.git.author import Author

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.fleet.job import Work
    from patchkit.fleet.rendered import Rendered

T = TypeVar("T")
JOBS, FSCKS = 2, 5
WARM = 16  # jobs before the clock starts, and workers asked how much they have used
RAM = Path("/dev/shm")
RIVALS_UP_TO = 100  # mirrors: all-repos takes minutes for more
WHO = Author("Bot", "bot@example.com")
CLASS = """
id: timeout
title: Give a slow first boot the time that it takes
why: The deployer gives up before the app has made its tables.
params:
  app: {find: service, name: app, description: What the deployer waits for.}
applies_to:
  - {service: "{{ app }}", label: "coop-cloud.*.timeout", because: nobody says how long to wait}
ops:
  - op: labels.set
    service: "{{ app }}"
    labels:
      coop-cloud.${STACK_NAME}.timeout: ${TIMEOUT:-900}
ensures:
  - {service: "{{ app }}", label: "coop-cloud.*.timeout", value: "${TIMEOUT:-900}"}
"""
FIX = """
id: timeout-{recipe}
title: Give a slow first boot the time that it takes
recipe: {recipe}
why: The deployer gives up before the app has made its tables.
expects:
  - {{service: app, label: "coop-cloud.*.timeout"}}
ops:
  - op: labels.set
    service: app
    labels:
      coop-cloud.${{STACK_NAME}}.timeout: ${{TIMEOUT:-900}}
ensures:
  - {{service: app, label: "coop-cloud.*.timeout", value: "${{TIMEOUT:-900}}"}}
"""
CHANGES = ("class", "fix", "large-fix")  # the large ones are those that patchkit ships
FIXES: dict[str, FixText] = {}
NOBODY = Source("sample", "", "")
BEGAN = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # of a worker: when it was made


@dataclass(frozen=True)
class Gauge:
    """A job that tells what its worker has used so far, and keeps it from doing a second one."""

    source: Source = NOBODY

    def __call__(self) -> list[Outcome]:
        time.sleep(0.02)
        own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        seconds = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
        return [Outcome(NOBODY, "", Word.HOLDS, extra=(os.getpid(), seconds, own.ru_maxrss, BEGAN))]

    def __len__(self) -> int:
        return 1

    def lost(self, error: Exception) -> list[Outcome]:
        raise error

    def left(self, _: frozenset[str]) -> Gauge:
        return self

    def portable(self) -> Gauge:
        return self


class Memory(NamedTuple):
    """Megabytes of all workers together: at most, and when they were made."""

    peak: float
    start: float


class Ran(NamedTuple):
    """What came of a fleet: a commit a mirror, and what its workers used of time and memory."""

    commits: list[str]
    spent: Spent
    memory: Memory


def quiet(_: Rendered) -> Seen:
    """Show nothing of a fix."""
    return Seen()


def job(mirror: Mirror, change: str, *, gated: bool) -> Job:
    """Return what the fleet does with a mirror."""
    text = FIXES[change if change == "class" else f"{change} {mirror.recipe}"]
    source = Source("repository", str(mirror.folder), mirror.recipe)
    return Job(source, (text,), view=quiet, author=WHO, is_gated=gated)


def fleet(mirrors: list[Mirror], warm: list[Mirror], change: str, *, gated: bool) -> Ran:
    """Change every mirror by the fleet's processes, once they are warm."""
    make = partial(job, change=change, gated=gated)
    gauges = [Gauge()] * WARM
    stages: list[list[Work]] = [[*map(make, warm), *gauges], [*map(make, mirrors)], [*gauges]]
    clocks, told = [], []
    outcomes = stream(_in_turn(stages, told), Crew(JOBS))
    for outcome in outcomes:
        assert not outcome.problems, outcome.problems
        told.append(outcome)
        if len(told) in {len(stages[0]), len(stages[0]) + len(mirrors)}:
            clocks.append((time.perf_counter(), sum(os.times()[:2])))
    (began, cpu), (ended, later) = clocks
    before, after = _used(told[len(warm) : len(stages[0])]), _used(told[-WARM:])
    workers = sum(after[pid][0] - before.get(pid, (0.0,))[0] for pid in after)
    commits = [outcome.commit for outcome in told[len(stages[0]) : -WARM]]
    memory = Memory(*(sum(used[i] for used in after.values()) / 1024 for i in (1, 2)))
    return Ran(commits, Spent(ended - began, later - cpu + workers), memory)


def _in_turn(stages: list[list[Work]], told: list[Outcome]) -> Iterator[Work | None]:
    """Yield jobs a stage at a time; None while one has not come to its end."""
    handed = 0
    for stage in stages:
        while len(told) < handed:
            yield None
        yield from stage
        handed += len(stage)


def _used(told: list[Outcome]) -> dict[int, tuple[float, int, int]]:
    """Return seconds of the processor and kilobytes at most and at the start, by worker."""
    return {pid: used for pid, *used in (one.extra for one in told)}


def verify(mirrors: list[Mirror], change: str, commits: list[str]) -> None:
    """Hold the commits against those of `git fast-import`, and let git check a few."""
    for mirror, sha in zip(mirrors, commits, strict=True):
        repository = pygit2.Repository(str(mirror.folder))
        theirs = repository.revparse_single(f"refs/heads/{change}")
        ours = repository[sha]
        assert ours.tree_id == theirs.tree_id, f"{mirror.folder}: {sha} is not what was expected"
        assert ours.parent_ids == theirs.parent_ids
    for mirror, sha in list(zip(mirrors, commits, strict=True))[:FSCKS]:
        command = ["git", "-C", mirror.folder, "fsck", "--strict", "--no-dangling", sha]
        subprocess.run(command, check=True, env=ENV, capture_output=True)


class Spent(NamedTuple):
    """Seconds of the clock, and of the processor for all processes."""

    clock: float = float("inf")
    processor: float = float("inf")


def rival(work: Callable[[], None]) -> Spent:
    """Return what a rival takes, whose processes have come to their end."""
    before = Spent(time.perf_counter(), sum(os.times()[:4]))
    work()
    after = Spent(time.perf_counter(), sum(os.times()[:4]))
    return Spent(*(a - b for a, b in zip(after, before, strict=True)))


def measured(
    mirrors: list[Mirror], warm: list[Mirror], change: str, rounds: int, *, alone: bool
) -> tuple[dict[str, Spent], Memory]:
    """Return the best times of all sides for one change, and the memory of patchkit's workers."""
    best: dict[str, Spent] = {}

    def keep(name: str, taken: Spent) -> None:
        best[name] = Spent(*map(min, best.get(name, Spent()), taken))

    for _ in range(rounds):
        keep("(a) git fast-import", rival(partial(fast_import, mirrors, change, JOBS)))
        for gated, name in ((False, "patchkit, lint off"), (True, "patchkit, lint on")):
            ran = fleet(mirrors, warm, change, gated=gated)
            keep(name, ran.spent)
            verify(mirrors, change, ran.commits)
    if change == "class" and not alone and len(mirrors) <= RIVALS_UP_TO:
        keep("(b) clone, edit, commit", rival(partial(clone_and_commit, mirrors, JOBS)))
        keep("(c) all-repos", rival(partial(all_repos, mirrors, JOBS)))
    return best, ran.memory


def report(count: int, change: str, best: dict[str, Spent], memory: Memory) -> None:
    """Print a line for each side."""
    print(
        f"\n{count} mirrors, one {change.replace('-', ' ')} each; patchkit's {JOBS} workers took"
        f" {memory.peak:.0f} MB, {memory.peak - memory.start:.0f} more than at their start"
    )
    floor = next(iter(best.values()))
    for name, taken in best.items():
        clock, processor = (t / f for t, f in zip(taken, floor, strict=True))
        print(
            f"  {name:24}{taken.clock:8.2f} s {count / taken.clock:7.0f} /s {clock:7.2f} x (a),"
            f"   processor {taken.processor:8.2f} s {processor:7.2f} x (a)"
        )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("counts", nargs="*", type=int, default=[10, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--alone", action="store_true", help="beside git fast-import only")
    parser.add_argument("--ram", action="store_true", help=f"mirrors in {RAM}")
    asked = parser.parse_args()
    gc.set_threshold(100_000)  # as the command does
    FIXES["class"] = FixText.of(loads_fix(CLASS))
    for recipe, (fix, _) in RECIPES.items():
        FIXES[f"fix {recipe}"] = FixText.of(loads_fix(FIX.format(recipe=recipe)))
        FIXES[f"large-fix {recipe}"] = FixText.of(load_fix(fix))
    tempfile.tempdir = str(RAM) if asked.ram else None
    # On ext4 making a file takes longer for a minute after many were deleted.
    print(f"mirrors in {tempfile.gettempdir()}")
    for count in asked.counts:
        with TemporaryDirectory(prefix="patchkit-fleet-") as folder:
            mirrors, warm = made(Path(folder) / "all", count), made(Path(folder) / "warm", WARM)
            for change in CHANGES:
                taken = measured(mirrors, warm, change, asked.rounds, alone=asked.alone)
                report(count, change, *taken)


if __name__ == "__main__":
    main()
