"""Runs the git program, with nothing of the user's repository settings that runs things.

A recipe's configuration is not trusted: its file system monitor and its hooks stay off. How to
reach a remote (proxies, SSH, credential helpers) and how to sign is the user's to say.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from patchkit.errors import GitError, Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from patchkit.git.access import Access

_TIMEOUT = 60  # seconds
_REMOTE_TIMEOUT = 600  # seconds; a transfer that stands still ends after one minute
_PLAIN = ("-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}")
_REMOTE = (
    *("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"),
    # The first version tells the references with the greeting: one request less than the second.
    *("-c", "protocol.version=0"),
)
# What a caller such as a hook of another repository may have left: it says which one is meant.
_WHERE = re.compile(
    r"GIT_(?!SSH|ASKPASS|SSL|PROXY|HTTP|CONFIG|TRACE|CURL|TERMINAL|AUTHOR|COMMITTER)"
)
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_TRACE = re.compile(r"^\d\d:\d\d:\d\d\.\d+ .*\n?", re.MULTILINE)
_CONTROL = re.compile(r"[^\S\n\t ]|[\x00-\x08\x0e-\x1f\x7f-\x9f]")
_LONGEST = 2000  # characters of a message


class Mode(Enum):
    """Whose settings git heeds.

    Attributes:
        PLAIN: the repository's own and what git's files say.
        USER: also what the user's environment says of identity and signing; git may ask on the
            terminal.
        REMOTE: also how to reach a remote; nobody is there to answer.
    """

    PLAIN = "plain"
    USER = "user"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Done:
    """What git answered.

    Attributes:
        code: its exit code; None when it took too long and was stopped.
        out: standard output; bytes that are no UTF-8 are kept as surrogates.
        why: what it said of a failure, without traces, credentials and control characters.
    """

    code: int | None
    out: str
    why: str


def git(
    folder: Path, *arguments: str, hint: str, mode: Mode = Mode.PLAIN, stdin: bytes = b""
) -> str:
    """Return what git says in a folder.

    Args:
        folder: where it runs.
        arguments: the subcommand and what it takes.
        hint: the next step when it fails.
        mode: whose settings it heeds.
        stdin: what it reads.

    Raises:
        GitError: git is missing, takes too long, or fails; without credentials in its words.
    """
    done = run(folder, *arguments, mode=mode, stdin=stdin)
    if done.code == 0:
        return done.out
    raise GitError(f"git {arguments[0]} failed: {done.why}", place=Place(str(folder)), hint=hint)


def run(
    folder: Path,
    *arguments: str,
    mode: Mode = Mode.PLAIN,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    access: Access | None = None,
    url: str = "",
    timeout: float | None = None,
) -> Done:
    """Return what git answers in a folder, whether it fails or not.

    Args:
        folder: where it runs.
        arguments: the subcommand and what it takes.
        mode: whose settings it heeds.
        stdin: what it reads.
        env: variables that it gets besides.
        access: the token for the remote at `url`.
        url: the remote that it talks to.
        timeout: in seconds; None for what is usual in the mode.

    Raises:
        GitError: git is missing.
    """
    remote = mode is Mode.REMOTE
    told = access.arguments(url) if access else ()
    command = ["git", *_PLAIN, *(_REMOTE if remote else ()), *told, "-C", str(folder), *arguments]
    env = _environment(mode) | dict(env or {}) | (access.environment(url) if access else {})
    usual = _TIMEOUT if mode is Mode.PLAIN else _REMOTE_TIMEOUT
    code, out, err = _run(command, env, stdin, timeout or usual, alone=remote)
    return Done(code, out, _words(err, code, access))


def _run(
    command: list[str], env: dict[str, str], stdin: bytes, timeout: float, *, alone: bool
) -> tuple[int | None, str, str]:
    """Return exit code, output and errors; the code is None when the time is over."""
    try:
        # A session of its own has no terminal to ask on, and ends with all that git has started.
        process = subprocess.Popen(  # noqa: S603  fixed program, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=alone,
        )
    except FileNotFoundError:
        raise GitError("the git program is not installed", hint="install git") from None
    with process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            _stop(process, alone=alone)
            return None, "", f"it took more than {timeout:g} seconds"
        except BaseException:
            _stop(process, alone=alone)
            raise
    return process.returncode, out.decode(errors="surrogateescape"), err.decode(errors="replace")


def _stop(process: subprocess.Popen[bytes], *, alone: bool) -> None:
    with suppress(ProcessLookupError):
        if alone:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _words(err: str, code: int | None, access: Access | None) -> str:
    """Return what git said, fit to be shown: traces that a user asked for are told by files."""
    said = _TRACE.sub("", err).strip() or f"it ended with {code}"
    said = _CREDENTIALS.sub("", access.redacted(said) if access else said)
    said = _CONTROL.sub("?", said.replace("\r", "\n"))
    return said if len(said) <= _LONGEST else f"… {said[-_LONGEST:]}"


def _environment(mode: Mode) -> dict[str, str]:
    keeps = _is_not_gits if mode is Mode.PLAIN else _is_no_place
    env = {name: value for name, value in os.environ.items() if keeps(name)}
    env |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    if mode is Mode.REMOTE:
        # Nobody is there to answer; helpers that run programs of the remote's choosing stay out.
        env |= {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "file:git:http:https:ssh"}
        env["GIT_TRACE_REDACT"] = "1"
    return env


def _is_not_gits(name: str) -> bool:
    return not name.startswith("GIT_")


def _is_no_place(name: str) -> bool:
    return not _WHERE.match(name)
