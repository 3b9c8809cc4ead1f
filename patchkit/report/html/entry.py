"""What a review page is made of: results, what judges say of them, how they stand on mirrors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.errors import Problem
    from patchkit.publish.row import Row
    from patchkit.report.output import Result
    from patchkit.verify import Judgement


@dataclass(frozen=True, slots=True)
class Entry:
    """One fix on one recipe.

    Attributes:
        result: the fix, where the recipe comes from, the patch and what lint says.
        judgements: what real programs say; None when they were not asked.
        row: the pull request and CI; None when the forge was not asked.
    """

    result: Result
    judgements: tuple[Judgement, ...] | None = None
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A fix that could not be rendered.

    Attributes:
        name: the fix as it was named.
        problems: why.
        recipe: the recipe's name; empty when the fix itself cannot be read.
        source: where the recipe comes from.
    """

    name: str
    problems: tuple[Problem, ...]
    recipe: str = ""
    source: str = ""
