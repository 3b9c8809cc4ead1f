"""`patchkit status`: how every fix stands on the mirror of its recipe."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from patchkit.cli.pages import Pages
from patchkit.cli.wanted import wants_fixes
from patchkit.errors import ExitCode, PatchkitError
from patchkit.publish.row import Row, row
from patchkit.report.status_json import status_json
from patchkit.report.status_text import status_markdown, status_table

if TYPE_CHECKING:
    from patchkit.cli.wanted import Wanted
    from patchkit.spec.fix import Fix


@click.command("status")
@wants_fixes
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

    The highest exit code wins: 1 CI lets one fail, or its level is not the full one; 3, 4 and 5
    as `patchkit pr` would end.

    \b
    patchkit status
    patchkit status --recipe gitea --format json
    patchkit status fixes/gitea.yml --profile github
    """
    if not wanted.names and not wanted.recipes:
        wanted = replace(wanted, is_all=True)
    now = datetime.now(UTC)
    rows = [_row(fix, wanted, now) for fix in wanted.fixes()]
    click.echo(_shown(rows, style), nl=False)
    return max((row.code for row in rows), default=ExitCode.OK)


def _row(fix: Fix, wanted: Wanted, now: datetime) -> Row:
    try:
        place = wanted.target(fix.repository)
    except PatchkitError as error:
        return Row(fix.id, fix.repository, error=error)
    return row(fix, place, Pages(is_verified=False), now, params=wanted.params)


def _shown(rows: list[Row], style: str) -> str:
    if style == "json":
        return status_json(rows)
    if style == "markdown":
        return status_markdown(rows)
    return status_table(rows, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
