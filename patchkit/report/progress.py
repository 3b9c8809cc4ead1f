"""How far a run over many recipes is: a bar on a terminal, plain lines elsewhere, or nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

from patchkit.report.fleet_text import outcome_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bar

    from patchkit.fleet.outcome import Outcome


class Progress(Protocol):
    """Tells outcomes on standard error."""

    def tell(self, outcome: Outcome, number: int) -> None:
        """Tell one; `number` of them came so far."""

    def aside(self, act: Callable[[], None]) -> None:
        """Let something else write to the terminal."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def progress(total: int, *, quiet: bool) -> Progress:
    """Return how a run is told, by where standard error goes."""
    if quiet:
        return _Nothing()
    return _OnTerminal(total) if sys.stderr.isatty() else _Lines(total)


class _Nothing:
    def tell(self, outcome: Outcome, number: int) -> None:
        pass

    def aside(self, act: Callable[[], None]) -> None:
        act()

    def close(self) -> None:
        pass


class _Lines(_Nothing):
    def __init__(self, total: int) -> None:
        self._total = total

    def tell(self, outcome: Outcome, number: int) -> None:
        sys.stderr.write(f"{outcome_line(outcome, number, self._total)}\n")
        sys.stderr.flush()


class _OnTerminal:
    """A bar with rate and name; what goes wrong stays above it."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._bar = _bar()
        self._task = self._bar.add_task("", total=total, rate="")
        self._bar.start()

    def tell(self, outcome: Outcome, number: int) -> None:
        if outcome.is_bad:
            line = outcome_line(outcome, number, self._total)
            self._bar.console.print(line, markup=False, highlight=False)
        speed = self._bar.tasks[0].speed
        rate = f"{speed:.0f}/s" if speed else ""
        name = f"{outcome.source.recipe} {outcome.fix}".rstrip()
        self._bar.update(self._task, completed=number, description=name, rate=rate)

    def aside(self, act: Callable[[], None]) -> None:
        if not sys.stdout.isatty():
            act()
            return
        self._bar.stop()
        act()
        self._bar.start()

    def close(self) -> None:
        self._bar.stop()


def _bar() -> Bar:
    from rich.console import Console  # noqa: PLC0415  only a terminal needs it
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn  # noqa: PLC0415
    from rich.progress import Progress as Bar  # noqa: PLC0415

    return Bar(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
