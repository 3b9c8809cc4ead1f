"""A forge with mirrors on loopback: real git over HTTP, a stand-in for Gitea's API, faults before.

`World` holds bare repositories of sample recipes under one organisation, a bot with a token, and
what people do there. Commands talk to `url`, through a proxy that can break any request.
"""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from fake_gitea import FakeGitea
from faults import FaultProxy
from http_server import GitServer
from loopback import Loopback, Reply
from repos import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    import trustme
    from loopback import Request

TOKEN = "t0ken-of-the-bot"
ORG = "recipes"
SAMPLES = Path(__file__).parents[1] / "recipes"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer"}


@dataclass
class Front(Loopback):
    """One host for the API and for git, as a forge has it."""

    api: FakeGitea | None = None
    git: GitServer | None = None

    def answer(self, request: Request) -> Reply | None:
        assert self.api is not None
        assert self.git is not None
        if request.path.startswith("/api/"):
            self.api.requests.append(request)
            return self.api.answer(request)
        return _forwarded(request, self.git.url(""))


def _forwarded(request: Request, url: str) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP_BY_HOP}
    connection.request(request.method, request.target, request.body or None, headers)
    real = connection.getresponse()
    kept = tuple((k, v) for k, v in real.getheaders() if k.lower() not in _HOP_BY_HOP)
    body = real.read()
    connection.close()
    return Reply(real.status, body, kept)


@dataclass
class Gate(FaultProxy):
    """A proxy at which something can happen in the moment that a request comes.

    Attributes:
        events: what happens at requests by their number since the last `reset`, before the server
            has acted or after it.
        watch: what happens whenever one comes.
    """

    events: dict[tuple[int, str], Callable[[], None]] = field(default_factory=dict)
    watch: Callable[[], None] = bool

    def reset(self) -> None:
        super().reset()
        self.events.clear()

    def answer(self, request: Request) -> Reply | None:
        self.watch()
        number = request.number - self.first
        self.events.pop((number, "before"), bool)()
        reply = super().answer(request)
        self.events.pop((number, "after"), bool)()
        return reply


class World:
    """The forge, its people and its mirrors.

    Attributes:
        gitea: the API's server, with all that is on it.
        proxy: what commands talk to; breaks requests on demand, and waits at them.
    """

    def __init__(self, root: Path, authority: trustme.CA | None = None) -> None:
        """Make a world; with an authority its forge speaks TLS."""
        self.root = root
        self.gitea = FakeGitea()
        self.gitea.forge.add_user("patchbot", token=TOKEN)
        self.gitea.forge.add_user("ana")
        self.gitea.forge.root = root
        self.origins: dict[str, Origin] = {}
        self._git = GitServer(root, tokens={TOKEN: {}}, anonymous="none")
        self.gitea.on_fork = self._forked
        self._front = Front(api=self.gitea, git=self._git)
        self.proxy = Gate(authority=authority)

    def __enter__(self) -> Self:
        self._git.__enter__()
        self._front.__enter__()
        self.proxy.target = self._front.url
        self.proxy.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.proxy.__exit__(*error)
        self._front.__exit__(*error)
        self._git.__exit__(*error)

    def add(self, recipe: str, org: str = ORG) -> Origin:
        """Put a mirror of a sample recipe on the forge."""
        files = {
            str(path.relative_to(SAMPLES / recipe)): path.read_text()
            for path in sorted((SAMPLES / recipe).rglob("*"))
            if path.is_file()
        }
        (self.root / org).mkdir(parents=True, exist_ok=True)
        origin = self.origins[recipe] = Origin(self.root / org, f"{recipe}.git", files)
        self.gitea.forge.add_repo(org, origin.bare, writers=("patchbot", "ana"))
        self._git.tokens[TOKEN][f"{org}/{recipe}.git"] = "write"
        return origin

    def _forked(self, name: str) -> None:
        self._git.tokens[TOKEN][f"{name}.git"] = "write"

    def add_token(self, token: str, login: str = "patchbot", permission: str = "write") -> None:
        """Give a user another token; with `read` it is nobody's who may write."""
        user = self.gitea.forge.users.get(login) or self.gitea.forge.add_user(login)
        self.gitea.forge.tokens[token] = user
        rights = {f"{ORG}/{recipe}.git": permission for recipe in self.origins}
        self._git.tokens[token] = rights

    def remove_token(self, token: str) -> None:
        """Let a token be nobody's."""
        del self.gitea.forge.tokens[token], self._git.tokens[token]

    def url(self, recipe: str = "{recipe}", org: str = ORG) -> str:
        """Return the URL of a mirror."""
        return f"{self.proxy.url}/{org}/{recipe}.git"

    def pulls(self, recipe: str) -> list:
        """Return the pull requests of a mirror, as the stand-in keeps them."""
        return list(self.repo(recipe).pulls.values())

    def repo(self, recipe: str):
        """Return a mirror as the stand-in keeps it."""
        return self.gitea.forge.repos[f"{ORG}/{recipe}"]

    def comments(self, recipe: str, number: int = 1) -> list[str]:
        """Return the comments of a pull request."""
        return [event.body for event in self.repo(recipe).pulls[number].comments]

    def forget(self) -> None:
        """Forget the requests so far: those of a thousand runs are more than memory should hold."""
        for server in (self.proxy, self._front, self.gitea, self._git):
            server.requests.clear()

    def writes(self) -> list[str]:
        """Return the requests so far that write: to the API, or pushes."""
        api = [r for r in self.gitea.requests if r.method not in {"GET", "HEAD"}]
        pushes = [r for r in self._git.requests if r.service == "git-receive-pack"]
        return [f"{r.method} {r.path}" for r in (*api, *pushes) if "git-upload-pack" not in r.path]
