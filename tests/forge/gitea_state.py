"""What a stand-in of Gitea knows: users, labels, pull requests, comments, statuses.

Branches are not kept here: they are read from the bare repositories, so that a push moves the
head of a pull request.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pygit2

if TYPE_CHECKING:
    from pathlib import Path

_START = datetime(2026, 1, 1, tzinfo=UTC)
WIP = ("wip:", "[wip]")


@functools.lru_cache(maxsize=64)
def _opened(path: str) -> pygit2.Repository:
    """Return a repository, which is opened once: what is pushed to it is seen all the same."""
    return pygit2.Repository(path)


@dataclass(eq=False)
class User:
    id: int
    login: str
    is_org: bool = False


@dataclass(eq=False)
class Label:
    id: int
    name: str
    color: str
    description: str = ""


@dataclass(eq=False)
class Event:
    """A line of a pull request's timeline; a comment is one of type `comment`."""

    id: int
    kind: str
    user: User
    body: str
    created: str
    updated: str


@dataclass(eq=False)
class Review:
    id: int
    user: User
    state: str
    created: str


@dataclass(eq=False)
class Status:
    id: int
    sha: str
    state: str
    context: str
    description: str
    target_url: str
    creator: User
    created: str


@dataclass(eq=False)
class Repo:
    """A repository; `path` is a bare one on this disk, `writers` may push to it."""

    id: int
    owner: User
    name: str
    path: Path
    writers: set[str]
    parent: Repo | None = None
    archived: bool = False
    pulls: dict[int, Pull] = field(default_factory=dict)
    labels: list[Label] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    @property
    def git(self) -> pygit2.Repository:
        return _opened(str(self.path))

    def branch(self, name: str) -> str | None:
        """Return the commit at a branch's head, None when there is no such branch."""
        found = self.git.lookup_branch(name)
        return None if found is None else str(found.target)

    @property
    def default_branch(self) -> str:
        return self.git.lookup_reference("HEAD").target.removeprefix("refs/heads/")


@dataclass(eq=False)
class Pull:
    id: int
    number: int
    repo: Repo
    user: User
    title: str
    body: str
    base: str
    head: str
    head_repo: Repo | None
    created: str
    updated: str
    state: str = "open"
    closed: str | None = None
    merged_by: User | None = None
    labels: list[Label] = field(default_factory=list)
    assignees: list[User] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    last_sha: str = ""

    @property
    def is_wip(self) -> bool:
        return self.title.lower().startswith(WIP)

    @property
    def comments(self) -> list[Event]:
        return [event for event in self.events if event.kind == "comment"]

    def head_sha(self) -> str:
        """Return the head's commit, the last known one when its branch is gone."""
        if self.head_repo and (sha := self.head_repo.branch(self.head)):
            self.last_sha = sha
        return self.last_sha

    def head_is_there(self) -> bool:
        return self.head_repo is not None and self.head_repo.branch(self.head) is not None

    def mergeable(self) -> bool:
        """Whether git merges it without a conflict, and it is no draft."""
        base, git = self.repo.branch(self.base), self.repo.git
        if self.is_wip or base is None or self.head_sha() not in git:
            return False
        return not git.merge_commits(base, self.head_sha()).conflicts


@dataclass
class Forge:
    """Everything on one server, and what people and programs do on it beside the API."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, User] = field(default_factory=dict, repr=False)
    repos: dict[str, Repo] = field(default_factory=dict)
    org_labels: dict[str, list[Label]] = field(default_factory=dict)
    root: Path | None = None
    ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    ticks: itertools.count[int] = field(default_factory=itertools.count)

    def now(self) -> str:
        """Return the time, one second later at each call: nothing here reads a clock."""
        return f"{_START + timedelta(seconds=next(self.ticks)):%Y-%m-%dT%H:%M:%SZ}"

    def add_user(self, login: str, token: str = "", *, is_org: bool = False) -> User:
        user = self.users[login.lower()] = User(next(self.ids), login, is_org)
        if token:
            self.tokens[token] = user
        return user

    def add_repo(self, owner: str, path: Path, *, writers=(), parent=None, name="") -> Repo:
        """Put a bare repository on the server, under its folder's name if it gets no other."""
        user = self.users.get(owner.lower()) or self.add_user(owner, is_org=True)
        name = name or path.name.removesuffix(".git")
        repo = Repo(next(self.ids), user, name, path, {w.lower() for w in writers}, parent)
        self.repos[repo.full_name.lower()] = repo
        return repo

    def fork(self, parent: Repo, owner: str, name: str) -> Repo:
        """Copy a repository on this disk, for an owner who may write there."""
        path = (self.root or parent.path.parent) / owner / f"{name}.git"
        pygit2.clone_repository(str(parent.path), str(path), bare=True)
        user = self.users[owner.lower()]
        writers = tuple(parent.writers) if user.is_org else (owner,)
        return self.add_repo(owner, path, writers=writers, parent=parent, name=name)

    def add_label(self, where: Repo | str, name: str, color: str = "00aabb") -> Label:
        """Add a label to a repository, or to an organisation by name."""
        label = Label(next(self.ids), name, color.removeprefix("#"))
        held = where.labels if isinstance(where, Repo) else self.org_labels.setdefault(where, [])
        held.append(label)
        return label

    def labels_of(self, repo: Repo) -> list[Label]:
        return [*repo.labels, *self.org_labels.get(repo.owner.login, ())]

    def note(self, pull: Pull, kind: str, user: User, body: str = "") -> Event:
        """Write a line into a pull request's timeline."""
        now = self.now()
        event = Event(next(self.ids), kind, user, body, now, now)
        pull.events.append(event)
        pull.updated = now
        return event

    def comment(self, repo: Repo, number: int, body: str, *, by: str) -> Event:
        return self.note(repo.pulls[number], "comment", self.users[by.lower()], body)

    def set_state(self, repo: Repo, number: int, state: str, *, by: str) -> None:
        """Close (`closed`) or open (`open`) a pull request, as a person does it in the browser."""
        pull = repo.pulls[number]
        if state != pull.state:
            kind = "close" if state == "closed" else "reopen"
            event = self.note(pull, kind, self.users[by.lower()])
            pull.state, pull.closed = state, event.created if state == "closed" else None

    def merge(self, repo: Repo, number: int, *, by: str) -> None:
        """Say that a pull request was merged; the base's branch stays as it is."""
        pull = repo.pulls[number]
        pull.head_sha()
        pull.merged_by = self.users[by.lower()]
        pull.closed = self.note(pull, "merge_pull", pull.merged_by).created
        pull.state = "closed"

    def set_status(self, repo: Repo, sha: str, state: str, context: str, *, by: str, **more: Any):
        words = more.get("description") or "", more.get("target_url") or ""
        user = self.users[by.lower()]
        status = Status(next(self.ids), sha, state, context, *words, user, self.now())
        repo.statuses.append(status)
        return status
