"""`patchkit pr` over many mirrors: all plans first, then one question, then one after the other."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from patchkit.cli.fleet import conduct
from patchkit.cli.fleet_forge import forge_many
from patchkit.cli.pr import Task, preview
from patchkit.cli.waiting import waited, watched
from patchkit.errors import ExitCode, PatchkitError
from patchkit.fleet.outcome import Outcome, failed
from patchkit.fleet.tally import Tally
from patchkit.publish.carry_out import carry_out
from patchkit.publish.plan import Action
from patchkit.report.plan_text import done_text, plans_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchkit.cli.wanted import Wanted
    from patchkit.fleet.source import Source
    from patchkit.publish.wait import Watched
    from patchkit.spec.fix import Fix


class Way(NamedTuple):
    """How plans are carried out.

    Attributes:
        dry_run: whether they are only shown.
        limit: how many pull requests may be opened.
        pace: seconds between two that write.
        yes: whether nobody is asked before.
    """

    dry_run: bool
    limit: int
    pace: float
    yes: bool


def pr_many(
    wanted: Wanted, look: Callable[[Fix, str | None], Task], way: Way, timeout: float | None
) -> ExitCode:
    """Survey mirrors side by side; then carry out what writes, one after the other.

    Args:
        wanted: which fixes and mirrors.
        look: makes the plan of a fix, given the URL of a mirror where a list names it.
        way: how plans are carried out.
        timeout: seconds to wait for CI; None does not wait.
    """
    planner = _Planner(way)
    command = "pr-dry-run" if way.dry_run else "pr"
    code = forge_many(wanted, look, planner, command, verb="planned")
    works = planner.works
    if code is ExitCode.INTERRUPTED or (wanted.many.is_fragile and planner.is_bad):
        works = []
        click.echo("nothing was written", err=True)
    if works:
        _ask(works, way)
        # What is planned lives in this process; what is known to have succeeded stays known.
        many = replace(wanted.many, jobs=1, is_resumed=True)
        writer = _Writer(way, planner.heads)
        told = conduct(
            *(works, many), command=command, settle=writer, kind="threads", after=planner.tally
        )
        code = max(code, told)
    return code if timeout is None else max(code, waited(planner.heads, timeout))


def _ask(works: Sequence[_Ready], way: Way) -> None:
    """Show what would be written, and ask once; nobody is asked where nobody can answer."""
    rows = [(work.task.plan, work.fix, work.source.name, work.task.fork) for work in works]
    click.echo(plans_text(rows), err=True)
    if not way.yes and sys.stdin.isatty():
        click.confirm(f"Write {len(works)} of these to the forge?", abort=True, err=True)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A plan that is to be carried out."""

    outcome: Outcome

    @property
    def source(self) -> Source:
        return self.outcome.source

    @property
    def fix(self) -> str:
        return self.outcome.fix

    @property
    def task(self) -> Task:
        task: Task = self.outcome.extra
        return task

    def __call__(self) -> list[Outcome]:
        return [self.outcome]

    def __len__(self) -> int:
        return 1

    def lost(self, error: Exception) -> list[Outcome]:
        return [failed(self.source, self.fix, error, self.outcome.key)]

    def left(self, done: frozenset[str]) -> _Ready:
        del done
        return self

    def portable(self) -> _Ready:
        return self


@dataclass
class _Planner:
    """Keeps the plans that write, and tells of each what it is.

    Attributes:
        way: how they are carried out.
        works: what writes.
        heads: what CI is asked about where nothing is written.
        tally: what came of those that do not write.
        opening: how many open a pull request.
        is_bad: whether one did not go well.
    """

    way: Way
    works: list[_Ready] = field(default_factory=list)
    heads: list[Watched] = field(default_factory=list)
    tally: Tally = field(default_factory=lambda: Tally(0))
    opening: int = 0
    is_bad: bool = False

    def __call__(self, outcome: Outcome) -> Outcome:
        told = self._told(outcome, outcome.extra)
        self.is_bad |= told.is_bad
        if self.works and self.works[-1].outcome is outcome:
            return replace(told, key="")  # it has not succeeded yet
        self.tally.total += 1
        self.tally.add(told)
        self.tally.bad.clear()  # they are told with the plans
        return told

    def _told(self, outcome: Outcome, task: Any) -> Outcome:
        if not isinstance(task, Task):
            return replace(outcome, extra=None)
        action, limit = task.plan.action, self.way.limit
        told = replace(outcome, word=action, code=task.plan.code, note=task.plan.reason, extra=None)
        if action is Action.CREATE and self.opening >= limit:
            return replace(told, note=f"left for another run: --limit {limit}", key="")
        self.opening += action is Action.CREATE
        if not task.plan.writes:
            self.heads += _heads(task)
        elif self.way.dry_run:
            return replace(told, shown=preview(task))
        else:
            self.works.append(_Ready(outcome))
        return told


def _heads(task: Task) -> list[Watched]:
    """Return what CI is asked about where nothing is to be written."""
    if task.survey is None:
        return []
    head = watched(task.survey, carry_out(task.plan, task.survey))
    return [head] if head else []


class _Writer:
    """Carries the plan of an outcome out."""

    def __init__(self, way: Way, heads: list[Watched]) -> None:
        self.way, self.heads = way, heads
        self.written = 0

    def __call__(self, outcome: Outcome) -> Outcome:
        task: Task = outcome.extra
        told = replace(outcome, extra=None)
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
        shown = f"{done_text(task.fix.id, done)}\n"
        plan = done.plan
        return replace(told, word=plan.action, code=plan.code, note=plan.reason, shown=shown)
