"""What a rule is: a function that yields hits, with the page that its docstring holds.

A page opens with the bad pattern in one sentence. Then come `Why:`, `Bad:`, `Good:` and `Fix:`.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from patchkit.errors import Place
    from patchkit.finding import Severity
    from patchkit.lint.subject import Subject

_SECTION = re.compile(r"(?m)^(Why|Bad|Good|Fix):(?: |\n)")


class Hit(NamedTuple):
    """One place where a rule fails.

    Attributes:
        place: the very place.
        message: what was found there.
        hint: what to do; the rule's own advice when empty.
    """

    place: Place
    message: str
    hint: str = ""


def _judged(_: Subject) -> str:
    return ""


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: the bad pattern, in kebab-case.
        severity: how bad it is.
        check: finds every place where the recipe fails.
        ref: abra's number of it, "FATA" where abra stops; else empty.
        cure: the op that repairs it, or empty.
        unless: says why the rule cannot be judged; empty when it can.
    """

    name: str
    severity: Severity
    check: Callable[[Subject], Iterable[Hit]]
    ref: str = ""
    cure: str = ""
    unless: Callable[[Subject], str] = _judged

    @property
    def title(self) -> str:
        """The bad pattern, in one sentence."""
        return " ".join(self._page.partition("\n\n")[0].split())

    @property
    def why(self) -> str:
        """Why it matters to the operator, in one line."""
        return " ".join(self._sections.get("Why", "").split())

    @property
    def fix(self) -> str:
        """What to do, in one line."""
        return " ".join(self._sections.get("Fix", "").split())

    @property
    def bad(self) -> str:
        """An example that fails."""
        return self._sections.get("Bad", "")

    @property
    def good(self) -> str:
        """The same, repaired."""
        return self._sections.get("Good", "")

    @cached_property
    def _page(self) -> str:
        return inspect.getdoc(self.check) or ""

    @cached_property
    def _sections(self) -> dict[str, str]:
        _, *parts = _SECTION.split(self._page)
        return {name: text.rstrip() for name, text in zip(parts[::2], parts[1::2], strict=True)}


def rule(
    name: str,
    severity: Severity,
    *,
    ref: str = "",
    cure: str = "",
    unless: Callable[[Subject], str] = _judged,
) -> Callable[[Callable[[Subject], Iterable[Hit]]], Rule]:
    """Make a rule of the function below; its docstring is the rule's page."""

    def made(check: Callable[[Subject], Iterable[Hit]]) -> Rule:
        return Rule(name, severity, check, ref, cure, unless)

    return made
