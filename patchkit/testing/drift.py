"""Recipes that a fix must not apply to, made from one that it applies to.

What the fix looks for is taken away, one thing at a time: each entry of `expects:`, of a class
also of `applies_to:`, and each service or file that a param finds. Besides, there is a recipe of
strangers. What cannot be taken away without breaking the files is left out; an author's own case
covers it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchkit.draft import Draft
from patchkit.edit.pattern import compile_pattern
from patchkit.errors import BugError, EditRefused, RecipeError
from patchkit.ops import Refused, find_op, run
from patchkit.recipe.model import BASE
from patchkit.rendering import Verdict
from patchkit.rendering.guards import failing
from patchkit.rendering.kind import found as values_of
from patchkit.spec import params as parameters
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.errors import Place
    from patchkit.rendering import Patch
    from patchkit.spec.condition import Condition
    from patchkit.spec.fix import ConditionKind, Fix

_STRANGERS = {
    BASE: 'version: "3.8"\nservices:\n  stranger:\n    image: example/stranger:1.0.0\n',
    "README.md": "# stranger\n",
}
# The field of a service in which a condition's fact stands.
_FIELDS = {
    "image": "image",
    "config_at": "configs",
    "volume_at": "volumes",
    "secret": "secrets",
    "depends_on": "depends_on",
    "network": "networks",
}
_SECTIONS = {"config": "configs", "volume": "volumes", "network": "networks", "secret": "secrets"}


@dataclass(frozen=True)
class Gone:
    """A recipe that a fix must not apply to.

    Attributes:
        where: what was taken away, for messages.
        tree: the files.
        place: the part of the spec that looks for it.
        wrong: the verdicts that are wrong.
        hint: what the author can do where it is another one.
    """

    where: str
    tree: RecipeTree
    place: Place
    wrong: tuple[Verdict, ...]
    hint: str


def strangers(fix: Fix, patch: Patch, params: Mapping[str, Any] | None = None) -> Iterator[Gone]:
    """Yield the recipes that a fix must not apply to.

    Args:
        fix: the spec.
        patch: what it makes of a sample that it applies to.
        params: the values for its parameters that it was made with.
    """
    # One for each service or config that the fix is about.
    sets = values_of(fix, Draft(patch.base).before, parameters.given(fix, params or {}))
    yield Gone(
        "on a recipe of strangers",
        RecipeTree.from_files(_STRANGERS),
        fix.source.place(("id",), key=True),
        (Verdict.APPLIES, Verdict.FIXED),
        "say in `expects:` how its recipe is told from any other",
    )
    for what, place, tree in (
        *_without_found(fix, patch, sets),
        *_without_expected(fix, patch, sets),
    ):
        guard = "applies_to" if fix.is_class else "expects"
        hint = f"let `{guard}:` or a param with `find:` miss it"
        yield Gone(f"without {what}", tree, place, (Verdict.APPLIES,), hint)


def _without_found(
    fix: Fix, patch: Patch, sets: list[dict[str, Any]]
) -> Iterator[tuple[str, Place, RecipeTree]]:
    """Yield the sample without each service or file that a param must find."""
    for name, param in fix.spec.params.items():
        needed = param.find in {"service", "file"} and not (param.has_default or param.optional)
        names = [*dict.fromkeys(values[name] for values in sets)]
        if not needed or not all(isinstance(value, str) for value in names):
            continue
        draft = Draft(patch.base)
        with suppress(EditRefused, RecipeError):
            for value in names:
                if param.find == "file":
                    draft.take(draft.tree.without(value))
                else:
                    _unset(draft, ("services", value))
        if _is_whole(draft, patch.base, is_recipe=fix.for_recipe):
            place = fix.source.place(("params", name), key=True)
            yield f"the {param.find} {', '.join(names)}", place, draft.tree


def _without_expected(
    fix: Fix, patch: Patch, sets: list[dict[str, Any]]
) -> Iterator[tuple[str, Place, RecipeTree]]:
    """Yield the sample without each thing that the fix expects of it."""
    kinds: tuple[ConditionKind, ...] = ("applies_to", "expects")
    for kind, i in [(k, i) for k in kinds for i in range(len(getattr(fix.spec, k)))]:
        conditions = [fix.condition(kind, i, values) for values in sets]
        draft = Draft(patch.base)
        with suppress(EditRefused, RecipeError):
            for condition in conditions:
                _take_away(draft, condition)
        if not _is_whole(draft, patch.base, is_recipe=fix.for_recipe):
            continue
        if all(failing(condition, draft.recipe) for condition in conditions):
            yield f"what {kind}[{i}] names", fix.source.place((kind, i)), draft.tree


def _is_whole(draft: Draft, base: RecipeTree, *, is_recipe: bool) -> bool:
    """Whether something was taken away, and what is left is still a recipe."""
    try:
        return draft.tree != base and (not is_recipe or bool(draft.recipe.services))
    except RecipeError:
        return False


def _take_away(draft: Draft, condition: Condition) -> None:
    for part in condition.any or ():
        _take_away(draft, part)
    if condition.any or condition.absent:
        return  # what is not there cannot be taken away
    if condition.service is not None:
        _take_from_service(draft, condition, condition.service)
    elif condition.file or condition.files:
        _take_from_files(draft, condition, condition.file or condition.files or "")
    for kind, section in _SECTIONS.items():
        if condition.service is None and (name := getattr(condition, kind)):
            _unset(draft, (section, name))


def _take_from_service(draft: Draft, condition: Condition, service: str) -> None:
    if condition.label is not None:
        _run(draft, "labels.unset", {"service": service, "labels": [condition.label]})
    elif condition.environment is not None:
        _run(draft, "environment.unset", {"service": service, "names": [condition.environment]})
    else:
        fact = next((f for fact, f in _FIELDS.items() if getattr(condition, fact)), condition.field)
        _unset(draft, ("services", service, *(fact.split(".") if fact else ())))


def _take_from_files(draft: Draft, condition: Condition, pattern: str) -> None:
    for path in draft.tree.matching(pattern):
        if condition.text is None and condition.matches is None:
            draft.take(draft.tree.without(path))
            continue
        text = draft.tree.text(path)
        wanted = re.compile(re.escape(condition.text)) if condition.text else None
        found = wanted or compile_pattern(condition.matches or "", text)
        draft.save(path, found.sub("", text))


def _unset(draft: Draft, path: tuple[str, ...]) -> None:
    """Cut a path out of every compose file that has it."""
    for file in draft.recipe.files_with(path):
        try:
            draft.edit_yaml(file, lambda editor: editor.unset(path))
        except EditRefused:
            _drop_overlay(draft, file)


def _run(draft: Draft, name: str, keys: dict[str, Any]) -> None:
    """Run an op on each compose file by itself."""
    op = find_op(name)
    if op is None:
        raise BugError(f"there is no op {name}")
    for file in draft.recipe.compose_paths:
        step = op.model.model_validate({"op": name, "file": file, "optional": True, **keys})
        if isinstance(run(op, draft, step), Refused):
            _drop_overlay(draft, file)


def _drop_overlay(draft: Draft, file: str) -> None:
    """Remove an overlay that holds nothing else, or that cannot be edited."""
    if file != BASE:
        draft.take(draft.tree.without(file))
