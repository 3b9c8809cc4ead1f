"""`patchkit diff`: what fixes change, written nowhere."""

from __future__ import annotations

import click

from patchkit.cli.job import Job, run_all
from patchkit.cli.options import asked, fixes_argument, recipe_options, render_options
from patchkit.errors import ExitCode
from patchkit.report.output import show


@click.command("diff")
@fixes_argument
@recipe_options
@render_options
def command(
    fixes: tuple[str, ...],
    folder: str | None,
    mirror: str | None,
    params: tuple[str, ...],
    style: str,
    check: bool,
    color: bool | None,
) -> int:
    """Show what fixes change, and write nothing.

    The diff goes to standard output, ready for `git apply`; everything else to standard error.

    \b
    patchkit diff fixes/mattermost.yml
    patchkit diff fixes/gitea.yml --in ~/recipes/gitea --format stat
    """

    def finish(job: Job) -> ExitCode:
        return ExitCode.CHANGE if check and job.patch.diff() else ExitCode.OK

    jobs, code = run_all(fixes, asked(folder, mirror, params), finish)
    show(jobs, style, color=color)
    return code
