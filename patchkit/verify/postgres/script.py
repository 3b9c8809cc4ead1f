"""Runs a script beside a server as that server's user: in bounded time, its memory measured."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchkit.verify.bench import Program
    from patchkit.verify.postgres.server import Server

SECONDS = 60.0
_LINES = 12  # of its output, the last ones
_LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True, slots=True)
class Done:
    """How a script ended.

    Attributes:
        code: its exit code, None when its time was up.
        output: what it printed, errors among it.
        peak: the most memory in bytes that one of its processes held; None when its time was up.
    """

    code: int | None
    output: str
    peak: int | None = None

    @property
    def ok(self) -> bool:
        """Whether it said that all went well."""
        return self.code == 0

    def __str__(self) -> str:
        how = "it did not end in time" if self.code is None else f"it exited with {self.code}"
        last = self.output.strip().split("\n")[-_LINES:]
        return "\n".join([how, *last]).strip()


def run(
    server: Server,
    command: Sequence[str | Path],
    env: Mapping[str, str],
    *,
    shown: Sequence[str | Path] = (),
    largest: int = 0,
    seconds: float = SECONDS,
) -> Done:
    """Run a script to its end and return how it ended.

    Args:
        server: the server.
        command: the script and its arguments.
        env: its whole environment.
        shown: the command line to report in its place.
        largest: the size in bytes that no file it writes may exceed, as on a full disk; 0: any.
        seconds: its time limit.
    """
    report = _report(server)
    with started(server, command, env, shown=shown, largest=largest) as program:
        code = program.wait(seconds)
    peak = report.read_text("ascii")
    return Done(code, program.output, int(peak) if peak else None)


@contextlib.contextmanager
def started(
    server: Server,
    command: Sequence[str | Path],
    env: Mapping[str, str],
    *,
    shown: Sequence[str | Path] = (),
    largest: int = 0,
) -> Iterator[Program]:
    """Start a script; its processes have ended on leaving."""
    report = _report(server)
    report.write_text("", "ascii")
    user, group = server.user.get("user", os.getuid()), server.user.get("group", os.getgid())
    launch = (sys.executable, "-IS", _LAUNCH, str(user), str(group), report, str(largest))
    with server.bench.started(
        *launch, json.dumps(dict(env)), *command, cwd=server.home, shown=shown or command
    ) as program:
        yield program


def _report(server: Server) -> Path:
    return server.bench.folder / "peak"
