"""What `apply` and `diff` do with each fix: read, render, show, and say how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.data import data_dir
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.fixes import load_fix
from patchkit.rendering import Verdict, render
from patchkit.report import summary
from patchkit.report.errors import error_text
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Job:
    """One fix on one recipe.

    Attributes:
        fix: the spec.
        source: the recipe's origin, for messages.
        patch: what rendering gave.
    """

    fix: Fix
    source: str
    patch: Patch

    @property
    def code(self) -> ExitCode:
        """The exit code of the result, before anything is written."""
        if self.patch.verdict is Verdict.DRIFTED:
            return ExitCode.REFUSED
        return ExitCode.REGRESSION if self.patch.findings else ExitCode.OK


def run_all(
    fixes: tuple[str, ...],
    folder: str | None,
    params: dict[str, str],
    finish: Callable[[Job], ExitCode],
) -> tuple[list[Job], ExitCode]:
    """Render each fix and finish it; one that fails is reported and does not stop the others."""
    jobs, worst = [], ExitCode.OK
    for name in fixes:
        try:
            job = prepare(name, folder, params)
            code = max(job.code, finish(job))
            jobs.append(job)
        except PatchkitError as error:
            click.echo(error_text(error), err=True)
            code = error.exit_code
        worst = max(worst, code)
    return jobs, worst


def prepare(name: str, folder: str | None, params: dict[str, str]) -> Job:
    """Render one fix on its recipe and tell the verdict on standard error."""
    fix = load_fix(name)
    path = recipe_folder(fix, folder)
    source = folder or f"the bundled sample {path.name}"
    job = Job(fix, source, render(fix, RecipeTree.from_dir(path), params))
    click.echo(summary.verdict_text(fix, source, job.patch), err=True)
    return job


def recipe_folder(fix: Fix, folder: str | None) -> Path:
    """Return where the recipe lies: the folder given, else the bundled sample."""
    if folder is not None:
        return Path(folder)
    sample = data_dir("recipes") / fix.repository
    if sample.is_dir():
        return sample
    raise UsageError(
        f"patchkit has no sample of the {fix.kind} {fix.repository}",
        hint=f"say where it is: --in path/to/{fix.repository}",
    )
