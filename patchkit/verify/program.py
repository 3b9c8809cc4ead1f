"""A program that runs: its output as it comes, bounded, and an end that takes all it started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.verify.terminal import Terminal

MAX_OUTPUT = 64 * 1024  # bytes
_CHUNK = 16 * 1024
_GRACE = 5.0  # seconds between asking a server to end and making it


class Program:
    """A program that runs."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        end: float,
        stdin: bytes | None = b"",
        stop: signal.Signals = signal.SIGTERM,
        screen: Terminal | None = None,
    ) -> None:
        """Look after a process that was just started.

        Args:
            process: leader of a group of its own.
            end: when its time is up, by the monotonic clock.
            stdin: what it reads; None for what `send` sends it.
            stop: how it is asked to end.
            screen: the terminal that it is at; None for pipes.
        """
        self.process = process
        self._end = end
        self._stop = stop
        self._in: IO[bytes] | None = screen.keyboard if screen else process.stdin
        self._out: IO[bytes] | None = screen.screen if screen else process.stdout
        self._output = bytearray()
        self._threads = [threading.Thread(target=self._read, daemon=True)]
        self._is_fed = stdin is None
        if stdin is not None:
            self._threads.append(threading.Thread(target=self._write, args=(stdin,), daemon=True))
        for thread in self._threads:
            thread.start()

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._output.decode("utf-8", "replace")

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def wait(self, seconds: float | None = None) -> int | None:
        """Return its exit code, None when its time or the judge's is up first."""
        limit = self._end - time.monotonic()
        try:
            return self.process.wait(max(0.0, min(limit, limit if seconds is None else seconds)))
        except subprocess.TimeoutExpired:
            return None

    def send(self, data: bytes) -> None:
        """Write to it, and leave its standard input open."""
        with contextlib.suppress(BrokenPipeError):
            if self._in:
                self._in.write(data)
                self._in.flush()

    def end(self) -> None:
        """End it and all that it started: asked first, then made to."""
        self._signal(self._stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_GRACE)
        self._signal(signal.SIGKILL)
        self.process.wait()
        for thread in self._threads:
            thread.join(_GRACE)
        # The threads close what they have: one may wait for a process that left the group.
        if self._is_fed and self._in:
            with contextlib.suppress(OSError):
                self._in.close()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._out or contextlib.nullcontext() as stream:
            while stream and (chunk := stream.read1(_CHUNK)):  # type: ignore[attr-defined]
                self._output += chunk[: MAX_OUTPUT - len(self._output)]

    def _write(self, stdin: bytes) -> None:
        with contextlib.suppress(OSError), self._in or contextlib.nullcontext() as stream:
            if stream:
                stream.write(stdin)
