"""The errors of patchkit: each says where, what, and what to type next.

One boundary in the command line prints them; exit codes are the public table of the README.
Nothing below the command line prints or exits.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from itertools import accumulate
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process returns; over several recipes the highest one wins."""

    OK = 0
    CHANGE = 1
    USAGE = 2
    REFUSED = 3
    REGRESSION = 4
    FORGE = 5
    BUG = 70
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a text file.

    Args:
        path: the file as the user knows it: relative to the recipe, or as typed.
        line: from 1; 0 when only the file is known.
        column: in characters, from 1; 0 when only the line is known.
        text: the line itself without its line ending, for the caret.
    """

    path: str
    line: int = 0
    column: int = 0
    text: str = ""

    def __str__(self) -> str:
        parts = [self.path, *(str(n) for n in (self.line, self.column) if n)]
        return ":".join(parts)

    @classmethod
    def at(cls, path: str, text: str, offset: int) -> Place:
        """Return the place of character `offset` of `text`, the content of `path`."""
        starts, lines = _lines(text)
        number = bisect_right(starts, offset)
        return cls(path, number, offset - starts[number - 1] + 1, lines[number - 1])


@lru_cache(maxsize=32)
def _lines(text: str) -> tuple[list[int], list[str]]:
    """Return where lines start, and the lines: read once, however many places are told."""
    parts = text.split("\n")
    starts = [0, *accumulate(len(part) + 1 for part in parts[:-1])]
    return starts, [part.rstrip("\r") for part in parts]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: message (what, and what was expected), place, next step."""

    message: str
    place: Place | None = None
    hint: str = ""

    def __str__(self) -> str:
        head = f"{self.place}: {self.message}" if self.place else self.message
        return f"{head}\n  {self.hint}" if self.hint else head


class PatchkitError(Exception):
    """The root: what a user can do something about, with an exit code.

    Attributes:
        problems: every problem found, in the order of the file; at least one.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.BUG

    def __init__(
        self, message: str | tuple[Problem, ...], *, place: Place | None = None, hint: str = ""
    ) -> None:
        self.problems = (
            (Problem(message, place, hint),) if isinstance(message, str) else tuple(message)
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @property
    def place(self) -> Place | None:
        """The place of the first problem."""
        return self.problems[0].place


class UsageError(PatchkitError):
    """The command line asks for what does not exist or does not fit together."""

    exit_code = ExitCode.USAGE


class SettingsError(PatchkitError):
    """The settings are wrong."""

    exit_code = ExitCode.USAGE


class SpecError(PatchkitError):
    """A fix spec or one of its templates is wrong."""

    exit_code = ExitCode.USAGE


class RecipeError(PatchkitError):
    """A recipe cannot be read: broken YAML, not UTF-8, too large, a path that leaves it."""

    exit_code = ExitCode.REFUSED


class EditRefused(PatchkitError):  # noqa: N818  the design's word for this outcome
    """An edit cannot be made safely on this text; the text is as it was."""

    exit_code = ExitCode.REFUSED


class WriteRefused(PatchkitError):  # noqa: N818  the design's word for this outcome
    """A folder cannot be written, or patchkit will not: nothing was changed."""

    exit_code = ExitCode.REFUSED


class GitError(PatchkitError):
    """The git program failed."""

    exit_code = ExitCode.FORGE


class ForgeError(PatchkitError):
    """A forge refused, or could not be reached after retries; without the token in its words.

    Attributes:
        status: the HTTP status of the answer; None when there was none.
    """

    exit_code = ExitCode.FORGE

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        place: Place | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.status = status


class BugError(PatchkitError):
    """A check of patchkit on its own work failed: nothing was written, and it should be told."""

    exit_code = ExitCode.BUG
