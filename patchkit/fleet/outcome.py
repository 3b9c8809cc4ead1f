"""What came of one fix on one recipe: plain data, small, and sent between processes."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from patchkit.errors import ExitCode, PatchkitError, Problem

if TYPE_CHECKING:
    from patchkit.fleet.source import Source
    from patchkit.tree import RecipeTree


class Word(StrEnum):
    """How it ended, as the summary counts it."""

    APPLIES = "applies"
    APPLIED = "applied"
    FIXED = "already fixed"
    OTHER_KIND = "not this kind"
    DRIFTED = "drifted"
    ASKS = "needs a value"
    WORSE = "makes lint worse"
    OPEN = "leaves questions open"
    SCANNED = "scanned"
    HOLDS = "passed"
    PARTLY = "passed what could be judged"
    UNJUDGED = "not judged"
    FAILS = "did not pass"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one fix on one recipe.

    Attributes:
        source: where the recipe came from.
        fix: the fix's id; empty where it is about the recipe alone.
        word: how it ended: a `Word`, or what was done about a pull request.
        code: the exit code that it asks for.
        problems: why, where it did not go well.
        note: a few words more, such as the size of the change.
        shown: text for standard output.
        diff: the change, ready for `git apply`.
        commit: the commit that was written into the recipe's repository.
        base: the files that change, as they were read; where they were asked for.
        tree: the same files as they should be, or the whole recipe; where they were asked for.
        counts: of a scan, what each class is to the recipe.
        extra: what else a command needs of it.
        key: what this fix on this recipe is known by from one run to the next.
    """

    source: Source
    fix: str
    word: StrEnum
    code: ExitCode = ExitCode.OK
    problems: tuple[Problem, ...] = ()
    note: str = ""
    shown: str = ""
    diff: str = ""
    commit: str = ""
    base: RecipeTree | None = None
    tree: RecipeTree | None = None
    counts: tuple[tuple[str, str], ...] = ()
    extra: Any = None
    key: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether it did not go well: a change that `--check` finds is no failure."""
        is_change = self.word in {Word.APPLIES, Word.SCANNED} and self.code is ExitCode.CHANGE
        return self.code is not ExitCode.OK and not is_change


def failed(source: Source, fix: str, error: Exception, key: str = "") -> Outcome:
    """Return the outcome of what an error ended."""
    code, problems = told_of(error)
    return Outcome(source, fix, Word.FAILED, code, problems, key=key)


def told_of(error: Exception) -> tuple[ExitCode, tuple[Problem, ...]]:
    """Return exit code and problems of an error; one that is not patchkit's own is a bug."""
    if isinstance(error, PatchkitError):
        return error.exit_code, error.problems
    return ExitCode.BUG, (_bug(error),)


def _bug(error: Exception) -> Problem:
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = "".join(f" ({frame.name}, line {frame.lineno})" for frame in last)
    return Problem(
        f"a bug in patchkit: {type(error).__name__}: {error}{where}",
        hint="run it on this recipe alone to see all of it, and report that",
    )
