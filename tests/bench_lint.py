"""Times lint over the sample recipes, in this process and by the command line.

    python tests/bench_lint.py

One recipe may take 20 ms in a process that has imported everything; its files are read anew and
nothing is remembered between runs, of which the best counts. 200 recipes in one call of the
command may take 5 s.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import copytree

from forget import forget

from patchkit.lint import lint
from patchkit.tree import RecipeTree

SAMPLES = Path(__file__).resolve().parent / "recipes"
RUNS = 15
ONE_MS, MANY, MANY_S = 20.0, 200, 5.0


def one(folder: Path) -> float:
    """Return the milliseconds of the first and only look at a recipe."""
    tree = RecipeTree.from_dir(folder)
    forget()
    start = time.perf_counter()
    lint(tree)
    return (time.perf_counter() - start) * 1000


def many(folders: list[Path]) -> float:
    """Return the seconds that the command takes for many recipes."""
    with tempfile.TemporaryDirectory() as scratch:
        arguments = []
        for number in range(MANY):
            copy = Path(scratch) / f"recipe-{number}"
            copytree(folders[number % len(folders)], copy)
            arguments += ["--in", str(copy)]
        start = time.perf_counter()
        command = [sys.executable, "-m", "patchkit", "lint", *arguments]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
        return time.perf_counter() - start


def main() -> None:
    """Print a line a recipe, and one for many of them."""
    folders = sorted(path.parent for path in SAMPLES.glob("*/compose.yml"))
    lint(RecipeTree.from_dir(folders[0]))
    for folder in folders:
        times = [one(folder) for _ in range(RUNS)]
        print(f"{folder.name:<20} {min(times):5.1f} ms (aim {ONE_MS:.0f})")
    print(f"{MANY} recipes in one call {many(folders):5.1f} s (aim {MANY_S:.0f})")


if __name__ == "__main__":
    main()
