"""What the commands about pull requests are called for: which fixes, and on which mirrors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from patchkit.cli.chosen import chosen
from patchkit.cli.options import (
    choice_options,
    fixes_argument,
    forge_options,
    optional_fixes_argument,
    parsed_params,
)
from patchkit.cli.targets import target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from patchkit.publish.target import Target
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says of fixes and of where they are proposed.

    Attributes:
        names: fixes, as files or ids.
        recipes: every fix of these is meant too.
        is_all: every fix is meant.
        mirror: the URL of the one mirror; what the settings say by default.
        profile: of the settings.
        fork: the owner of the fork that has the branches.
        params: values for parameters of the fixes.
    """

    names: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    is_all: bool = False
    mirror: str | None = None
    profile: str | None = None
    fork: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)

    def fixes(self) -> list[Fix]:
        """Return the fixes, each once; errors as of `chosen`."""
        return chosen(self.names, self.recipes, is_all=self.is_all, mirror=self.mirror)

    def target(self, recipe: str) -> Target | None:
        """Return the mirror of a recipe as it is now; errors as of `targets.target`."""
        return target(recipe, url=self.mirror, profile=self.profile, fork=self.fork)


def wants_fixes(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the fixes that are named, of recipes, or all, as its first argument."""
    return optional_fixes_argument(choice_options(forge_options(_wanted(command))))


def wants_named_fixes(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the fixes that are named, as its first argument."""
    return fixes_argument(forge_options(_wanted(command)))


def _wanted(command: Callable[..., int]) -> Callable[..., int]:
    @wraps(command)
    def called(
        *,
        fixes: tuple[str, ...],
        mirror: str | None,
        profile: str | None,
        fork: str | None,
        named: tuple[str, ...] = (),
        recipes: tuple[str, ...] = (),
        is_all: bool = False,
        params: tuple[str, ...] = (),
        **others: Any,
    ) -> int:
        names, given = (*fixes, *named), parsed_params(params)
        return command(Wanted(names, recipes, is_all, mirror, profile, fork, given), **others)

    return called
