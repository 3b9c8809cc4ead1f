"""`patchkit pr`: from fixes to pull requests on the mirrors of their recipes."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import click

from patchkit.cli.companions import Companions
from patchkit.cli.options import fleet_options
from patchkit.cli.pages import Pages
from patchkit.cli.telling import say, tell
from patchkit.cli.waiting import waited, watched
from patchkit.cli.wanted import wants_fixes
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.fleet.outcome import failed
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
    from patchkit.fleet.outcome import Outcome
    from patchkit.publish.plan import Plan
    from patchkit.publish.survey import Survey
    from patchkit.publish.wait import Watched
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class _Task:
    """A fix with its plan; without a survey when there is no mirror to survey."""

    fix: Fix
    plan: Plan
    survey: Survey | None = None

    @property
    def fork(self) -> str:
        """The URL of the fork that the plan makes; empty when it makes none."""
        target = self.survey.target if self.survey else None
        makes = target and target.lacks_fork and self.plan.action in PUSHES
        return target.branches.url if target and makes else ""


@click.command("pr")
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
        return _many(wanted, look, _Way(dry_run, limit, pace, yes), timeout if wait else None)
    fixes, broken = wanted.readable()
    tasks, code = _planned(fixes, look, limit, broken)
    for task in tasks:
        tell(plan_text(task.fix.id, task.fix.repository, task.plan, fork=task.fork))
    writing = [task for task in tasks if task.plan.writes]
    if dry_run:
        click.echo("".join(map(_preview, writing)), nl=False)
        return code
    if writing and not yes and sys.stdin.isatty():
        click.confirm(f"Write {len(writing)} of these to the forge?", abort=True, err=True)
    heads = [head for task in tasks if not task.plan.writes and (head := _done(task)[1])]
    more, code = _carried_out(writing, pace, code)
    return max(code, waited([*heads, *more], timeout)) if wait else code


def _planned(
    fixes: list[Fix], look: Callable[[Fix], _Task], limit: int, worst: ExitCode
) -> tuple[list[_Task], ExitCode]:
    """Survey and plan each fix; one that cannot be read is told and does not stop the others."""
    tasks: list[_Task] = []
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
) -> _Task:
    place = wanted.target(fix.repository, url)
    if place is None:
        return _Task(fix, plan(Facts(mirror=False)))
    read = survey(fix, place, pages, params=wanted.params, reopen=reopen, draft=draft)
    if not wanted.many:
        tell(verdict_text(fix, place.mirror.remote.url, read.patch, read.gate))
    return _Task(fix, plan(read.facts), read)


class _Way(NamedTuple):
    """How plans are carried out, where there are many."""

    dry_run: bool
    limit: int
    pace: float
    yes: bool


def _many(
    wanted: Wanted, look: Callable[[Fix, str | None], _Task], way: _Way, timeout: float | None
) -> ExitCode:
    """Survey mirrors side by side, and carry out each plan as it comes, one after the other."""
    from patchkit.cli.fleet_forge import forge_many  # noqa: PLC0415  few calls need it

    if not way.dry_run and not way.yes and sys.stdin.isatty():
        click.confirm("Write to the forge what each plan says?", abort=True, err=True)
    writer = _Writer(way)
    code = forge_many(wanted, look, writer, "pr-dry-run" if way.dry_run else "pr")
    return code if timeout is None else max(code, waited(writer.heads, timeout))


class _Writer:
    """Carries out the plan of an outcome."""

    def __init__(self, way: _Way) -> None:
        self.way = way
        self.opened = self.written = 0
        self.heads: list[Watched] = []

    def __call__(self, outcome: Outcome) -> Outcome:
        if not isinstance(outcome.extra, _Task):
            return replace(outcome, extra=None)
        task: _Task = outcome.extra
        told = replace(outcome, word=task.plan.action, code=task.plan.code, extra=None)
        told = replace(told, note=task.plan.reason)
        if task.plan.action is Action.CREATE:
            if self.opened >= self.way.limit:
                return replace(told, note=f"left for another run: --limit {self.way.limit}", key="")
            self.opened += 1
        if self.way.dry_run:
            return replace(told, shown=_preview(task) if task.plan.writes else "")
        return self._written(task, told)

    def _written(self, task: _Task, told: Outcome) -> Outcome:
        if task.plan.writes:
            if self.written and self.way.pace:
                time.sleep(self.way.pace)
            self.written += 1
        if task.survey is None:
            return told
        try:
            done = carry_out(task.plan, task.survey)
        except PatchkitError as error:
            return failed(told.source, told.fix, error, told.key)
        if head := watched(task.survey, done):
            self.heads.append(head)
        shown = f"{done_text(task.fix.id, done)}\n" if task.plan.writes else ""
        code = done.plan.code
        return replace(told, word=done.plan.action, code=code, note=done.plan.reason, shown=shown)


def _preview(task: _Task) -> str:
    read = task.survey
    if read is None or read.page is None:
        return ""
    return f"{read.patch.diff()}\n{read.page.title}\n\n{read.body}\n"


def _carried_out(
    tasks: list[_Task], pace: float, worst: ExitCode
) -> tuple[list[Watched], ExitCode]:
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


def _done(task: _Task) -> tuple[ExitCode, Watched | None]:
    if task.survey is None:
        return task.plan.code, None
    with working(f"{task.fix.id}: {task.plan.action}"):
        done = carry_out(task.plan, task.survey)
    if task.plan.writes:
        say(done_text(task.fix.id, done))
    return done.plan.code, watched(task.survey, done)
