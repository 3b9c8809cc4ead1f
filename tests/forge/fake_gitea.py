"""A stand-in for Gitea and Forgejo on loopback, as far as pull requests go.

It is held to others' work by test_fake_gitea.py: recorded calls of a real Gitea, Forgejo's
description of its API, and the flow of an independent client.

    with FakeGitea() as server:
        server.forge.add_user("bot", token="secret")
        repo = server.forge.add_repo("org", tmp_path / "gitea.git", writers=("bot",))
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import gitea_owners  # noqa: F401  its routes
import gitea_pulls  # noqa: F401  its routes
import gitea_talk  # noqa: F401  its routes
from gitea_call import VERSIONS, Call
from gitea_state import Forge
from loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import Reply, Request


@dataclass
class FakeGitea(Loopback):
    """The server; `requests` has all that came.

    Attributes:
        flavour: `gitea` is 1.16 as it was recorded; `forgejo` has 14's fields and answers.
        most: how many items a page may have, whatever `limit` asks.
        without: patterns of paths that this server does not have.
        on_fork: called with the name of each new fork.
    """

    flavour: str = "gitea"
    most: int = 50
    without: tuple[str, ...] = ()
    on_fork: Callable[[str], object] = str
    forge: Forge = field(default_factory=Forge)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, request: Request) -> Reply | None:
        with self._lock:
            return Call(self, request).reply()

    @property
    def version(self) -> str:
        return VERSIONS[self.flavour]
