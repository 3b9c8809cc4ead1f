"""Python files of a tree on a bench, and what ruff and Python's compiler say of them.

https://docs.astral.sh/ruff/configuration/
"""

from __future__ import annotations

import json
import sys
from functools import cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from patchkit.errors import Place

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchkit.tree import RecipeTree
    from patchkit.verify.bench import Bench, Ran

_SETTINGS = {"pyproject.toml", "ruff.toml", ".ruff.toml"}
_JUDGED = {0, 1}  # ruff's exit codes, unless its settings are wrong


class Finding(NamedTuple):
    """What `ruff check` says of a line."""

    code: str
    message: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.code} {self.message}"


class PythonSource:
    """Python files of a tree.

    Attributes:
        tree: the whole tree, with the settings of ruff.
        paths: the files that are looked at.
    """

    def __init__(self, ruff: str, bench: Bench, tree: RecipeTree, paths: Sequence[str]) -> None:
        self.tree, self.paths = tree, paths
        self._ruff, self._bench = ruff, bench
        has_settings = any(PurePosixPath(path).name in _SETTINGS for path in tree.paths())
        # Without them ruff would look for some in the folders around the scratch folder.
        self._options = (
            "--no-cache",
            "--force-exclude",
            *(() if has_settings else ("--isolated",)),
        )

    @cached_property
    def folder(self) -> Path:
        """Where the tree lies."""
        name = f"source{len(list(self._bench.folder.iterdir()))}"
        return self._bench.lay(self.tree, name)

    @cached_property
    def fault(self) -> str:
        """Why ruff judges nothing here; empty when it does."""
        ran, _ = self._linted
        return "" if ran.code in _JUDGED else ran.output.strip()

    def findings(self, path: str) -> list[Finding]:
        """Return what `ruff check` finds in a file."""
        _, found = self._linted
        return [finding for file, finding in found if file == path]

    def format(self, path: str) -> Ran:
        """Ask `ruff format` what it would change in a file."""
        return self._run("format", "--diff", "--", path)

    def compile(self, path: str) -> Ran:
        """Let Python compile a file; it executes nothing."""
        command = (sys.executable, "-I", "-m", "py_compile", path)
        return self._bench.run(*command, cwd=self.folder)

    def place(self, path: str, finding: Finding) -> Place:
        """Return where a finding stands."""
        lines = self.tree.read(path).decode("utf-8", "replace").split("\n")
        line = "".join(lines[finding.line - 1 : finding.line]).rstrip("\r")
        return Place(path, finding.line, finding.column, line)

    @cached_property
    def _linted(self) -> tuple[Ran, list[tuple[str, Finding]]]:
        file = self.folder.with_suffix(".json")
        options = ("--no-fix", "--output-format=json", f"--output-file={file}")
        ran = self._run("check", *options, "--", *self.paths)
        found = json.loads(file.read_bytes()) if ran.code in _JUDGED else []
        return ran, [(self._path(item["filename"]), _finding(item)) for item in found]

    def _path(self, name: str) -> str:
        return str(PurePosixPath(name).relative_to(self.folder))

    def _run(self, subcommand: str, *arguments: str) -> Ran:
        command = (self._ruff, subcommand, *self._options, *arguments)
        return self._bench.run(*command, cwd=self.folder)


def _finding(item: dict[str, dict[str, int]]) -> Finding:
    at = item["location"]
    return Finding(str(item["code"] or ""), str(item["message"]), at["row"], at["column"])
