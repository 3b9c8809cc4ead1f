"""Makes the fork that branches are pushed to, and waits until it has the mirror's branches.

GitHub answers at once and fills the fork in a while. https://docs.github.com/en/rest/repos/forks
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import stamina

from patchkit.errors import ForgeError, Place
from patchkit.git.faults import RemoteError
from patchkit.git.remote import look

if TYPE_CHECKING:
    from patchkit.git.remote import Remote
    from patchkit.publish.target import Target

_ATTEMPTS = 20
_LONGEST = 300.0  # seconds: GitHub asks for five minutes of patience


class _NotYetError(ForgeError):
    """The fork has nothing to read so far."""


def made_fork(target: Target) -> Remote:
    """Return the fork of a mirror, which is made and has branches by then.

    Raises:
        ForgeError: the user may not make it, it got another name, or it stays empty.
    """
    assert target.fork is not None, "a fork is wanted"  # noqa: S101
    made, wanted = target.forge.fork(target.fork_owner), target.repository
    if (made.owner.casefold(), made.name) != (target.fork_owner.casefold(), wanted.name):
        raise ForgeError(
            f"the fork of {target.fork_owner} is {made.owner}/{made.name}",
            hint=f"give it the name {wanted.name}, or name another owner: --fork OWNER",
        )
    return _filled(target.fork)


@stamina.retry(
    on=_NotYetError, attempts=_ATTEMPTS, timeout=_LONGEST, wait_initial=1.0, wait_max=20.0
)
def _filled(fork: Remote) -> Remote:
    why = "it has no branches yet"
    try:
        read = look(fork.url, fork.access, Path(tempfile.gettempdir()))
        if read.head:
            return read
    except RemoteError as error:
        if error.reason != "missing":
            raise
        why = "git does not find it yet"
    raise _NotYetError(
        f"the fork was made, and {why}", place=Place(fork.url), hint="run it again in a while"
    )
