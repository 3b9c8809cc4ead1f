"""`patchkit apply`: render, check, show the diff, and write it."""

from __future__ import annotations

from pathlib import Path
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
from patchkit.errors import ExitCode, WriteRefused
from patchkit.git.worktree import unclean
from patchkit.report.output import show
from patchkit.tree import RecipeTree, make_own, recover, refusing

if TYPE_CHECKING:
    from patchkit.cli.options import Many
    from patchkit.fleet.rendered import Rendered

WORKSPACE = Path(".patchkit") / "work"


@click.command("apply", cls=Grouped)
@fixes_or_all_argument
@recipe_options
@render_options
@click.option(
    "--force", is_flag=True, help="Write into --in DIR although it has uncommitted changes."
)
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
    force: bool,
) -> int:
    """Render fixes, show the diff and write it.

    With --in DIR the recipe in that folder is changed, all or nothing; it is refused when files
    that the fix touches have uncommitted changes. Otherwise the result goes to
    .patchkit/work/<recipe or repository>, made afresh each time. With --recipes DIR each folder
    below it is changed as with --in, and one that is refused does not stop the others.

    \b
    patchkit apply fixes/mattermost.yml
    patchkit apply fixes/gitea.yml --in ~/recipes/gitea
    patchkit apply --all --recipes ~/recipes --skip 'test-*'
    """
    if many:
        from patchkit.cli import fleet_apply  # noqa: PLC0415  one recipe needs none of it

        where = asked(folder, mirror, params)
        return fleet_apply.apply_many(
            fixes, where, many, style=style, check=check, color=color, force=force
        )

    def finish(job: Rendered) -> ExitCode:
        changed = job.patch.tree.changed_paths(job.patch.base)
        if job.code is not ExitCode.OK or (check and not changed):
            return ExitCode.OK
        if check:
            return ExitCode.CHANGE
        if folder is None:
            _write_workspace(job)
        elif changed:
            _write_folder(job, Path(folder), changed, force=force)
        return ExitCode.OK

    if folder is not None and (told := recover(folder)):
        click.echo(told, err=True)
    jobs, code = run_all(fixes, asked(folder, mirror, params), finish)
    show(jobs, style, color=color)
    return code


def _write_folder(job: Rendered, folder: Path, changed: tuple[str, ...], *, force: bool) -> None:
    dirty = [] if force else unclean(folder, changed)
    if dirty:
        raise WriteRefused(
            f"{folder} has uncommitted changes that the fix would meet: {', '.join(dirty)}",
            hint="commit or stash them first, or write all the same with --force",
        )
    job.patch.tree.write(folder, base=job.patch.base)
    click.echo(f"wrote {len(changed)} file{'s' * (len(changed) != 1)} into {folder}", err=True)


def _write_workspace(job: Rendered) -> None:
    target = WORKSPACE / job.fix.repository
    write_workspace(job.patch.tree, target)
    click.echo(f"wrote the {job.fix.kind} to {target}", err=True)


def write_workspace(tree: RecipeTree, target: Path) -> None:
    """Write a recipe into its folder below the workspace; errors as of `RecipeTree.write`."""
    with refusing(WORKSPACE.parent):
        make_own(WORKSPACE.parent)
    tree.write(target)
