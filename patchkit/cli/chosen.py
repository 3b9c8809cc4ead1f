"""Which fixes a command is about: those that are named, of recipes, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.cli.telling import tell
from patchkit.errors import ExitCode, UsageError
from patchkit.fixes import Specs, fixes_for, read_specs
from patchkit.fleet.source import name_of
from patchkit.report.errors import error_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from patchkit.spec.fix import Fix


def chosen(
    fixes: Iterable[str], recipes: Collection[str], *, is_all: bool, mirror: str | None = None
) -> Specs:
    """Return the fixes that a command is about, each once, and which cannot be read.

    Args:
        fixes: files or ids.
        recipes: every fix of these that is no alternative.
        is_all: every fix that is no alternative.
        mirror: the one mirror that all of them are for.

    A class is taken for the recipe of the mirror.

    Raises:
        UsageError: there are none, a class is named without a mirror, or one mirror is named for
            several recipes.
    """
    found, broken = read_specs(fixes)
    if is_all or recipes:
        more = fixes_for(() if is_all else recipes)
        found, broken = [*found, *more.fixes], [*broken, *more.broken]
    found = [_on(fix, mirror) for fix in found]
    if not found and not broken:
        raise UsageError("no fix is named", hint="name a fix, --recipe R, or --all")
    if mirror and len({fix.repository for fix in found}) > 1:
        raise UsageError("--mirror names one recipe", hint="name fixes of one recipe, or leave it")
    return Specs(list({fix.id: fix for fix in found}.values()), broken)


def readable(specs: Specs) -> tuple[list[Fix], ExitCode]:
    """Return the fixes that can be read, and the exit code of the others, which are told."""
    for _, error in specs.broken:
        tell(error_text(error))
    return specs.fixes, max((error.exit_code for _, error in specs.broken), default=ExitCode.OK)


def _on(fix: Fix, mirror: str | None) -> Fix:
    if fix.is_class and not mirror:
        message = f"{fix.name} is for every recipe of a kind"
        raise UsageError(message, hint="say which: --mirror URL")
    return fix.on(name_of(mirror)) if mirror else fix
