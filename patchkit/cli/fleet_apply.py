"""`patchkit apply` over many recipes: workers render, this process writes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from patchkit.cli import apply as single
from patchkit.cli.fleet_render import is_colored, render_many, seen
from patchkit.errors import ExitCode, PatchkitError, WriteRefused
from patchkit.fleet.outcome import Outcome, Word, failed
from patchkit.git.worktree import unclean
from patchkit.tree import recover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.cli.job import Asked
    from patchkit.cli.options import Many
    from patchkit.fleet.source import Source


def apply_many(
    names: Sequence[str],
    asked: Asked,
    many: Many,
    *,
    style: str,
    check: bool,
    color: bool | None,
    force: bool,
) -> ExitCode:
    """Render fixes on recipes and write each, those of one folder one after the other."""
    view = partial(seen, style=style, check=check, color=is_colored(style, color=color))
    return render_many(
        names,
        asked,
        many,
        command="apply",
        view=view,
        style=style,
        settle=None if check else _Writer(force=force),
        is_chained=True,
        is_kept=not check,
        prepare=_recovered,
    )


def _recovered(source: Source) -> None:
    """Bring a folder into order in which a write was interrupted; what cannot be is told later."""
    if source.kind == "folder":
        with suppress(PatchkitError):
            if told := recover(source.where):
                click.echo(told, err=True)


@dataclass
class _Writer:
    """Writes outcomes, and holds back what builds on one that was not written.

    Attributes:
        force: whether uncommitted changes are written over.
        stuck: the recipe of which a fix was not written.
        own: the recipe that was written last, and the files of it that this run changed.
        places: which recipe each workspace holds.
    """

    force: bool
    stuck: str = ""
    own: tuple[str, frozenset[str]] = ("", frozenset())
    places: dict[Path, str] = field(default_factory=dict)

    def __call__(self, outcome: Outcome) -> Outcome:
        if outcome.code is not ExitCode.OK or outcome.tree is None:
            return _bare(outcome)
        try:
            self._check_turn(outcome)
            written = self._written(outcome)
        except PatchkitError as error:
            self.stuck = outcome.source.key
            return replace(failed(outcome.source, outcome.fix, error), key=outcome.key)
        return _bare(replace(outcome, word=Word.APPLIED) if written else outcome)

    def _check_turn(self, outcome: Outcome) -> None:
        if self.stuck == outcome.source.key:
            raise WriteRefused(
                "an earlier fix of this recipe was not written, and this one builds on it",
                hint="see to that one, then run it again with --resume",
            )

    def _written(self, outcome: Outcome) -> bool:
        tree = outcome.tree
        if tree is None:
            return False
        if outcome.source.kind == "folder":
            return self._into_folder(outcome, Path(outcome.source.where))
        target = single.WORKSPACE / outcome.source.recipe
        owner = self.places.setdefault(target, outcome.source.key)
        if owner != outcome.source.key:
            raise WriteRefused(
                f"{target} holds the recipe of the same name from {owner.partition(':')[2]}",
                hint="write them in two runs, or leave one out: --skip",
            )
        single.write_workspace(tree, target)
        return True

    def _into_folder(self, outcome: Outcome, folder: Path) -> bool:
        tree, base = outcome.tree, outcome.base
        if tree is None or base is None:
            return False
        changed = tree.changed_paths(base)
        key, own = self.own if self.own[0] == outcome.source.key else (outcome.source.key, ())
        dirty = [] if self.force else [p for p in unclean(folder, changed) if p not in own]
        if dirty:
            raise WriteRefused(
                f"{folder} has uncommitted changes that the fix would meet: {', '.join(dirty)}",
                hint="commit or stash them first, or write all the same with --force",
            )
        tree.write(folder, base=base)
        self.own = (key, frozenset((*own, *changed)))
        return bool(changed)


def _bare(outcome: Outcome) -> Outcome:
    return replace(outcome, base=None, tree=None)
