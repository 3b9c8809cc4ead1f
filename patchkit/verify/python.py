"""Whether Python that a fix wrote compiles, and is as clean and tidy as its repository asks for.

The harness of Co-op Cloud's CI holds its own files to `ruff check` and `ruff format`, by settings
that stand in the repository. https://docs.astral.sh/ruff/
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from patchkit.verify.judge import Check, Judge, NotAvailableError, NothingToJudgeError
from patchkit.verify.python_source import PythonSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.tree import RecipeTree
    from patchkit.verify.judge import Case

_INSTALL = "pip install ruff"
_SUFFIXES = {".py", ".pyi"}
_OTHER_RUFF = re.compile(r"Required version `(.*?)`")


def _check(case: Case) -> Iterator[Check]:
    """Judge each file that was added or changed, and as it was where something is wrong."""
    paths = [path for path in case.touched if _is_python(case.tree, path)]
    if not paths:
        raise NothingToJudgeError("no Python file was added or changed")
    ruff = case.bench.find("ruff", install=_INSTALL)
    after = PythonSource(ruff, case.bench, case.tree, paths)
    base = case.patch.base if case.tree != case.patch.base else case.tree.from_files({})
    known = [path for path in paths if path in base and base.link(path) is None]
    before = PythonSource(ruff, case.bench, base, known)
    for path in paths:
        yield _compiled(path, after, before)
    if after.fault:
        yield _settings(after, before)
        return
    for path in paths:
        yield _linted(path, after, before)
        yield _formatted(path, after, before)


def _settings(after: PythonSource, before: PythonSource) -> Check:
    """Return the check that ruff's settings fail."""
    if wanted := _OTHER_RUFF.search(after.fault):
        hint = f"pip install 'ruff{wanted[1]}'"
        raise NotAvailableError(f"the repository wants another ruff: {wanted[1]}", hint)
    was = bool(before.paths and before.fault)
    return Check("ruff takes its settings in the repository", False, after.fault, before=was)


def _compiled(path: str, after: PythonSource, before: PythonSource) -> Check:
    ran = after.compile(path)
    was = not ran.ok and path in before.paths and not before.compile(path).ok
    return Check(f"{path} compiles", ran.ok, "" if ran.ok else ran.output.strip(), before=was)


def _linted(path: str, after: PythonSource, before: PythonSource) -> Check:
    """Return whether ruff finds anything; known findings are told by their words: lines move."""
    found = after.findings(path)
    old = before.findings(path) if found and path in before.paths else []
    known = Counter(finding[:2] for finding in old)
    new = []
    for finding in found:
        known[finding[:2]] -= 1
        new += [finding] if known[finding[:2]] < 0 else []
    shown = new or found
    output = "\n".join(f"{path}:{finding}" for finding in shown)
    place = after.place(path, shown[0]) if shown else None
    was = bool(found) and not new
    return Check(f"ruff finds nothing in {path}", not found, output, place, before=was)


def _formatted(path: str, after: PythonSource, before: PythonSource) -> Check:
    ran = after.format(path)
    was = not ran.ok and path in before.paths and not before.format(path).ok
    output = "" if ran.ok else ran.output.strip()
    return Check(f"{path} is as ruff formats it", ran.ok, output, before=was)


def _is_python(tree: RecipeTree, path: str) -> bool:
    first = tree.read(path).partition(b"\n")[0]
    is_script = first.startswith(b"#!") and b"python" in first
    return is_script or PurePosixPath(path).suffix in _SUFFIXES


JUDGE = Judge(
    "python", "Python files that the fix touched compile, and ruff is content with them.", _check
)
