"""What `apply`, `diff` and `verify` do with each fix: read, render, and say how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.cli import sources
from patchkit.cli.telling import tell
from patchkit.errors import ExitCode, PatchkitError
from patchkit.fixes import load_fix
from patchkit.rendering import Verdict, check, render
from patchkit.report import summary
from patchkit.report.errors import error_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Job:
    """One fix on one recipe.

    Attributes:
        fix: the spec.
        source: the recipe's origin, for messages.
        patch: what rendering gave.
        gate: what it does to lint.
    """

    fix: Fix
    source: str
    patch: Patch
    gate: Gate

    @property
    def code(self) -> ExitCode:
        """The exit code of the result, before anything is written."""
        if self.patch.verdict is Verdict.DRIFTED:
            return ExitCode.REFUSED
        is_open = self.patch.findings or not self.gate.passed
        return ExitCode.REGRESSION if is_open else ExitCode.OK


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
    fixes: tuple[str, ...], asked: Asked, finish: Callable[[Job], ExitCode]
) -> tuple[list[Job], ExitCode]:
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


def prepare(name: str, asked: Asked) -> Job:
    """Render one fix on its recipe and tell the verdict on standard error."""
    fix = load_fix(name)
    source = sources.one(fix, asked.folder, asked.mirror)
    patch = render(fix, source.tree(), asked.params)
    job = Job(fix, source.name, patch, check(fix, patch))
    tell(summary.verdict_text(fix, source.name, patch, job.gate))
    return job
