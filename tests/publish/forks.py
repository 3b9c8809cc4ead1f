"""Runs `patchkit` in processes of its own, soon: forks of one that has imported it already.

    with Forks() as forks:
        process = forks.start(["pr", "--recipe", "gitea"], folder, {"PATCHKIT_CACHE": "…"})
        process.wait()

What a killed command leaves running (git in the midst of a push) is waited for by `settle`.
"""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_ADOPT = 36  # PR_SET_CHILD_SUBREAPER of Linux: grandchildren come to us when their parent dies


@dataclass(frozen=True)
class Process:
    """One command that runs."""

    forks: Forks
    pid: int
    log: Path

    def wait(self) -> int:
        """Return its exit code; the negative number of the signal that ended it."""
        return self.forks.ask(wait=self.pid)

    @property
    def said(self) -> str:
        """Both of its outputs."""
        return self.log.read_text()


class Forks:
    """The process that forks; `with` starts and ends it."""

    def __enter__(self) -> Self:
        self._parent = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._count = 0
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate(timeout=30)

    def start(self, words: list[str], folder: Path, env: Mapping[str, str]) -> Process:
        """Start a command in a folder."""
        self._count += 1
        log = folder / f"said.{self._count}"
        order = {"words": words, "folder": str(folder), "env": dict(env), "log": str(log)}
        return Process(self, self.ask(start=order), log)

    def settle(self) -> None:
        """Wait until nothing runs any more that a command has started."""
        self.ask(settle=True)

    def ask(self, **order: Any) -> int:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(json.dumps(order) + "\n")
        self._parent.stdin.flush()
        return int(self._parent.stdout.readline())


def _serve() -> None:
    ctypes.CDLL(None).prctl(_ADOPT, 1)
    _imported()
    for line in sys.stdin:
        print(_obeyed(**json.loads(line)), flush=True)


def _imported() -> None:
    """Import what a command imports, before it is forked."""
    import stamina

    import patchkit.cli.pr
    import patchkit.cli.withdraw
    import patchkit.forge.gitea
    import patchkit.forge.http  # noqa: F401

    stamina.set_testing(True, attempts=4, cap=True)


def _obeyed(start: dict[str, Any] | None = None, wait: int = 0, settle: bool = False) -> int:
    if start is not None:
        return os.fork() or _run(start)
    if wait:
        return os.waitstatus_to_exitcode(os.waitpid(wait, 0)[1])
    while settle:
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            break
    return 0


def _run(order: dict[str, Any]) -> int:
    from patchkit.cli.boundary import run

    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    os.chdir(order["folder"])
    os.environ |= order["env"]
    code = 70
    try:
        code = run(order["words"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(code))


if __name__ == "__main__":
    _serve()
