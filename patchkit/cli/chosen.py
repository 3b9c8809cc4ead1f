"""Which fixes a command is about: those that are named, of recipes, or all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.errors import UsageError
from patchkit.fixes import Specs, fixes_for, read_specs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def chosen(
    fixes: Iterable[str], recipes: Collection[str], *, is_all: bool, mirror: str | None = None
) -> Specs:
    """Return the fixes that a command is about, each once, and which cannot be read.

    Args:
        fixes: files or ids.
        recipes: every fix of these that is no alternative.
        is_all: every fix that is no alternative.
        mirror: the one mirror that all of them are for.

    Raises:
        UsageError: there are none, or one mirror is named for several recipes.
    """
    found, broken = read_specs(fixes)
    if is_all or recipes:
        more = fixes_for(() if is_all else recipes)
        found, broken = [*found, *more.fixes], [*broken, *more.broken]
    if not found and not broken:
        raise UsageError("no fix is named", hint="name a fix, --recipe R, or --all")
    if mirror and len({fix.repository for fix in found}) > 1:
        raise UsageError("--mirror names one recipe", hint="name fixes of one recipe, or leave it")
    return Specs(list({fix.id: fix for fix in found}.values()), broken)
