"""What patchkit asks of a forge, in words that GitHub, Gitea and Forgejo share.

An implementation talks about one repository. It never merges, never pushes, and tells what its
forge cannot do in `cannot`, so that a command can say so once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

Kind: TypeAlias = Literal["github", "gitea", "forgejo"]
PullState: TypeAlias = Literal["open", "closed", "merged"]
StatusState: TypeAlias = Literal["pending", "success", "failure", "error"]
Capability: TypeAlias = Literal["draft", "labels", "reviewers", "assignees", "statuses", "checks"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository on a forge.

    Attributes:
        owner: the user or organisation.
        name: its own name.
        default_branch: what pull requests go to.
        url: its page.
        can_push: whether the user may push branches to it; None when the forge does not say.
        parents: what it was forked from, each as `owner/name`; the nearest first.
        archived: whether nothing can be changed in it any more.
        empty: whether it has no commits; None when the forge does not say.
    """

    owner: str
    name: str
    default_branch: str
    url: str
    can_push: bool | None = None
    parents: tuple[str, ...] = ()
    archived: bool = False
    empty: bool | None = None


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request.

    Attributes:
        number: as people say it.
        url: its page.
        title: without a forge's mark of a draft.
        body: Markdown.
        state: `open`, `closed` (not merged) or `merged`.
        draft: whether it is one.
        base: the branch that it goes to.
        head: the branch that it comes from, without its owner; named also when it was deleted.
        head_owner: the owner of that branch's repository; empty when the repository is gone.
        head_sha: the commit at its head.
        author: the login of whoever opened it.
        labels: names.
        reviewers: logins of those who are asked, where the forge tells it here.
        assignees: logins.
        mergeable: whether the forge could merge it; None when it does not know (yet).
        created: when it was opened.
        updated: when anything about it changed last.
    """

    number: int
    url: str
    title: str
    body: str
    state: PullState
    draft: bool
    base: str
    head: str
    head_owner: str
    head_sha: str
    author: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    mergeable: bool | None = None
    created: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a pull request."""

    id: int
    author: str
    body: str
    url: str
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """What a program says of a commit: a commit status, or a check run.

    Attributes:
        id: larger for a newer one of the same kind.
        context: who says it, such as `cc-ci/testme`.
        state: `pending`, `success`, `failure` or `error`.
        description: a sentence.
        url: where to read more; empty when there is none.
        kind: `status` or `check`.
        created: when it was said.
    """

    id: int
    context: str
    state: StatusState
    description: str = ""
    url: str = ""
    kind: Literal["status", "check"] = "status"
    created: datetime | None = None


class Forge(Protocol):
    """One repository on one forge, as the user of a token sees it.

    Every method raises ForgeError: with the forge's words, the request's method and path, and the
    next step; never with a token. What only reads is tried again after passing faults; what
    writes is tried again only where that cannot do a thing twice.
    """

    @property
    def kind(self) -> str:
        """Return which forge it is: a `Kind`."""

    @property
    def cannot(self) -> frozenset[Capability]:
        """Return what this forge has not got."""

    def user(self) -> str:
        """Return the login of the token's user."""

    def repository(self) -> Repository | None:
        """Return the repository, None when there is none or the user may not see it."""

    def repositories(self) -> Iterator[Repository]:
        """Yield the repositories of the owner, an organisation or a user, over all pages.

        Those that the user may not see are not among them.
        """

    def pulls(self, *, state: Literal["open", "all"] = "open") -> Iterator[PullRequest]:
        """Yield the pull requests of the repository, newest first, over all pages."""

    def find(
        self, *, head: str, head_owner: str, base: str | None = None
    ) -> tuple[PullRequest, ...]:
        """Return the pull requests of any state from exactly this head to exactly this base.

        Without a base, those to any: a default branch may have had another name.
        """

    def pull(self, number: int) -> PullRequest | None:
        """Return a pull request, None when there is none of this number."""

    def create(
        self, *, title: str, body: str, base: str, head: str, head_owner: str, draft: bool = False
    ) -> PullRequest:
        """Open a pull request; one that is open from this head to this base is returned instead."""

    def update(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        draft: bool | None = None,
    ) -> PullRequest:
        """Change what is given."""

    def close(self, number: int) -> None:
        """Close a pull request without merging it."""

    def reopen(self, number: int) -> None:
        """Open a closed pull request again."""

    def closed_by(self, number: int) -> str | None:
        """Return the login of whoever closed it last; None when it is open or nobody knows."""

    def reopened(self, number: int) -> datetime | None:
        """Return when it was opened again last; None when it never was, or nobody knows."""

    def comments(self, number: int) -> tuple[Comment, ...]:
        """Return the comments of a pull request, oldest first, over all pages."""

    def comment(self, number: int, body: str, *, since: int = 0) -> Comment:
        """Comment once.

        Args:
            number: the pull request.
            body: the text.
            since: the id of the newest comment that was read before: after a fault, an own comment
                with this body and a higher id is the one that was meant.
        """

    def edit_comment(self, comment_id: int, body: str) -> None:
        """Give an own comment another text."""

    def label(self, number: int, names: Iterable[str]) -> None:
        """Add labels by name; a missing one is made, the organisation's count as there."""

    def request_reviews(self, number: int, logins: Iterable[str]) -> None:
        """Ask people for a review, those who are not asked yet; the author is left out.

        One whom the forge refuses does not hold back the others: the ForgeError names them.
        """

    def assign(self, number: int, logins: Iterable[str]) -> None:
        """Add assignees; one whom the forge refuses does not hold back the others."""

    def statuses(self, sha: str) -> tuple[Status, ...]:
        """Return the statuses and check runs of a commit, newest first, over all pages."""

    def fork(self, owner: str) -> Repository:
        """Return the fork that an owner has, of the same name; it is made when it is not there.

        A forge may still be filling it: its branches come a while later.
        """

    def delete_branch(self, name: str) -> None:
        """Delete a branch of the repository; one that is gone already is no error."""
