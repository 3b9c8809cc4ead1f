"""The result of a lint: what every rule says of the recipe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from patchkit.finding import Severity

if TYPE_CHECKING:
    from patchkit.finding import Finding
    from patchkit.lint.rule import Rule


class State(StrEnum):
    """What a rule says of a recipe."""

    HOLDS = "holds"
    FAILS = "fails"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Allowed:
    """A finding that a comment in the recipe silences, with the reason given there."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """What one rule says.

    Attributes:
        rule: the rule.
        state: whether it holds.
        findings: the places where it fails, in the order of files and lines.
        allowed: what a comment silences.
        reason: why it was not judged.
    """

    rule: Rule
    state: State
    findings: tuple[Finding, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What all rules say of one recipe, abra's first."""

    results: tuple[Result, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, by file, line and column."""
        found = [finding for result in self.results for finding in result.findings]
        return tuple(sorted(found, key=lambda f: (f.place.path, f.place.line, f.place.column)))

    @property
    def allowed(self) -> tuple[Allowed, ...]:
        """Every finding that a comment silences."""
        return tuple(allowed for result in self.results for allowed in result.allowed)

    @property
    def passed(self) -> bool:
        """Whether there are warnings at most."""
        return all(finding.severity is Severity.WARN for finding in self.findings)

    def result(self, name: str) -> Result:
        """Return what the rule called `name` says."""
        return next(result for result in self.results if result.rule.name == name)
