"""Times the YAML editor over a folder of compose files, beside PyYAML's bare event stream.

    python tests/bench_edit.py [FOLDER]

One edit is: parse the text, add a key to the first service (or to the file), check the result.
The aim is half a millisecond for the median file and 5 ms for 95 of 100.
"""

from __future__ import annotations

import pathlib
import statistics
import sys
import time
from typing import TYPE_CHECKING

import yaml
from forget import forget

from patchkit.edit.yaml import YamlEditor
from patchkit.errors import PatchkitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.edit.yaml import Path

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / "shared" / "corpus"
LOADER = getattr(yaml, "CLoader", yaml.Loader)
RUNS = 5
MEDIAN_MS, P95_MS = 0.5, 5.0


def spot(text: str) -> Path:
    """Return where to add a key: in the first service, or in the file."""
    data = YamlEditor(text).data
    services = data.get("services") if isinstance(data, dict) else None
    first = next(iter(services)) if isinstance(services, dict) and services else None
    return ("services", first, "stop_grace_period") if first else ("x-patchkit",)


def one_edit(text: str, path: Path) -> None:
    """Parse, edit and check."""
    YamlEditor(text).set(path, "1m30s")


def events(text: str, _: Path) -> None:
    """Run through the event stream, as the floor."""
    for _ in yaml.parse(text, Loader=LOADER):
        pass


def milliseconds(work: Callable[[str, Path], None], text: str, path: Path) -> float:
    """Return the best of a few runs."""
    best = float("inf")
    for _ in range(RUNS):
        forget()  # what an earlier run remembers is no speed
        start = time.perf_counter()
        work(text, path)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def texts(folder: pathlib.Path) -> list[tuple[str, Path]]:
    """Return the texts that can be edited, each with the place."""
    found = []
    for file in sorted(folder.rglob("*.y*ml")):
        text = file.read_bytes().decode("utf-8")
        try:
            path = spot(text)
            one_edit(text, path)
        except PatchkitError:
            continue
        found.append((text, path))
    return found


def row(name: str, times: list[float]) -> str:
    """Return one line of the table."""
    p95 = sorted(times)[int(len(times) * 0.95)]
    return f"{name:24}{statistics.median(times):10.3f}{p95:10.3f}{max(times):10.3f}"


def main() -> int:
    """Run the command."""
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    folder = folder if folder.is_dir() else HERE / "edit" / "shapes"
    found = texts(folder)
    edit = [milliseconds(one_edit, *each) for each in found]
    bare = [milliseconds(events, *each) for each in found]
    print(f"{len(found)} files, milliseconds{'median':>10}{'p95':>10}{'largest':>10}")
    print(row("parse, edit, check", edit))
    print(row("PyYAML's events alone", bare))
    ratio = statistics.median(a / b for a, b in zip(edit, bare, strict=True))
    print(f"ratio, median of the files: {ratio:.1f}")
    within = statistics.median(edit) <= MEDIAN_MS and sorted(edit)[int(len(edit) * 0.95)] <= P95_MS
    print(f"aim: median {MEDIAN_MS} ms, p95 {P95_MS} ms: {'met' if within else 'NOT MET'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
