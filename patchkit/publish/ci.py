"""The question to CI: one comment for each head of a pull request, and a few rounds at most.

A forge has no way to write only if nothing changed: two runs on two machines that look at the
comments in the same moment both ask. Whatever else one of them sees of the other makes it leave
the question to that one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.publish.asked import Asked, asked, with_asked
from patchkit.publish.body import part_of, with_part

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
    question = question_about(pull.body, head)
    if not comment:
        return False
    if question is None:
        return len(asked(pull.body) or ()) < target.settings.rounds
    return not _is_out(target, pull, question, comment)


def question_about(body: str, head: str) -> Asked | None:
    """Return the question about a head that a body keeps."""
    return next((question for question in asked(body) or () if question.sha == head), None)


def ask(target: Target, pull: PullRequest, head: str, comment: str) -> PullRequest:
    """Ask CI about a head, once: written down in the body first, then the comment.

    Args:
        target: the mirror.
        pull: the pull request; the head stands in its body when an earlier run was cut off.
        head: the commit at its branch's head.
        comment: what CI is asked with.

    Returns:
        The pull request with the body that it has now.
    """
    question = question_about(pull.body, head)
    if question is None:
        question = Asked(head, _newest_comment(target, pull), _newest_status(target, head))
        pull = now(target, pull)
        if question_about(pull.body, head):
            return pull  # another run wrote it down meanwhile, and asks
        pull = note(target, pull, (*(asked(pull.body) or ()), question))
    if not _is_out(target, pull, question, comment):
        target.forge.comment(pull.number, comment, since=question.comment)
    return pull


def now(target: Target, pull: PullRequest) -> PullRequest:
    """Return a pull request as it is now: people and other runs may have changed it.

    Raises:
        ForgeError: it is gone.
    """
    if found := target.forge.pull(pull.number):
        return found
    raise ForgeError(f"#{pull.number} is gone", hint="run it again")


def note(target: Target, pull: PullRequest, questions: tuple[Asked, ...]) -> PullRequest:
    """Write down which heads CI was asked about, and that the pull request is set up.

    Args:
        target: the mirror.
        pull: the pull request as it was just read: its body is written again.
        questions: all of them.
    """
    body = with_part(pull.body, with_asked(part_of(pull.body), questions))
    if body == pull.body:
        return pull
    target.forge.update(pull.number, body=body)
    return replace(pull, body=body)


def _is_out(target: Target, pull: PullRequest, question: Asked, comment: str) -> bool:
    me = target.forge.user().casefold()
    return any(
        c.id > question.comment and c.author.casefold() == me and c.body.strip() == comment.strip()
        for c in target.forge.comments(pull.number)
    )


def _newest_comment(target: Target, pull: PullRequest) -> int:
    return max((comment.id for comment in target.forge.comments(pull.number)), default=0)


def _newest_status(target: Target, head: str) -> int:
    context = target.settings.status
    return max((s.id for s in target.forge.statuses(head) if s.context == context), default=0)
