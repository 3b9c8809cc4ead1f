"""Options and arguments that several commands share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from patchkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchkit.cli.job import Asked

F = TypeVar("F", bound="Callable[..., Any]")

FORMATS = ("diff", "json", "stat")
_PARAM = click.option(
    "--param",
    "params",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter's value, in place of its default or what is found.",
)


def _complete_fix(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer files first, then the ids of the fixes that patchkit ships."""
    from patchkit.fixes import shipped_fixes  # noqa: PLC0415  only on completion

    del ctx, param
    ids = [path.stem for path in shipped_fixes() if path.stem.startswith(incomplete)]
    files = click.shell_completion.CompletionItem(incomplete, type="file")
    return [files, *(click.shell_completion.CompletionItem(i) for i in ids)]


def fixes_argument(function: F) -> F:
    """Take one fix or several, as files or ids."""
    return _fixes(function, required=True)


def optional_fixes_argument(function: F) -> F:
    """Take fixes, as files or ids, or none."""
    return _fixes(function, required=False)


def _fixes(function: F, *, required: bool) -> F:
    return click.argument(
        "fixes",
        metavar="FIX..." if required else "[FIX...]",
        nargs=-1,
        required=required,
        shell_complete=_complete_fix,
    )(function)


def recipe_options(function: F) -> F:
    """Take where the recipe is, and what the fix's parameters are: they become an `Asked`."""
    decorators = [
        click.option(
            "--in",
            "folder",
            metavar="DIR",
            type=click.Path(path_type=str),
            help="The folder to fix; else the bundled sample of the fix's recipe or repository.",
        ),
        click.option(
            "--mirror",
            metavar="URL",
            help="A git repository; its default branch is fetched and read.",
        ),
        _PARAM,
    ]
    return _decorated(function, decorators)


def choice_options(function: F) -> F:
    """Take which fixes are meant besides those that are named, and their parameters."""
    decorators = [
        click.option(
            "--fix", "named", metavar="FIX", multiple=True, help="A fix: the same as FIX."
        ),
        click.option(
            "--recipe", "recipes", metavar="R", multiple=True, help="Every fix of a recipe."
        ),
        click.option("--all", "is_all", is_flag=True, help="Every fix that is no alternative."),
        _PARAM,
    ]
    return _decorated(function, decorators)


def forge_options(function: F) -> F:
    """Take where pull requests are."""
    decorators = [
        click.option(
            "--mirror", metavar="URL", help="The mirror; what the settings say by default."
        ),
        click.option("--profile", metavar="NAME", help="A profile of the settings."),
        click.option("--fork", metavar="OWNER", help="Whose fork of the mirror has the branches."),
    ]
    return _decorated(function, decorators)


def render_options(function: F) -> F:
    """Take what else `apply` and `diff` have in common."""
    decorators = [
        click.option(
            "--format",
            "style",
            type=click.Choice(FORMATS),
            default="diff",
            show_default=True,
            help="What goes to standard output.",
        ),
        click.option("--check", is_flag=True, help="Exit with 1 if there would be a change."),
        click.option(
            "--color/--no-color",
            "color",
            default=None,
            help="Colour the diff; by default on a terminal, unless NO_COLOR is set.",
        ),
    ]
    return _decorated(function, decorators)


def _decorated(function: F, decorators: Sequence[Callable[[F], F]]) -> F:
    for decorate in reversed(decorators):
        function = decorate(function)
    return function


def asked(folder: str | None, mirror: str | None, params: tuple[str, ...]) -> Asked:
    """Return what `recipe_options` took."""
    from patchkit.cli.job import Asked  # noqa: PLC0415  the help pages do not need it

    return Asked(folder, mirror, parsed_params(params))


def parsed_params(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return `NAME=VALUE` pairs as a mapping."""
    parsed = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--param {pair} has no value", hint="write --param NAME=VALUE")
        parsed[name] = value
    return parsed
