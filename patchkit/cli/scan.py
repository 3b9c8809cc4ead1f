"""`patchkit scan`: which recipes have which defect."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.cli.fleet import Sheet, conduct, sources
from patchkit.cli.options import bundled, fleet_options
from patchkit.errors import ExitCode, UsageError
from patchkit.fixes import load_classes, load_fix
from patchkit.fleet.fix_text import FixText
from patchkit.fleet.scan_job import ScanJob
from patchkit.fleet.source import Source, is_bare
from patchkit.rendering import Verdict
from patchkit.report.frame import LIST, Frame, json_piece
from patchkit.report.scan_json import row_json
from patchkit.report.scan_text import (
    markdown_head,
    markdown_row,
    table_foot,
    table_head,
    table_row,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.cli.options import Many
    from patchkit.fleet.outcome import Outcome
    from patchkit.fleet.scan import Row
    from patchkit.spec.fix import Fix

_STYLES = ("table", "json", "markdown")


@click.command("scan")
@bundled
@click.argument("folder", metavar="[DIR]", required=False)
@click.option("--mirror-org", metavar="URL", help="An organisation on a forge: its repositories.")
@click.option(
    "--class",
    "classes",
    metavar="CLASS",
    multiple=True,
    help="Ask this class, and no other; by default all.",
)
@click.option("--why", is_flag=True, help="Tell the reasons.")
@click.option("--check", is_flag=True, help="Exit with 1 if a class applies anywhere.")
@click.option(
    "--format",
    "style",
    type=click.Choice(_STYLES),
    default="table",
    show_default=True,
    help="What goes to standard output.",
)
@fleet_options()
def command(
    many: Many,
    folder: str | None,
    mirror_org: str | None,
    classes: tuple[str, ...],
    why: bool,
    check: bool,
    style: str,
) -> int:
    """Show which class of fixes has something to say of which recipe, and write nothing.

    DIR holds recipes' folders, or is one. For each recipe and class: it applies, the recipe is
    fixed already, is not of the class's kind, has drifted, or is broken. What lint says and a
    class cures is told through that class alone; LINT counts the rest.

    Exit code 0 whatever is found, unless --check is given; 2, 3 or 5 where a recipe cannot be
    read.

    \b
    patchkit scan ~/recipes
    patchkit scan ~/recipes/gitea --why
    patchkit scan --mirror-org https://git.example.com/recipes --format json
    patchkit scan --list recipes.txt --class classes/pg-backup
    """
    asked = _classes(classes)
    found = _sources(many, folder, mirror_org)
    names = [fix.name for fix in asked]
    width = max(len(source.recipe) for source in found)
    view = partial(shown, style=style, why=why, width=width)
    texts = tuple(map(FixText.of, asked))
    counts: Counter[tuple[str, str]] = Counter()

    def counted(outcome: Outcome) -> Outcome:
        counts.update(outcome.counts)
        applies = any(verdict == Verdict.APPLIES for _, verdict in outcome.counts)
        return _changed(outcome) if check and applies else outcome

    works = [ScanJob(source, texts, view) for source in found]
    sheet = _sheet(style, names, width)
    if style == "table" and len(works) > 1:
        sheet = replace(sheet, foot=lambda: table_foot(counts, names, width))
    return conduct(works, many, command="scan", sheet=sheet, settle=counted)


def shown(row: Row, *, style: str, why: bool, width: int) -> str:
    """Return a row as a piece of the whole document."""
    if style == "json":
        return json_piece(row_json(row))
    return markdown_row(row, why=why) if style == "markdown" else table_row(row, width, why=why)


def _changed(outcome: Outcome) -> Outcome:
    return replace(outcome, code=max(outcome.code, ExitCode.CHANGE))


def _sheet(style: str, names: Sequence[str], width: int) -> Sheet:
    if style == "json":
        return Sheet(LIST)
    head = markdown_head(names) if style == "markdown" else table_head(names, width)
    return Sheet(Frame(head))


def _classes(names: Sequence[str]) -> list[Fix]:
    found = [load_fix(name) for name in names] or load_classes()
    for fix in found:
        if not fix.is_class:
            raise UsageError(
                f"{fix.name} is for {fix.repository} alone",
                hint="name a class: `patchkit list` shows them",
            )
    return found


def _sources(many: Many, folder: str | None, mirror_org: str | None) -> list[Source]:
    is_one = folder is not None and (
        (Path(folder) / "compose.yml").is_file() or is_bare(Path(folder))
    )
    if folder is not None and not is_one:
        if many.root:
            raise UsageError("DIR and --recipes name two folders", hint="leave one of them out")
        many = replace(many, root=folder)
    named = [Source.folder(folder)] if folder is not None and is_one else []
    if mirror_org is not None:
        from patchkit.cli.organisation import mirrors_of  # noqa: PLC0415  few calls need a forge

        named += mirrors_of(mirror_org)
    found = sources(many, named)
    if not found:
        raise UsageError(
            "no recipe is named", hint="say where they are: DIR, --list FILE or --mirror-org URL"
        )
    return found
