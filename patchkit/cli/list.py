"""`patchkit list`: the fixes there are."""

from __future__ import annotations

import json
from pathlib import Path

import click

from patchkit.errors import ExitCode, PatchkitError
from patchkit.fixes import load_fix, shipped_fixes, specs_in
from patchkit.report.errors import error_text


@click.command("list")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--format", "style", type=click.Choice(("table", "json")), default="table")
def command(folder: Path | None, style: str) -> int:
    """List the fixes of FOLDER: by default ./fixes, else those that patchkit ships.

    \b
    patchkit list
    patchkit list ~/my-fixes --format json
    """
    rows, code = [], ExitCode.OK
    for path in _specs(folder):
        try:
            fix = load_fix(path)
        except PatchkitError as error:
            click.echo(error_text(error), err=True)
            code = error.exit_code
            continue
        rows.append(
            {
                "id": fix.id,
                "recipe": fix.recipe,
                "title": fix.title,
                "alternative": fix.spec.alternative,
                "path": str(path),
            }
        )
    click.echo(json.dumps(rows, indent=2) if style == "json" else _table(rows))
    return code


def _specs(folder: Path | None) -> list[Path]:
    here = Path("fixes") if folder is None else folder
    found = specs_in(here) if here.is_dir() else []
    return found if found or folder is not None else shipped_fixes()


def _table(rows: list[dict[str, str | None]]) -> str:
    ids = max((len(str(row["id"])) for row in rows), default=0)
    recipes = max((len(str(row["recipe"])) for row in rows), default=0)
    lines = []
    for row in rows:
        only = f" (instead of {row['alternative']})" if row["alternative"] else ""
        lines.append(f"{row['id']:<{ids}}  {row['recipe']:<{recipes}}  {row['title']}{only}")
    return "\n".join(lines)
