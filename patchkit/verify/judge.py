"""What a judge is, what it looks at, and what it says.

A judge yields one check for each thing that it tried. It never says «passed» of what it could not
try: a program that is missing and a fix that has nothing for it are states of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from patchkit.recipe.model import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from patchkit.errors import Place
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix
    from patchkit.tree import RecipeTree
    from patchkit.verify.bench import Bench


class State(StrEnum):
    """How a judge ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_AVAILABLE = "not available"
    NOTHING = "nothing to judge"


class NotAvailableError(Exception):
    """A program that the judge needs is not on this machine; says which, and how to get it."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


class NothingToJudgeError(Exception):
    """The recipe has nothing for this judge; says what was looked for."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a judge tried.

    Attributes:
        what: what holds if it passed, in one line.
        passed: whether it does.
        output: what the program said, or what was seen instead; shown when it did not pass.
        place: where in the recipe, when known.
        before: whether it did not pass without the fix either, so that the fix is not to blame.
    """

    what: str
    passed: bool
    output: str = ""
    place: Place | None = None
    before: bool = False


@dataclass(frozen=True, slots=True)
class Judge:
    """One judge.

    Attributes:
        name: as specs and the command line call it.
        about: what it proves, in one sentence.
        check: looks at a case and yields a check for each thing it tried.
    """

    name: str
    about: str
    check: Callable[[Case], Iterable[Check]]


@dataclass(frozen=True)
class Case:
    """What a judge looks at: a fix, what it made of a recipe, and a bench to try it on.

    Attributes:
        fix: the spec.
        patch: what rendering gave.
        bench: a scratch folder, and the way to run programs.
    """

    fix: Fix
    patch: Patch
    bench: Bench

    @property
    def tree(self) -> RecipeTree:
        """The recipe as the fix leaves it."""
        return self.patch.tree

    @cached_property
    def recipe(self) -> Recipe:
        """The same as a recipe."""
        return Recipe(self.tree)

    @cached_property
    def touched(self) -> tuple[str, ...]:
        """The files that the fix added or changed; every file where the fix changes nothing."""
        changed = self.tree.changed_paths(self.patch.base) or self.tree.paths()
        return tuple(path for path in changed if path in self.tree and self._is_file(path))

    def _is_file(self, path: str) -> bool:
        return self.tree.link(path) is None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judge says of a case.

    Attributes:
        judge: its name.
        state: how it ended.
        checks: what it tried, in order.
        ran: the command lines of the programs that it ran, once each, in order.
        seconds: how long it took.
        reason: why it is not available, or has nothing to judge.
        hint: what to install.
    """

    judge: str
    state: State
    checks: tuple[Check, ...] = ()
    ran: tuple[str, ...] = ()
    seconds: float = 0.0
    reason: str = ""
    hint: str = field(default="")

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that did not pass, and would without the fix."""
        return tuple(check for check in self.checks if not check.passed and not check.before)
