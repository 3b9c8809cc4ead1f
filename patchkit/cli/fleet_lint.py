"""`patchkit lint` over many recipes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from patchkit.cli.fleet import Sheet, conduct, sources
from patchkit.errors import ExitCode, UsageError
from patchkit.fleet.lint_job import LintJob
from patchkit.fleet.source import Source
from patchkit.lint import cures
from patchkit.report.fleet_text import error_json
from patchkit.report.frame import LINES, LIST, json_frame, json_piece
from patchkit.report.lint_json import report_json
from patchkit.report.lint_text import lint_text
from patchkit.report.sarif import LOG, report_run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from patchkit.cli.options import Many
    from patchkit.fleet.outcome import Outcome
    from patchkit.lint import Report
    from patchkit.report.lint_text import Cures


def lint_many(
    folders: Sequence[Path],
    recipes: Sequence[str],
    mirrors: Sequence[str],
    many: Many,
    *,
    base: str | None,
    style: str,
) -> ExitCode:
    """Judge every recipe that the command line names."""
    named = [*map(Source.folder, folders), *map(Source.mirror, mirrors)]
    found = sources(many, [*named, *map(Source.sample, recipes)])
    if not found:
        raise UsageError("no recipe is named", hint="say where they are: --recipes DIR")
    view = partial(shown, style=style, known=cures())
    works = [LintJob(source, view, base) for source in found]
    return conduct(works, many, command="lint", sheet=_sheet(style))


def shown(source: str, report: Report, *, style: str, known: Cures) -> str:
    """Return a report as a piece of the whole document."""
    if style == "json":
        return json_piece(report_json(source, report, known))
    if style == "sarif":
        return json_piece(report_run(source, report, known), depth=2)
    return lint_text(source, report, known)


def _sheet(style: str) -> Sheet:
    if style == "json":
        return Sheet(LIST, _failed)
    return Sheet(json_frame(LOG, "runs") if style == "sarif" else LINES)


def _failed(outcome: Outcome) -> str:
    error = error_json(outcome)
    return json_piece({"recipe": outcome.source.name, "passed": False, "rules": [], "error": error})
