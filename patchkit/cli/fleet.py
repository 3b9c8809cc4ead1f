"""What commands do with many recipes: choose them, work on them, tell what comes, sum it up."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from patchkit.cli.chosen import readable
from patchkit.errors import ExitCode, UsageError
from patchkit.fixes import Specs, fixes_for, read_specs
from patchkit.fleet.crew import Crew, cores
from patchkit.fleet.fix_text import FixText
from patchkit.fleet.listing import below, listed, picked
from patchkit.fleet.outcome import Word
from patchkit.fleet.state import State
from patchkit.fleet.stream import stream
from patchkit.fleet.tally import Tally
from patchkit.report.fleet_text import summary_text
from patchkit.report.frame import PLAIN, Frame
from patchkit.report.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchkit.cli.options import Many
    from patchkit.fleet.crew import Kind
    from patchkit.fleet.job import Work
    from patchkit.fleet.outcome import Outcome
    from patchkit.fleet.source import Source
    from patchkit.spec.fix import Fix

W = TypeVar("W", bound="Work")

_STATE = Path(".patchkit") / "fleet"


def _nothing(_: Outcome) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """How outcomes go to standard output.

    Attributes:
        frame: what stands around the pieces.
        failed: the piece of an outcome that failed before anything could be shown.
        foot: what stands below all, once it is known.
    """

    frame: Frame = PLAIN
    failed: Callable[[Outcome], str] = _nothing
    foot: Callable[[], str] = str

    def piece(self, outcome: Outcome) -> str:
        """Return what is written of an outcome."""
        return outcome.shown or (self.failed(outcome) if outcome.problems else "")


def sources(many: Many, named: Sequence[Source] = (), profile: str | None = None) -> list[Source]:
    """Return the recipes that the command line names, less what its patterns leave out.

    Args:
        many: what it says of many.
        named: recipes that it names one by one.
        profile: of the settings.

    Raises:
        UsageError: a folder or list cannot be read, or nothing is left.
    """
    found = [*named, *(below(many.root) if many.root else [])]
    found += listed(many.listing, profile) if many.listing else []
    return chosen(found, many)


def chosen(found: Sequence[Source], many: Many) -> list[Source]:
    """Return the recipes that the command line's patterns leave.

    Raises:
        UsageError: they leave none.
    """
    left = picked(found, many.only_recipe, many.skip)
    if found and not left:
        which = "the recipe is not" if len(found) == 1 else f"none of {len(found)} recipes is"
        raise UsageError(
            f"{which} left by --only and --skip",
            hint="a pattern fits a recipe's whole name, as in --only 'mattermost*'",
        )
    return left


def specs(names: Sequence[str], recipes: Sequence[str] = (), *, is_all: bool) -> Specs:
    """Return the fixes that are named, of recipes, or all, each once; and which cannot be read.

    Args:
        names: files or ids.
        recipes: every fix of these that is no alternative.
        is_all: every fix that is no alternative.

    Raises:
        UsageError: a recipe has no fix.
    """
    found, broken = read_specs(names)
    more = fixes_for(() if is_all else recipes) if is_all or recipes else Specs([], [])
    every = {(fix.id, fix.digest): fix for fix in (*found, *more.fixes)}
    return Specs(list(every.values()), [*broken, *more.broken])


def counted(found: Specs) -> tuple[list[Fix], Tally]:
    """Return the fixes that can be read, and the count of the others, which are told."""
    fixes, code = readable(found)
    number = len(found.broken)
    counts = Counter({str(Word.FAILED): number} if number else {})
    return fixes, Tally(number, counts=counts, code=code)


def paired(
    fixes: Sequence[Fix], sources: Sequence[Source]
) -> tuple[list[tuple[Source, tuple[FixText, ...]]], list[Fix]]:
    """Return each source with its fixes, and the fixes that are for none of them.

    A fix is for the recipe that it names; one that names none is for every recipe.
    """
    by_recipe: dict[str, list[FixText]] = {}
    for fix in fixes:
        by_recipe.setdefault(fix.repository, []).append(FixText.of(fix))
    general = by_recipe.get("", [])
    pairs = [(s, (*general, *(by_recipe.get(s.recipe, []) if s.recipe else []))) for s in sources]
    recipes = {source.recipe for source in sources} | {""}
    return [pair for pair in pairs if pair[1]], [f for f in fixes if f.repository not in recipes]


def conduct(
    works: Sequence[Work],
    many: Many,
    *,
    command: str | None,
    sheet: Sheet | None = None,
    settle: Callable[[Outcome], Outcome] | None = None,
    kind: Kind = "processes",
    verb: str = "done",
    after: Tally | None = None,
) -> ExitCode:
    """Do the works, tell what comes of them, and return the highest exit code.

    Args:
        works: what to do.
        many: what the command line says.
        command: its name, for the file that `--resume` reads; None keeps none.
        sheet: how outcomes go to standard output.
        settle: what is done here with each outcome, before it is told.
        kind: who works by default.
        verb: what has become of each then, for the summary.
        after: what came of works before these, which the summary counts too.
    """
    path = _STATE / command if command else None
    with State(path, is_resumed=many.is_resumed) as state:
        run = _Run(works, many, state, sheet or Sheet(), settle, after, verb)
        code = run.through(_crew(many, len(run.works), kind))
        if state.trouble:
            click.echo(f"--resume will not know of this run: {state.trouble}", err=True)
    return code


def _crew(many: Many, number: int, kind: Kind) -> Crew:
    wanted = cast("Kind", many.executor or ("dask" if many.scheduler else kind))
    if wanted == "dask" and not many.scheduler:
        raise UsageError(
            "--executor dask needs to know the cluster", hint="--scheduler tcp://host:8786"
        )
    if wanted != "dask" and many.scheduler:
        raise UsageError("--scheduler is dask's", hint="write --executor dask, or leave it out")
    jobs = many.jobs or cores()
    at_once = jobs if wanted == "dask" else min(jobs, number)
    return Crew(max(1, at_once), wanted, many.scheduler or "")


class _Run:
    def __init__(
        self,
        works: Sequence[Work],
        many: Many,
        state: State,
        sheet: Sheet,
        settle: Callable[[Outcome], Outcome] | None,
        after: Tally | None,
        verb: str,
    ) -> None:
        wanted = sum(map(len, works))
        left = [rest for work in works if (rest := work.left(state.done)) is not None]
        self.tally = after or Tally(0)
        self.tally.total += sum(map(len, left))
        self.tally.before += wanted - sum(map(len, left))
        self.works = left[: many.most]
        self.many, self.state, self.sheet, self.settle = many, state, sheet, settle
        self.pieces = self.told = 0
        self.verb = verb

    def through(self, crew: Crew) -> ExitCode:
        why, code = "", ExitCode.OK
        self.progress = progress(sum(map(len, self.works)), quiet=self.many.is_quiet)
        try:
            with closing(stream(self.works, crew)) as outcomes:
                for outcome in outcomes:
                    if self._is_last(outcome):
                        why = "stopped at the first that did not go well: --fail-fast"
                        break
        except KeyboardInterrupt:
            why, code = "interrupted; nothing is half written", ExitCode.INTERRUPTED
        finally:
            self.progress.close()
        frame = self.sheet.frame
        _write((frame.tail if self.pieces else frame.empty) + self.sheet.foot())
        click.echo(summary_text(self.tally, why=why, verb=self.verb), err=True)
        return max(code, self.tally.code)

    def _is_last(self, outcome: Outcome) -> bool:
        self.state.begin()
        outcome = self.settle(outcome) if self.settle else outcome
        if outcome.code is ExitCode.OK and outcome.key:
            self.state.add(outcome.key)
        self.tally.add(outcome)
        self._show(self.sheet.piece(outcome))
        self.told += 1
        self.progress.tell(outcome, self.told)
        return self.many.is_fragile and outcome.is_bad

    def _show(self, piece: str) -> None:
        if piece:
            frame = self.sheet.frame
            start = frame.between if self.pieces else frame.head
            self.progress.aside(lambda: _write(start + piece))
            self.pieces += 1


def _write(text: str) -> None:
    # Bytes that are no UTF-8 in a recipe's file go out as they are.
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()
