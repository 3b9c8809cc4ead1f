"""What a fix is about in a recipe: its params there, and whether it is of a class's kind.

A class says nothing about a recipe that is not of its kind. One that is, but in which something
else is missing or stands twice, has drifted: nobody guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.errors import EditRefused, Problem, RecipeError
from patchkit.recipe.find import Ambiguous, NotFound
from patchkit.rendering.guards import failing, find_each, find_param
from patchkit.spec import params as parameters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.recipe.model import Recipe
    from patchkit.spec.fix import Fix
    from patchkit.spec.parameter import Param
    from patchkit.spec.params import Find


class OtherKind(EditRefused):
    """The recipe is not of the kind that a class is for; its problems say why."""


def found(fix: Fix, recipe: Recipe, given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the values of the params: one set for each service of a param with `each:`, else one.

    Args:
        fix: a fix or class.
        recipe: where to look.
        given: what the user gave.

    Raises:
        OtherKind: the recipe is not of the class's kind.
        EditRefused, RecipeError: a param is not found, or could be several things.
    """
    reasons: list[Problem] = []
    fitting: list[Mapping[str, Any]] = []
    for chosen in _each(fix, recipe, given):
        reason = _unfit(fix, recipe, chosen)
        if reason is None:
            fitting.append(chosen)
        else:
            reasons.append(reason)
    if not fitting:
        raise OtherKind(tuple(dict.fromkeys(reasons)))
    return [parameters.resolve(fix, chosen, _finder(recipe)) for chosen in fitting]


def _each(fix: Fix, recipe: Recipe, given: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return what is given together with each service that the param with `each:` finds."""
    params = fix.spec.params
    name = next((n for n, param in params.items() if param.each and n not in given), None)
    if name is None:
        return [given]
    services: list[str] = []

    def find(param: str, query: Param) -> Any:
        if param != name:
            return find_param(recipe, query)
        services.extend(find_each(recipe, query))
        return services[0]

    try:
        parameters.resolve(fix, given, find, only=(name,))
    except (EditRefused, RecipeError) as error:
        if fix.is_class and _is_absent(error):
            raise OtherKind(error.problems) from error
        raise
    return [{**given, name: service} for service in services]


def _unfit(fix: Fix, recipe: Recipe, given: Mapping[str, Any]) -> Problem | None:
    """Return why the recipe is not of the class's kind, None if it is or the fix is no class."""
    used = parameters.used(fix, "applies_to")
    try:
        values = parameters.resolve(fix, given, _finder(recipe), only=used)
    except (EditRefused, RecipeError) as error:
        if fix.is_class and _is_absent(error):
            return error.problems[0]
        raise
    for i in range(len(fix.spec.applies_to)):
        problem = failing(fix.condition("applies_to", i, values), recipe)
        if problem is not None:
            return problem
    return None


def _is_absent(error: EditRefused | RecipeError) -> bool:
    """Whether a param was not found at all, instead of more than once or not readable."""
    cause = error.__cause__
    return cause is None or (isinstance(cause, NotFound) and not isinstance(cause, Ambiguous))


def _finder(recipe: Recipe) -> Find:
    return lambda _, query: find_param(recipe, query)
