"""Whom a pull request asks: reviewers and assignees.

GitHub asks nobody for a review when it refuses one of them, and drops assignees without a word.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.forge.github_objects import login
from patchkit.forge.words import without

if TYPE_CHECKING:
    from collections.abc import Iterable

    from github.Issue import Issue
    from github.PullRequest import PullRequest as Pull

_HINT = "give them access to the repository, or take them out of the settings"


def request_reviews(pull: Pull, logins: Iterable[str]) -> None:
    """Ask for reviews, once each: GitHub forgets that it has asked who has reviewed.

    Raises:
        ForgeError: some cannot be asked; all others are.
    """
    wanted = without(logins, map(login, (pull.user, *(pull.requested_reviewers or ()))))
    if wanted:
        wanted = without(wanted, (login(review.user) for review in pull.get_reviews()))
    refusal = _refusal(pull, wanted) if wanted else None
    if refusal is None:
        return
    refused = wanted if len(wanted) == 1 else [one for one in wanted if _refusal(pull, [one])]
    if refused:
        raise ForgeError(
            f"#{pull.number}: {', '.join(refused)} cannot be asked for a review: "
            f"{refusal.problems[0].message}",
            status=refusal.status,
            hint=_HINT,
        )


def _refusal(pull: Pull, logins: list[str]) -> ForgeError | None:
    try:
        pull.create_review_request(reviewers=logins)
    except ForgeError as error:
        if error.status != HTTPStatus.UNPROCESSABLE_ENTITY:
            raise
        return error
    return None


def assign(issue: Issue, number: int, logins: Iterable[str]) -> None:
    """Add assignees.

    Raises:
        ForgeError: some cannot be one; all others are.
    """
    wanted = without(logins, ())
    if not wanted:
        return
    issue.add_to_assignees(*wanted)
    if refused := without(wanted, map(login, issue.assignees or ())):
        raise ForgeError(f"#{number} cannot be assigned to {', '.join(refused)}", hint=_HINT)
