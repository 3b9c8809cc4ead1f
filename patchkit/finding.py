"""What a person must look at before a change goes out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.errors import Place


class Severity(StrEnum):
    """How bad a finding is, in abra's words; a recipe passes with warnings only."""

    WARN = "warn"
    ERROR = "error"
    FATAL = "fatal"


@dataclass(frozen=True, slots=True)
class Finding:
    """One open question or defect of a recipe.

    Attributes:
        rule: the bad pattern's name, in kebab-case.
        message: what was found.
        place: where, in the recipe that was looked at.
        hint: what to do about it.
        severity: how bad it is.
        ref: abra's number of the rule (`R011`), "FATA" where abra stops; else empty.
        why: why it matters to the operator.
    """

    rule: str
    message: str
    place: Place
    hint: str = ""
    severity: Severity = Severity.ERROR
    ref: str = ""
    why: str = ""
