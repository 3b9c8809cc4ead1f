"""What a check has to say where a fix does not pass it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from patchkit.errors import ExitCode, PatchkitError, Problem
from patchkit.report.errors import problem_text, visible


@dataclass(frozen=True)
class Failure:
    """Why a check failed.

    Attributes:
        problems: what is wrong, each with its place; at least one.
        code: what `patchkit test` ends with.
        detail: a diff, or what else does not fit into a sentence.
    """

    problems: tuple[Problem, ...]
    code: ExitCode = ExitCode.CHANGE
    detail: str = ""

    @classmethod
    def of(cls, error: PatchkitError) -> Failure:
        """Return an error as a failure."""
        return cls(error.problems, error.exit_code)

    def said(self) -> str:
        """Return the problems, one below the other."""
        return "\n".join(problem_text(problem) for problem in self.problems)

    def shown(self) -> str:
        """Return the detail, without what would steer a terminal."""
        return visible(self.detail.rstrip("\n"))

    def text(self) -> str:
        """Return the problems and the detail."""
        return "\n".join(filter(None, [self.said(), self.shown()]))


@dataclass(frozen=True)
class NotTried:
    """Why a check could not be made; another one fails for the same reason.

    Attributes:
        reason: a sentence.
    """

    reason: str


Outcome: TypeAlias = Failure | NotTried | None
