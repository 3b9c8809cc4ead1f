"""A rendered template that knows which place of the template gave each place of its text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from patchkit.errors import Place
from patchkit.verify.gotemplate.execute import Run
from patchkit.verify.gotemplate.fault import Fault, TemplateError
from patchkit.verify.gotemplate.parser import parse

if TYPE_CHECKING:
    from patchkit.verify.gotemplate.task import Task


@dataclass(frozen=True, slots=True)
class Rendered:
    """The text that lands in a container.

    Attributes:
        text: the text.
        source: the template, or the same text where there was nothing to render.
        path: its file in the recipe.
        pieces: where each piece begins in the text and in the template, and whether it was
            copied from there.
    """

    text: str
    source: str
    path: str = ""
    pieces: tuple[tuple[int, int, bool], ...] = field(default=((0, 0, True),))

    def place(self, line: int, column: int = 1) -> Place:
        """Return where in the template a line and column of the text, from 1, come from."""
        starts = _line_starts(self.text)
        offset = starts[min(line, len(starts)) - 1] + column - 1
        at = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if at < 0:
            return Place(self.path, line)
        start, source, is_text = self.pieces[at]
        return Place.at(self.path, self.source, source + (offset - start if is_text else 0))

    @property
    def lines(self) -> frozenset[int]:
        """The lines of the template that stand in the text."""
        starts = _line_starts(self.source)
        ends = [start for start, *_ in self.pieces[1:]] + [len(self.text)]
        return frozenset(
            line
            for (start, source, is_text), end in zip(self.pieces, ends, strict=True)
            if is_text
            for line in range(
                bisect_right(starts, source), bisect_right(starts, source + end - start - 1) + 1
            )
        )


@lru_cache(maxsize=8)
def _line_starts(text: str) -> tuple[int, ...]:
    return (0, *(match.end() for match in re.finditer("\n", text)))


def trace(text: str, task: Task, *, path: str = "", inverted: bool = False) -> Rendered:
    """Return what Swarm makes of a template for a task.

    Args:
        text: the template.
        task: what it knows.
        path: its file in the recipe.
        inverted: take every `if` the other way, to see the branches that the task does not.

    Raises:
        TemplateError: Swarm would fail on it, or it uses what is not known here.
    """
    try:
        run = Run(parse(text), task, inverted=inverted)
        run.main()
    except Fault as fault:
        place = Place.at(path, text, fault.position)
        raise TemplateError(str(fault), place=place) from None
    return Rendered("".join(run.out), text, path, tuple(run.pieces))
