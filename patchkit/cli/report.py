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

from patchkit.cli.job import prepare
from patchkit.cli.options import asked, optional_fixes_argument, recipe_options
from patchkit.errors import ExitCode, PatchkitError, Place, UsageError, WriteRefused
from patchkit.fixes import Specs, fixes_for
from patchkit.rendering import Verdict
from patchkit.report.errors import error_text
from patchkit.report.html import Entry, Failure, review_page
from patchkit.verify import State, verify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from patchkit.cli.job import Asked
    from patchkit.fleet.rendered import Rendered
    from patchkit.publish.row import Row
    from patchkit.spec.fix import Fix
    from patchkit.verify import Judgement

_STDOUT = "-"


@click.command("report")
@optional_fixes_argument
@click.option("--all", "is_all", is_flag=True, help="Every fix that is no alternative.")
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
@click.option("--profile", metavar="NAME", help="A profile of the settings, for --status.")
def command(
    fixes: tuple[str, ...],
    is_all: bool,
    folder: str | None,
    mirror: str | None,
    params: tuple[str, ...],
    output: str,
    is_verified: bool,
    is_asked: bool,
    profile: str | None,
) -> int:
    """Write a page that shows what fixes change, and what speaks for it, for review.

    For each fix: why, the evidence, the verdict, the diff, a picture of the stack before and after,
    lint before and after; with --verify what real programs say of the result, with --status its
    pull request and CI. The file needs no network and no other file. The same input gives the same
    bytes.

    Exit codes are those of `patchkit diff`, `verify` and `status`; the page is written anyway.

    \b
    patchkit report --all
    patchkit report fixes/gitea.yml --in ~/recipes/gitea -o gitea.html
    patchkit report mattermost --verify -o - > review.html
    """
    names, broken = _named(fixes, is_all=is_all, is_one=folder is not None or mirror is not None)
    wanted = asked(folder, mirror, params)
    look = _look(mirror, profile, wanted) if is_asked else None
    entries, failures, code = _gathered(_rendered(names, broken, wanted), is_verified, look)
    _write(output, review_page(entries, failures))
    if output != _STDOUT:
        click.echo(f"{output}: {len(names)} fix{'es' * (len(names) != 1)}", err=True)
    return code


def _named(
    fixes: tuple[str, ...], *, is_all: bool, is_one: bool
) -> tuple[list[str], list[Failure]]:
    """Return the fixes to show, each once, and those of all that cannot be read."""
    specs = fixes_for(()) if is_all else Specs([], [])
    names = list(dict.fromkeys((*fixes, *(fix.path for fix in specs.fixes))))
    if not names and not specs.broken:
        raise UsageError("no fix is named", hint="name a fix, or --all")
    if is_all and is_one:
        raise UsageError(
            "--in and --mirror name one recipe, and --all fixes of several",
            hint="name the fixes of that recipe",
        )
    return names, [Failure(*one) for one in specs.broken]


def _rendered(
    names: Iterable[str], broken: Iterable[Failure], wanted: Asked
) -> Iterator[Rendered | Failure]:
    """Yield each fix on its recipe; one that fails is told and does not stop the others."""
    for failure in broken:
        click.echo(error_text(failure.error), err=True)
        yield failure
    for name in names:
        try:
            yield prepare(name, wanted)
        except PatchkitError as error:
            click.echo(error_text(error), err=True)
            yield Failure(name, error)


def _gathered(
    results: Iterable[Rendered | Failure], is_verified: bool, look: Callable[[Fix], Row] | None
) -> tuple[list[Entry], list[Failure], ExitCode]:
    """Return what the page shows of results, and the highest exit code."""
    entries: list[Entry] = []
    failures: list[Failure] = []
    worst = ExitCode.OK
    for result in results:
        if isinstance(result, Failure):
            failures.append(result)
            worst = max(worst, result.error.exit_code)
            continue
        judgements = _judgements(result) if is_verified else None
        row = look(result.fix) if look else None
        entries.append(Entry(result, judgements, row))
        worst = max(worst, result.code, _code(judgements or (), row))
    return entries, failures, worst


def _judgements(job: Rendered) -> tuple[Judgement, ...]:
    if job.patch.verdict is Verdict.DRIFTED:
        return ()
    return tuple(verify(job.fix, job.patch))


def _code(judgements: Iterable[Judgement], row: Row | None) -> ExitCode:
    failed = any(judgement.state is State.FAILED for judgement in judgements)
    return max(ExitCode.CHANGE if failed else ExitCode.OK, row.code if row else ExitCode.OK)


def _look(mirror: str | None, profile: str | None, wanted: Asked) -> Callable[[Fix], Row]:
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
    path = Path(output)
    try:
        if path.is_dir():
            raise UsageError("this is a folder", place=Place(output), hint="name a file: -o FILE")
        _replace(path, data)
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
