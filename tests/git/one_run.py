"""A run of patchkit's that somebody kills: read the mirror, commit, push.

    python one_run.py URL CACHE TOKEN [N]

With N it kills itself before its Nth step that writes to the clone; it prints how many there were.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import stamina

from patchkit.git.access import Access
from patchkit.git.author import Author
from patchkit.git.commit import commit
from patchkit.git.mirror import mirror
from patchkit.git.push import push
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from types import FrameType

BRANCH = "patchkit/pin-redis"
# How pygit2, the file system and the git program are called, for writing.
WRITES = {"create_blob", "write", "create_reference_direct", "delete", "set_head", "fork_exec"} | {
    *("mkdir", "rename", "unlink", "rmdir"),
}


def one_run(url: str, cache: Path, token: str) -> str:
    """Do it all; the commit."""
    found = mirror(url, cache, access=Access(token))
    tree = RecipeTree.from_commit(found.folder, found.head).with_file("compose.yml", "x: 1\n")
    author = Author("A", "a@example.com")
    sha = commit(
        found.folder, found.head, tree, "Fix it", author, fix="pin-redis", digest="d", version="1"
    )
    pushed = push(found, BRANCH, sha, expected=found.remote.branches.get(BRANCH))
    assert pushed.went_well, pushed
    return sha


def _killing(at: int) -> list[int]:
    count = [0]

    def step(_: FrameType, event: str, what: object) -> None:
        if event == "c_call" and getattr(what, "__name__", "") in WRITES:
            count[0] += 1
            if count[0] == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(step)
    return count


if __name__ == "__main__":
    stamina.set_testing(True, attempts=3, cap=True)
    steps = _killing(int(sys.argv[4]) if len(sys.argv) > 4 else 0)
    sha = one_run(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
    sys.setprofile(None)
    print(sha, steps[0])
