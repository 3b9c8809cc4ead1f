"""Times whole processes: bare Python, its libraries' imports, and `patchkit diff` of a sample.

    python tests/bench_start.py [RUNS]

These machines are noisy, so the best of several runs counts, and the ratios within one run. The
code is compiled first, as pip does it when it installs. Aims: 2.5 times bare Python for
`--version`; 0.3 s for a diff, where the libraries alone take 0.19 s.
"""

from __future__ import annotations

import compileall
import subprocess
import sys
import time
from pathlib import Path

import patchkit

RUNS = 15
LIBRARIES = "import click, yaml, jinja2.sandbox; from pydantic import *"
COMMANDS = {
    "bare Python": ["-c", "pass"],
    "patchkit --version": ["-m", "patchkit", "--version"],
    "the libraries alone": ["-c", LIBRARIES],
    "patchkit diff mattermost": ["-m", "patchkit", "diff", "mattermost"],
}


def seconds(arguments: list[str], runs: int) -> float:
    """Return the best of a few runs of a whole process."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print a line a command."""
    compileall.compile_dir(Path(patchkit.__file__).parent, quiet=1)
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    times = {name: seconds(arguments, runs) for name, arguments in COMMANDS.items()}
    bare = times["bare Python"]
    libraries = times["the libraries alone"]
    for name, taken in times.items():
        ratios = f"{taken / bare:6.1f} x bare Python{taken / libraries:6.1f} x the libraries"
        print(f"{name:26}{taken:8.3f} s {ratios}")


if __name__ == "__main__":
    main()
