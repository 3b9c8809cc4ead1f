"""What a fix is for: a recipe, or any other repository, in which nothing is known but files.

The latter has no services, no lint and no version of its own, so what speaks of them is a mistake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.errors import Problem
from patchkit.spec.condition import Condition
from patchkit.spec.problems import title

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from patchkit.spec.source import Loc, Source

# What a condition says of files, and so of any repository.
_OF_FILES = frozenset(("file", "files", "text", "matches", "any", "absent", "because"))
_OF_RECIPES = tuple(name for name in Condition.model_fields if name not in _OF_FILES)
_FINDS = frozenset(("service", "config"))


def target_problems(source: Source, general_ops: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with what a spec is for, or says of a repository that is no recipe.

    Args:
        source: the spec.
        general_ops: the names of the ops that work on any repository.
    """
    data = source.data
    if "applies_to" in data:
        yield from _class(source)
    elif ("recipe" in data) == ("repository" in data):
        yield _one_of_both(source)
    elif "extends" in data and "recipe" not in data:
        hint = "leave extends out, and write the ops here"
        yield _wrong(source, ("extends",), '"extends"', hint)
    elif "repository" in data:
        yield from _keys(source)
        yield from _params(source)
        yield from _steps(source, general_ops)
        for kind in ("expects", "ensures"):
            yield from _conditions(source, (kind,), data.get(kind))


def _class(source: Source) -> Iterator[Problem]:
    for name in ("recipe", "repository", "extends", "alternative"):
        if name in source.data:
            place = source.place((name,), key=True)
            yield Problem(f'"{name}" does not go with "applies_to"', place, "keep one of them")
    if not source.data.get("ensures"):
        hint = "say what holds of a recipe that is cured: it tells which are fixed already"
        yield Problem('"ensures" is missing, which a class needs', source.place(()), hint)


def _one_of_both(source: Source) -> Problem:
    if "recipe" in source.data:
        place = source.place(("repository",), key=True)
        return Problem('"recipe" and "repository" do not go together', place, "keep one of them")
    hint = (
        "write `recipe: NAME`; `repository: NAME` if it is no recipe; or `applies_to:` in a class,"
        " which is for every recipe of a kind"
    )
    return Problem('"recipe" is missing', source.place(()), hint)


def _keys(source: Source) -> Iterator[Problem]:
    if source.data.get("version", "leave") != "leave":
        hint = "leave the key out: only recipes have a version that a fix raises"
        yield _wrong(source, ("version",), '"version"', hint)
    if source.data.get("allow"):
        hint = "leave the key out: lint judges recipes"
        yield _wrong(source, ("allow",), '"allow"', hint)


def _params(source: Source) -> Iterator[Problem]:
    params = source.data.get("params")
    for name, raw in params.items() if isinstance(params, dict) else ():
        find = raw.get("find") if isinstance(raw, dict) else None
        if find not in (None, "match", "file") or (find == "file" and _FINDS & raw.keys()):
            hint = "find a file by a text in it, a match of a regex, or give a default"
            yield _wrong(source, ("params", name, "find"), "what it finds", hint)


def _steps(source: Source, general_ops: Collection[str]) -> Iterator[Problem]:
    steps = source.data.get("ops")
    for i, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, dict):
            continue
        name = step.get("op")
        families = dict.fromkeys(op.partition(".")[0] for op in general_ops)
        if isinstance(name, str) and name not in general_ops:
            hint = f"ops for any repository: {', '.join(f'{family}.*' for family in families)}"
            yield _wrong(source, ("ops", i, "op"), "the op", hint)
        yield from _conditions(source, ("ops", i, "when"), step.get("when"))


def _conditions(source: Source, loc: Loc, conditions: Any) -> Iterator[Problem]:
    for i, condition in enumerate(conditions if isinstance(conditions, list) else ()):
        if not isinstance(condition, dict):
            continue
        for name in (key for key in condition if key in _OF_RECIPES):
            hint = "say it of files: file or files, with text or matches"
            yield _wrong(source, (*loc, i, name), f'"{name}"', hint, key=True)
            break
        yield from _conditions(source, (*loc, i, "any"), condition.get("any"))


def _wrong(source: Source, loc: Loc, what: str, hint: str, *, key: bool = False) -> Problem:
    head = title(loc[:-1], source.data)
    message = f"{what} is for recipes, and this fix is for a repository that is none"
    return Problem(f"{head}: {message}" if head else message, source.place(loc, key=key), hint)
