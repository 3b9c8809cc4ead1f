"""`patchkit report`: one HTML file that shows what fixes change, for those who review it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.cli.grouped import Grouped
from patchkit.cli.options import asked, fixes_or_all_argument, fleet_options, recipe_options
from patchkit.errors import ExitCode, Place, UsageError, WriteRefused

if TYPE_CHECKING:
    from patchkit.cli.fleet_report import Look
    from patchkit.cli.job import Asked
    from patchkit.cli.options import Many

_STDOUT = "-"


@click.command("report", cls=Grouped)
@fixes_or_all_argument
@recipe_options
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="The file to write, whole or not at all; - for standard output.",
)
@click.option("--verify", "is_verified", is_flag=True, help="Let real programs judge each result.")
@click.option("--status", "is_asked", is_flag=True, help="Ask the forge for pull requests and CI.")
@click.option("--profile", metavar="NAME", help="A profile of the settings.")
@fleet_options(is_resumable=False)
def command(
    fixes: tuple[str, ...],
    many: Many,
    folder: str | None,
    mirror: str | None,
    params: tuple[str, ...],
    output: str,
    is_verified: bool,
    is_asked: bool,
    profile: str | None,
) -> int:
    """Write a page that shows what fixes change, and what speaks for it, for review.

    For each fix and recipe: why, the evidence, the verdict, the diff, a picture of the stack before
    and after, lint before and after; with --verify what real programs say of the result, with
    --status its pull request and CI. The file needs no network and no other file. The same input
    gives the same bytes.

    Exit codes are those of `patchkit diff`, `verify` and `status`; the page is written anyway.

    \b
    patchkit report --all
    patchkit report fixes/gitea.yml --in ~/recipes/gitea -o gitea.html
    patchkit report mattermost --verify -o - > review.html
    patchkit report classes/restart-any --recipes ~/recipes
    """
    if many.is_all and (folder is not None or mirror is not None):
        raise UsageError(
            "--in and --mirror name one recipe, and --all fixes of several",
            hint="name the fixes of that recipe",
        )
    if Path(output).is_dir():
        raise UsageError("this is a folder", place=Place(output), hint="name a file: -o FILE")
    # What draws the page only when a page is wanted.
    from patchkit.cli.fleet_report import gathered  # noqa: PLC0415

    where = asked(folder, mirror, params)
    look = _look(mirror, profile, where) if is_asked else None
    found = gathered(fixes, where, many, is_verified=is_verified, look=look, profile=profile)
    if found.code is ExitCode.INTERRUPTED:
        click.echo("no page was written", err=True)
        return found.code
    _write(output, found.page())
    if output != _STDOUT:
        click.echo(f"wrote {output}", err=True)
    return found.code


def _look(mirror: str | None, profile: str | None, wanted: Asked) -> Look:
    """Return what tells how a fix stands on its mirror."""
    # Forges only when they are asked.
    from patchkit.cli.companions import Companions  # noqa: PLC0415
    from patchkit.cli.pages import Pages  # noqa: PLC0415
    from patchkit.cli.status import standing  # noqa: PLC0415
    from patchkit.cli.targets import Targets  # noqa: PLC0415
    from patchkit.cli.wanted import Wanted as Mirrors  # noqa: PLC0415

    targets = Targets(url=mirror, profile=profile)
    mirrors = Mirrors(mirror=mirror, params=wanted.params, targets=targets)
    pages = Pages(Companions(targets), is_verified=False)
    return partial(standing, mirrors, pages, datetime.now(UTC))


def _write(output: str, page: str) -> None:
    """Write a page: the whole of it takes the place of what was there, or nothing does."""
    data = page.encode()
    if output == _STDOUT:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    try:
        _replace(Path(output), data)
    except OSError as error:
        why = error.strerror or str(error)
        raise WriteRefused(
            f"the page cannot be written: {why}", place=Place(output), hint="name another: -o FILE"
        ) from error


def _replace(path: Path, data: bytes) -> None:
    real = path.resolve()  # a link stays one
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
