"""What a terminal can do: whether colours are wanted, and a line about what is going on now.

https://no-color.org, https://rich.readthedocs.io/en/stable/progress.html
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.progress import Progress

T = TypeVar("T")


def is_colored(stream: TextIO) -> bool:
    """Whether colours are shown: on a terminal that has them, unless NO_COLOR is set."""
    return _is_able(stream) and not os.environ.get("NO_COLOR")


@contextmanager
def working(text: str) -> Iterator[None]:
    """Show on standard error what goes on, and for how long, while it does: on a terminal alone.

    Within another one it takes the other's place until it ends.
    """
    if _line.is_hushed or not (_line.is_shown or _is_able(sys.stderr)):
        yield
        return
    before = _line.text
    _line.show(text)
    try:
        yield
    finally:
        _line.show(before)


def each(items: Iterable[T], text: str) -> Iterator[T]:
    """Yield items that take long, with `working` while each is waited for."""
    iterator = iter(items)
    while True:
        with working(text):
            found = list(islice(iterator, 1))
        if not found:
            return
        yield found[0]


@contextmanager
def aside() -> Iterator[None]:
    """Let something else write to the terminal."""
    _line.pause()
    try:
        yield
    finally:
        _line.resume()


def now(text: str) -> None:
    """Say what goes on inside of `working`; nothing where that shows nothing."""
    if _line.is_shown:
        _line.show(text)


def hush(*, quiet: bool) -> None:
    """Let nothing of that be shown, or let it be shown again."""
    _line.is_hushed = quiet


def _is_able(stream: TextIO) -> bool:
    return stream.isatty() and os.environ.get("TERM") != "dumb"


class _Line:
    """The line, of which there is one."""

    text = ""
    is_hushed = False
    _bar: Progress | None = None

    @property
    def is_shown(self) -> bool:
        return self._bar is not None

    def show(self, text: str) -> None:
        """Show another text, none when it is empty."""
        self.text = text
        if not text:
            self._end()
        elif self._bar is None:
            self._bar = _bar()
            self._bar.add_task(text)
            self._bar.start()
        else:
            self._bar.update(self._bar.task_ids[0], description=text)

    def pause(self) -> None:
        if self._bar is not None:
            self._bar.stop()

    def resume(self) -> None:
        if self._bar is not None:
            self._bar.start()

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = None


_line = _Line()


def _bar() -> Progress:
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415
    from rich.table import Column  # noqa: PLC0415

    words = Column(no_wrap=True, overflow="ellipsis")
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False, table_column=words),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=False,
    )
