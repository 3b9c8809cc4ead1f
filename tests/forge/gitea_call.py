"""How the stand-in of Gitea takes a request: routes, who asks, pages, and how it says no."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode

from gitea_shapes import Shapes
from loopback import Reply, json_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fake_gitea import FakeGitea
    from gitea_state import Label, Pull, Repo, User
    from loopback import Request

VERSIONS = {"gitea": "1.16.0", "forgejo": "14.0.2+gitea-1.22.0"}
_NOT_FOUND = "The target couldn't be found."
NO_PAGE = Reply(404, b"404 page not found\n", (("Content-Type", "text/plain; charset=utf-8"),))
_ROUTES: list[tuple[str, re.Pattern[str], Callable[..., Reply]]] = []
_FOR_READERS: set[Callable[..., Reply]] = set()


class RefusedError(Exception):
    """The API says no: status and message; a 404 has a third field."""

    def __init__(self, status: int, message: str = _NOT_FOUND) -> None:
        super().__init__(status, message)


def route(method: str, path: str, *, for_readers: bool = False):
    """Serve a path of the API, to who may write unless it only reads or is for readers."""
    named = re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{_PARTS.get(m[1], '[^/]+')})", path)

    def keep(function: Callable[..., Reply]) -> Callable[..., Reply]:
        _ROUTES.append((method, re.compile(f"/api/v1{named}"), function))
        if for_readers or method == "GET":
            _FOR_READERS.add(function)
        return function

    return keep


_PARTS = {"branch": ".+", "number": r"\d+", "base": r"(?!\d+/)[^/]+", "head": ".+"}


class Call:
    """One request: who asks, and what for."""

    def __init__(self, server: FakeGitea, request: Request) -> None:
        self.server, self.request, self.forge = server, request, server.forge
        self.shapes = Shapes(f"http://{request.headers['Host']}", server.flavour == "forgejo")
        self.user = self._who()

    def reply(self) -> Reply:
        path = self.request.path
        if any(re.search(pattern, path) for pattern in self.server.without):
            return NO_PAGE
        for method, pattern, function in _ROUTES:
            found = pattern.fullmatch(path)
            if found and method == self.request.method:
                return self._answered(function, found.groupdict())
        return NO_PAGE

    def _answered(self, function: Callable[..., Reply], parts: dict[str, str]) -> Reply:
        parts = {name: unquote(part) for name, part in parts.items()}
        try:
            self._allow()
            return function(self, **self._meant(parts, writes=function not in _FOR_READERS))
        except RefusedError as refused:
            status, message = refused.args
            body = {"message": message, "url": f"{self.shapes.url}/api/swagger"}
            none = [] if self.server.flavour == "forgejo" else None
            return json_reply({"errors": none} | body if status == 404 else body, status)

    def _allow(self) -> None:
        if self.request.method != "GET" and self.user is None:
            raise RefusedError(401, "token is required")

    def _meant(self, parts: dict[str, str], *, writes: bool) -> dict[str, Any]:
        """Return what the parts of a path name: a repository, a pull request of it."""
        if "owner" not in parts:
            return parts
        name = f"{parts.pop('owner')}/{parts.pop('repo')}".lower()
        if (repo := self.forge.repos.get(name)) is None:
            raise RefusedError(404)
        if writes and self.user.login.lower() not in repo.writers:
            raise RefusedError(403, "user should have a permission to write to a repo")
        if "number" in parts:
            if (pull := repo.pulls.get(int(parts.pop("number")))) is None:
                raise RefusedError(404)
            return parts | {"pull": pull}
        return parts | {"repo": repo}

    def _who(self) -> User | None:
        scheme, _, token = self.request.headers.get("Authorization", "").partition(" ")
        return self.forge.tokens.get(token) if scheme in {"token", "Bearer"} else None

    def page(self, items: Iterable[Any]) -> Reply:
        """Return a page of JSON objects, with the headers that tell of the others."""
        items, query = list(items), self.request.query
        size = min(int(query.get("limit") or 30), self.server.most)
        number = max(int(query.get("page") or 1), 1)
        last = -(-len(items) // size)
        headers = {"X_Total_Count": str(len(items))}
        if number < last:
            pages = (("next", number + 1), ("last", last))
            links = (f'<{self._url(page)}>; rel="{name}"' for name, page in pages)
            headers["Link"] = ",".join(links)
        return json_reply(items[(number - 1) * size : number * size], **headers)

    def _url(self, page: int) -> str:
        query = urlencode(self.request.query | {"page": page})
        return f"{self.shapes.url}{self.request.path}?{query}"

    def named(self, login: str, status: int, message: str) -> User:
        user = self.forge.users.get(login.lower())
        if user is None or user.is_org:
            raise RefusedError(status, message)
        return user

    def labels(self, repo: Repo, ids: Iterable[Any]) -> list[Label]:
        """Return labels by id; those that are unknown are left out in silence, as Gitea does."""
        wanted = list(ids)
        if self.server.flavour == "gitea" and any(isinstance(one, str) for one in wanted):
            message = '[]: json: cannot unmarshal number " into Go struct field'
            raise RefusedError(422, f"{message} IssueLabelsOption.Labels of type int64")
        return [x for x in self.forge.labels_of(repo) if x.id in wanted or x.name in wanted]

    def pull(self, pull: Pull) -> dict[str, Any]:
        return self.shapes.pull(pull, self.user)
