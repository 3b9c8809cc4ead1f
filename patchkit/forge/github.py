"""GitHub and GitHub Enterprise, through PyGithub.

Import it where it is used: PyGithub takes a quarter of a second.
https://docs.github.com/en/rest and https://pygithub.readthedocs.io
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar
from urllib.parse import quote, urlsplit

from github.GithubObject import NotSet
from github.PaginatedList import PaginatedList
from github.Repository import Repository as Repo

from patchkit.errors import ForgeError
from patchkit.forge.github_http import GitHubRequester
from patchkit.forge.github_objects import (
    bot_login,
    comment,
    comment_of,
    login,
    pull_request,
    reopening,
    repository,
    statuses,
    user_login,
)
from patchkit.forge.github_people import assign, request_reviews
from patchkit.forge.once import once
from patchkit.forge.words import is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from github.PullRequest import PullRequest as Pull

    from patchkit.forge.protocol import Capability, Comment, PullRequest, Repository, Status
    from patchkit.forge.token import Token

T = TypeVar("T")

_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY}


def api_url(url: str) -> str:
    """Return where the API is of the GitHub whose pages are at a URL.

    github.com and ghe.com have a host of their own for it, an Enterprise server a path.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2].lower()
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host.removeprefix('api.')}"
    return f"{parts.scheme or 'https'}://{host}/api/v3"


class GitHub:
    """One repository on GitHub, as the user of a token sees it.

    Args:
        owner: the user or organisation.
        name: the repository's own name.
        token: the user's; None for what everybody may read.
        base_url: of the API: see `api_url`.
        timeout: seconds that a request may take.
        pauses: seconds between requests, and after one that writes, as GitHub asks for.

    Raises:
        UsageError: the token would cross the network unencrypted.
    """

    kind: ClassVar[str] = "github"
    cannot: ClassVar[frozenset[Capability]] = frozenset()

    def __init__(
        self,
        owner: str,
        name: str,
        token: Token | None = None,
        *,
        base_url: str = "https://api.github.com",
        timeout: float = 30,
        pauses: tuple[float, float] = (0.25, 1.0),
    ) -> None:
        self._requester = GitHubRequester(base_url, token, timeout=timeout, pauses=pauses)
        self._owner = quote(owner, safe="")
        self._name = name
        self._url = f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"
        self._repo = Repo(self._requester, url=self._url)  # lazy: asks for nothing
        self._login = ""

    def user(self) -> str:
        """Return the login of the token's user."""
        self._login = self._login or self._asked_login()
        return self._login

    def _asked_login(self) -> str:
        try:
            return user_login(self._requester)
        except ForgeError as error:
            if error.status != HTTPStatus.FORBIDDEN:
                raise
        return bot_login(self._requester)

    def repository(self) -> Repository | None:
        """Return the repository, None when there is none or the user may not see it."""
        repo = _unless_missing(lambda: Repo(self._requester, url=self._url).complete())
        return None if repo is None else repository(repo)

    def repositories(self) -> Iterator[Repository]:
        """Yield the repositories of the owner, an organisation or a user, over all pages."""
        home = f"/orgs/{self._owner}"
        if _unless_missing(lambda: self._requester.requestJsonAndCheck("GET", home)) is None:
            home = f"/users/{self._owner}"
        by_name = {"sort": "full_name"}
        for repo in PaginatedList(Repo, self._requester, f"{home}/repos", by_name):
            yield repository(repo, alone=False)

    def pulls(self, *, state: Literal["open", "all"] = "open") -> Iterator[PullRequest]:
        """Yield the pull requests of the repository, newest first, over all pages."""
        for pull in self._repo.get_pulls(state=state, sort="created", direction="desc"):
            yield pull_request(pull)

    def find(
        self, *, head: str, head_owner: str, base: str | None = None
    ) -> tuple[PullRequest, ...]:
        """Return the pull requests of any state from exactly this head to this base, or to any."""
        return self._found("all", base, head, head_owner)

    def _found(
        self, state: str, base: str | None, head: str, owner: str
    ) -> tuple[PullRequest, ...]:
        found = self._repo.get_pulls(
            state=state,
            sort="created",
            direction="desc",
            base=NotSet if base is None else base,
            head=f"{owner}:{head}",
        )
        # The filter is GitHub's, but it ignores one that it does not understand.
        owners = {"", owner.casefold()}
        return tuple(
            pull
            for pull in map(pull_request, found)
            if pull.head == head
            and base in {None, pull.base}
            and pull.head_owner.casefold() in owners
        )

    def pull(self, number: int) -> PullRequest | None:
        """Return a pull request, None when there is none of this number."""
        pull = _unless_missing(lambda: self._repo.get_pull(number).complete())
        return None if pull is None else pull_request(pull, alone=True)

    def create(
        self, *, title: str, body: str, base: str, head: str, head_owner: str, draft: bool = False
    ) -> PullRequest:
        """Open a pull request; one that is open from this head to this base is returned instead."""

        def opened() -> PullRequest | None:
            return next(iter(self._found("open", base, head, head_owner)), None)

        def act() -> PullRequest:
            label = f"{head_owner}:{head}"
            pull = self._repo.create_pull(base, label, title=title, body=body, draft=draft)
            return pull_request(pull, alone=True)

        try:
            return once(opened, act)
        except ForgeError as error:
            there = opened() if error.status == HTTPStatus.UNPROCESSABLE_ENTITY else None
            if there is None:
                raise
            return there

    def update(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        draft: bool | None = None,
    ) -> PullRequest:
        """Change what is given; a draft is made and unmade by GraphQL, REST cannot."""
        pull = self._repo.get_pull(number)
        if title is None and body is None:
            pull.complete()
        else:
            pull.edit(
                title=NotSet if title is None else title, body=NotSet if body is None else body
            )
        if draft is not None and pull.draft != draft:
            pull = once(lambda: self._drafted(number, draft), lambda: _draft(pull, draft))
        return pull_request(pull, alone=True)

    def _drafted(self, number: int, draft: bool) -> Pull | None:
        pull = self._repo.get_pull(number).complete()
        return pull if pull.draft == draft else None

    def close(self, number: int) -> None:
        """Close a pull request without merging it."""
        self._repo.get_pull(number).edit(state="closed")

    def reopen(self, number: int) -> None:
        """Open a closed pull request again; GitHub refuses once its branch is gone or moved."""
        self._repo.get_pull(number).edit(state="open")

    def closed_by(self, number: int) -> str | None:
        """Return the login of whoever closed it last; None when it is open or nobody knows."""
        issue = self._repo.get_issue(number)
        # One that was opened again still names who had closed it.
        return (login(issue.closed_by) or None) if issue.state == "closed" else None

    def reopened(self, number: int) -> datetime | None:
        """Return when it was opened again last; None when it never was."""
        events = self._repo.get_issue(number).get_events()
        return max(filter(None, map(reopening, events)), default=None)

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return the comments of a pull request, oldest first, over all pages."""
        return tuple(map(comment, self._repo.get_issue(number).get_comments()))

    def comment(self, number: int, body: str, *, since: int = 0) -> Comment:
        """Comment once; after a fault, an own comment newer than `since` is the one."""

        def posted() -> Comment | None:
            mine = self.user()
            newer = (said for said in self.comments(number) if said.id > since)
            same = (said for said in newer if is_same(said.body, body))
            return next((said for said in same if said.author == mine), None)

        return once(posted, lambda: comment(self._repo.get_issue(number).create_comment(body)))

    def edit_comment(self, comment_id: int, body: str) -> None:
        """Give an own comment another text."""
        comment_of(self._repo, comment_id).edit(body)

    def label(self, number: int, names: Iterable[str]) -> None:
        """Add labels by name; GitHub makes a missing one."""
        if wanted := list(dict.fromkeys(names)):
            # PyGithub's add_to_labels sends a bare list, which GitHub describes no more.
            path = f"{self._url}/issues/{number}/labels"
            self._ask("POST", path, {"labels": wanted})

    def request_reviews(self, number: int, logins: Iterable[str]) -> None:
        """Ask people for a review who are neither asked yet nor have reviewed, nor wrote it."""
        request_reviews(self._repo.get_pull(number).complete(), logins)

    def assign(self, number: int, logins: Iterable[str]) -> None:
        """Add assignees; GitHub drops who cannot be one, which is an error here."""
        assign(self._repo.get_issue(number), number, logins)

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """Return the statuses and check runs of a commit, newest first, over all pages."""
        return statuses(self._repo, sha)

    def fork(self, owner: str) -> Repository:
        """Return the fork that an owner has, of the same name; it is made when it is not there."""
        url = f"/repos/{quote(owner, safe='')}/{quote(self._name)}"
        form = {} if owner.casefold() == self.user().casefold() else {"organization": owner}

        def look() -> Repository | None:
            found = _unless_missing(lambda: Repo(self._requester, url=url).complete())
            return None if found is None else repository(found)

        def act() -> Repository:
            form["name"] = self._name  # else one that has another name would do
            data = self._ask("POST", f"{self._url}/forks", form)
            return repository(Repo(self._requester, attributes=data, completed=True))

        return look() or once(look, act)

    def delete_branch(self, name: str) -> None:
        """Delete a branch of the repository; one that is gone already is no error."""
        branch = f"heads/{name}"
        try:
            # GitRef.delete would first ask where the branch is.
            self._ask("DELETE", f"{self._url}/git/refs/{quote(branch)}")
        except ForgeError as error:
            if error.status not in _GONE or self._has(branch):
                raise

    def _ask(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        return self._requester.requestJsonAndCheck(verb, path, input=body)[1]

    def _has(self, ref: str) -> bool:
        return _unless_missing(lambda: self._repo.get_git_ref(ref).complete()) is not None


def _draft(pull: Pull, draft: bool) -> Pull:
    if draft:
        pull.convert_to_draft()
    else:
        pull.mark_ready_for_review()
    return pull


def _unless_missing(get: Callable[[], T]) -> T | None:
    try:
        return get()
    except ForgeError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise
