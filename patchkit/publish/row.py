"""How a fix stands on the mirror of its recipe: what `patchkit status` shows; writes nothing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode, PatchkitError
from patchkit.publish.level import answer
from patchkit.publish.plan import Facts, plan
from patchkit.publish.survey import survey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from patchkit.forge import PullRequest
    from patchkit.publish.level import Answer
    from patchkit.publish.plan import Plan
    from patchkit.publish.survey import Survey, Writer
    from patchkit.publish.target import Target
    from patchkit.rendering import Verdict
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Row:
    """How one fix stands.

    Attributes:
        fix: its id.
        recipe: the name of its recipe.
        mirror: the URL of the mirror; empty when there is none.
        verdict: what the fix is to the head of the mirror's default branch.
        editors: who else committed on its branch.
        pull: its pull request, the open one or the newest.
        days: whole days since that was opened.
        ci: what CI says of the head of an open pull request.
        plan: what `patchkit pr` would do next.
        error: why the rest is not known.
    """

    fix: str
    recipe: str
    mirror: str = ""
    verdict: Verdict | None = None
    editors: tuple[str, ...] = ()
    pull: PullRequest | None = None
    days: int | None = None
    ci: Answer | None = None
    plan: Plan | None = None
    error: PatchkitError | None = None

    @property
    def code(self) -> ExitCode:
        """The exit code that it comes to: CI's no is a verification that failed."""
        if self.error is not None:
            return self.error.exit_code
        said_no = self.ci is not None and self.ci.is_final and not self.ci.is_green
        code = self.plan.code if self.plan else ExitCode.OK
        return max(code, ExitCode.CHANGE if said_no else ExitCode.OK)


def row(
    fix: Fix,
    target: Target | None,
    write: Writer,
    now: datetime,
    *,
    params: Mapping[str, Any] | None = None,
) -> Row:
    """Return how a fix stands on a mirror; what goes wrong in between is told in the row.

    Args:
        fix: the spec.
        target: the mirror, as it was just read; None when there is none.
        write: writes what the pull request should say, and judges nothing.
        now: the time that ages are counted to.
        params: values for the fix's parameters.
    """
    known = Row(fix.id, fix.repository)
    if target is None:
        return replace(known, plan=plan(Facts(mirror=False)))
    known = replace(known, mirror=target.mirror.remote.url)
    try:
        read = survey(fix, target, write, params=params)
        known = _planned(known, read, now)
        return _answered(known, target)
    except PatchkitError as error:
        return replace(known, error=error)


def _planned(known: Row, read: Survey, now: datetime) -> Row:
    pull = read.facts.pull
    return replace(
        known,
        verdict=read.patch.verdict,
        editors=read.facts.editors,
        pull=pull,
        days=(now - pull.created).days if pull and pull.created else None,
        plan=plan(read.facts),
    )


def _answered(known: Row, target: Target) -> Row:
    """Return the row with what the forge and CI say of an open pull request."""
    pull = known.pull
    if pull is None or pull.state != "open":
        return known
    if pull.mergeable is None and not pull.draft:  # lists of GitHub do not tell it
        pull = target.forge.pull(pull.number) or pull
    return replace(known, pull=pull, ci=answer(target, pull))
