"""Hands out jobs and yields what came of them, in order, a bounded number at a time."""

from __future__ import annotations

from collections import deque
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from patchkit.errors import BugError, PatchkitError
from patchkit.fleet.crew import Stopped, do

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from concurrent.futures import Executor, Future

    from patchkit.fleet.crew import Crew
    from patchkit.fleet.job import Work
    from patchkit.fleet.outcome import Outcome


_DEADLY = "KilledWorker"  # dask's error for it


class _Handed(NamedTuple):
    work: Work
    future: Future[Sequence[Outcome]] | None
    outcomes: Sequence[Outcome] = ()


def stream(works: Iterable[Work], crew: Crew) -> Generator[Outcome, None, None]:
    """Yield the outcomes of works in their order; those of one never keep from the others.

    At most a window of works is in memory, whatever their number. A worker that dies is replaced:
    what it may have died of is done again alone, and told as failed when that ends it too.
    Closing the iterator drops what has not begun and stops what runs.

    Args:
        works: what to do; taken as there is room for it.
        crew: who does it.

    Raises:
        UsageError: there is no such crew.
    """
    waiting: deque[_Handed] = deque()
    with ExitStack() as stack:
        pool = stack.enter_context(crew.executor())
        rest = iter(works)
        while True:
            while len(waiting) < crew.window and (work := next(rest, None)) is not None:
                waiting.append(_handed(work, pool, crew))
            if not waiting:
                return
            again = partial(_handed, pool=pool, crew=crew) if crew.is_far else None
            try:
                yield from _outcomes(waiting[0], again)
            except BrokenExecutor:
                for handed in waiting:
                    yield from _alone(handed, crew)
                waiting.clear()
                stack.pop_all().close()
                pool = stack.enter_context(crew.executor())
            else:
                waiting.popleft()


def _handed(work: Work, pool: Executor, crew: Crew) -> _Handed:
    try:
        sent = work.portable() if crew.is_far else work
        return _Handed(work, pool.submit(do, sent))
    except BrokenExecutor:
        return _Handed(work, None)  # found out when its turn comes
    except PatchkitError as error:
        return _Handed(work, None, work.lost(error))
    except Exception as error:  # noqa: BLE001  a cluster that is gone says so in many ways
        return _Handed(work, None, work.lost(_lost(error)))


def _outcomes(handed: _Handed, again: Callable[[Work], _Handed] | None = None) -> Sequence[Outcome]:
    """Return what came of a work; `again` hands it out once more where its answer was lost."""
    if handed.outcomes:
        return handed.outcomes
    if handed.future is None:
        raise BrokenExecutor
    try:
        return handed.future.result()
    except BrokenExecutor:
        raise
    except (Exception, CancelledError, Stopped) as error:  # noqa: BLE001  the others go on
        # A cluster may lose the answer of a work together with another work's worker. Of a work
        # that ended several workers by itself it says so by another name.
        if again is not None and type(error).__name__ != _DEADLY:
            return _outcomes(again(handed.work))
        return handed.work.lost(_lost(error))


def _alone(handed: _Handed, crew: Crew) -> Sequence[Outcome]:
    """Return the outcomes of a work whose worker may have died of it: done again, by itself."""
    try:
        return _outcomes(handed)
    except BrokenExecutor:
        pass
    try:
        with crew.executor() as pool:
            return pool.submit(do, handed.work).result()
    except (BrokenExecutor, Stopped) as error:
        return handed.work.lost(_lost(error))


def _lost(error: BaseException) -> BugError:
    what = "the job was called off" if isinstance(error, CancelledError) else str(error)
    what = what.partition("\n")[0] or type(error).__name__
    return BugError(
        f"the worker did not come back: {what}",
        hint="it ran out of memory, or was killed: run this recipe alone, or with fewer --jobs",
    )
