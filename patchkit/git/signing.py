"""Whether commits are signed, as git is configured; one process asks once for one configuration."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from patchkit.git.program import Mode, git

if TYPE_CHECKING:
    from pathlib import Path

# What in a repository's own settings can make a difference; others are alike without it.
_OWN = re.compile(rb"gpgsign|include|worktreeconfig", re.IGNORECASE)
_ANSWERS: dict[tuple[object, ...], bool] = {}


def is_signing(folder: Path) -> bool:
    """Return whether git signs the commits of a bare repository.

    Git is asked once for all repositories of a folder that say nothing of it themselves, and again
    when a file with the user's or the machine's settings has changed.

    Raises:
        GitError: git cannot read its settings.
    """
    key = (_own(folder), *map(_state, _files()), *_variables())
    if key not in _ANSWERS:
        arguments = ("config", "--type=bool", "--default=false", "--get", "commit.gpgsign")
        answer = git(folder, *arguments, mode=Mode.USER, hint="see git help config")
        _ANSWERS[key] = answer.strip() == "true"
    return _ANSWERS[key]


def _own(folder: Path) -> tuple[Path, bytes]:
    """Return whose settings count: the repository's own, or those of all in its folder."""
    try:
        text = (folder / "config").read_bytes()
    except OSError:
        return folder, b""
    return (folder, text) if _OWN.search(text) else (folder.parent, b"")


def _files() -> list[str]:
    home = os.environ.get("HOME", "")
    more = os.environ.get("XDG_CONFIG_HOME") or f"{home}/.config"
    return [
        os.environ.get("GIT_CONFIG_GLOBAL", f"{home}/.gitconfig"),
        f"{more}/git/config",
        os.environ.get("GIT_CONFIG_SYSTEM", "/etc/gitconfig"),
    ]


def _state(path: str) -> tuple[str, int, int]:
    try:
        stat = os.stat(path)  # noqa: PTH116  asked for each commit, and a Path takes twice as long
    except OSError:
        return path, 0, 0
    return path, stat.st_mtime_ns, stat.st_size


def _variables() -> list[tuple[str, str]]:
    return sorted(item for item in os.environ.items() if item[0].startswith("GIT_CONFIG"))
