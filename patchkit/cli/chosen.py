"""Which fixes a command is about: those that are named, of recipes, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.cli.sources import name_of
from patchkit.errors import UsageError
from patchkit.fixes import fixes_for, load_fix

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from patchkit.spec.fix import Fix


def chosen(
    fixes: Iterable[str], recipes: Collection[str], *, is_all: bool, mirror: str | None = None
) -> list[Fix]:
    """Return the fixes that a command is about, each once.

    Args:
        fixes: files or ids.
        recipes: every fix of these that is no alternative.
        is_all: every fix that is no alternative.
        mirror: the one mirror that all of them are for.

    A class is taken for the recipe of the mirror.

    Raises:
        UsageError: there are none, a class is named without a mirror, or one mirror is named for
            several recipes.
        SpecError: a spec is wrong.
    """
    found = [load_fix(name) for name in fixes]
    if is_all or recipes:
        found += fixes_for(() if is_all else recipes)
    found = [_on(fix, mirror) for fix in found]
    if not found:
        raise UsageError("no fix is named", hint="name a fix, --recipe R, or --all")
    if mirror and len({fix.repository for fix in found}) > 1:
        raise UsageError("--mirror names one recipe", hint="name fixes of one recipe, or leave it")
    return list({fix.id: fix for fix in found}.values())


def _on(fix: Fix, mirror: str | None) -> Fix:
    if fix.is_class and not mirror:
        message = f"{fix.name} is for every recipe of a kind"
        raise UsageError(message, hint="say which: --mirror URL")
    return fix.on(name_of(mirror)) if mirror else fix
