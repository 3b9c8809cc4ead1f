"""Asks every rule about a recipe. Pure: no disk, no network, no clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError, Place, UsageError
from patchkit.finding import Finding
from patchkit.lint import allow
from patchkit.lint.report import Report, Result, State
from patchkit.lint.rule import Hit
from patchkit.lint.rules import RULES, find_rule
from patchkit.lint.rules.fatal import invalid_compose
from patchkit.lint.subject import Subject
from patchkit.recipe.model import Recipe

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from patchkit.lint.rule import Rule
    from patchkit.tree import RecipeTree

_UNREADABLE = "the recipe cannot be read"


def lint(
    tree: RecipeTree, *, base: RecipeTree | None = None, tags: Mapping[str, bool] | None = None
) -> Report:
    """Return what every rule says of a recipe.

    Args:
        tree: the recipe.
        base: what it was before a change; rules about changes are not judged without it, nor
            when it cannot be read.
        tags: the git tags of its repository, and whether each is annotated; None when there is
            no repository.

    Returns:
        A report; never an error: what cannot be read is a fatal finding with its place.
    """
    subject = Subject(Recipe(tree), _readable(base) if base else None, tags)
    try:
        _read(subject)
        return Report(tuple(_result(rule, subject) for rule in RULES))
    except PatchkitError as error:
        return Report(tuple(_unreadable(rule, error, tree) for rule in RULES))


def ask(name: str, recipe: Recipe) -> tuple[Finding, ...]:
    """Return what one rule finds in a recipe and no comment allows.

    Args:
        name: the rule's name, or abra's number of it.
        recipe: one that can be read.

    Raises:
        UsageError: there is no such rule.
    """
    rule = find_rule(name)
    if rule is None:
        raise UsageError(f"there is no rule {name}", hint="`patchkit explain` lists them")
    return _result(rule, Subject(recipe)).findings


def _read(subject: Subject) -> None:
    """Read what rules rely on, so that a recipe is told as unreadable once."""
    _ = subject.settings, subject.merged


def _readable(tree: RecipeTree) -> Recipe | None:
    """Return a recipe to compare with, None when it cannot be read: a change may repair that."""
    recipe = Recipe(tree)
    try:
        _read(Subject(recipe))
    except PatchkitError:
        return None
    return recipe


def _result(rule: Rule, subject: Subject) -> Result:
    if reason := rule.unless(subject):
        return Result(rule, State.NOT_JUDGED, reason=reason)
    found = _findings(rule, rule.check(subject))
    open_, allowed = allow.sort_out(found, subject.tree)
    return Result(rule, State.FAILS if open_ else State.HOLDS, open_, allowed)


def _findings(rule: Rule, hits: Iterable[Hit]) -> list[Finding]:
    found = [
        Finding(
            rule=rule.name,
            message=hit.message,
            place=hit.place,
            hint=hit.hint or rule.fix,
            severity=rule.severity,
            ref=rule.ref,
            why=rule.why,
        )
        for hit in dict.fromkeys(hits)
    ]
    return sorted(found, key=lambda f: (f.place.path, f.place.line, f.place.column))


def _unreadable(rule: Rule, error: PatchkitError, tree: RecipeTree) -> Result:
    if rule is not invalid_compose:
        return Result(rule, State.NOT_JUDGED, reason=_UNREADABLE)
    hits = [Hit(p.place or Place(tree.name), p.message, p.hint) for p in error.problems]
    return Result(rule, State.FAILS, tuple(_findings(rule, hits)))
