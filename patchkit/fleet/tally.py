"""Counts outcomes, and keeps the line of each that did not go well."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode

if TYPE_CHECKING:
    from patchkit.fleet.outcome import Outcome


@dataclass
class Tally:
    """What came of a run so far.

    Attributes:
        total: how many outcomes there will be.
        before: how many succeeded last time, and were left out.
        counts: outcomes by how they ended.
        bad: source, fix, how it ended and the first reason, of each that did not go well.
        code: the highest exit code.
    """

    total: int
    before: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    bad: list[tuple[str, str, str, str]] = field(default_factory=list)
    code: ExitCode = ExitCode.OK

    @property
    def done(self) -> int:
        """How many outcomes there are."""
        return self.counts.total()

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.counts[str(outcome.word)] += 1
        self.code = max(self.code, outcome.code)
        if outcome.is_bad:
            self.bad.append(line_of(outcome))


def line_of(outcome: Outcome) -> tuple[str, str, str, str]:
    """Return source, fix, how it ended, and the first reason, each on one line."""
    reason = _reason(outcome)
    return outcome.source.name, outcome.fix, str(outcome.word), " ".join(reason.split())


def _reason(outcome: Outcome) -> str:
    if not outcome.problems:
        return outcome.note
    problem = outcome.problems[0]
    place = str(problem.place) if problem.place and problem.place.path else ""
    is_news = place and place != outcome.source.where
    return f"{place}: {problem.message}" if is_news else problem.message
