"""The result of `apply` and `diff` on standard output: a diff, JSON or a table of files."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Protocol

import click

from patchkit import diff
from patchkit.rendering import cause
from patchkit.report.json_parts import finding_json, place_json
from patchkit.report.terminal import is_colored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.errors import Problem
    from patchkit.lint import Gate, Regression
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix

_COLORS = {"+": "green", "-": "red", "@": "cyan"}
_HEADS = ("diff ", "index ", "--- ", "+++ ", "new ", "old ", "deleted ", "rename ", "similarity ")


class Result(Protocol):
    """One fix on one recipe."""

    @property
    def fix(self) -> Fix:
        """The spec."""

    @property
    def source(self) -> str:
        """Where the recipe came from."""

    @property
    def patch(self) -> Patch:
        """What rendering gave."""

    @property
    def gate(self) -> Gate:
        """What it does to lint."""


def show(results: Sequence[Result], style: str, *, color: bool | None = None) -> None:
    """Write the results to standard output.

    Args:
        results: in the order of the command line.
        style: `diff`, `json` or `stat`.
        color: whether the diff is coloured; None for a terminal without NO_COLOR.
    """
    if style == "json":
        text = json.dumps([as_json(result) for result in results], indent=2) + "\n"
    elif style == "stat":
        text = "".join(stat_text(result.patch) for result in results)
    else:
        text = "".join(result.patch.diff() for result in results)
    if style == "diff" and (is_colored(sys.stdout) if color is None else color):
        text = colored(text)
    if sys.stdout.isatty() and text.count("\n") > _screen():
        click.echo_via_pager(text)
        return
    # Bytes that are no UTF-8 in a recipe's file go out as they are.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


def colored(text: str) -> str:
    """Return a diff with its lines coloured."""
    return "\n".join(_colored_line(line) for line in text.split("\n"))


def stat_text(patch: Patch) -> str:
    """Return one line a changed file, with its added and removed lines."""
    stats = diff.stat(patch.base, patch.tree)
    width = max((len(stat.path) for stat in stats), default=0)
    return "".join(
        f"{stat.path:<{width}}  {stat.kind:<9} +{stat.added} -{stat.removed}\n" for stat in stats
    )


def as_json(result: Result) -> dict[str, Any]:
    """Return a result as plain data; the keys are stable."""
    patch = result.patch
    return {
        "fix": result.fix.id,
        "title": result.fix.title,
        "recipe": result.fix.spec.recipe,
        "repository": result.fix.repository,
        "source": result.source,
        "digest": result.fix.digest,
        "verdict": patch.word,
        "changes": [{"step": c.step, "message": c.message} for c in patch.changes],
        "reasons": [_problem(reason) for reason in patch.reasons],
        "findings": [
            {"rule": f.rule, "message": f.message, "hint": f.hint, **place_json(f.place)}
            for f in patch.findings
        ],
        "lint": _gate(result),
        "files": [
            {"path": s.path, "kind": s.kind, "added": s.added, "removed": s.removed}
            for s in diff.stat(patch.base, patch.tree)
        ],
        "diff": patch.diff().encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
    }


def _gate(result: Result) -> dict[str, Any]:
    gate, patch = result.gate, result.patch
    return {
        "worse": [_regression(r, patch) for r in gate.worse],
        "allowed": [_regression(r, patch) | {"reason": r.reason} for r in gate.allowed],
        "better": [finding_json(finding) for finding in gate.better],
    }


def _regression(regression: Regression, patch: Patch) -> dict[str, Any]:
    change = cause(regression, patch)
    where = place_json(change.place)
    since = {"step": change.step, "message": change.message, **where}
    return finding_json(regression.finding) | {"since": since}


def _problem(problem: Problem) -> dict[str, Any]:
    return {"message": problem.message, "hint": problem.hint, **place_json(problem.place)}


def _colored_line(line: str) -> str:
    if line.startswith(_HEADS):
        return click.style(line, bold=True)
    color = _COLORS.get(line[:1])
    return click.style(line, fg=color) if color else line


def _screen() -> int:
    return os.get_terminal_size(sys.stdout.fileno()).lines
