"""Times whole processes: bare Python, its libraries' imports, and `patchkit diff` of a sample.

    python tests/bench_start.py

These machines are noisy, so the best of several runs counts, and the ratios within one run.
"""

from __future__ import annotations

import subprocess
import sys
import time

RUNS = 15
LIBRARIES = "import click, yaml, jinja2.sandbox; from pydantic import *"
COMMANDS = {
    "bare Python": ["-c", "pass"],
    "patchkit --version": ["-m", "patchkit", "--version"],
    "the libraries alone": ["-c", LIBRARIES],
    "patchkit diff mattermost": ["-m", "patchkit", "diff", "mattermost"],
}


def seconds(arguments: list[str]) -> float:
    """Return the best of a few runs of a whole process."""
    best = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print a line a command."""
    times = {name: seconds(arguments) for name, arguments in COMMANDS.items()}
    bare = times["bare Python"]
    for name, taken in times.items():
        print(f"{name:26}{taken:8.3f} s {taken / bare:6.1f} x bare Python")


if __name__ == "__main__":
    main()
