"""Writes `expected.yml` beside each case of `overlays/`: what `docker stack config` prints.

Run it with Docker's client on the path: `python tests/recipe/record_overlays.py`.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from patchkit.recipe.interpolate import default_of, variables

OVERLAYS = Path(__file__).parent / "overlays"
CASES = sorted(path for path in OVERLAYS.iterdir() if path.is_dir())
EXPECTED = "expected.yml"
# Docker prints paths in full: these stand for the folder of the case and the operator's home.
FOLDER = "/recipes/app"
HOME = "/home/operator"


def compose_files(case: Path) -> list[Path]:
    """The base and its overlays, in the order in which they are merged."""
    return [path for path in sorted(case.glob("*.yml")) if path.name != EXPECTED]


def dummy_variables(files: list[Path]) -> dict[str, str]:
    """A number of its own for every variable that the files use without a default."""
    lines = [line for path in files for line in path.read_text().split("\n")]
    used = {name for line in lines for name in variables(line) if default_of(line, name) is None}
    return {name: str(number) for number, name in enumerate(sorted(used), start=1)}


def stack_config(files: list[Path], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run `docker stack config` with these variables and no others."""
    flags = [flag for path in files for flag in ("-c", str(path))]
    return subprocess.run(
        ["docker", "stack", "config", *flags],
        env={"PATH": os.environ["PATH"], "HOME": HOME, **env},
        capture_output=True,
        text=True,
        check=False,
    )


def printed(case: Path) -> str:
    """What Docker prints for a case, the same on every machine."""
    files = compose_files(case)
    result = stack_config(files, dummy_variables(files))
    assert result.returncode == 0, f"{case.name}: {result.stderr}"
    return result.stdout.replace(str(case), FOLDER).replace(str(OVERLAYS), str(Path(FOLDER).parent))


if __name__ == "__main__":
    for case in CASES:
        (case / EXPECTED).write_text(printed(case))
