"""`pr` and `status` over many mirrors: read side by side in threads, told one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from patchkit.cli.fleet import chosen, conduct, counted, paired, sources, specs
from patchkit.errors import ExitCode, PatchkitError, UsageError
from patchkit.fleet.job import key_of
from patchkit.fleet.outcome import Outcome, Word, failed
from patchkit.fleet.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchkit.cli.wanted import Wanted
    from patchkit.fleet.fix_text import FixText
    from patchkit.spec.fix import Fix

    Pair = tuple[Source, tuple[FixText, ...]]


@dataclass(frozen=True, slots=True)
class ForgeWork:
    """A fix on the mirror of a recipe.

    Attributes:
        source: the recipe; where it is a mirror, that one.
        fix: the fix.
        look: reads how it stands there.
        salt: what else the outcome depends on, for its key.
    """

    source: Source
    fix: FixText
    look: Callable[[Fix, str | None], Any]
    salt: tuple[str, ...] = ()

    def __call__(self) -> list[Outcome]:
        """Read it; what was read, or the error, is the outcome's `extra`."""
        try:
            fix = self.fix.load().on(self.source.recipe)
            read = self.look(fix, self.source.where if self.source.kind == "mirror" else None)
        except Exception as error:  # noqa: BLE001  whatever it is, the others go on
            return self.lost(error)
        return [Outcome(self.source, self.fix.id, Word.HOLDS, extra=read, key=self._key())]

    def __len__(self) -> int:
        """Return how many outcomes it has."""
        return 1

    def lost(self, error: Exception) -> list[Outcome]:
        """Return the outcome of nothing."""
        told = failed(self.source, self.fix.id, error, self._key())
        known = error if isinstance(error, PatchkitError) else PatchkitError(told.problems)
        return [replace(told, extra=known)]

    def left(self, done: frozenset[str]) -> ForgeWork | None:
        """Return the work, None when it is done."""
        return None if self._key() in done else self

    def portable(self) -> ForgeWork:
        """Return the work: it is done in this process alone."""
        return self

    def _key(self) -> str:
        return key_of(self.source, self.fix.digest, *self.salt)


def forge_many(
    wanted: Wanted,
    look: Callable[[Fix, str | None], Any],
    settle: Callable[[Outcome], Outcome],
    command: str,
    verb: str = "done",
) -> ExitCode:
    """Read how fixes stand on many mirrors, and settle each.

    Args:
        wanted: which fixes and mirrors.
        look: reads how a fix stands, given the URL of a mirror where a list names it.
        settle: what is done with what was read.
        command: its name.
        verb: what has become of each then, for the summary.
    """
    found, broken = counted(specs(wanted.names, wanted.recipes, is_all=wanted.is_all))
    worst = broken.code
    if not found and worst is ExitCode.OK:
        raise UsageError("no fix is named", hint="name a fix, --recipe R, or --all")
    pairs, missing = _pairs(found, wanted)
    for fix in [] if wanted.is_all else missing:
        click.echo(f"{fix.id}: none of the recipes is {fix.repository}", err=True)
        worst = max(worst, ExitCode.USAGE)
    params, targets = sorted(map(str, wanted.params.items())), wanted.targets
    salt = (targets.profile or "", targets.fork or "", *params)
    works = [ForgeWork(source, text, look, salt) for source, texts in pairs for text in texts]
    told = conduct(
        *(works, wanted.many),
        command=command,
        settle=settle,
        kind="threads",
        verb=verb,
        after=broken,
    )
    return max(worst, told)


def _pairs(found: Sequence[Fix], wanted: Wanted) -> tuple[list[Pair], list[Fix]]:
    many = wanted.many
    if many.root or many.listing:
        if wanted.mirror:
            raise UsageError("--mirror names one recipe", hint="leave it, or --list and --recipes")
        return paired(found, sources(many, profile=wanted.targets.profile))
    if wanted.mirror:
        one = Source.mirror(wanted.mirror)
        return paired(found, chosen([one], many))
    for fix in found:
        if fix.is_class:
            raise UsageError(
                f"{fix.name} is for every recipe of a kind", hint="say which: --list or --mirror"
            )
    own = [Source.sample(name) for name in dict.fromkeys(fix.repository for fix in found)]
    return paired(found, chosen(own, many))
