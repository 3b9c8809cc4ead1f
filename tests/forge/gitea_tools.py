"""What tests of Gitea share: a server that is watched, with a repository and its people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pygit2
from fake_gitea import FakeGitea
from gitea_call import NO_PAGE

from patchkit.forge.gitea import Gitea
from patchkit.forge.http import Http
from patchkit.forge.token import Token

if TYPE_CHECKING:
    from pathlib import Path

    from gitea_description import GiteaDescription
    from gitea_state import Repo
    from loopback import Reply, Request

BOT, ALICE, BOB = "patchbot", "Alice", "bob"
ORG, RECIPE = "coop-cloud", "gitea"
SECRET = "5ecre7-0f-pa7chb07"
_WHO = pygit2.Signature("A", "a@example.org", 1_767_225_600, 0)


@dataclass
class WatchedGitea(FakeGitea):
    """A stand-in that holds what comes and goes against Forgejo's description.

    Attributes:
        description: what is described; None to hold nothing.
        only_replies: whether it is no adapter of ours that asks.
        asked: method and path of each request.
    """

    description: GiteaDescription | None = None
    only_replies: bool = False
    asked: list[str] = field(default_factory=list)

    def answer(self, request: Request) -> Reply | None:
        self.asked.append(f"{request.method} {request.target.removeprefix('/api/v1')}")
        if self.description is None:
            return super().answer(request)
        if not self.only_replies:
            assert request.headers["User-Agent"].startswith("patchkit/")
            assert SECRET not in request.target
            self.description.check_request(request)
        reply = super().answer(request)
        assert reply is not None
        if reply is not NO_PAGE:
            self.description.check_reply(request, reply)
        return reply


@dataclass
class World:
    """A server, its one repository, and the folder below which repositories lie."""

    server: WatchedGitea
    repo: Repo
    folder: Path

    def forge(self, url: str = "", secret: str = SECRET, *, timeout: float = 5.0) -> Gitea:
        """Return the adapter; with another URL when a proxy stands between."""
        http = Http(url or self.server.url, Token(secret) if secret else None, timeout=timeout)
        return Gitea(http, ORG, RECIPE)

    def branch(self, name: str, path: str = "compose.yml", text: str = "x: 1\n", **where) -> str:
        """Push a branch with one commit upon main, and return it."""
        return commit(where.get("repo", self.repo).path, name, path, text)

    def calls(self, word: str = "") -> list[str]:
        """Return what was asked, by method and path, that begins with a word."""
        return [call for call in self.server.asked if call.startswith(word)]


def commit(folder: Path, branch: str, path: str, text: str) -> str:
    """Put a commit upon `main` at the head of a branch, whatever that had before."""
    git = pygit2.Repository(str(folder))
    main = git.lookup_branch("main")
    builder = git.TreeBuilder(main.peel().tree) if main else git.TreeBuilder()
    builder.insert(path, git.create_blob(text.encode()), pygit2.enums.FileMode.BLOB)
    parents = [main.target] if main else []
    made = git.create_commit(None, _WHO, _WHO, f"{path}\n", builder.write(), parents)
    git.references.create(f"refs/heads/{branch}", made, force=True)
    return str(made)


def bare(folder: Path) -> Path:
    """Return a new bare repository with one commit on `main`."""
    pygit2.init_repository(str(folder), bare=True, initial_head="main")
    commit(folder, "main", "compose.yml", "services: {}\n")
    return folder


def furnish(server: WatchedGitea, folder: Path) -> World:
    """Put people and the repository on a server."""
    forge = server.forge
    forge.add_user(BOT, SECRET)
    for login in (ALICE, BOB):
        forge.add_user(login, f"token-of-{login}")
    repo = forge.add_repo(ORG, bare(folder / f"{RECIPE}.git"), writers=(BOT, ALICE))
    return World(server, repo, folder)
