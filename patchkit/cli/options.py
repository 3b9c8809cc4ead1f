"""Options and arguments that several commands share."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from patchkit.errors import UsageError
from patchkit.report.terminal import hush

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
_LIMIT = click.option(
    "--limit", "most", metavar="N", type=click.IntRange(min=1), help="At most so many recipes."
)
_RESUME = click.option(
    "--resume", "is_resumed", is_flag=True, help="Only what did not succeed last time."
)
EXECUTORS = ("processes", "threads", "dask")


@dataclass(frozen=True, slots=True)
class Many:
    """What the command line says of a run over many recipes.

    Attributes:
        is_all: every fix that is no alternative.
        root: a folder of recipes' folders.
        listing: a file that names recipes.
        only_recipe: patterns of recipes, one of which must fit.
        skip: patterns of recipes, none of which may fit.
        most: how many recipes at most.
        is_resumed: only what did not succeed last time.
        is_fragile: stop at the first that does not go well.
        jobs: how many at once.
        executor: who does them.
        scheduler: of dask, its address.
        is_quiet: no progress.
    """

    is_all: bool = False
    root: str | None = None
    listing: str | None = None
    only_recipe: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    most: int | None = None
    is_resumed: bool = False
    is_fragile: bool = False
    jobs: int | None = None
    executor: str | None = None
    scheduler: str | None = None
    is_quiet: bool = False

    def __bool__(self) -> bool:
        return replace(self, is_quiet=False) != Many()


def _complete_fix(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer files first, then the names of the fixes and classes of ./fixes and the shipped."""
    from patchkit.fixes import known_names  # noqa: PLC0415  only on completion

    del ctx, param
    ids = [name for name in known_names() if name.startswith(incomplete)]
    files = click.shell_completion.CompletionItem(incomplete, type="file")
    return [files, *(click.shell_completion.CompletionItem(i) for i in ids)]


def _complete_recipe(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
    """Offer the recipes that fixes of ./fixes, or else the shipped ones, are for."""
    from patchkit.fixes import fixes_for  # noqa: PLC0415  only on completion

    del ctx, param
    names = sorted({fix.repository for fix in fixes_for(()).fixes})
    return [click.shell_completion.CompletionItem(n) for n in names if n.startswith(incomplete)]


def fixes_argument(function: F) -> F:
    """Take one fix or several, as files or ids."""
    return _fixes(function, required=True)


def fixes_or_all_argument(function: F) -> F:
    """Take one fix or several, as files or ids; none only with `--all`, which comes with it."""

    @wraps(function)
    def checked(*, fixes: tuple[str, ...], many: Many, **given: Any) -> Any:
        if not fixes and not many.is_all:
            context = click.get_current_context()
            missing = next(p for p in context.command.params if p.name == "fixes")
            raise click.MissingParameter(ctx=context, param=missing)
        return function(fixes=fixes, many=many, **given)

    flag = click.option("--all", "is_all", is_flag=True, help="Every fix that is no alternative.")
    return cast("F", _fixes(flag(bundled(checked)), required=False, metavar="FIX..."))


def optional_fixes_argument(function: F) -> F:
    """Take fixes, as files or ids, or none."""
    return _fixes(function, required=False)


def _fixes(function: F, *, required: bool, metavar: str = "") -> F:
    return click.argument(
        "fixes",
        metavar=metavar or ("FIX..." if required else "[FIX...]"),
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
            help="The folder to fix; else a sample of the fix's recipe, of ./recipes first.",
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
            "--fix",
            "named",
            metavar="FIX",
            multiple=True,
            shell_complete=_complete_fix,
            help="A fix: the same as FIX.",
        ),
        click.option(
            "--recipe",
            "recipes",
            metavar="R",
            multiple=True,
            shell_complete=_complete_recipe,
            help="Every fix of a recipe.",
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


def fleet_options(
    only: str = "--only",
    *,
    is_limited: bool = True,
    is_far: bool = True,
    is_resumable: bool = True,
) -> Callable[[F], F]:
    """Take which recipes, when there are many, and how they are worked on.

    Args:
        only: the short name of the option that chooses recipes; empty where it means another.
        is_limited: whether `--limit` is about recipes here.
        is_far: whether the work may be done in other processes.
        is_resumable: whether a run may leave out what succeeded in the last one.
    """
    only_names = [name for name in (only, "--only-recipe") if name]
    decorators = [
        click.option(
            "--recipes",
            "root",
            metavar="DIR",
            help="A folder of recipes' folders: work on each.",
        ),
        click.option(
            "--list",
            "listing",
            metavar="FILE",
            help="A file with a folder, URL or recipe's name on each line.",
        ),
        click.option(
            *only_names,
            "only_recipe",
            metavar="GLOB",
            multiple=True,
            help="Of these recipes, those whose name or place fits.",
        ),
        click.option(
            "--skip", metavar="GLOB", multiple=True, help="Leave out those whose name fits."
        ),
        *([_LIMIT] if is_limited else []),
        *([_RESUME] if is_resumable else []),
        click.option(
            "--fail-fast",
            "is_fragile",
            is_flag=True,
            help="Stop at the first that does not go well.",
        ),
        *_crew_options(is_far=is_far),
    ]
    return lambda function: _decorated(function, decorators)


def _crew_options(*, is_far: bool) -> list[Callable[[F], F]]:
    """Return the options that say who works on many recipes, and how it is told."""
    far = [
        click.option(
            "--executor",
            type=click.Choice(EXECUTORS),
            help="Who works: this machine, or a cluster of dask.",
        ),
        click.option("--scheduler", metavar="ADDRESS", help="Of dask, such as tcp://host:8786."),
    ]
    near = [
        click.option(name, hidden=True, expose_value=False, callback=_stays_here)
        for name in ("--executor", "--scheduler")
    ]
    return [
        click.option(
            "--jobs",
            metavar="N",
            type=click.IntRange(min=1),
            help="How many at once; by default one a processor.",
        ),
        *(far if is_far else near),
        click.option("--quiet", "is_quiet", is_flag=True, help="Tell no progress."),
    ]


def _stays_here(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Say why a command has not the option that others have."""
    if value is not None:
        raise UsageError(
            f"{ctx.info_name} has no {param.opts[0]}: it works in this process alone, since the"
            " forge's token goes to no other one",
            hint="--jobs N reads N mirrors at once",
        )


def bundled(function: Callable[..., Any], own: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Give a command one `many` in place of the options of many recipes.

    Args:
        function: the command.
        own: options of the same names that it takes itself.
    """

    @wraps(function)
    def given(**options: Any) -> Any:
        names = {field.name for field in fields(Many)} & options.keys() - {*own}
        many = Many(**{name: options.pop(name) for name in names})
        hush(quiet=many.is_quiet)
        return function(many=many, **options)

    return given


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
