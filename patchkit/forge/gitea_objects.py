"""Gitea's JSON in the words of the protocol, read as far as a version has it.

Fields come and go with versions, and Go writes what is empty as null. What must be there and is
not is an error of the forge, never a guess.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from patchkit.forge.protocol import Comment, PullRequest, Repository, Status
from patchkit.forge.reading import reading

if TYPE_CHECKING:
    from patchkit.forge.protocol import PullState, StatusState

WIP = "WIP: "
_DRAFTS = ("wip:", "[wip]", "draft:", "[draft]")
_DELETED = "refs/pull/"
# A warning is worse than success to Gitea, a skipped one as good; what is unknown is no success.
_STATES: Final[dict[str, StatusState]] = {
    "pending": "pending",
    "success": "success",
    "failure": "failure",
    "error": "error",
    "warning": "failure",
    "skipped": "success",
}

_read = reading("is it a Gitea?")


def login(user: Any) -> str:
    """Return a user's login, nothing for one who is gone."""
    return str(user.get("login") or user.get("username") or "") if user else ""


@_read
def user(data: Any) -> str:
    """Return the login of a user who must be there."""
    return str(data["login"])


@_read
def reviewer(data: Any) -> str:
    """Return who reviewed or was asked to; nothing for a team."""
    return login(data.get("user"))


@_read
def label(data: Any) -> tuple[str, int]:
    """Return a label's name and number."""
    return str(data["name"]), int(data["id"])


class Event(NamedTuple):
    """A line of a timeline: its kind, who did it, and when."""

    kind: str
    login: str
    created: datetime | None


@_read
def event(data: Any) -> Event:
    """Return a line of the timeline."""
    return Event(str(data["type"]), login(data.get("user")), _time(data.get("created_at")))


@_read
def merger(data: Any) -> str:
    """Return who merged a pull request."""
    return login(data.get("merged_by"))


def titled(title: str, *, draft: bool) -> str:
    """Return a title with the mark of a draft, or without."""
    bare = _bare(title)
    return f"{WIP}{bare}" if draft else bare


@_read
def repository(data: Any) -> Repository:
    """Return a repository; into an archived one or a copy of another nobody can push."""
    may = (data.get("permissions") or {}).get("push")
    parent = data.get("parent")
    frozen = data.get("archived") or data.get("mirror")
    return Repository(
        owner=login(data["owner"]),
        name=str(data["name"]),
        default_branch=str(data["default_branch"]),
        url=str(data.get("html_url") or ""),
        can_push=False if frozen else may,
        archived=bool(data.get("archived")),
        empty=data.get("empty"),
        parents=(str(parent["full_name"]),) if parent else (),
    )


@_read
def pull_request(data: Any) -> PullRequest:
    """Return a pull request; that of 1.17 and older says nothing of who was asked for a review."""
    title, head = str(data["title"]), data["head"]
    draft = _is_draft(data.get("draft"), title)
    state = _state(data)
    return PullRequest(
        number=int(data["number"]),
        url=str(data.get("html_url") or data.get("url") or ""),
        title=_bare(title) if draft else title,
        body=str(data.get("body") or ""),
        state=state,
        draft=draft,
        base=_branch(data["base"]),
        head=_branch(head),
        head_owner=login((head.get("repo") or {}).get("owner")),
        head_sha=str(head["sha"]),
        author=login(data["user"]),
        labels=tuple(str(label["name"]) for label in data.get("labels") or ()),
        reviewers=tuple(login(user) for user in data.get("requested_reviewers") or ()),
        assignees=tuple(login(user) for user in data.get("assignees") or ()),
        # To Gitea a draft never is, whatever it holds.
        mergeable=None if draft or state != "open" else data.get("mergeable"),
        created=_time(data.get("created_at")),
        updated=_time(data.get("updated_at")),
    )


@_read
def comment(data: Any) -> Comment:
    """Return a comment."""
    return Comment(
        id=int(data["id"]),
        author=login(data["user"]),
        body=str(data.get("body") or ""),
        url=str(data.get("html_url") or ""),
        created=_time(data.get("created_at")),
    )


@_read
def status(data: Any) -> Status:
    """Return a commit status; it is posted with a `state`, and comes back with a `status`."""
    said = str(data.get("status") or data.get("state") or "")
    state = _STATES.get(said, "error")
    words = str(data.get("description") or "")
    return Status(
        id=int(data["id"]),
        context=str(data.get("context") or "default"),
        state=state,
        description=words if state == said else f"{words} ({said or 'no state'})".strip(),
        url=str(data.get("target_url") or ""),
        created=_time(data.get("created_at")),
    )


def _state(data: Any) -> PullState:
    if data.get("merged") or data.get("merged_at"):
        return "merged"
    return "open" if data["state"] == "open" else "closed"


def _is_draft(field: object, title: str) -> bool:
    """Return what the forge says, or on one that says nothing, what its usual marks do."""
    return field if isinstance(field, bool) else title.lower().startswith(_DRAFTS)


def _bare(title: str) -> str:
    for mark in _DRAFTS:
        if title.lower().startswith(mark):
            return title[len(mark) :].strip()
    return title


def _branch(side: Any) -> str:
    """Return a branch's name; the label still has it when `ref` shows that it was deleted."""
    ref = str(side["ref"])
    return str(side.get("label") or "") if ref.startswith(_DELETED) else ref


def _time(text: Any) -> datetime | None:
    """Return a time; Go writes none as the year 1."""
    if not text:
        return None
    time = datetime.fromisoformat(text)
    return time if time.year > 1 else None
