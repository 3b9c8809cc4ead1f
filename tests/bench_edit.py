"""Times the YAML editor over a folder of compose files, beside PyYAML's bare event stream.

    python tests/bench_edit.py [FOLDER]

One edit is: parse the text, add a key to the first service (or to the file), check the result.
The aim is half a millisecond for the median file and 5 ms for 95 of 100.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from patchkit.edit.yaml import YamlEditor, parsed
from patchkit.errors import PatchkitError

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / "shared" / "corpus"
LOADER = getattr(yaml, "CLoader", yaml.Loader)
RUNS = 5
MEDIAN_MS, P95_MS = 0.5, 5.0


def one_edit(text: str) -> None:
    """Parse, edit and check."""
    editor = YamlEditor(text)
    data = editor.data
    services = data.get("services") if isinstance(data, dict) else None
    first = next(iter(services)) if isinstance(services, dict) and services else None
    path = ("services", first, "stop_grace_period") if first else ("x-patchkit",)
    editor.set(path, "1m30s")


def events(text: str) -> None:
    """Run through the event stream, as the floor."""
    for _ in yaml.parse(text, Loader=LOADER):
        pass


def milliseconds(work: Callable[[str], None], text: str) -> float:
    """Return the best of a few runs."""
    best = float("inf")
    for _ in range(RUNS):
        parsed.cache_clear()  # what an earlier run remembers is no speed
        start = time.perf_counter()
        work(text)
        best = min(best, time.perf_counter() - start)
    return best * 1000


def texts(folder: Path) -> list[str]:
    """Return the texts that can be edited."""
    found = []
    for path in sorted(folder.rglob("*.y*ml")):
        text = path.read_bytes().decode("utf-8")
        try:
            one_edit(text)
        except PatchkitError:
            continue
        found.append(text)
    return found


def row(name: str, times: list[float]) -> str:
    """Return one line of the table."""
    p95 = sorted(times)[int(len(times) * 0.95)]
    return f"{name:24}{statistics.median(times):10.3f}{p95:10.3f}{max(times):10.3f}"


def main() -> int:
    """Run the command."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else CORPUS
    folder = folder if folder.is_dir() else HERE / "edit" / "shapes"
    found = texts(folder)
    edit = [milliseconds(one_edit, text) for text in found]
    bare = [milliseconds(events, text) for text in found]
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
