"""Who does the jobs of a fleet: this process, threads, processes, or a cluster of dask.

All have the form of `concurrent.futures.Executor`.
https://docs.python.org/3/library/concurrent.futures.html and https://distributed.dask.org
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from patchkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
Kind: TypeAlias = Literal["processes", "threads", "dask"]
KINDS: tuple[Kind, ...] = ("processes", "threads", "dask")
_AHEAD = 8  # jobs that wait for each that runs
_DASK_TIMEOUT = 10  # seconds to reach a scheduler
_GRACE = 10  # seconds that a worker has to end
_GLANCE = 0.05  # seconds between two looks at whether it has
_BUSY, _STOP = threading.Event(), threading.Event()  # of this process, when it is a worker
_PRELOADED = ["patchkit.fleet.job", "patchkit.fixes", "patchkit.fleet.private"]


@dataclass(frozen=True, slots=True)
class Crew:
    """Who does the jobs.

    Attributes:
        jobs: how many at once; 1 does them in this process.
        kind: `processes`, `threads` or `dask`.
        scheduler: the address of dask's scheduler.
    """

    jobs: int = 1
    kind: Kind = "processes"
    scheduler: str = ""

    @property
    def is_here(self) -> bool:
        """Whether the jobs are done in this process, one after the other."""
        return self.kind != "dask" and self.jobs == 1

    @property
    def is_far(self) -> bool:
        """Whether they may be done on another machine."""
        return self.kind == "dask"

    @property
    def window(self) -> int:
        """How many jobs may be handed out before the first of them is done."""
        return 1 if self.is_here else self.jobs * _AHEAD

    @contextmanager
    def executor(self) -> Iterator[Executor]:
        """Yield the executor; what has not begun when this ends is dropped.

        Raises:
            UsageError: dask is not installed, or its scheduler cannot be reached.
        """
        if self.is_here:
            yield Inline()
        elif self.kind == "dask":
            yield from _dask(self.scheduler)
        elif self.kind == "threads":
            yield from _threads(self.jobs)
        else:
            yield from _processes(self.jobs)


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Inline(Executor):
    """Does a job at once, in the caller's own thread."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it and return its result; what is no Exception, as Ctrl-C, goes through."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  the future is where it belongs
            future.set_exception(error)
        return future


def _threads(jobs: int) -> Iterator[Executor]:
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="patchkit")
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _processes(jobs: int) -> Iterator[Executor]:
    # Not by plain fork, which copies the locks of other threads as they are at that moment.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    before = set(multiprocessing.active_children())
    # The server of forks has the environment of the moment when it began.
    pool = ProcessPoolExecutor(jobs, context, _begin, (dict(os.environ),))
    is_done = False
    try:
        yield pool
        is_done = True
    finally:
        if not is_done:
            _stop(set(multiprocessing.active_children()) - before)
        pool.shutdown(cancel_futures=True)


def _begin(environment: dict[str, str]) -> None:
    """Prepare a worker: a terminal's Ctrl-C is its parent's to handle, the stop it sends is not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end)
    os.environ.clear()
    os.environ.update(environment)
    gc.set_threshold(100_000)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """End with the process that asked, which may be killed; a worker waits for it forever else."""
    asker = multiprocessing.parent_process()
    if asker is None:
        return
    asker.join()
    os.kill(os.getpid(), signal.SIGTERM)
    while _BUSY.is_set():
        time.sleep(_GLANCE)
    os._exit(1)


class Stopped(BaseException):
    """A worker was asked to stop; it goes through a job, which removes what it has laid out."""


def do(work: Callable[[], T]) -> T:
    """Do a work where it may be stopped from outside.

    Raises:
        Stopped: it was.
    """
    if _STOP.is_set():
        raise Stopped
    _BUSY.set()
    try:
        return work()
    finally:
        _BUSY.clear()


def _end(*_: object) -> None:
    """Leave a job at once; between two jobs not at once: a result half sent holds up the reader."""
    if not _STOP.is_set():
        _STOP.set()
        patience = threading.Timer(_GRACE, os._exit, (1,))
        patience.daemon = True
        patience.start()
    if _BUSY.is_set():
        raise Stopped


def _stop(workers: set[BaseProcess]) -> None:
    for worker in workers:
        worker.terminate()


def _dask(scheduler: str) -> Iterator[Executor]:
    try:
        distributed: Any = import_module("distributed")  # an extra, and slow to import
    except ImportError:
        raise UsageError(
            "--executor dask needs dask, which is not installed",
            hint="python -m pip install 'patchkit[dask]', here and on every worker",
        ) from None
    try:
        client = distributed.Client(scheduler, timeout=_DASK_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"there is no scheduler of dask at {scheduler}: {error}",
            hint="start one: dask scheduler; and name its address: --scheduler tcp://host:8786",
        ) from None
    with client:
        pool = client.get_executor(pure=False)
        try:
            yield _Cluster(client, pool, scheduler)
        finally:
            pool.shutdown(wait=False)


class _Cluster(Executor):
    """An executor of dask that takes no job while its scheduler is away: it would never end."""

    def __init__(self, client: Any, pool: Executor, scheduler: str) -> None:
        self._client, self._pool, self._scheduler = client, pool, scheduler

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        if self._client.status != "running":
            raise UsageError(
                f"the scheduler of dask at {self._scheduler} has gone away",
                hint="start it again, and run the rest with --resume",
            )
        return self._pool.submit(fn, *args, **kwargs)
