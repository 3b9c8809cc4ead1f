"""Renders a fix on a recipe: guards, ops in order, closing rules.

Pure: the same spec and the same recipe give the same bytes, on any machine; nothing here
touches git, the network or the recipe's own folder.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from patchkit import diff
from patchkit.draft import Draft
from patchkit.edit import dotenv
from patchkit.errors import BugError, EditRefused, Place, Problem, RecipeError
from patchkit.ops import Changed, Op, Outcome, Refused, Unchanged, find_op, run
from patchkit.recipe.model import ENV_SAMPLE, Recipe
from patchkit.rendering import closing
from patchkit.rendering.guards import failing, find_param
from patchkit.spec import params as parameters
from patchkit.spec import templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.finding import Finding
    from patchkit.spec.fix import Fix
    from patchkit.spec.model import OpModel
    from patchkit.tree import RecipeTree


# What a recipe is called in its own `.env.sample`.
_NAMES = {"TYPE", "RECIPE"}


class Verdict(StrEnum):
    """What a fix is to a recipe."""

    APPLIES = "applies"
    FIXED = "already fixed"
    DRIFTED = "drifted"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that rendering did.

    Attributes:
        step: the op, or `closing` for what the closing rules did.
        message: what was done, in a sentence.
        tree: the recipe afterwards; of the closing rules, after all of them.
        place: the op in the spec; None for the closing rules.
    """

    step: str
    message: str
    tree: RecipeTree = field(repr=False, compare=False)
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Patch:
    """What a fix makes of a recipe.

    Attributes:
        verdict: `applies`, `already fixed` or `drifted`.
        base: the recipe as it was.
        tree: the recipe as the fix leaves it; `base` itself unless it applies.
        changes: what was done, op by op, then the closing rules.
        findings: open questions that a person must answer before the change goes out.
        reasons: why it drifted, or how it is known to be fixed.
        params: the values of the fix's parameters, as given or found; none where one was not.
    """

    verdict: Verdict
    base: RecipeTree
    tree: RecipeTree
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Problem, ...] = field(default=())
    params: Mapping[str, Any] = field(default_factory=dict)

    def diff(self, context: int = 3) -> str:
        """Return the change as a git diff, ready for `git apply`; empty when there is none."""
        return diff.unified(self.base, self.tree, context)


def render(fix: Fix, tree: RecipeTree, params: Mapping[str, Any] | None = None) -> Patch:
    """Return what `fix` makes of `tree`, a recipe or another repository.

    Args:
        fix: from `load_fix` or `loads_fix`.
        tree: the files.
        params: values for the fix's parameters, in place of their defaults or what is found.

    Raises:
        SpecError: a parameter is unknown or has the wrong type, or a template is wrong.
        RecipeError: a file of the recipe cannot be read; with its place.
    """
    draft = Draft(tree)
    recipe = draft.before
    given = parameters.given(fix, params or {})
    if fix.for_recipe:
        _ = recipe.merged  # a recipe that cannot be read is no drift
    try:
        values = parameters.resolve(fix, given, lambda _, query: find_param(recipe, query))
    except (EditRefused, RecipeError) as error:
        reasons = (*_other_recipe(fix, tree), *error.problems)
        return Patch(Verdict.DRIFTED, tree, tree, reasons=reasons)
    return replace(_Rendering(fix, draft, values).patch(), params=values)


def _other_recipe(fix: Fix, tree: RecipeTree) -> list[Problem]:
    """Return what tells that the recipe is another one than the fix is for, if anything does."""
    text = tree.text(ENV_SAMPLE) if fix.for_recipe and ENV_SAMPLE in tree else ""
    return [
        Problem(
            f"the fix is for {fix.repository}, and this recipe calls itself {entry.value}",
            Place.at(ENV_SAMPLE, text, entry.span[0]),
            "name the folder of the right recipe with --in",
        )
        for entry in dotenv.entries(text)
        if entry.name in _NAMES
        and not entry.commented
        and entry.value.partition(":")[0] not in {"", fix.repository}
    ]


class _Rendering:
    def __init__(self, fix: Fix, draft: Draft, values: dict[str, Any]) -> None:
        self.fix = fix
        self.base = draft.base
        self.values = values
        self.draft = draft
        self.draft.template = self._template
        self.changes: list[Change] = []

    def patch(self) -> Patch:
        recipe = self.draft.before
        unmet = self._failing("expects", recipe)
        held = bool(self.fix.spec.ensures) and not self._failing("ensures", recipe)
        if unmet:
            return self._fixed() if held else self._drifted(unmet)
        outcomes = self._run_ops()
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        done = any(isinstance(outcome, Changed) for outcome in outcomes)
        if not done and (held or all(outcome.absent for outcome in refused)):
            return self._fixed(tuple(outcome.problem for outcome in refused))
        return self._drifted([r.problem for r in refused]) if refused else self._closed()

    def _closed(self) -> Patch:
        """Run a recipe's closing rules, then ask whether the result is what the fix ensures."""
        try:
            version = self.fix.spec.version
            done = closing.close(self.draft, version) if self.fix.for_recipe else []
        except (EditRefused, RecipeError) as error:
            return self._drifted(list(error.problems))
        self.changes += [Change("closing", text, self.draft.tree) for text in done]
        unmet = self._failing("ensures", self.draft.recipe)
        if unmet:
            return self._drifted([replace(p, message=f"after the ops: {p.message}") for p in unmet])
        if self.draft.tree == self.base:  # such as a version that an op sets back and a rule raises
            return self._fixed()
        changes, findings = tuple(self.changes), tuple(self.draft.findings)
        return Patch(Verdict.APPLIES, self.base, self.draft.tree, changes, findings)

    def _run_ops(self) -> list[Outcome]:
        """Run the ops in order, up to and with the first that is refused for good."""
        outcomes: list[Outcome] = []
        for i, raw in enumerate(self.fix.spec.ops):
            op = find_op(raw["op"])
            if op is None:
                raise BugError(f"the op {raw['op']} was loaded and is unknown")
            outcome = self._run(op, self.fix.step(i, self.values))
            outcomes.append(outcome)
            if not isinstance(outcome, Unchanged):
                place = self.fix.source.place(("ops", i))
                self.changes.append(Change(op.name, _message(outcome), self.draft.tree, place))
            if isinstance(outcome, Refused) and not outcome.absent:
                break
        return outcomes

    def _run(self, op: Op, step: OpModel) -> Outcome:
        for condition in step.when:
            if problem := failing(condition, self.draft.recipe):
                return Unchanged(f"not needed: {problem.message}")
        return run(op, self.draft, step)

    def _failing(self, kind: Literal["expects", "ensures"], recipe: Recipe) -> list[Problem]:
        conditions = getattr(self.fix.spec, kind)
        rendered = (self.fix.condition(kind, i, self.values) for i in range(len(conditions)))
        return [problem for c in rendered if (problem := failing(c, recipe)) is not None]

    def _template(self, name: str) -> str:
        return templates.render_file(name, self.values, self.fix.template_dirs)

    def _fixed(self, reasons: tuple[Problem, ...] = ()) -> Patch:
        return Patch(Verdict.FIXED, self.base, self.base, reasons=reasons)

    def _drifted(self, reasons: list[Problem]) -> Patch:
        told = (*_other_recipe(self.fix, self.base), *reasons)
        return Patch(Verdict.DRIFTED, self.base, self.base, tuple(self.changes), reasons=told)


def _message(outcome: Outcome) -> str:
    return outcome.problem.message if isinstance(outcome, Refused) else outcome.message
