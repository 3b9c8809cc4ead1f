"""`patchkit diff`: what fixes change, written nowhere."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from patchkit.cli.grouped import Grouped
from patchkit.cli.job import run_all
from patchkit.cli.options import (
    asked,
    fixes_or_all_argument,
    fleet_options,
    recipe_options,
    render_options,
)
from patchkit.errors import ExitCode
from patchkit.report.output import show

if TYPE_CHECKING:
    from patchkit.cli.options import Many
    from patchkit.fleet.rendered import Rendered


@click.command("diff", cls=Grouped)
@fixes_or_all_argument
@recipe_options
@render_options
@fleet_options()
def command(
    fixes: tuple[str, ...],
    many: Many,
    folder: str | None,
    mirror: str | None,
    params: tuple[str, ...],
    style: str,
    check: bool,
    color: bool | None,
) -> int:
    """Show what fixes change, and write nothing.

    The diff goes to standard output, ready for `git apply`; everything else to standard error.
    Over many recipes each has its folder's name before its paths.

    \b
    patchkit diff fixes/mattermost.yml
    patchkit diff fixes/gitea.yml --in ~/recipes/gitea --format stat
    patchkit diff --all --recipes ~/recipes
    """
    if many:
        from patchkit.cli import fleet_render  # noqa: PLC0415  one recipe needs none of it

        view = partial(
            fleet_render.seen,
            style=style,
            check=check,
            color=fleet_render.is_colored(style, color=color),
        )
        where = asked(folder, mirror, params)
        return fleet_render.render_many(fixes, where, many, command="diff", view=view, style=style)

    def finish(job: Rendered) -> ExitCode:
        return ExitCode.CHANGE if check and job.patch.diff() else ExitCode.OK

    jobs, code = run_all(fixes, asked(folder, mirror, params), finish)
    show(jobs, style, color=color)
    return code
