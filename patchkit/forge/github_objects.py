"""PyGithub's objects in the words of the protocol, without a request beyond the one that got them.

PyGithub fetches an attribute that an answer lacks; what is read here stands in every answer, and
what only the answer about one pull request tells is read from that alone. Its types leave out
what GitHub leaves empty (a user, a fork, a start that is none), so such values are Any here.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from github.AuthenticatedUser import AuthenticatedUser
from github.CommitStatus import CommitStatus
from github.GithubException import BadAttributeException, GithubException
from github.IssueComment import IssueComment
from github.PaginatedList import PaginatedList

from patchkit.forge.protocol import Comment, PullRequest, Repository, Status
from patchkit.forge.reading import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from github.CheckRun import CheckRun
    from github.PullRequest import PullRequest as Pull
    from github.Repository import Repository as Repo
    from github.Requester import Requester

    from patchkit.forge.protocol import PullState, StatusState

# A check run that was left out or says nothing stands in nobody's way, as GitHub itself judges;
# a stale one is one that GitHub gave up waiting for.
_CONCLUSIONS: Final[dict[str, StatusState]] = {
    "success": "success",
    "neutral": "success",
    "skipped": "success",
    "failure": "failure",
    "cancelled": "failure",
    "timed_out": "failure",
    "action_required": "failure",
    "startup_failure": "failure",
    "stale": "error",
}
_STATES: Final[dict[str, StatusState]] = {
    "success": "success",
    "pending": "pending",
    "failure": "failure",
    "error": "error",
}
_read = reading("is it a GitHub?", BadAttributeException, GithubException)
_NEWEST = datetime.max.replace(tzinfo=UTC)


@_read
def repository(repo: Repo, *, alone: bool = True) -> Repository:
    """Return a repository; into an archived one nobody can push, whatever its permissions.

    Args:
        repo: PyGithub's.
        alone: whether it comes from an answer about it alone, which knows what it is a fork of;
            PyGithub would ask again for each one of a list.
    """
    may: Any = repo.permissions  # none for who is nobody
    can_push = False if repo.archived else may and may.push
    owner, name = login(repo.owner), repo.name
    above: Any = (repo.parent, repo.source) if alone else ()  # none where it is no fork
    parents = tuple(dict.fromkeys(one.full_name for one in above if one))
    there = (owner, name, repo.default_branch, repo.html_url, can_push, parents)
    # It has no word for «empty», and a size in kilobytes, of which a small one has none.
    return Repository(*there, archived=bool(repo.archived), empty=False if repo.size else None)


@_read
def pull_request(pull: Pull, *, alone: bool = False) -> PullRequest:
    """Return a pull request.

    Args:
        pull: PyGithub's.
        alone: whether it comes from an answer about it alone, which knows whether it can merge.
    """
    head: Any = pull.head
    return PullRequest(
        number=_number(pull.number),
        url=pull.html_url,
        title=_text(pull.title),
        body=pull.body or "",
        state=_state(pull),
        draft=bool(pull.draft),
        base=pull.base.ref,
        head=head.ref,
        head_owner=login(head.repo and head.repo.owner),
        head_sha=head.sha,
        author=login(pull.user),
        labels=tuple(label.name for label in pull.labels or ()),
        reviewers=tuple(login(user) for user in pull.requested_reviewers or ()),
        assignees=tuple(login(user) for user in pull.assignees or ()),
        mergeable=pull.mergeable if alone else None,
        created=pull.created_at,
        updated=pull.updated_at,
    )


@_read
def reopening(event: Any) -> datetime | None:
    """Return when an event opened an issue again; None for any other event."""
    when: datetime | None = event.created_at if event.event == "reopened" else None
    return when


@_read
def user_login(requester: Requester) -> str:
    """Return the login of the token's user."""
    return _text(AuthenticatedUser(requester, url="/user").login)


@_read
def bot_login(requester: Requester) -> str:
    """Return the login of the bot whose token it is: an app's, a workflow's."""
    _, data = requester.graphql_query("query { viewer { login } }", {})
    return _text(data["data"]["viewer"]["login"])


def _text(value: object) -> str:
    if isinstance(value, str) and value:
        return value
    raise TypeError(f"{type(value).__name__} is no name")


def _number(value: object) -> int:
    if isinstance(value, int):
        return value
    raise TypeError(f"{type(value).__name__} is no number")


def login(user: Any) -> str:
    """Return a user's login, nothing for one who is gone."""
    return str(user.login) if user else ""


def _state(pull: Pull) -> PullState:
    if pull.merged_at:
        return "merged"
    return "open" if pull.state == "open" else "closed"


@_read
def comment(said: IssueComment) -> Comment:
    """Return a comment."""
    return Comment(
        _number(said.id), login(said.user), said.body or "", said.html_url, said.created_at
    )


def comment_of(repo: Repo, number: int) -> IssueComment:
    """Return a comment by its id, without asking for it."""
    return IssueComment(repo.requester, url=f"{repo.url}/issues/comments/{number}")


def statuses(repo: Repo, sha: str) -> tuple[Status, ...]:
    """Return what programs say of a commit, newest first."""
    said = [*_commit_statuses(repo, sha), *_check_runs(repo, sha)]
    return tuple(sorted(said, key=lambda one: (one.created or _NEWEST, one.id), reverse=True))


def _commit_statuses(repo: Repo, sha: str) -> Iterator[Status]:
    # Commit.get_statuses would ask for the commit, and then at a path that GitHub lists no more.
    path = f"{repo.url}/commits/{sha}/statuses"
    found: Iterable[CommitStatus] = PaginatedList(CommitStatus, repo.requester, path)
    return map(_commit_status, found)


@_read
def _commit_status(one: CommitStatus) -> Status:
    return Status(
        one.id,
        one.context or "default",
        _STATES.get(one.state, "error"),
        one.description or "",
        one.target_url or "",
        "status",
        one.created_at,
    )


def _check_runs(repo: Repo, sha: str) -> Iterator[Status]:
    return map(_check_run, repo.get_commit(sha).get_check_runs(filter="all"))


@_read
def _check_run(run: Any) -> Status:
    return Status(
        run.id,
        run.name,
        _conclusion(run),
        (run.output and run.output.title) or "",
        run.details_url or run.html_url or "",
        "check",
        run.started_at or run.completed_at,
    )


def _conclusion(run: CheckRun) -> StatusState:
    if run.status != "completed":
        return "pending"
    return _CONCLUSIONS.get(run.conclusion, "error")
