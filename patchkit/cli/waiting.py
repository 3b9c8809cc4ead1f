"""Waits for CI after `patchkit pr`, and tells each answer as it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.cli.telling import say, tell
from patchkit.errors import ExitCode
from patchkit.publish.wait import Clock, Watched, wait
from patchkit.report.ci_text import waited_text
from patchkit.report.terminal import each

if TYPE_CHECKING:
    from patchkit.publish.carry_out import Done
    from patchkit.publish.survey import Survey

CLOCK = Clock()


def watched(survey: Survey, done: Done) -> Watched | None:
    """Return the head that CI is asked about; None where nobody asks."""
    pull = done.pull
    if not survey.comment or pull is None or pull.state != "open" or done.plan.code:
        return None
    return Watched(survey.fix.id, survey.target, pull)


def waited(heads: list[Watched], seconds: float) -> ExitCode:
    """Wait until CI has answered about every head; OK only when all are green."""
    if not heads:
        tell("CI was not asked about anything: there is nothing to wait for")
        return ExitCode.OK
    for kind in sorted({h.target.forge.kind for h in heads if "checks" in h.target.forge.cannot}):
        tell(f"{kind} has no check runs: CI is heard by commit statuses alone")
    names = ", ".join(f"#{head.pull.number} of {head.fix}" for head in heads)
    tell(f"waiting for CI, {seconds:.0f} seconds at most: {names}")
    worst = ExitCode.OK
    for end in each(wait(heads, seconds=seconds, clock=CLOCK), "waiting for CI"):
        say(waited_text(end))
        code = ExitCode.OK if end.is_green else ExitCode.CHANGE
        worst = max(worst, end.error.exit_code if end.error else code)
    return worst
