"""Many thousands of recipes in one call: one is broken, and memory does not grow with them.

    python tests/fleet_scale.py [NUMBER]

Fixes NUMBER small recipes (10,000 by default), of which one is broken, and a tenth of
them. Every good one must be told, the broken one on a line of its own; the peak memory of the
process that asks may be 1.3 times that of the tenth.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NUMBER, GROWTH = 10_000, 1.3
_COMPOSE = 'version: "3.8"\nservices:\n  app:\n    image: redis:7.0\n'
_FIX = (
    "id: pin\ntitle: Pin redis\nrecipe: cache\nwhy: To see.\n"
    "ops:\n  - {op: image.set, service: app, tag: 7.4.5}\n"
)


def furnish(folder: Path, number: int) -> None:
    """Write recipes, and a list of them."""
    (folder / "pin.yml").write_text(_FIX)
    names = [f"r{at:06}/cache" for at in range(number)]
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "compose.yml").write_text(_COMPOSE)
    (folder / names[number // 3] / "compose.yml").write_text("services: {\n")
    (folder / "list").write_text("\n".join(names))


def run(folder: Path, number: int, *, is_broken: bool) -> tuple[float, float]:
    """Fix the first of the recipes; return seconds and the peak memory in megabytes."""
    command = [sys.executable, "-m", "patchkit", "diff", "pin.yml", "--list", "list"]
    start = time.perf_counter()
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        limit = ["--limit", str(number)]
        process = subprocess.Popen([*command, *limit], cwd=folder, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    check(folder, process.returncode, number, int(is_broken))
    return seconds, usage.ru_maxrss / 1024


def check(folder: Path, code: int, number: int, broken: int) -> None:
    """See that every recipe is told as it should be."""
    lines = (folder / "err").read_text().splitlines()
    assert code == 3 * broken, (code, lines[-5:])
    diff = (folder / "out").read_text()
    assert diff.count("+    image: redis:7.4.5\n") == number - broken
    assert sum(line.startswith("  ") for line in lines) == broken
    assert lines[-1].startswith(f"{number} done: {number - broken} applies"), lines[-1]


def main(number: int = NUMBER) -> int:
    """Print a line for the tenth, and one for all; return 1 when memory grew."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        furnish(folder, number)
        few, many = number // 10, number
        peaks = []
        for count in (few, many):
            seconds, peak = run(folder, count, is_broken=count == many)
            peaks.append(peak)
            print(f"{count:>7,} recipes {seconds:7.1f} s {count / seconds:6.0f}/s {peak:6.1f} MB")
    growth = peaks[1] / peaks[0]
    print(f"memory of all to that of the tenth: {growth:.2f} (at most {GROWTH})")
    return int(growth > GROWTH)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
