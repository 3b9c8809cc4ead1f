"""Times a class and a fix on many mirrors, beside what else could make the same commits.

    python tests/bench_fleet.py [10 100 1000] [--rounds N] [--alone]

Each mirror's head is read, the change is rendered, judged by lint or not, and written as a commit,
without a checkout. All sides work with two jobs at once and wait for no disk. The best of a few
rounds counts, in which the sides take turns; only ratios within one run say something, and on a
machine that does other things too those of the processor's time. What a process needs to start
once is told by bench_start.py.

Aims: 1.5 times the time of `git fast-import` without lint and 3 times with it, a fifth of that of
clone and commit and a tenth of that of all-repos, as many a second for 1,000 mirrors as for 100,
and no more than 1.3 times the memory.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import resource
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import pygit2
from fleet_mirrors import ENV, RECIPES, Mirror, made
from fleet_rivals import all_repos, clone_and_commit, fast_import

from patchkit import RecipeTree, __version__, check, load_fix, loads_fix, render
from patchkit.git.author import Author
from patchkit.git.commit import commit

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.spec.fix import Fix

T = TypeVar("T")
JOBS, CHUNK, FSCKS = 2, 8, 5
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
FIXES: dict[str, Fix] = {}
BEGAN: dict[str, float] = {}


class Done(NamedTuple):
    """What came of one mirror: its commit, and by how many MB its worker has grown."""

    sha: str
    worker: int
    peak: float


def propose(mirror: Mirror, change: str, *, gated: bool) -> Done:
    """Render a change on the head of a mirror and commit it."""
    repository = pygit2.Repository(str(mirror.folder))
    head = str(repository.head.target)
    repository.free()
    fix = FIXES["class" if change == "class" else mirror.recipe]
    patch = render(fix, RecipeTree.from_commit(mirror.folder, head))
    if gated:
        assert check(fix, patch).passed
    sha = commit(
        *(mirror.folder, head, patch.tree, fix.title, WHO),
        fix=fix.id,
        digest=fix.digest,
        version=__version__,
        sign=False,
    )
    return Done(sha, multiprocessing.current_process().pid or 0, _peak() - BEGAN["peak"])


def _begin() -> None:
    """Note what a worker has from the process that it was made of."""
    BEGAN["peak"] = _peak()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fleet(mirrors: list[Mirror], change: str, *, gated: bool) -> list[Done]:
    """Change every mirror, by two processes."""
    work = partial(propose, change=change, gated=gated)
    with ProcessPoolExecutor(JOBS, multiprocessing.get_context("fork"), _begin) as pool:
        return list(pool.map(work, mirrors, chunksize=CHUNK))


def verify(mirrors: list[Mirror], change: str, done: list[Done]) -> None:
    """Hold the commits against those of `git fast-import`, and let git check a few."""
    for mirror, (sha, *_) in zip(mirrors, done, strict=True):
        repository = pygit2.Repository(str(mirror.folder))
        theirs = repository.revparse_single(f"refs/heads/{change}")
        ours = repository[sha]
        assert ours.tree_id == theirs.tree_id, f"{mirror.folder}: {sha} is not what was expected"
        assert ours.parent_ids == theirs.parent_ids
    for mirror, (sha, *_) in list(zip(mirrors, done, strict=True))[:FSCKS]:
        command = ["git", "-C", mirror.folder, "fsck", "--strict", "--no-dangling", sha]
        subprocess.run(command, check=True, env=ENV, capture_output=True)


class Spent(NamedTuple):
    """Seconds of the clock, and of the processor for all processes."""

    clock: float = float("inf")
    processor: float = float("inf")


def spent(work: Callable[[], T], best: dict[str, Spent], name: str) -> T:
    """Do some work, and keep the best times of all rounds by name."""
    before = Spent(time.perf_counter(), sum(os.times()[:4]))
    result = work()
    after = Spent(time.perf_counter(), sum(os.times()[:4]))
    old = best.get(name, Spent())
    best[name] = Spent(*(min(o, a - b) for o, a, b in zip(old, after, before, strict=True)))
    return result


def measured(
    mirrors: list[Mirror], change: str, rounds: int, *, alone: bool
) -> tuple[dict[str, Spent], float]:
    """Return the best times of all sides for one change, and the memory of patchkit's workers."""
    best: dict[str, Spent] = {}
    done: list[Done] = []
    for _ in range(rounds):
        spent(partial(fast_import, mirrors, change, JOBS), best, "(a) git fast-import")
        for gated, name in ((False, "patchkit, lint off"), (True, "patchkit, lint on")):
            done = spent(partial(fleet, mirrors, change, gated=gated), best, name)
            verify(mirrors, change, done)
    if change == "class" and not alone and len(mirrors) <= RIVALS_UP_TO:
        spent(partial(clone_and_commit, mirrors, JOBS), best, "(b) clone, edit, commit")
        spent(partial(all_repos, mirrors, JOBS), best, "(c) all-repos")
    return best, sum({worker: peak for _, worker, peak in done}.values())


def report(count: int, change: str, best: dict[str, Spent], memory: float) -> None:
    """Print a line for each side."""
    print(
        f"\n{count} mirrors, one {change} each; patchkit's {JOBS} workers grew by {memory:.0f} MB"
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
    asked = parser.parse_args()
    gc.set_threshold(100_000)  # as the command does
    FIXES["class"] = loads_fix(CLASS)
    FIXES.update({recipe: load_fix(fix) for recipe, (fix, _) in RECIPES.items()})
    for count in asked.counts:
        with TemporaryDirectory(prefix="patchkit-fleet-") as folder:
            mirrors = made(Path(folder), count)
            for change in ("class", "fix"):
                report(count, change, *measured(mirrors, change, asked.rounds, alone=asked.alone))


if __name__ == "__main__":
    main()
