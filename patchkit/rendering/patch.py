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
from patchkit.rendering.guards import failing
from patchkit.rendering.kind import OtherKind, found
from patchkit.spec import params as parameters
from patchkit.spec import templates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.finding import Finding
    from patchkit.spec.fix import Fix
    from patchkit.spec.model import OpModel
    from patchkit.tree import RecipeTree


ASKS = "needs a value"  # what a class is to a recipe when only a person can say the rest
# What a recipe is called in its own `.env.sample`.
_NAMES = {"TYPE", "RECIPE"}


class Verdict(StrEnum):
    """What a fix is to a recipe.

    A class has nothing to say of a recipe that is not of its kind; of one that is, but in a state
    that the fix does not know, it says that it drifted. A broken one cannot be read at all.
    """

    APPLIES = "applies"
    FIXED = "already fixed"
    OTHER = "not this kind"
    DRIFTED = "drifted"
    BROKEN = "broken"


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
        verdict: what the fix is to the recipe; `render` gives every one but `broken`.
        base: the recipe as it was.
        tree: the recipe as the fix leaves it; `base` itself unless it applies.
        changes: what was done, op by op, then the closing rules.
        findings: open questions that a person must answer before the change goes out.
        reasons: why it drifted, is not of the kind or is broken; or how it is known to be fixed.
        params: the values of the fix's parameters, as given or found; none where one was not. Of
            services that a param with `each:` found, the names with commas.
        asks: of a class that drifted, the params that nobody but a person knows and has not given.
    """

    verdict: Verdict
    base: RecipeTree
    tree: RecipeTree
    changes: tuple[Change, ...] = ()
    findings: tuple[Finding, ...] = ()
    reasons: tuple[Problem, ...] = field(default=())
    params: Mapping[str, Any] = field(default_factory=dict)
    asks: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """The verdict as it is told and counted."""
        return ASKS if self.asks else str(self.verdict)

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
        sets = found(fix, recipe, given)
    except OtherKind as error:
        return Patch(Verdict.OTHER, tree, tree, reasons=error.problems)
    except (EditRefused, RecipeError) as error:
        reasons = (*_other_recipe(fix, tree), *error.problems)
        asks = tuple(name for name in parameters.required(fix) if name not in given)
        return Patch(Verdict.DRIFTED, tree, tree, reasons=reasons, asks=asks)
    return replace(_Rendering(fix, draft, sets).patch(), params=_together(sets))


def judge(fix: Fix, tree: RecipeTree, params: Mapping[str, Any] | None = None) -> Patch:
    """Return what `render` does, and `broken` instead of an error for a recipe nobody can read.

    Raises:
        SpecError: as `render`.
    """
    try:
        return render(fix, tree, params)
    except RecipeError as error:
        return Patch(Verdict.BROKEN, tree, tree, reasons=error.problems)


def _together(sets: list[dict[str, Any]]) -> dict[str, Any]:
    """Return several sets of values as one: where they differ, all of them with commas."""
    first, *rest = sets
    differing = [name for name in first if any(values[name] != first[name] for values in rest)]
    every = {name: dict.fromkeys(str(values[name]) for values in sets) for name in differing}
    return first | {name: ", ".join(values) for name, values in every.items()}


def _other_recipe(fix: Fix, tree: RecipeTree) -> list[Problem]:
    """Return what tells that the recipe is another one than the fix is for, if anything does."""
    text = tree.text(ENV_SAMPLE) if _is_for_one(fix) and ENV_SAMPLE in tree else ""
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


def _is_for_one(fix: Fix) -> bool:
    return fix.for_recipe and not fix.is_class


class _Rendering:
    """One fix on one recipe; `sets` holds the params' values of each service it is about."""

    def __init__(self, fix: Fix, draft: Draft, sets: list[dict[str, Any]]) -> None:
        self.fix = fix
        self.base = draft.base
        self.sets = sets
        self.draft = draft
        self.changes: list[Change] = []

    def patch(self) -> Patch:
        reasons: list[Problem] = []
        for values in self.sets:
            told, is_drifted = self._made(values)
            if is_drifted:
                return self._drifted(told)
            reasons += told
        return self._closed() if self.changes else self._fixed(tuple(reasons))

    def _made(self, values: dict[str, Any]) -> tuple[list[Problem], bool]:
        """Make the fix with one set of values; return reasons, and whether they are of a drift."""
        recipe = self.draft.before
        unmet = self._failing("expects", recipe, values)
        held = bool(self.fix.spec.ensures) and not self._failing("ensures", recipe, values)
        if unmet:
            return ([], False) if held else (unmet, True)
        start = len(self.changes)
        outcomes = self._run_ops(values)
        refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
        told = [outcome.problem for outcome in refused]
        done = any(isinstance(outcome, Changed) for outcome in outcomes)
        if not done and (held or all(outcome.absent for outcome in refused)):
            del self.changes[start:]
            return told, False
        return told, bool(refused)

    def _closed(self) -> Patch:
        """Run a recipe's closing rules, then ask whether the result is what the fix ensures."""
        try:
            version = self.fix.spec.version
            done = closing.close(self.draft, version) if self.fix.for_recipe else []
        except (EditRefused, RecipeError) as error:
            return self._drifted(list(error.problems))
        self.changes += [Change("closing", text, self.draft.tree) for text in done]
        recipe = self.draft.recipe
        if unmet := [p for v in self.sets for p in self._failing("ensures", recipe, v)]:
            return self._drifted([replace(p, message=f"after the ops: {p.message}") for p in unmet])
        if self.draft.tree == self.base:  # such as a version that an op sets back and a rule raises
            return self._fixed()
        changes, findings = tuple(self.changes), tuple(self.draft.findings)
        return Patch(Verdict.APPLIES, self.base, self.draft.tree, changes, findings)

    def _run_ops(self, values: dict[str, Any]) -> list[Outcome]:
        """Run the ops in order, up to and with the first that is refused for good."""
        outcomes: list[Outcome] = []
        dirs = self.fix.template_dirs
        self.draft.template = lambda name: templates.render_file(name, values, dirs)
        for i, raw in enumerate(self.fix.spec.ops):
            op = find_op(raw["op"])
            if op is None:
                raise BugError(f"the op {raw['op']} was loaded and is unknown")
            outcome = self._run(op, self.fix.step(i, values))
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

    def _failing(
        self, kind: Literal["expects", "ensures"], recipe: Recipe, values: dict[str, Any]
    ) -> list[Problem]:
        conditions = getattr(self.fix.spec, kind)
        rendered = (self.fix.condition(kind, i, values) for i in range(len(conditions)))
        return [problem for c in rendered if (problem := failing(c, recipe)) is not None]

    def _fixed(self, reasons: tuple[Problem, ...] = ()) -> Patch:
        return Patch(Verdict.FIXED, self.base, self.base, reasons=reasons)

    def _drifted(self, reasons: list[Problem]) -> Patch:
        told = (*_other_recipe(self.fix, self.base), *reasons)
        return Patch(Verdict.DRIFTED, self.base, self.base, tuple(self.changes), reasons=told)


def _message(outcome: Outcome) -> str:
    return outcome.problem.message if isinstance(outcome, Refused) else outcome.message
