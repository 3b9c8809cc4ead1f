"""Starts a program that ends when patchkit does, even when patchkit is killed.

Whoever is killed can stop nothing any more, and a git whose server stands still would wait on. So
a shell watches a pipe that nobody but patchkit can write to: its end is patchkit's end. Linux'
PR_SET_PDEATHSIG would reach git alone, not what git has started.
"""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

# The session is the shell's own, so `$$` is also the group of git and its helpers. On its way out
# the watcher is waited for, where no init would do it. What was meant to stay, such as a daemon
# that keeps passwords, stays when all went well.
_WATCHED = """
{ read -r _; kill -9 -$$; } >/dev/null 2>&1 <"$1" &
watcher=$!
shift
"$@"
code=$?
{ kill -9 $watcher; wait $watcher; } 2>/dev/null
exit $code
"""


@contextmanager
def leashed(command: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Yield a program in a session of its own, all of whose members end when patchkit does.

    Args:
        command: the program and its arguments, without a shell's meaning.
        env: its environment.

    Raises:
        FileNotFoundError: there is no shell; a missing program ends with 127, as in a shell.
    """
    theirs, ours = os.pipe()  # neither is inherited, but where it is said
    try:
        with subprocess.Popen(  # noqa: S603  the shell's text is above, the command its arguments
            ["/bin/sh", "-c", _WATCHED, "sh", f"/dev/fd/{theirs}", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=env,
            start_new_session=True,
            pass_fds=(theirs,),
        ) as process:
            yield process
    finally:
        os.close(theirs)
        os.close(ours)
