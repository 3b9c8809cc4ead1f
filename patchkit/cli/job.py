"""What `apply`, `diff` and `verify` do with each fix: read, render, and say how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.cli import sources
from patchkit.cli.telling import tell
from patchkit.errors import ExitCode, PatchkitError
from patchkit.fixes import load_fix
from patchkit.fleet.rendered import Rendered
from patchkit.fleet.source import name_of
from patchkit.rendering import check, render
from patchkit.report import summary
from patchkit.report.errors import error_text

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says of the recipe.

    Attributes:
        folder: from `--in`.
        mirror: from `--mirror`.
        params: from `--param`.
    """

    folder: str | None
    mirror: str | None
    params: dict[str, str]


def run_all(
    fixes: tuple[str, ...], asked: Asked, finish: Callable[[Rendered], ExitCode]
) -> tuple[list[Rendered], ExitCode]:
    """Render each fix and finish it; one that fails is reported and does not stop the others."""
    jobs, worst = [], ExitCode.OK
    for name in fixes:
        try:
            job = prepare(name, asked)
            code = max(job.code, finish(job))
            jobs.append(job)
        except PatchkitError as error:
            tell(error_text(error))
            code = error.exit_code
        worst = max(worst, code)
    return jobs, worst


def prepare(name: str, asked: Asked) -> Rendered:
    """Render one fix on its recipe and tell the verdict on standard error."""
    fix = load_fix(name)
    source = sources.one(fix, asked.folder, asked.mirror)
    fix = fix.on(name_of(asked.folder or asked.mirror or ""))
    patch = render(fix, source.tree(), asked.params)
    job = Rendered(fix, source.name, patch, check(fix, patch))
    tell(summary.verdict_text(fix, source.name, patch, job.gate))
    return job
