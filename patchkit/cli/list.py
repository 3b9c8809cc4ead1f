"""`patchkit list`: the fixes there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from patchkit.cli.telling import echo, say, tell
from patchkit.data import data_dir
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.fixes import classes_in, load_fix, partners, specs_in, unknown_partners
from patchkit.report.errors import error_text, problem_text

if TYPE_CHECKING:
    from patchkit.spec.fix import Fix


@click.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "style",
    type=click.Choice(("table", "json")),
    default="table",
    show_default=True,
    help="What goes to standard output.",
)
def command(folder: Path | None, style: str) -> int:
    """List the fixes of FOLDER: by default ./fixes, else those that patchkit ships.

    Fixes that belong together (`with:`) stand together. Classes, which are for every recipe of a
    kind and lie in FOLDER/classes, come last.

    \b
    patchkit list
    patchkit list ~/my-fixes --format json
    """
    fixes, code = [], ExitCode.OK
    paths = _specs(folder)
    for path in paths:
        try:
            fixes.append(load_fix(path))
        except PatchkitError as error:
            tell(error_text(error))
            code = error.exit_code
    for problem in unknown_partners(fixes, {path.stem for path in paths}):
        tell(problem_text(problem))
        code = ExitCode.USAGE
    rows = [_row(fix, others) for fix, others in partners(fixes)]
    if style == "json":
        echo(json.dumps(rows, indent=2))
    elif rows:
        say(_table(rows))
    return code


def _specs(folder: Path | None) -> list[Path]:
    here = Path("fixes") if folder is None else folder
    found = _in(here)
    if not found and folder is not None:
        said = "there are no fixes in" if folder.is_dir() else "there is no folder"
        raise UsageError(f"{said} {folder}", hint="name the folder that holds the specs")
    return found or _in(data_dir("fixes"))


def _in(folder: Path) -> list[Path]:
    return [*specs_in(folder), *classes_in(folder)]


def _row(fix: Fix, others: list[str]) -> dict[str, Any]:
    return {
        "id": fix.name,
        "recipe": fix.spec.recipe,
        "repository": fix.repository,
        "title": fix.title,
        "alternative": fix.spec.alternative,
        "with": others,
        "extends": fix.spec.extends,
        "cures": fix.spec.cures,
        "path": fix.path,
    }


def _table(rows: list[dict[str, Any]]) -> str:
    ids = max((len(row["id"]) for row in rows), default=0)
    targets = max((len(_target(row)) for row in rows), default=0)
    lines = []
    for row in rows:
        notes = [f"instead of {row['alternative']}"] if row["alternative"] else []
        notes += [f"with {', '.join(row['with'])}"] if row["with"] else []
        last = f" ({'; '.join(notes)})" if notes else ""
        lines.append(f"{row['id']:<{ids}}  {_target(row):<{targets}}  {row['title']}{last}")
    return "\n".join(lines)


def _target(row: dict[str, Any]) -> str:
    return row["repository"] or "any recipe"
