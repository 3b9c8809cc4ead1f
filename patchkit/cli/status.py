"""`patchkit status`: how every fix stands on the mirror of its recipe."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from patchkit.cli.chosen import chosen
from patchkit.cli.options import optional_fixes_argument, parsed_params
from patchkit.cli.pages import Pages
from patchkit.cli.targets import target
from patchkit.errors import ExitCode, PatchkitError
from patchkit.publish.row import Row, row
from patchkit.report.status_json import status_json
from patchkit.report.status_text import status_markdown, status_table

if TYPE_CHECKING:
    from patchkit.spec.fix import Fix


class Asked(NamedTuple):
    """What the command line says of the mirrors."""

    mirror: str | None
    profile: str | None
    fork: str | None
    params: dict[str, str]
    now: datetime


@click.command("status")
@optional_fixes_argument
@click.option("--recipe", "recipes", metavar="R", multiple=True, help="Every fix of a recipe.")
@click.option("--all", "is_all", is_flag=True, help="Every fix that is no alternative: default.")
@click.option("--mirror", metavar="URL", help="The mirror; what the settings say by default.")
@click.option("--profile", metavar="NAME", help="A profile of the settings.")
@click.option("--fork", metavar="OWNER", help="Whose fork of the mirror has the branches.")
@click.option("--param", "params", metavar="NAME=VALUE", multiple=True, help="A parameter's value.")
@click.option(
    "--format",
    "style",
    type=click.Choice(("table", "json", "markdown")),
    default="table",
    show_default=True,
    help="What goes to standard output.",
)
def command(
    fixes: tuple[str, ...],
    recipes: tuple[str, ...],
    is_all: bool,
    mirror: str | None,
    profile: str | None,
    fork: str | None,
    params: tuple[str, ...],
    style: str,
) -> int:
    """Show how fixes stand on the mirrors of their recipes, and write nothing there.

    For each fix: what it is to the recipe now, its pull request and how old that is, who else
    worked on it, what CI says of its head, and what `patchkit pr` would do next. Real programs
    are not asked. One that cannot be read is told, and does not stop the others.

    The highest exit code wins: 1 CI lets one fail, or its level is not the full one; 3, 4 and 5
    as `patchkit pr` would end.

    \b
    patchkit status
    patchkit status --recipe gitea --format json
    patchkit status fixes/gitea.yml --profile github
    """
    every = is_all or not (fixes or recipes)
    found = chosen(fixes, recipes, is_all=every, mirror=mirror)
    asked = Asked(mirror, profile, fork, parsed_params(params), datetime.now(UTC))
    rows = [standing(fix, asked) for fix in found]
    click.echo(_shown(rows, style), nl=False)
    return max((row.code for row in rows), default=ExitCode.OK)


def standing(fix: Fix, asked: Asked) -> Row:
    """Return how a fix stands on the mirror of its recipe; why not, where that cannot be read."""
    try:
        place = target(fix.repository, url=asked.mirror, profile=asked.profile, fork=asked.fork)
    except PatchkitError as error:
        return Row(fix.id, fix.repository, error=error)
    return row(fix, place, Pages(is_verified=False), asked.now, params=asked.params)


def _shown(rows: list[Row], style: str) -> str:
    if style == "json":
        return status_json(rows)
    if style == "markdown":
        return status_markdown(rows)
    return status_table(rows, color=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
