"""A fix rendered on a recipe, with what it does to lint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode
from patchkit.rendering import Verdict

if TYPE_CHECKING:
    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Rendered:
    """One fix on one recipe.

    Attributes:
        fix: the spec.
        source: the recipe's origin, for messages.
        patch: what rendering gave.
        gate: what it does to lint.
        recipe: the recipe's own name, where there are many.
        mirror: the URL that it was read from; empty where it comes from elsewhere.
    """

    fix: Fix
    source: str
    patch: Patch
    gate: Gate
    recipe: str = ""
    mirror: str = ""

    @property
    def code(self) -> ExitCode:
        """The exit code of the result, before anything is written."""
        if self.patch.verdict in {Verdict.DRIFTED, Verdict.BROKEN}:
            return ExitCode.REFUSED
        is_open = self.patch.findings or not self.gate.passed
        return ExitCode.REGRESSION if is_open else ExitCode.OK
