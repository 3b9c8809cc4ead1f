"""Steps of a run: wait until a recipe is ready, look into its stack, run commands in it."""

import socket
import subprocess
import time
from typing import Any

from harness.meta import Context


class NotReadyError(Exception):
    """A recipe did not become ready in time."""


def wait_ready(probe: dict[str, Any], *, tries: int = 60, pause: float = 1.0) -> None:
    """Wait until what a READY_PROBE speaks of is ready.

    Args:
        probe: `tcp_host` and `tcp_port` must take connections, `stable` of them in a row.
        tries: how often to look.
        pause: the seconds between two looks.

    Raises:
        NotReadyError: it was not ready at any of the looks.
    """
    wait_tcp(probe["tcp_host"], probe["tcp_port"], probe.get("stable", 1), tries, pause)


def wait_tcp(host: str, port: int, stable: int, tries: int, pause: float) -> None:
    """Wait until a port takes connections, `stable` of them in a row."""
    streak = 0
    for _ in range(tries):
        streak = streak + 1 if accepts(host, port) else 0
        if streak >= stable:
            return
        time.sleep(pause)
    raise NotReadyError(f"{host}:{port} did not take {stable} connections in a row")


def accepts(host: str, port: int) -> bool:
    """Whether a port takes a connection."""
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def services(ctx: Context) -> dict[str, str]:
    """Return the images that a stack runs, by service."""
    stack = ctx.domain.replace(".", "_")
    command = ["docker", "stack", "services", "--format", "{{.Name}} {{.Image}}", stack]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    rows = (line.removeprefix(f"{stack}_").split() for line in lines)
    return dict(rows)


def exec_in(ctx: Context, *command: str, service: str) -> str:
    """Run a command in a service's container, and return what it prints."""
    abra = ["abra", "app", "run", "--no-tty", ctx.domain, service, "--", *command]
    return subprocess.run(abra, check=True, capture_output=True, text=True).stdout
