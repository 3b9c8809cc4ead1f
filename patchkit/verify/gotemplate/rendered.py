"""A rendered template that knows which place of the template gave each place of its text."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
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
        lines = self.text.split("\n")
        offset = sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
        at = bisect_right(self.pieces, offset, key=lambda piece: piece[0]) - 1
        if at < 0:
            return Place(self.path, line)
        start, source, is_text = self.pieces[at]
        return Place.at(self.path, self.source, source + (offset - start if is_text else 0))


def trace(text: str, task: Task, *, path: str = "") -> Rendered:
    """Return what Swarm makes of a template for a task.

    Raises:
        TemplateError: Swarm would fail on it, or it uses what is not known here.
    """
    try:
        run = Run(parse(text), task)
        run.main()
    except Fault as fault:
        place = Place.at(path, text, fault.position)
        raise TemplateError(str(fault), place=place) from None
    return Rendered("".join(run.out), text, path, tuple(run.pieces))
