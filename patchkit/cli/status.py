"""`patchkit status`: how every fix stands on the mirror of its recipe."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from patchkit.cli.companions import Companions
from patchkit.cli.grouped import Grouped
from patchkit.cli.options import fleet_options
from patchkit.cli.pages import Pages
from patchkit.cli.telling import columns
from patchkit.cli.wanted import wants_fixes
from patchkit.errors import ExitCode, PatchkitError
from patchkit.fleet.outcome import failed
from patchkit.publish.row import Row, row
from patchkit.report.status_json import status_json
from patchkit.report.status_text import WIDTH, status_markdown, status_table
from patchkit.report.terminal import is_colored, working

if TYPE_CHECKING:
    from patchkit.cli.wanted import Wanted
    from patchkit.fleet.outcome import Outcome
    from patchkit.spec.fix import Fix


@click.command("status", cls=Grouped)
@wants_fixes
@fleet_options(is_far=False)
@click.option(
    "--format",
    "style",
    type=click.Choice(("table", "json", "markdown")),
    default="table",
    show_default=True,
    help="What goes to standard output.",
)
def command(wanted: Wanted, *, style: str) -> int:
    """Show how fixes stand on the mirrors of their recipes, and write nothing there.

    All are shown unless some are named. For each: what it is to the recipe now, its pull request
    and how old that is, who else worked on it, what CI says of its head, and what `patchkit pr`
    would do next. Real programs are not asked. One that cannot be read is told, and does not stop
    the others.

    The highest exit code wins: 1 CI lets one fail, or its level is not the full one; 2, 3, 4 and 5
    as `patchkit pr` would end.

    \b
    patchkit status
    patchkit status --recipe gitea --format json
    patchkit status fixes/gitea.yml --profile github
    patchkit status --list recipes.txt --jobs 8
    """
    if not wanted.names and not wanted.recipes:
        wanted = replace(wanted, is_all=True)
    now = datetime.now(UTC)
    pages = Pages(Companions(wanted.targets), is_verified=False)
    if wanted.many:
        from patchkit.cli.fleet_forge import forge_many  # noqa: PLC0415  few calls need it

        rows: list[Row] = []
        look = partial(standing, wanted, pages, now)
        code = forge_many(wanted, look, partial(_kept, rows), "status")
        click.echo(_shown(rows, style), nl=False)
        return code
    fixes, broken = wanted.fixes()
    rows = []
    for number, fix in enumerate(fixes, 1):
        text = f"{fix.id}: reading its mirror ({number} of {len(fixes)})"
        with working(text):
            rows.append(standing(wanted, pages, now, fix))
    rows += [Row(name, "", error=error) for name, error in broken]
    click.echo(_shown(rows, style), nl=False)
    return max((row.code for row in rows), default=ExitCode.OK)


def _kept(rows: list[Row], outcome: Outcome) -> Outcome:
    """Keep a row, and return what is told of it."""
    found: Row | PatchkitError = outcome.extra
    recipe = outcome.source.recipe
    one = Row(outcome.fix, recipe, error=found) if isinstance(found, PatchkitError) else found
    rows.append(one)
    if one.error is not None:
        return failed(outcome.source, outcome.fix, one.error, outcome.key)
    told = replace(outcome, code=one.code, extra=None)
    verdict = str(one.verdict) if one.verdict else ""
    return replace(told, word=one.plan.action, note=verdict) if one.plan else told


def standing(wanted: Wanted, pages: Pages, now: datetime, fix: Fix, url: str | None = None) -> Row:
    """Return how a fix stands on the mirror of its recipe; why not, where that cannot be read."""
    try:
        place = wanted.target(fix.repository, url)
    except PatchkitError as error:
        return Row(fix.id, fix.repository, error=error)
    return row(fix, place, pages, now, params=wanted.params)


def _shown(rows: list[Row], style: str) -> str:
    if style == "json":
        return status_json(rows)
    if style == "markdown":
        return status_markdown(rows)
    width = columns() if sys.stdout.isatty() else WIDTH
    return status_table(rows, color=is_colored(sys.stdout), width=width)
