"""What can be wrong with a remote or a clone, told apart by git's words in the C locale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from patchkit.errors import GitError, Place

if TYPE_CHECKING:
    from pathlib import Path

Reason: TypeAlias = Literal["missing", "denied", "unreachable", "other"]
DAMAGED = "patchkit-damaged"  # a file of this name in a clone: it is made again

# The first that is found counts. Forges answer in words of their own over SSH.
_SAYINGS: tuple[tuple[Reason, re.Pattern[str]], ...] = (
    (
        "denied",
        re.compile(
            r"Authentication failed|could not read (Username|Password)|returned error: 40[13]"
            r"|Permission denied|Permission to .* denied|[Aa]ccess denied|Host key verification"
            r"|Unauthorized|not authorized|read[- ]only"
        ),
    ),
    (
        "missing",
        re.compile(
            r"repository '.*' not found|does not appear to be a git repo|returned error: 404"
            r"|Repository not found|not exist|Could not find repository|Cannot find repository"
        ),
    ),
    (
        "unreachable",
        re.compile(
            r"[Cc]ould not resolve|Failed to connect|Connection (refused|reset|timed out|closed)"
            r"|timed out|too slow|hung up unexpectedly|early EOF|RPC failed|No route to host"
            r"|returned error: (429|5\d\d)|unexpected disconnect|Empty reply|unable to access"
            r"|Could not read from remote|Network is unreachable|invalid index-pack output"
            r"|expected flush|bad line length|unable to rewind|unexpected end|protocol error"
        ),
    ),
)
_LASTING = re.compile(r"certificate|unsupported protocol|not allowed", re.IGNORECASE)
_HINTS: dict[Reason, str] = {
    "denied": "see whether the token or key may do that there; git itself: git ls-remote {}",
    "missing": "see whether it is spelled right, and whether you may see it: git ls-remote {}",
}
_HINT = "see whether git itself reaches it: git ls-remote {}"


class RemoteError(GitError):
    """A remote does not do what it was asked.

    Attributes:
        reason: `missing` (or not to be seen), `denied`, `unreachable` after retries, or `other`.
        passing: whether it may go well another time.
    """

    def __init__(self, command: str, why: str, url: str, *, timed_out: bool = False) -> None:
        self.reason: Reason = "unreachable" if timed_out else reason(why)
        self.passing = self.reason == "unreachable" and not timed_out
        self.passing = self.passing and not _LASTING.search(why)
        hint = _HINTS.get(self.reason, _HINT).format(url)
        super().__init__(f"git {command} failed: {why}", place=Place(url), hint=hint)


class DamagedCloneError(GitError):
    """A clone in the cache lacks something, or holds something broken.

    It is marked, so that `mirror` makes it again. Whoever meets this starts once more from
    `mirror`: nothing is lost, since what patchkit makes can be made again.
    """

    def __init__(self, folder: Path, why: object) -> None:
        if folder.is_dir():
            (folder / DAMAGED).touch()
        super().__init__(
            f"the clone in the cache is damaged: {why}",
            place=Place(str(folder)),
            hint="run the command again: it makes a new one",
        )


def reason(words: str) -> Reason:
    """Return what kind of failure git's words tell."""
    found = (kind for kind, saying in _SAYINGS if saying.search(words))
    return next(found, "other")
