"""Runs the git program, with nothing of the user's repository settings that runs things.

A recipe's configuration is not trusted: its file system monitor stays off.
"""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from patchkit.errors import GitError, Place

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT = 60  # seconds


def git(folder: Path, *arguments: str, hint: str) -> str:
    """Return what git says in a folder; bytes that are no UTF-8 are kept as surrogates.

    Args:
        folder: where it runs.
        arguments: the subcommand and what it takes.
        hint: the next step when it fails.

    Raises:
        GitError: git is missing, takes more than a minute, or fails.
    """
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    env = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    try:
        done = subprocess.run(  # noqa: S603  fixed program, no shell
            command,
            capture_output=True,
            check=True,
            timeout=_TIMEOUT,
            env=env | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        raise GitError("the git program is not installed", hint="install git") from None
    except subprocess.SubprocessError as error:
        why = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise GitError(
            f"git {arguments[0]} failed: {why or error}", place=Place(str(folder)), hint=hint
        ) from None
    return done.stdout.decode(errors="surrogateescape")
