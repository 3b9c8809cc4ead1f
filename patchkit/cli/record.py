"""`patchkit record`: hand edits of a checkout become a fix spec."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.errors import ExitCode, UsageError, WriteRefused

if TYPE_CHECKING:
    from patchkit.git.working import Edited
    from patchkit.record import Head, Recording


@click.command("record")
@click.option(
    "--in",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    required=True,
    help="The checkout that was edited by hand.",
)
@click.option(
    "--since",
    metavar="REV",
    default="HEAD",
    show_default=True,
    help="The revision that the edits are compared with.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, allow_dash=True),
    help="The fix spec to write; without it, or with -, standard output.",
)
@click.option("--recipe", help="The recipe that it fixes; by default what it calls itself.")
@click.option("--repository", help="Instead, the repository that it fixes and that is no recipe.")
@click.option(
    "--by-meaning",
    is_flag=True,
    help="Take ops that mean the edits, though they put lines elsewhere.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if anything was changed.")
@click.option("--force", is_flag=True, help="Overwrite the file if it is there.")
def command(
    folder: Path,
    since: str,
    output: Path | None,
    recipe: str | None,
    repository: str | None,
    by_meaning: bool,
    check: bool,
    force: bool,
) -> int:
    """Write the fix spec that makes the edits in a checkout.

    What was changed since REV, new files that git does not ignore included, is explained by the
    ops that say most, and the spec is proved: on REV it gives the folder byte for byte. The exit
    code is 4 where a closing rule does more than the edits did, which is shown, where a place may
    name a service or not, or where lint got worse. What no op can do, such as a new binary file,
    or what a closing rule cannot follow, is refused (3).

    A label in the middle of a list is text, since the op for labels puts new ones at its end. With
    --by-meaning the op is taken, and the lines that stand elsewhere are shown.

    \b
    patchkit record --in ~/recipes/gitea -o fixes/gitea-lfs.yml
    patchkit record --in ~/recipes/gitea --since HEAD~1
    patchkit record --in ~/recipes/gitea --by-meaning
    """
    from patchkit.git.working import edited  # noqa: PLC0415  help pages need none of it
    from patchkit.record import record  # noqa: PLC0415
    from patchkit.rendering import check as gate_of  # noqa: PLC0415
    from patchkit.report.recorded import recorded_text  # noqa: PLC0415

    if recipe and repository:
        raise UsageError("a fix is for one of both", hint="keep --recipe or --repository")
    target = None if output is None or str(output) == "-" else output
    if target and target.exists() and not (force or check):
        raise UsageError(f"{target} is there already", hint="choose another name, or say --force")
    found = _without(edited(folder, since), folder, target)
    head = _head(found, target, since, recipe, repository)
    recording = record(found.old, found.new, head, by_meaning=by_meaning)
    for path in found.ignored:
        click.echo(f"left out {path}, which git ignores", err=True)
    if recording is None:
        click.echo(f"nothing changed in {folder} since {since}", err=True)
        return ExitCode.OK
    if not check:
        _write(recording, target)
    gate = gate_of(recording.fix, recording.patch)
    place = None if check or not target else str(target)
    higher = None if by_meaning else _higher(recording, head)
    click.echo(recorded_text(recording, gate, place, higher), err=True)
    if not recording.fits or recording.patch.findings or not gate.passed:
        return ExitCode.REGRESSION
    return ExitCode.CHANGE if check else ExitCode.OK


def _higher(recording: Recording, head: Head) -> Recording | None:
    """Return the recording by meaning, where that says more in ops of a higher level."""
    from patchkit.errors import EditRefused  # noqa: PLC0415
    from patchkit.record import record  # noqa: PLC0415

    if not any(recording.low) or head.kind != "recipe":
        return None
    try:
        found = record(recording.patch.base, recording.goal, head, by_meaning=True)
    except EditRefused:
        return None
    is_shorter = found is not None and len(found.ops) <= len(recording.ops)
    return found if found and is_shorter and found.low < recording.low else None


def _without(found: Edited, folder: Path, target: Path | None) -> Edited:
    """Return what was edited without the spec itself, where it lies in the recipe."""
    from dataclasses import replace  # noqa: PLC0415

    new = found.new
    for file in (target, target.parent / "schema.json") if target else ():
        root, path = folder.resolve(), file.resolve()
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else ""
        if name in new and name not in found.old:
            new = new.without(name)
    return replace(found, new=new)


def _head(
    found: Edited, target: Path | None, since: str, recipe: str | None, repository: str | None
) -> Head:
    from patchkit.record import Head  # noqa: PLC0415
    from patchkit.record.naming import fix_id, recipe_name  # noqa: PLC0415

    is_recipe = recipe or (not repository and "compose.yml" in found.new)
    name = recipe or repository or recipe_name(found.old)
    return Head(
        id=fix_id(target.stem if target else f"{name}-change"),
        name=name,
        kind="recipe" if is_recipe else "repository",
        source=f"Recorded from what was changed in {name} since {_plain(since)}.",
        schema=target is not None and (target.parent / "schema.json").exists(),
    )


def _plain(text: str) -> str:
    return re.sub(r"[^\x21-\x7e]+", "?", text)


def _write(recording: Recording, target: Path | None) -> None:
    if target is None:
        click.echo(recording.text, nl=False)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(recording.text, encoding="utf-8")
    except OSError as error:
        raise WriteRefused(f"cannot write {target}: {error.strerror}") from None
