"""What judges say, for people: every check, what was run for it, and how long it took."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from patchkit.errors import Problem
from patchkit.report.errors import problem_text, visible
from patchkit.verify import JUDGES, State, find_judge

if TYPE_CHECKING:
    from patchkit.verify import Check, Judgement

_SHOWN = 20  # lines of a program's output, and of command lines


def judgement_text(judgement: Judgement) -> str:
    """Return what a judge says: its state, then each check, then the programs it ran."""
    lines = [f"{_state(judgement)}: {judgement.judge}{_how_much(judgement)}"]
    if judgement.reason:
        lines.append(f"  {judgement.reason}")
    if judgement.hint:
        lines.append(f"  help: {judgement.hint}")
    for check in judgement.checks:
        lines += _check_lines(check)
    lines += [f"  ran: {line}" for line in _cut(judgement.ran)]
    return visible("\n".join(lines) + "\n")


def judge_table() -> str:
    """Return the Markdown table of the README."""
    rows = "".join(f"| `{name}` | {find_judge(name).about} |\n" for name in JUDGES)
    return "| judge | what it proves |\n|---|---|\n" + rows


def _state(judgement: Judgement) -> str:
    """Return how it ended: what failed before the fix as well did not pass, and is no worse."""
    is_old = judgement.state is State.PASSED and not all(c.passed for c in judgement.checks)
    return "no worse" if is_old else str(judgement.state)


def _how_much(judgement: Judgement) -> str:
    if judgement.state in {State.NOT_AVAILABLE, State.NOTHING}:
        return ""
    number = len(judgement.checks)
    return f" ({number} check{'s' * (number != 1)}, {judgement.seconds:.1f} s)"


def _check_lines(check: Check) -> list[str]:
    if check.passed:
        lines = [f"  ok: {check.what}"]
    elif check.before:
        lines = [f"  not so, as before the fix: {check.what}"]
    else:
        block = problem_text(Problem(check.what, check.place), "not so")
        lines = [textwrap.indent(block, "  ")]
    output = check.output.rstrip().split("\n") if check.output.strip() else []
    return lines + [f"    | {line}" for line in _cut(output)]


def _cut(lines: list[str] | tuple[str, ...]) -> list[str]:
    left = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"… and {left} more"] if left > 0 else list(lines)
