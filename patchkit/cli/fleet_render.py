"""`diff`, `apply` and `verify` over many recipes: which fix goes to which, and what is shown."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from patchkit.cli.fleet import Sheet, chosen, conduct, counted, paired, sources, specs
from patchkit.cli.sources import own_sample
from patchkit.errors import ExitCode, UsageError
from patchkit.fleet.fix_text import FixText
from patchkit.fleet.job import Job, Seen
from patchkit.fleet.source import Source
from patchkit.report.fleet_text import error_json
from patchkit.report.frame import LIST, PLAIN, json_piece
from patchkit.report.output import as_json, colored, stat_text
from patchkit.report.terminal import is_colored as is_terminal_colored
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from patchkit.cli.job import Asked
    from patchkit.cli.options import Many
    from patchkit.fleet.outcome import Outcome
    from patchkit.fleet.rendered import Rendered
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix


def render_many(
    names: Sequence[str],
    asked: Asked,
    many: Many,
    *,
    command: str,
    view: Callable[[Rendered], Seen],
    style: str,
    settle: Callable[[Outcome], Outcome] | None = None,
    prepare: Callable[[Source], None] | None = None,
    **how: Any,
) -> ExitCode:
    """Render fixes on recipes, each on those that it is for.

    Args:
        names: of fixes, as typed.
        asked: where a recipe is, when it is one, and parameters.
        many: which recipes, and how.
        command: the command's name.
        view: what it makes of each.
        style: the format of standard output.
        settle: what it does here with each outcome.
        prepare: what it does here with each recipe before.
        how: fields of `Job`.
    """
    found, broken = counted(specs(names, is_all=many.is_all))
    pairs, code = aimed(found, asked, many)
    if prepare is not None:
        for source, _ in pairs:
            prepare(source)
    works = [Job(source, texts, asked.params, view, **how) for source, texts in pairs]
    told = conduct(works, many, command=command, sheet=sheet(style), settle=settle, after=broken)
    return max(code, told)


def aimed(
    found: Sequence[Fix], asked: Asked, many: Many, profile: str | None = None
) -> tuple[list[tuple[Source, tuple[FixText, ...]]], ExitCode]:
    """Return each recipe with its fixes; a fix that is for none of them is told, with its code.

    Args:
        found: the fixes.
        asked: where the recipe is, when it is one.
        many: which recipes.
        profile: of the settings.

    Raises:
        UsageError: the recipes are named in two ways, or a class has none.
    """
    pairs = _pairs(found, asked, many, profile)
    missing = [] if many.is_all else _strays(found, pairs)
    for fix in missing:
        click.echo(f"{fix.id}: none of the recipes is {fix.repository}", err=True)
    return pairs, ExitCode.USAGE if missing else ExitCode.OK


def sheet(style: str) -> Sheet:
    """Return how outcomes of fixes go to standard output."""
    return Sheet(LIST, _failed) if style == "json" else Sheet(PLAIN)


def seen(
    rendered: Rendered,
    *,
    style: str,
    check: bool,
    color: bool,
) -> Seen:
    """Return what `diff` and `apply` make of a rendered fix: its paths are below the recipe's."""
    patch = rendered.patch
    is_change = check and rendered.code is ExitCode.OK and patch.tree != patch.base
    code = ExitCode.CHANGE if is_change else ExitCode.OK
    if style == "json":
        return Seen(json_piece(as_json(rendered)), code)
    below = _below(patch, rendered.recipe)
    if style == "stat":
        return Seen(stat_text(below), code)
    text = below.diff()
    return Seen(colored(text) if color and text else text, code)


def is_colored(style: str, *, color: bool | None) -> bool:
    """Whether a diff is coloured: as asked, else on a terminal without NO_COLOR."""
    if style != "diff" or color is not None:
        return bool(color) and style == "diff"
    return is_terminal_colored(sys.stdout)


def _below(patch: Patch, recipe: str) -> Patch:
    """Return a patch of the folder above the recipe: no two recipes have the same paths there."""
    changed = patch.tree.changed_paths(patch.base)

    def moved(tree: RecipeTree) -> RecipeTree:
        there = {path: tree.entries[path] for path in changed if path in tree.entries}
        return RecipeTree({f"{recipe}/{path}": entry for path, entry in there.items()})

    return replace(patch, base=moved(patch.base), tree=moved(patch.tree))


def _pairs(
    found: Sequence[Fix], asked: Asked, many: Many, profile: str | None
) -> list[tuple[Source, tuple[FixText, ...]]]:
    texts = tuple(map(FixText.of, found))
    one = [Source.folder(asked.folder)] if asked.folder is not None else []
    one += [Source.mirror(asked.mirror)] if asked.mirror is not None else []
    if one and (many.root or many.listing):
        raise UsageError(
            "--in and --mirror name one recipe, --recipes and --list many",
            hint="leave one of them out",
        )
    if len(one) > 1:
        raise UsageError("--in and --mirror name two recipes", hint="leave one of them out")
    if one:
        return [(source, texts) for source in chosen(one, many)] if texts else []
    if many.root or many.listing:
        return paired(found, sources(many, profile=profile))[0]
    for fix in found:
        if fix.is_class:
            raise UsageError(
                f"{fix.name} is for every recipe of a kind",
                hint="say where they are: --recipes DIR or --list FILE; or one: --in DIR",
            )
    samples = [(_sample(fix), (FixText.of(fix),)) for fix in found]
    kept = chosen([source for source, _ in samples], many)
    return [(source, texts) for source, texts in samples if source in kept]


def _sample(fix: Fix) -> Source:
    own = own_sample(fix)
    return Source.sample(fix.repository) if own is None else Source.own(own, fix.repository)


def _strays(found: Sequence[Fix], pairs: Sequence[tuple[Source, tuple[FixText, ...]]]) -> list[Fix]:
    used = {text.digest for _, texts in pairs for text in texts}
    return [fix for fix in found if fix.digest not in used]


def _failed(outcome: Outcome) -> str:
    return json_piece(
        {
            "fix": outcome.fix,
            "repository": outcome.source.recipe,
            "source": outcome.source.name,
            "verdict": None,
            "error": error_json(outcome),
        }
    )
