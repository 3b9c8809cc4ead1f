"""What a backup hook calls, where that can be told for certain.

A hook is a command line; backup-bot-two runs it in the container.
"""

from __future__ import annotations

import posixpath
import re
import shlex

_SHELLS = {"sh", "bash", "ash", "dash"}
# What a shell does not take for itself: everything else may mean another command, or more of them.
_PLAIN = re.compile(r"[\w@%+=:,./ \t'\"-]*")


def command_of(hook: str) -> tuple[str, ...] | None:
    """Return the words of the one command that a hook runs, None where it may be another.

    `/bin/bash -c '/pg_backup.sh backup'` and `bash /pg_backup.sh backup` are understood; what a
    shell expands, pipes and lists of commands are not.

    Args:
        hook: the value of the label, as the container gets it.
    """
    try:
        words = shlex.split(hook)
    except ValueError:
        return None
    if words[:1] == ["exec"]:
        words = words[1:]
    if not words or _name(words[0]) not in _SHELLS:
        return tuple(words) if words and _PLAIN.fullmatch(hook) else None
    options = [word for word in words[1:] if word.startswith("-")]
    rest = words[1 + len(options) :]
    if words[1 : 1 + len(options)] != options or not rest:
        return None
    if any("c" in option.lstrip("-") for option in options if not option.startswith("--")):
        return command_of(rest[0]) if len(rest) == 1 else None
    return tuple(words) if _PLAIN.fullmatch(hook) else None


def script_of(command: tuple[str, ...]) -> str:
    """Return the program of a command, or the script that a shell in front of it reads."""
    rest = [word for word in command[1:] if not word.startswith("-")]
    return rest[0] if _name(command[0]) in _SHELLS and rest else command[0]


def _name(program: str) -> str:
    return posixpath.basename(program)
