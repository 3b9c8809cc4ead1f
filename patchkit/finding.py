"""What a person must look at before a change goes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.errors import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """One open question or defect of a rendered recipe.

    Attributes:
        rule: the bad pattern's name, in kebab-case.
        message: what was found.
        place: where, in the rendered recipe.
        hint: what to do about it.
    """

    rule: str
    message: str
    place: Place
    hint: str = ""
