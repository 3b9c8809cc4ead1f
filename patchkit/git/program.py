"""Runs the git program, with nothing of the user's repository settings that runs things.

A recipe's configuration is not trusted: its file system monitor and its hooks stay off. How to
reach a remote (proxies, SSH, credential helpers) is the user's to say.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from patchkit.errors import GitError, Place

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT = 60  # seconds
_REMOTE_TIMEOUT = 600  # seconds; a transfer that stands still ends after one minute
_PLAIN = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_REMOTE = ("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60")
# What a caller such as a hook of another repository may have left: it says which one is meant.
_WHERE = re.compile(r"GIT_(?!SSH|ASKPASS|SSL|PROXY|HTTP|CONFIG|TRACE|CURL|TERMINAL)")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")


def git(
    folder: Path, *arguments: str, hint: str, remote: bool = False, place: Place | None = None
) -> str:
    """Return what git says in a folder; bytes that are no UTF-8 are kept as surrogates.

    Args:
        folder: where it runs.
        arguments: the subcommand and what it takes.
        hint: the next step when it fails.
        remote: whether it talks to a remote, with the user's settings of how to.
        place: what messages name instead of the folder.

    Raises:
        GitError: git is missing, takes too long, or fails; without credentials in its words.
    """
    command = ["git", *_PLAIN, *(_REMOTE if remote else ()), "-C", str(folder), *arguments]
    try:
        done = subprocess.run(  # noqa: S603  fixed program, no shell
            command,
            capture_output=True,
            check=True,
            timeout=_REMOTE_TIMEOUT if remote else _TIMEOUT,
            stdin=subprocess.DEVNULL,
            env=_environment(remote=remote),
        )
    except FileNotFoundError:
        raise GitError("the git program is not installed", hint="install git") from None
    except subprocess.TimeoutExpired as error:
        why = f"it took more than {error.timeout:.0f} seconds"
    except subprocess.CalledProcessError as error:
        why = error.stderr.decode(errors="replace").strip() or f"it ended with {error.returncode}"
    else:
        return done.stdout.decode(errors="surrogateescape")
    why = _CREDENTIALS.sub("", why)
    raise GitError(
        f"git {arguments[0]} failed: {why}", place=place or Place(str(folder)), hint=hint
    )


def _environment(*, remote: bool) -> dict[str, str]:
    keeps = (lambda name: not _WHERE.match(name)) if remote else _is_not_gits
    env = {name: value for name, value in os.environ.items() if keeps(name)}
    env |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    if remote:
        # Nobody is there to answer; helpers that run programs of the remote's choosing stay out.
        env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
    return env


def _is_not_gits(name: str) -> bool:
    return not name.startswith("GIT_")
