"""What the commands about pull requests are called for: which fixes, and on which mirrors."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from patchkit.cli.chosen import chosen, readable
from patchkit.cli.options import (
    Many,
    bundled,
    choice_options,
    fixes_argument,
    forge_options,
    optional_fixes_argument,
    parsed_params,
)
from patchkit.cli.targets import Targets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from patchkit.errors import ExitCode
    from patchkit.fixes import Specs
    from patchkit.publish.target import Target
    from patchkit.spec.fix import Fix


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line says of fixes and of where they are proposed.

    Attributes:
        targets: the mirrors, each read once.
        names: fixes, as files or ids.
        recipes: every fix of these is meant too.
        is_all: every fix is meant.
        mirror: the URL of the one mirror; what the settings say by default.
        params: values for parameters of the fixes.
        many: which recipes, and how they are worked on, when there are many.
    """

    targets: Targets
    names: tuple[str, ...] = ()
    recipes: tuple[str, ...] = ()
    is_all: bool = False
    mirror: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    many: Many = field(default_factory=Many)

    def fixes(self) -> Specs:
        """Return the fixes, each once, and which cannot be read; errors as of `chosen`."""
        return chosen(self.names, self.recipes, is_all=self.is_all, mirror=self.mirror)

    def readable(self) -> tuple[list[Fix], ExitCode]:
        """Return the fixes, each once, and the exit code of those that cannot be read: told."""
        return readable(self.fixes())

    def target(self, recipe: str, url: str | None = None) -> Target | None:
        """Return the mirror of a recipe; errors as of `Targets.target`.

        Args:
            recipe: its name.
            url: the mirror's, where a list names it.
        """
        return self.targets.target(recipe, url=url)


def wants_fixes(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the fixes that are named, of recipes, or all, as its first argument."""
    return optional_fixes_argument(
        choice_options(forge_options(bundled(_wanted(command), ("is_all",))))
    )


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
        many: Many | None = None,
        **others: Any,
    ) -> int:
        names, given = (*fixes, *named), parsed_params(params)
        targets = Targets(url=mirror, profile=profile, fork=fork)
        wanted = Wanted(targets, names, recipes, is_all, mirror, given, many or Many())
        return command(wanted, **others)

    return called
