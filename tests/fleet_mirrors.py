"""Mirrors for the benchmark of fleets, and what changes should make of them.

Every mirror is a bare repository of a sample recipe with 20 commits, and no two hold the same
compose file. What is expected comes from plain text and from reviewed diffs, not from patchkit.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pygit2

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE = Path(__file__).resolve().parent
# The sample, the fix for it, and its reviewed diff.
RECIPES = {
    "gitea": ("gitea", "gitea/gitea.diff"),
    "mattermost-lts": ("mattermost", "mattermost/mattermost-lts.diff"),
}
COMMITS = 20
START = 1_700_000_000
WHO = "Ana <ana@example.com>"
TIMEOUT = r"(\.timeout=\$\{TIMEOUT:-)[0-9]+"
# Neither side waits for the disk: how long that takes is the disk's business.
GIT = ("git", "-c", "core.fsync=none", "-c", "gc.auto=0")
ENV = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsync",
    "GIT_CONFIG_VALUE_0": "none",
    **{f"GIT_{role}_NAME": "Ana" for role in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{role}_EMAIL": "ana@example.com" for role in ("AUTHOR", "COMMITTER")},
}


@dataclass(frozen=True)
class Mirror:
    """A bare repository.

    Attributes:
        folder: where it lies.
        recipe: the sample that it was made from.
        number: what tells it from the others.
    """

    folder: Path
    recipe: str
    number: int

    def expected(self, change: str) -> dict[str, tuple[int, bytes]]:
        """Return mode and content of the files that a change should write.

        Args:
            change: `class`, `fix` or `large-fix`.
        """
        is_large = change == "large-fix"
        files = _fix_files(self.recipe) if is_large else _class_files(self.recipe)
        return {path: (mode, self.own(path, data)) for path, (mode, data) in files.items()}

    def own(self, path: str, data: bytes) -> bytes:
        """Return a file of the sample as this mirror has it."""
        mark = b"# the mirror %d\n" % self.number if path.startswith("compose") else b""
        return mark + data


def made(root: Path, count: int) -> list[Mirror]:
    """Make mirrors in a folder."""
    names = list(RECIPES)
    mirrors = [
        Mirror(root / f"{names[n % len(names)]}-{n:04}.git", names[n % len(names)], n)
        for n in range(count)
    ]
    for mirror in mirrors:
        pygit2.init_repository(str(mirror.folder), bare=True, initial_head="main")
        imported(mirror, _history(mirror))
    return mirrors


def imported(mirror: Mirror, stream: bytes) -> None:
    """Let one process of `git fast-import` read a stream."""
    command = (*GIT, "-C", mirror.folder, "fast-import", "--quiet", "--force")
    subprocess.run(command, input=stream, check=True, env=ENV)


def commit_of(branch: str, when: int, parent: str, files: Mapping[str, tuple[int, bytes]]) -> bytes:
    """Return a commit as `git fast-import` reads it."""
    head = f"commit refs/heads/{branch}\ncommitter {WHO} {when} +0000\ndata 6\nChange\n{parent}"
    parts = [
        b"M %o inline %s\ndata %d\n%s\n" % (mode, path.encode(), len(data), data)
        for path, (mode, data) in files.items()
    ]
    return b"".join((head.encode(), *parts))


def _history(mirror: Mirror) -> Iterable[bytes]:
    first = {
        path: (mode, mirror.own(path, data))
        for path, (mode, data) in _files(HERE / "recipes" / mirror.recipe).items()
    }
    notes = ({"NOTES": (0o100644, b"Day %d.\n" % day)} for day in range(1, COMMITS))
    commits = (first, *notes)
    return b"".join(commit_of("main", START + n, "", files) for n, files in enumerate(commits))


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            0o100755 if os.access(path, os.X_OK) else 0o100644,
            path.read_bytes(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@cache
def _class_files(recipe: str) -> dict[str, tuple[int, bytes]]:
    text = (HERE / "recipes" / recipe / "compose.yml").read_text()
    return {"compose.yml": (0o100644, re.sub(TIMEOUT, r"\g<1>900", text).encode())}


@cache
def _fix_files(recipe: str) -> dict[str, tuple[int, bytes]]:
    before = _files(HERE / "recipes" / recipe)
    with TemporaryDirectory() as scratch:
        for path, (mode, data) in before.items():
            target = Path(scratch) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(mode & 0o777)
        diff = HERE / "snapshots" / RECIPES[recipe][1]
        subprocess.run(("git", "apply", diff), cwd=scratch, check=True, env=ENV)
        return {path: new for path, new in _files(Path(scratch)).items() if before.get(path) != new}
