"""The question to CI: one comment for each head of a pull request, and a few rounds at most.

A forge has no way to write only if nothing changed: two runs on two machines that look at the
comments in the same moment both ask. Whatever else one of them sees of the other makes it leave
the question to that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.publish.asked import Asked, asked

if TYPE_CHECKING:
    from patchkit.forge import PullRequest
    from patchkit.publish.target import Target


def is_due(target: Target, pull: PullRequest, head: str, comment: str) -> bool:
    """Whether CI is still to be asked about the head of a pull request.

    Args:
        target: the mirror.
        pull: the pull request.
        head: the commit at its branch's head.
        comment: what CI is asked with; empty for nothing.
    """
    written = question_about(pull.body, head)
    if not comment:
        return False
    if written is None:
        return len(asked(pull.body) or ()) < target.settings.rounds
    return not _is_out(target, pull, written, comment)


def question_about(body: str, head: str) -> Asked | None:
    """Return the question about a head that a body keeps."""
    return next((written for written in asked(body) or () if written.sha == head), None)


def question(target: Target, pull: PullRequest, head: str) -> Asked:
    """Return the question about a head, to be written down before CI is asked."""
    comments = target.forge.comments(pull.number)
    context = target.settings.status
    statuses = [s.id for s in target.forge.statuses(head) if s.context == context]
    newest = max((comment.id for comment in comments), default=0)
    return Asked(head, newest, max(statuses, default=0))


def ask(target: Target, pull: PullRequest, head: str, comment: str) -> None:
    """Ask CI about a head that is written down, if nobody did since.

    Args:
        target: the mirror.
        pull: the pull request, whose body keeps the question.
        head: the commit at its branch's head.
        comment: what CI is asked with.
    """
    written = question_about(pull.body, head)
    if written is not None and not _is_out(target, pull, written, comment):
        target.forge.comment(pull.number, comment, since=written.comment)


def now(target: Target, pull: PullRequest) -> PullRequest:
    """Return a pull request as it is now: people and other runs may have changed it.

    Raises:
        ForgeError: it is gone.
    """
    if found := target.forge.pull(pull.number):
        return found
    raise ForgeError(f"#{pull.number} is gone", hint="run it again")


def _is_out(target: Target, pull: PullRequest, written: Asked, comment: str) -> bool:
    me = target.forge.user().casefold()
    return any(
        c.id > written.comment and c.author.casefold() == me and c.body.strip() == comment.strip()
        for c in target.forge.comments(pull.number)
    )
