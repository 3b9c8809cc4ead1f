"""Carries a plan out: push, then the pull request, then what belongs to it.

Every step may be the last one before a crash: what is left to do is seen by the next survey, and
nothing is done twice. One run at a time works on a mirror of one cache; runs of other machines
are met on the forge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError, GitError, Place
from patchkit.git.clone import locked
from patchkit.git.push import Outcome, push
from patchkit.publish import ci
from patchkit.publish.asked import asked, with_asked
from patchkit.publish.body import same, with_part
from patchkit.publish.forking import made_fork
from patchkit.publish.plan import Action, Plan
from patchkit.publish.survey import UPSTREAM, told

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.forge import PullRequest
    from patchkit.publish.asked import Asked
    from patchkit.publish.survey import Survey


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a plan.

    Attributes:
        plan: the plan; another one when somebody was at the branch meanwhile.
        pull: the pull request as it is now, where there is one.
        notes: what did not go as wished, and stopped nothing.
    """

    plan: Plan
    pull: PullRequest | None = None
    notes: tuple[str, ...] = ()


def carry_out(plan: Plan, survey: Survey) -> Done:
    """Do what a plan says.

    Args:
        plan: from `plan`, of the survey's facts.
        survey: what was read.

    Raises:
        ForgeError: the forge refuses, or cannot be reached.
        GitError: the mirror does not take the branch.
    """
    step = _STEPS.get(plan.action)
    if step is None:
        return Done(plan, survey.facts.pull)
    folder = survey.target.mirror.folder
    with locked(folder.with_name(f"{folder.stem}-publish")):
        if survey.facts.pull is None or not survey.facts.is_open:
            return step(plan, survey)
        return _as_it_is_now(plan, survey, step, survey.facts.pull)


def _as_it_is_now(
    plan: Plan, survey: Survey, step: Callable[[Plan, Survey], Done], pull: PullRequest
) -> Done:
    """Do a step on the open pull request as it is by now: what people wrote meanwhile stays."""
    now = ci.now(survey.target, pull)
    if now.state == "closed" and plan.action is Action.CLOSE:
        return Done(Plan(Action.NOTHING, f"another run closed #{now.number}"), now)
    if now.state != "open":
        why = f"#{now.number} was closed while the plan was made: run it again"
        return Done(Plan(Action.CONFLICT, why), now)
    head = survey.facts.commit
    if ci.question_about(now.body, head) and not ci.question_about(pull.body, head):
        return Done(Plan(Action.NOTHING, f"another run brings #{now.number} up to date"), now)
    return step(plan, replace(survey, facts=replace(survey.facts, pull=now)))


def _create(plan: Plan, survey: Survey) -> Done:
    if stale := _pushed(survey):
        return Done(stale)
    page, target = survey.page, survey.target
    assert page is not None, "nothing is proposed without a page"  # noqa: S101
    pull = target.forge.create(
        title=page.title,
        body=with_part("", page.body),
        base=target.base,
        head=survey.branch,
        head_owner=target.head_owner,
        draft=survey.draft,
    )
    if asked(pull.body) is not None:  # another run opened it meanwhile, and sets it up
        return Done(plan, pull)
    return _set_up(plan, survey, pull)


def _update_branch(plan: Plan, survey: Survey) -> Done:
    if stale := _pushed(survey):
        return Done(stale, survey.facts.pull)
    return _finish(plan, survey)


def _finish(plan: Plan, survey: Survey) -> Done:
    assert survey.facts.pull is not None, "a pull request is open"  # noqa: S101
    return _set_up(plan, survey, survey.facts.pull)


def _close(plan: Plan, survey: Survey) -> Done:
    pull = survey.facts.pull
    assert pull is not None, "a pull request is open"  # noqa: S101
    _say_upstream(survey, pull)
    survey.target.forge.close(pull.number)
    return Done(plan, replace(pull, state="closed"))


def _comment(plan: Plan, survey: Survey) -> Done:
    pull = survey.facts.pull
    assert pull is not None, "a pull request is open"  # noqa: S101
    _say_upstream(survey, pull)
    return Done(plan, pull)


_STEPS: dict[Action, Callable[[Plan, Survey], Done]] = {
    Action.CREATE: _create,
    Action.UPDATE_BRANCH: _update_branch,
    Action.UPDATE_TEXT: _finish,
    Action.SET_UP: _finish,
    Action.CLOSE: _close,
    Action.COMMENT: _comment,
}


def _pushed(survey: Survey) -> Plan | None:
    """Push the commit; return another plan when somebody moved the branch meanwhile."""
    target, facts = survey.target, survey.facts
    if facts.branch == facts.commit:
        return None
    fork = made_fork(target) if target.lacks_fork else target.fork
    pushed = push(
        target.mirror,
        survey.branch,
        facts.commit,
        expected=facts.branch or None,
        to=fork,
        upstream=target.upstream,
    )
    if pushed.outcome is Outcome.STALE:
        return Plan(Action.CONFLICT, f"{survey.branch} moved while it was pushed: run it again")
    if not pushed.went_well:
        raise GitError(
            f"{survey.branch} could not be pushed: {pushed.reason}",
            place=Place(target.branches.url),
            hint="see whether the token's user may push branches there; else --fork OWNER",
        )
    return None


def _set_up(plan: Plan, survey: Survey, pull: PullRequest) -> Done:
    """Give a pull request its labels and people, once, its text, and ask CI about its head.

    What CI is to be asked is made up first, and the pull request read again before it is written:
    so another run's question is seen there, or its comment after it.
    """
    target, head = survey.target, survey.facts.commit
    notes = tuple(_equip(survey, pull)) if asked(pull.body) is None else ()
    is_due = ci.is_due(target, pull, head, survey.comment)
    is_new = is_due and ci.question_about(pull.body, head) is None
    new = (ci.question(target, pull, head),) if is_new else ()
    pull = ci.now(target, pull)
    if new and ci.question_about(pull.body, head):
        return Done(plan, pull, notes)  # another run wrote it down meanwhile, and asks
    pull = _written(survey, pull, (*(asked(pull.body) or ()), *new))
    if is_due:
        ci.ask(target, pull, head, survey.comment)
    return Done(plan, replace(pull, head_sha=head), notes)


def _written(survey: Survey, pull: PullRequest, questions: tuple[Asked, ...]) -> PullRequest:
    """Write title and body where they should read otherwise; the pull request was just read."""
    page = survey.page
    assert page is not None, "nothing is proposed without a page"  # noqa: S101
    body = with_part(pull.body, with_asked(page.body, questions))
    title = None if pull.title == page.title else page.title
    if title is not None or not same(pull.body, body):
        survey.target.forge.update(pull.number, title=title, body=body)
    return replace(pull, title=page.title, body=body)


def _equip(survey: Survey, pull: PullRequest) -> list[str]:
    """Add labels, reviewers and assignees; what the forge refuses is noted and stops nothing."""
    forge, settings = survey.target.forge, survey.target.settings
    labels = [*survey.fix.pull_request(survey.patch.params).labels, *settings.labels]
    steps: list[tuple[list[str], Callable[[int, list[str]], None]]] = [
        (list(dict.fromkeys(labels)), forge.label),
        (settings.reviewers, forge.request_reviews),
        (settings.assignees, forge.assign),
    ]
    notes = []
    for names, add in steps:
        try:
            if names:
                add(pull.number, names)
        except ForgeError as error:
            if error.status is None:
                raise
            notes.append(error.problems[0].message)
    return notes


def _say_upstream(survey: Survey, pull: PullRequest) -> None:
    """Comment, once, that the change is upstream."""
    if survey.facts.commented:
        return
    target = survey.target
    text = (
        f"{UPSTREAM}: `{survey.fix.id}` finds nothing left to do on {target.base}"
        f" at {target.mirror.head[:12]}."
    )
    comments = target.forge.comments(pull.number)
    if told(target, comments):
        return
    newest = max((comment.id for comment in comments), default=0)
    target.forge.comment(pull.number, text, since=newest)
