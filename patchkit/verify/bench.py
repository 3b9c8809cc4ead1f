"""A judge's bench: a scratch folder, a time limit, and the way to run programs.

Programs get a bare environment, so that no token of the user's reaches them, and no shell; what
they print is bounded, and whatever they start ends with them.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from patchkit.verify.judge import NotAvailableError
from patchkit.verify.program import MAX_OUTPUT, Program
from patchkit.verify.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from patchkit.tree import RecipeTree

__all__ = ["MAX_OUTPUT", "Bench", "Program", "Ran", "own", "unprivileged"]


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended.

    Attributes:
        code: its exit code; negative for a signal, None when its time was up.
        output: what it printed, standard error among it, in order; at most `MAX_OUTPUT` bytes.
    """

    code: int | None
    output: str

    @property
    def ok(self) -> bool:
        """Whether it ended with code 0."""
        return self.code == 0


class Bench:
    """Where one judge works.

    Attributes:
        folder: an empty folder of its own; gone when the judge has ended.
        ran: the command lines so far, once each.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        self.folder = folder
        self.ran: list[str] = []
        self._end = time.monotonic() + seconds
        self._seconds = seconds

    @property
    def remaining(self) -> float:
        """Seconds until the judge's time is up."""
        return self._end - time.monotonic()

    def lay(self, tree: RecipeTree, name: str = "recipe") -> Path:
        """Write a tree into a folder of the bench and return that."""
        folder = self.folder / name
        tree.write(folder)
        return folder

    def find(self, program: str, *, install: str, folders: Iterable[Path] = ()) -> str:
        """Return where a program is.

        Args:
            program: its name.
            install: how to get it, for people.
            folders: where to look as well; the PATH comes first, then Python's own programs.

        Raises:
            NotAvailableError: it is nowhere.
        """
        places = [Path(sys.executable).parent, *folders]
        for path in (None, *map(str, places)):
            if found := shutil.which(program, path=path):
                return found
        raise NotAvailableError(f"{program} is not installed", install)

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return what programs see: a PATH, a home in the scratch folder, and `extra`."""
        plain = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "LC_ALL": "C.UTF-8",
        }
        return plain | dict(extra or {})

    def run(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        seconds: float | None = None,
        user: Mapping[str, Any] | None = None,
        shown: Sequence[str | Path] = (),
        terminal: bool = False,
    ) -> Ran:
        """Run a program to its end and return how it ended.

        Args:
            command: the program and its arguments.
            cwd: where it runs; the bench's folder by default.
            env: its whole environment; `environment()` by default.
            stdin: what it reads.
            seconds: its own time limit, within that of the judge.
            user: from `unprivileged()`.
            shown: the command line that `ran` shows in place of this one.
            terminal: whether it prints to a terminal, at which nobody sits, and not to a pipe.
        """
        with self.started(
            *command, cwd=cwd, env=env, stdin=stdin, user=user, shown=shown, terminal=terminal
        ) as program:
            code = program.wait(seconds)
        return Ran(code, program.output)

    @contextlib.contextmanager
    def started(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes | None = b"",
        user: Mapping[str, Any] | None = None,
        stop: signal.Signals = signal.SIGTERM,
        shown: Sequence[str | Path] = (),
        terminal: bool = False,
    ) -> Iterator[Program]:
        """Start a program, such as a server; it has ended, with all it started, on leaving.

        Args:
            command: the program and its arguments.
            cwd: where it runs; the bench's folder by default.
            env: its whole environment; `environment()` by default.
            stdin: what it reads; None for what `Program.send` sends it.
            user: from `unprivileged()`.
            stop: how it is asked to end.
            shown: the command line that `ran` shows in place of this one.
            terminal: whether it prints to a terminal, at which nobody sits, and not to a pipe.
        """
        first, *rest = shown or command
        line = shlex.join([Path(first).name, *map(str, rest)]).replace(f"{self.folder}/", "")
        if line not in self.ran:
            self.ran.append(line)
        screen = Terminal() if terminal else None
        process = subprocess.Popen(  # noqa: S603  no shell; the caller names the program
            list(map(str, command)),
            cwd=cwd or self.folder,
            env=dict(env) if env is not None else self.environment(),
            stdin=screen.end if screen else subprocess.PIPE,
            stdout=screen.end if screen else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **(user or {}),
        )
        if screen:
            screen.hand_over()
        program = Program(process, self._end, stdin, stop, screen)
        try:
            yield program
        finally:
            program.end()


def own(folder: Path) -> Path:
    """Make a folder, if need be, that belongs to `unprivileged()`, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    if user := unprivileged():
        os.chown(folder, user["user"], user["group"])
    return folder


def unprivileged() -> dict[str, Any]:
    """Return the options that run a program as nobody, for those that refuse to be root."""
    if os.getuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
