"""What came of many recipes, for people: a line each as it comes, and a summary at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.fleet.tally import line_of
from patchkit.report.errors import visible
from patchkit.report.json_parts import place_json

if TYPE_CHECKING:
    from patchkit.fleet.outcome import Outcome
    from patchkit.fleet.tally import Tally


def outcome_line(outcome: Outcome, number: int, total: int) -> str:
    """Return an outcome on one line: `3/120 gitea: pin-redis: applies (1 file, +1 -1)`."""
    line = f"{number}/{total} {_told(line_of(outcome), outcome.note)}"
    return f"{line}; commit {outcome.commit}" if outcome.commit else line


def summary_text(tally: Tally, *, why: str = "", verb: str = "done") -> str:
    """Return what came of everything: a line for each that did not go well, then the counts.

    Args:
        tally: what was counted.
        why: why it ended before all was done.
        verb: what has become of those that are counted.
    """
    lines = ["did not go well:", *(f"  {_told(row)}" for row in tally.bad)] if tally.bad else []
    counts = [f"{number} {word}" for word, number in tally.counts.most_common()]
    parts = [f"{tally.done} {verb}: {', '.join(counts)}" if counts else f"nothing was {verb}"]
    parts += [f"{tally.before} succeeded before"] if tally.before else []
    left = tally.total - tally.done
    parts += [f"{left} not run"] if left else []
    return "\n".join([*lines, *([why] if why else []), "; ".join(parts)])


def error_json(outcome: Outcome) -> dict[str, Any]:
    """Return what went wrong as plain data; the keys are stable."""
    problem = outcome.problems[0]
    return {
        "message": problem.message,
        "hint": problem.hint or None,
        "code": int(outcome.code),
        **place_json(problem.place),
    }


def _told(row: tuple[str, str, str, str], note: str = "") -> str:
    source, fix, word, reason = row
    head = ": ".join(part for part in (source, fix, word) if part)
    if note:
        head += f" ({note})"
    return visible(head if reason in {"", note} else f"{head}: {reason}")
