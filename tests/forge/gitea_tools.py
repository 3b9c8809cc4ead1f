"""What tests of Gitea share: a server with a repository and people, a stand-in or a real one."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    """A server with one repository, which the bot and Alice may write, and Bob may read.

    Attributes:
        url: of the server.
        tokens: by login.
        repo: where git finds the repository on this disk.
        server: the stand-in; None when it is a real Gitea.
        name: of the repository.
    """

    url: str
    tokens: dict[str, str] = field(repr=False)
    repo: Path
    server: WatchedGitea | None = None
    name: str = RECIPE

    def forge(self, login: str = BOT, *, name: str = "", **how: Any) -> Gitea:
        """Return the adapter as somebody; with another URL when a proxy stands between."""
        token = Token(self.tokens[login]) if login else None
        http = Http(how.pop("url", self.url), token, **{"timeout": 5.0} | how)
        return Gitea(http, ORG, name or self.name)

    def api(self, login: str, method: str, where: str, body: Any = None) -> Any:
        """Return the data that the API answers to somebody, without the adapter."""
        request = urllib.request.Request(f"{self.url}/api/v1/{where}", method=method)
        request.add_header("Authorization", f"token {self.tokens[login]}")
        request.add_header("User-Agent", "patchkit/tests")
        request.add_header("Content-Type", "application/json")
        request.data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @property
    def there(self) -> str:
        """The repository's path in the API."""
        return f"repos/{ORG}/{self.name}"

    def branch(self, name: str, text: str = "x: 1\n", *, path: str = "compose.yml") -> str:
        """Push a branch with one commit upon main, and return its commit."""
        return commit(self.repo, name, path, text)

    def fork(self, login: str) -> World:
        """Return the world of somebody's copy of the repository."""
        assert self.server
        parent = self.state
        folder = bare(self.repo.parent / login / f"{RECIPE}.git")
        self.server.forge.add_repo(login, folder, writers=(login,), parent=parent)
        return World(self.url, self.tokens, folder, self.server)

    @property
    def state(self) -> Repo:
        """What the stand-in knows of the repository."""
        assert self.server
        return self.server.forge.repos[f"{ORG}/{RECIPE}"]

    def asked(self, word: str = "") -> list[str]:
        """Return what the stand-in was asked, by method and path, that begins with a word."""
        assert self.server
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
    """Put people and the repository on a stand-in."""
    tokens = {BOT: SECRET, ALICE: "token-of-alice", BOB: "token-of-bob"}
    for login, token in tokens.items():
        server.forge.add_user(login, token)
    repo = bare(folder / f"{RECIPE}.git")
    server.forge.add_repo(ORG, repo, writers=(BOT, ALICE))
    return World(server.url, tokens, repo, server)
