"""`patchkit verify`: real programs judge what a fix makes of a recipe."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from patchkit.cli.grouped import Grouped
from patchkit.cli.job import run_all
from patchkit.cli.options import asked, fixes_or_all_argument, fleet_options, recipe_options
from patchkit.cli.telling import say
from patchkit.errors import ExitCode
from patchkit.rendering import Verdict
from patchkit.report.terminal import working
from patchkit.report.verify_json import verify_json
from patchkit.report.verify_text import judgement_text
from patchkit.verify import JUDGES, Judgement, State, chosen, verify
from patchkit.verify.run import LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.cli.options import Many
    from patchkit.fleet.rendered import Rendered

_NAMES = click.Choice(JUDGES)


@click.command("verify", cls=Grouped)
@fixes_or_all_argument
@recipe_options
@click.option(
    "--judge",
    "asking",
    metavar="JUDGE",
    multiple=True,
    type=_NAMES,
    help="Ask this judge, and no other.",
)
@click.option(
    "--only",
    metavar="JUDGE|GLOB",
    multiple=True,
    help="Short for --judge where it names one, else for --only-recipe.",
)
@click.option(
    "--require",
    metavar="JUDGE",
    multiple=True,
    type=click.Choice(("all", *JUDGES)),
    help="Fail when this judge, or any with `all`, is not available.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=LIMIT,
    show_default=True,
    help="How long each judge may take.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(("text", "json")),
    default="text",
    show_default=True,
    help="What goes to standard output.",
)
@fleet_options(only="")
def command(
    fixes: tuple[str, ...],
    many: Many,
    folder: str | None,
    mirror: str | None,
    params: tuple[str, ...],
    asking: tuple[str, ...],
    only: tuple[str, ...],
    require: tuple[str, ...],
    seconds: float,
    style: str,
) -> int:
    """Judge what fixes make of their recipes by real programs; write nothing.

    A fix is rendered, and the result laid into a scratch folder, where each judge that the fix
    lists under `verify:` tries it. A judge whose program is missing says so, and how to get it.
    Exit code 1 when a judge fails, or is required and not available.

    \b
    patchkit verify fixes/mattermost.yml
    patchkit verify gitea --in ~/recipes/gitea --judge shellcheck
    patchkit verify bluesky-pds --require all
    patchkit verify --all --recipes ~/recipes --only 'matter*' --resume
    """
    asking += tuple(name for name in only if name in JUDGES)
    globs = tuple(name for name in only if name not in JUDGES)
    many = replace(many, only_recipe=(*many.only_recipe, *globs))
    if many:
        from patchkit.cli import fleet_render, fleet_verify  # noqa: PLC0415  one needs neither

        view = partial(
            fleet_verify.judged, only=asking, require=require, seconds=seconds, style=style
        )
        where = asked(folder, mirror, params)
        salt = ("verify", *asking, *require)
        return fleet_render.render_many(
            fixes, where, many, command="verify", view=view, style=style, salt=salt
        )
    told: list[tuple[Rendered, list[Judgement]]] = []

    def finish(job: Rendered) -> ExitCode:
        judgements: list[Judgement] = []
        told.append((job, judgements))
        if job.patch.verdict in {Verdict.DRIFTED, Verdict.OTHER}:
            return ExitCode.OK
        if style == "text":
            say(f"{job.fix.id} on {job.source}")
        for name in judges(job, asking, require):
            with working(f"{job.fix.id}: {name} judges"):
                judgements += verify(job.fix, job.patch, [name], seconds=seconds)
            if style == "text":
                say(judgement_text(judgements[-1]).removesuffix("\n"))
        return ExitCode.CHANGE if is_failure(judgements, require) else ExitCode.OK

    _, code = run_all(fixes, asked(folder, mirror, params), finish)
    if style == "json":
        click.echo(verify_json(told), nl=False)
    return code


def judges(job: Rendered, only: Sequence[str], require: Sequence[str]) -> list[str]:
    """Return the judges to ask, each once, in their own order."""
    wanted = {*(only or chosen(job.fix)), *require}
    return [name for name in JUDGES if name in wanted]


def is_failure(judgements: Sequence[Judgement], require: Sequence[str]) -> bool:
    """Whether a judge fails, or one that is required is not available."""
    needed = JUDGES if "all" in require else require
    return any(
        judgement.state is State.FAILED
        or (judgement.state is State.NOT_AVAILABLE and judgement.judge in needed)
        for judgement in judgements
    )
