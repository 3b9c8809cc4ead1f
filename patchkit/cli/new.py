"""`patchkit new`: a skeleton of a fix spec."""

from __future__ import annotations

from pathlib import Path

import click

from patchkit.cli.schema import schema_text
from patchkit.cli.sources import has_sample
from patchkit.cli.telling import tell
from patchkit.errors import UsageError, WriteRefused
from patchkit.fixes import CLASSES, loads_fix
from patchkit.spec.skeleton import class_skeleton, extending_skeleton, skeleton

_CLASS = f"{CLASSES}/"


@click.command("new")
@click.argument("fix_id", metavar="FIX")
@click.option("--recipe", help="The recipe that it fixes; by default the same name.")
@click.option("--repository", help="Instead, the repository that it fixes and that is no recipe.")
@click.option(
    "--extends", metavar="CLASS", help="The class that it is made of, such as classes/pg-backup."
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file; else fixes/FIX.yml."
)
def command(
    fix_id: str,
    recipe: str | None,
    repository: str | None,
    extends: str | None,
    output: Path | None,
) -> None:
    """Write a commented, valid skeleton of a fix spec, or of a class: classes/NAME.

    \b
    patchkit new gitea-actions --recipe gitea
    patchkit new slow-start --repository cc-ci
    patchkit new outline --extends classes/pg-backup
    patchkit new classes/slow-start
    """
    if recipe and repository:
        raise UsageError("a fix is for one of both", hint="keep --recipe or --repository")
    target = output or Path("fixes") / f"{fix_id}.yml"
    text = _text(fix_id, recipe, repository, extends)
    fix = loads_fix(text, str(target), folder=target.parent)
    if target.exists():
        raise UsageError(f"{target} is there already", hint="choose another name, or --output")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise WriteRefused(f"cannot write {target}: {error.strerror}") from None
    home = target.parent.parent if fix_id.startswith(_CLASS) else target.parent
    _write_schema(home / "schema.json")
    where = "" if has_sample(fix) else f" --in path/to/{fix.repository or 'recipe'}"
    tell(f"wrote {target}; see it at work: patchkit diff {target}{where}")


def _text(fix_id: str, recipe: str | None, repository: str | None, extends: str | None) -> str:
    if fix_id.startswith(_CLASS):
        if recipe or repository or extends:
            raise UsageError("a class is for every recipe", hint="leave the options out")
        return class_skeleton(fix_id.removeprefix(_CLASS))
    if extends:
        if repository:
            raise UsageError("a class is for recipes", hint="leave --repository out")
        return extending_skeleton(fix_id, extends, recipe)
    return skeleton(fix_id, recipe, repository)


def _write_schema(path: Path) -> None:
    """Put the schema beside the spec, whose first line tells editors to read it."""
    if not path.exists():
        path.write_text(schema_text(), encoding="utf-8")
        tell(f"wrote {path}, which editors complete the spec with")
