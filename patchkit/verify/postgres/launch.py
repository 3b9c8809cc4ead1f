"""Runs a command in bounds, and writes down the most memory that one of its processes took.

A program of its own, run by its path: what the caller's process holds would be measured too.
Arguments: user and group to become (when root), the file to write, the largest file in bytes that
the command may write (0: any), its environment as JSON, the command.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path

_CANNOT_RUN = 126


def main(user: str, group: str, report: str, largest: str, env: str, *command: str) -> int:
    """Run the command and return its exit code; 128 and more for a signal, as shells do."""
    with Path(report).open("w", encoding="ascii") as file:
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(int(group))
            os.setuid(int(user))
        child = os.fork()
        if child == 0:
            _become(int(largest), json.loads(env), command)
        _, status, usage = os.wait4(child, 0)
        unit = 1 if sys.platform == "darwin" else 1024
        file.write(str(usage.ru_maxrss * unit))
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _become(largest: int, env: dict[str, str], command: tuple[str, ...]) -> None:
    try:
        if largest:
            # Ignored, it makes the write fail, as on a full disk, and ends nobody.
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        os.execvpe(command[0], command, env)  # noqa: S606  no shell is meant to see it
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(_CANNOT_RUN)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
