"""The values of a fix's params: given by the user, found in the recipe, or the default.

A param may use others in its templates; they are filled in first, in an order that
`graphlib` finds. What finds things in a recipe is handed in: this room knows no recipe.
"""

from __future__ import annotations

from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.edit.scalars import resolve as read_scalar
from patchkit.errors import EditRefused, Problem, RecipeError, SpecError, UsageError
from patchkit.spec.parameter import SELECTORS
from patchkit.spec.templates import names_in
from patchkit.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from patchkit.spec.fix import Fix
    from patchkit.spec.parameter import Param

    Find: TypeAlias = Callable[[str, Param], Any]


def given(fix: Fix, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the user gave for the params of `fix`, in their types.

    Args:
        fix: the fix.
        values: by name; text, as after `--param`, is read as the param's type asks: `7`,
            `true`, `a,b`.

    Raises:
        UsageError: an unknown name, a value of the wrong type or none of the choices, or a
            param that must be given and is not; all of them at once.
    """
    problems: list[Problem] = []
    result: dict[str, Any] = {}
    for name, value in values.items():
        try:
            result[name] = _accepted(fix.spec.params[name], value)
        except KeyError:
            problems.append(_unknown(fix, name))
        except ValueError as error:
            problems.append(_problem(fix, name, f'param "{name}": {error}'))
    problems += [
        _problem(fix, name, f'param "{name}" is not given', f"add --param {name}=VALUE")
        for name in required(fix)
        # Only of a recipe of its kind does a class ask what it cannot know.
        if name not in values and not fix.is_class
    ]
    if problems:
        raise UsageError(tuple(problems))
    return result


def required(fix: Fix) -> list[str]:
    """Return the params that no recipe tells and that have no default."""
    return [name for name, param in fix.spec.params.items() if param.is_required]


def resolve(
    fix: Fix, given: Mapping[str, Any], find: Find, *, only: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the value of every param of `fix`, in the order of the file.

    Args:
        fix: the fix.
        given: what the function `given` returned.
        find: looks a param with `find` up in a recipe, its selectors filled in; returns None
            if nothing fits, or raises an error that says what was near. It is not asked when
            a param that the selectors use is None itself.
        only: the params that are wanted, with those that they use; all by default.

    Raises:
        EditRefused: what is neither optional nor has a default was not found.
        SpecError: a template of a param fails, or gives what the param does not take.
    """
    used = needs(fix.source.data.get("params", {}))
    order = TopologicalSorter(used if only is None else _reached(used, only)).static_order()
    values: dict[str, Any] = {}
    for name in order:
        values[name] = given[name] if name in given else _value(fix, name, values, find)
    return {name: values[name] for name in fix.spec.params if name in values}


def used(fix: Fix, key: str) -> list[str]:
    """Return the params that the templates under a key of the spec use."""
    names = _names(fix.source.data.get(key))
    return [name for name in fix.spec.params if name in names]


def _reached(graph: Mapping[str, list[str]], start: Collection[str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    left = list(start)
    while left:
        name = left.pop()
        if name not in result:
            result[name] = graph[name]
            left += graph[name]
    return result


def needs(params: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return for each param, as the spec writes it, the other params its templates use."""
    return {
        name: [other for other in params if other in _names(rendered_part(raw))]
        for name, raw in params.items()
    }


def rendered_part(raw: Any) -> Any:
    """Return the part of a param, as the spec writes it, that may hold templates."""
    if not isinstance(raw, dict):
        return raw
    return {key: raw[key] for key in ("default", *SELECTORS) if key in raw}


def cycles(params: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the params that need each other, each circle once, its first name also last."""
    used = needs(params)
    while True:
        try:
            TopologicalSorter(used).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            yield circle
            used = {name: others for name, others in used.items() if name not in circle}
        else:
            return


def _names(value: Any) -> frozenset[str]:
    if isinstance(value, str):
        return names_in(value)
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return frozenset().union(*map(_names, items))


def _accepted(param: Param, value: Any) -> Any:
    parsed = _parsed(param, value) if isinstance(value, str) else value
    param.check(parsed)
    return parsed


def _parsed(param: Param, text: str) -> Any:
    if param.kind == "list":
        return [item.strip() for item in text.split(",")] if text.strip() else []
    if param.kind in {"int", "float", "bool"}:
        return read_scalar(text.strip())
    return text


def _value(fix: Fix, name: str, values: Mapping[str, Any], find: Find) -> Any:
    param = fix.spec.params[name]
    value = _found(fix, name, values, find) if param.find else None
    if value is None and param.has_default:
        return fix.param_default(name, values)
    if value is None and not param.optional:
        missing = f"the recipe has no such {param.find}" if param.find else "it is not given"
        asked = "if it goes by another name, add" if param.find else "add"
        raise EditRefused(
            f'param "{name}": {missing}',
            place=fix.source.place(("params", name), key=True),
            hint=f"{asked} --param {name}=VALUE",
        )
    return value


def _found(fix: Fix, name: str, values: Mapping[str, Any], find: Find) -> Any:
    raw = fix.source.data["params"][name]
    if any(values[used] is None for used in _names([raw.get(key) for key in SELECTORS])):
        return None
    query = fix.param_query(name, values)
    try:
        value = find(name, query)
    except (EditRefused, RecipeError) as error:
        hint = f"if you know which is meant, add --param {name}=VALUE"
        raise EditRefused(tuple(replace(p, hint=p.hint or hint) for p in error.problems)) from error
    try:
        return None if value is None else _accepted(fix.spec.params[name], value)
    except ValueError as error:
        place = fix.source.place(("params", name), key=True)
        raise SpecError(f'param "{name}": {error} in the recipe', place=place) from None


def _unknown(fix: Fix, name: str) -> Problem:
    near = did_you_mean(name, fix.spec.params)
    hint = f"its params: {', '.join(fix.spec.params) or 'none'}"
    return Problem(f'{fix.path} has no param "{name}"{near}', hint="" if near else hint)


def _problem(fix: Fix, name: str, message: str, hint: str = "") -> Problem:
    return Problem(message, fix.source.place(("params", name), key=True), hint)
