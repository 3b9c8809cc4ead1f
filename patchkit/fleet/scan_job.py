"""The job of a fleet that asks every class about one recipe."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode
from patchkit.fleet.job import key_of
from patchkit.fleet.outcome import Outcome, Word, failed
from patchkit.fleet.scan import Row, scan, unreadable
from patchkit.fleet.source import check_is_recipe
from patchkit.recipe.model import Recipe
from patchkit.rendering import ASKS, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.fleet.fix_text import FixText
    from patchkit.fleet.source import Source


@dataclass(frozen=True, slots=True)
class ScanJob:
    """A recipe to ask classes about.

    Attributes:
        source: the recipe's origin.
        classes: their texts.
        view: what is shown of a row; it must be picklable.
    """

    source: Source
    classes: tuple[FixText, ...]
    view: Callable[[Row], str]

    def __call__(self) -> list[Outcome]:
        """Ask them."""
        try:
            read = self.source.read()
            check_is_recipe(read.tree)
            _ = Recipe(read.tree).merged  # one that nobody can read is told once
            fixes = [text.load() for text in self.classes]
            name, where = self.source.recipe, self.source.name
            row = scan(read.tree, fixes, recipe=name, source=where, commit=read.commit)
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            return self.lost(error)
        code = max((cell.code for cell in row.cells), default=ExitCode.OK)
        return [self._outcome(row, code)]

    def __len__(self) -> int:
        """Return how many outcomes it has."""
        return 1

    def lost(self, error: Exception) -> list[Outcome]:
        """Return the outcome of a recipe that cannot be read."""
        told = failed(self.source.bare(), "", error, self._key())
        names = [text.id for text in self.classes]
        row = unreadable(names, self.source.recipe, self.source.name, error)
        return [replace(told, shown=self.view(row), counts=_counts(row))]

    def left(self, done: frozenset[str]) -> ScanJob | None:
        """Return the job, None when it is done."""
        return None if self._key() in done else self

    def portable(self) -> ScanJob:
        """Return the job with all that lies on this machine."""
        classes = tuple(text.portable() for text in self.classes)
        return replace(self, source=self.source.portable(), classes=classes)

    def _key(self) -> str:
        return key_of(self.source, "scan", *(text.digest for text in self.classes))

    def _outcome(self, row: Row, code: ExitCode) -> Outcome:
        words = Counter(cell.word for cell in row.cells)
        told = [word for word in (*Verdict, ASKS) if words[word] and word != Verdict.OTHER]
        problems = [p for cell in row.cells if cell.code for p in cell.reasons]
        return Outcome(
            self.source.bare(),
            "",
            Word.SCANNED if code is ExitCode.OK else Word.FAILED,
            code,
            tuple(problems),
            ", ".join(f"{words[word]} {word}" for word in told),
            self.view(row),
            counts=_counts(row),
            key=self._key(),
        )


def _counts(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple((cell.name, cell.word) for cell in row.cells)
