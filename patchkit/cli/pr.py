"""`patchkit pr`: from fixes to pull requests on the mirrors of their recipes."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from patchkit.cli.companions import Companions
from patchkit.cli.grouped import Grouped
from patchkit.cli.options import fleet_options
from patchkit.cli.pages import Pages
from patchkit.cli.telling import say, tell
from patchkit.cli.waiting import waited, watched
from patchkit.cli.wanted import wants_fixes
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.publish.carry_out import carry_out
from patchkit.publish.plan import PUSHES, Action, Facts, plan
from patchkit.publish.survey import survey
from patchkit.report.errors import error_text
from patchkit.report.plan_text import done_text, plan_text
from patchkit.report.summary import verdict_text
from patchkit.report.terminal import working

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.cli.wanted import Wanted
    from patchkit.publish.plan import Plan
    from patchkit.publish.survey import Survey
    from patchkit.publish.wait import Watched
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Task:
    """A fix with its plan; without a survey when there is no mirror to survey.

    Attributes:
        fix: the fix.
        plan: what is to be done.
        survey: what was read.
    """

    fix: Fix
    plan: Plan
    survey: Survey | None = None

    @property
    def fork(self) -> str:
        """The URL of the fork that the plan makes; empty when it makes none."""
        target = self.survey.target if self.survey else None
        makes = target and target.lacks_fork and self.plan.action in PUSHES
        return target.branches.url if target and makes else ""


@click.command("pr", cls=Grouped)
@wants_fixes
@click.option("--dry-run", is_flag=True, help="Show plan, diff and text; write nothing anywhere.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="How many pull requests may be opened.",
)
@click.option(
    "--pace",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=0,
    help="How long to wait between two fixes that write.",
)
@click.option("--draft", is_flag=True, help="Open new pull requests as drafts.")
@click.option("--reopen", is_flag=True, help="Propose again what was closed or withdrawn.")
@click.option(
    "--verify/--no-verify",
    "is_verified",
    default=True,
    show_default=True,
    help="Let real programs judge what is proposed.",
)
@click.option("--wait", is_flag=True, help="Wait for CI; exit with 1 unless all is green.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=3600,
    show_default=True,
    help="How long to wait for CI.",
)
@click.option("--yes", is_flag=True, help="Do not ask before the first write.")
@fleet_options(is_limited=False, is_far=False)
def command(
    wanted: Wanted,
    *,
    dry_run: bool,
    limit: int,
    pace: float,
    draft: bool,
    reopen: bool,
    is_verified: bool,
    wait: bool,
    timeout: float,
    yes: bool,
) -> int:
    """Propose fixes as pull requests on the mirrors of their recipes.

    Each fix is rendered on the head of the mirror's default branch, committed, pushed to the
    branch patchkit/FIX and opened as a pull request, or its pull request is brought up to date.
    Run again, it does what is left to do. Nothing is merged, and nothing a person did is undone.

    \b
    patchkit pr --recipe gitea --dry-run
    patchkit pr fixes/gitea.yml --mirror https://git.example.com/recipes/gitea.git
    patchkit pr --all --limit 5 --pace 30
    patchkit pr --recipe gitea --wait --timeout 1800
    patchkit pr classes/pg-backup --list mirrors.txt --dry-run
    """
    if wait and dry_run:
        raise UsageError("--dry-run asks CI nothing", hint="leave --wait, or --dry-run")
    pages = Pages(Companions(wanted.targets), is_verified=is_verified)
    look = partial(_task, wanted, pages, reopen=reopen, draft=draft)
    if wanted.many:
        from patchkit.cli.fleet_pr import Way, pr_many  # noqa: PLC0415  few calls need it

        way = Way(dry_run, limit, pace, yes)
        return pr_many(wanted, look, way, timeout if wait else None)
    fixes, broken = wanted.readable()
    tasks, code = _planned(fixes, look, limit, broken)
    for task in tasks:
        tell(plan_text(task.fix.id, task.fix.repository, task.plan, fork=task.fork))
    writing = [task for task in tasks if task.plan.writes]
    if dry_run:
        click.echo("".join(map(preview, writing)), nl=False)
        return code
    if writing and not yes and sys.stdin.isatty():
        click.confirm(f"Write {len(writing)} of these to the forge?", abort=True, err=True)
    heads = [head for task in tasks if not task.plan.writes and (head := _done(task)[1])]
    more, code = _carried_out(writing, pace, code)
    return max(code, waited([*heads, *more], timeout)) if wait else code


def _planned(
    fixes: list[Fix], look: Callable[[Fix], Task], limit: int, worst: ExitCode
) -> tuple[list[Task], ExitCode]:
    """Survey and plan each fix; one that cannot be read is told and does not stop the others."""
    tasks: list[Task] = []
    for fix in fixes:
        try:
            with working(f"{fix.id}: reading its mirror"):
                task = look(fix)
        except PatchkitError as error:
            tell(error_text(error))
            worst = max(worst, error.exit_code)
            continue
        opening = sum(t.plan.action is Action.CREATE for t in tasks)
        if task.plan.action is Action.CREATE and opening >= limit:
            click.echo(f"{fix.id}: left for another run: --limit {limit} is reached", err=True)
            continue
        tasks.append(task)
        worst = max(worst, task.plan.code)
    return tasks, worst


def _task(
    wanted: Wanted,
    pages: Pages,
    fix: Fix,
    url: str | None = None,
    *,
    reopen: bool,
    draft: bool,
) -> Task:
    place = wanted.target(fix.repository, url)
    if place is None:
        return Task(fix, plan(Facts(mirror=False)))
    read = survey(fix, place, pages, params=wanted.params, reopen=reopen, draft=draft)
    if not wanted.many:
        tell(verdict_text(fix, place.mirror.remote.url, read.patch, read.gate))
    return Task(fix, plan(read.facts), read)


def preview(task: Task) -> str:
    """Return diff, title and text of what a plan proposes; empty where it proposes nothing."""
    read = task.survey
    if read is None or read.page is None:
        return ""
    return f"{read.patch.diff()}\n{read.page.title}\n\n{read.body}\n"


def _carried_out(tasks: list[Task], pace: float, worst: ExitCode) -> tuple[list[Watched], ExitCode]:
    """Carry plans out; return the heads that CI is asked about, and the highest exit code."""
    heads = []
    for number, task in enumerate(tasks):
        if number and pace:
            time.sleep(pace)
        try:
            code, head = _done(task)
        except PatchkitError as error:
            tell(error_text(error))
            code, head = error.exit_code, None
        worst = max(worst, code)
        heads += [head] if head else []
    return heads, worst


def _done(task: Task) -> tuple[ExitCode, Watched | None]:
    if task.survey is None:
        return task.plan.code, None
    with working(f"{task.fix.id}: {task.plan.action}"):
        done = carry_out(task.plan, task.survey)
    if task.plan.writes:
        say(done_text(task.fix.id, done))
    return done.plan.code, watched(task.survey, done)
