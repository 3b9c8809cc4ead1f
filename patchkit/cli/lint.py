"""`patchkit lint`: what is wrong with recipes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.cli import sources
from patchkit.cli.grouped import Grouped
from patchkit.cli.options import bundled, fleet_options
from patchkit.cli.telling import echo, say, tell
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.git.tags import tags
from patchkit.lint import cures, lint
from patchkit.report.errors import error_text
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from patchkit.cli.options import Many
    from patchkit.cli.sources import Source
    from patchkit.lint import Report

_FORMATS = ("text", "json", "sarif")


@click.command("lint", cls=Grouped)
@bundled
@click.option(
    "--in",
    "folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A recipe's folder; may be given more than once.",
)
@click.option(
    "--recipe", "recipes", metavar="R", multiple=True, help="The bundled sample of a recipe."
)
@click.option(
    "--mirror",
    "mirrors",
    metavar="URL",
    multiple=True,
    help="A git repository; its default branch is fetched and read.",
)
@click.option("--base", metavar="REV", help="A git revision: judge what changed since as well.")
@click.option(
    "--format",
    "style",
    type=click.Choice(_FORMATS),
    default="text",
    show_default=True,
    help="What goes to standard output.",
)
@fleet_options()
def command(
    many: Many,
    folders: tuple[Path, ...],
    recipes: tuple[str, ...],
    mirrors: tuple[str, ...],
    base: str | None,
    style: str,
) -> int:
    """Judge recipes by abra's lint rules and patchkit's own.

    All compose*.yml count, whatever COMPOSE_FILE says. `patchkit explain RULE` prints a rule's
    page. Exit code 4 when an error rule fails; warnings alone are 0.

    \b
    patchkit lint --in ~/recipes/gitea
    patchkit lint --recipe gitea --format json
    patchkit lint --mirror https://git.example.com/recipes/gitea.git
    patchkit lint --recipes ~/recipes --format sarif
    """
    if many:
        from patchkit.cli.fleet_lint import lint_many  # noqa: PLC0415  one recipe needs it not

        return lint_many(folders, recipes, mirrors, many, base=base, style=style)
    wanted: list[Callable[[], Source]] = [partial(sources.folder, path) for path in folders]
    wanted += [partial(sources.sample, name) for name in recipes]
    wanted += [partial(sources.mirror, url) for url in mirrors]
    if not wanted:
        raise UsageError("no recipe is named", hint="say where it is: --in path/to/recipe")
    reports, code = _reports(wanted, base)
    if reports or style != "text":
        show = say if style == "text" else echo
        show(_shown(reports, style).removesuffix("\n"))
    return code


def _reports(
    wanted: Iterable[Callable[[], Source]], base: str | None
) -> tuple[dict[str, Report], ExitCode]:
    """Judge each recipe; one that cannot be reached is told and does not stop the others."""
    reports, worst = {}, ExitCode.OK
    for find in wanted:
        try:
            source = find()
            reports[source.name] = report = _report(source, base)
            code = ExitCode.OK if report.passed else ExitCode.REGRESSION
        except PatchkitError as error:
            tell(error_text(error))
            code = error.exit_code
        worst = max(worst, code)
    return reports, worst


def _report(source: Source, base: str | None) -> Report:
    before = RecipeTree.from_commit(source.folder, base) if base else None
    return lint(source.tree(), base=before, tags=tags(source.folder))


def _shown(reports: Mapping[str, Report], style: str) -> str:
    known = cures()
    if style == "json":
        from patchkit.report.lint_json import lint_json  # noqa: PLC0415  one format a call

        return lint_json(reports, known)
    if style == "sarif":
        from patchkit.report.sarif import lint_sarif  # noqa: PLC0415  as above

        return lint_sarif(reports, known)
    from patchkit.report.lint_text import lint_text  # noqa: PLC0415  as above

    return "\n".join(lint_text(*pair, known) for pair in reports.items())
