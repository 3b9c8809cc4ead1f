"""Which classes have something to say of a recipe, and what lint says that none of them cures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import ExitCode, Problem
from patchkit.fleet.outcome import told_of
from patchkit.lint import lint
from patchkit.rendering import ASKS, Verdict, check, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.finding import Finding
    from patchkit.lint import Gate
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix
    from patchkit.tree import RecipeTree

# What a class says of a recipe that is its business and that it does not cure.
_SPEAKING = frozenset((Verdict.DRIFTED, Verdict.BROKEN))


@dataclass(frozen=True, slots=True)
class Cell:
    """What a class is to a recipe.

    Attributes:
        name: what users type for the class.
        verdict: `applies`, `already fixed`, `not this kind`, `drifted`, or `broken`: the recipe
            cannot be read, or the class cannot be applied as it is.
        reasons: why, unless it applies.
        told: the same in the class's own words, each once.
        asks: whether the class wants a param that nobody but a person knows.
        changes: what the class would do, a sentence each.
        findings: of lint, those that the class cures; of one that does not apply, those that are
            its business.
        code: the exit code of what is wrong with the class or patchkit.
    """

    name: str
    verdict: Verdict
    reasons: tuple[Problem, ...] = ()
    changes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    code: ExitCode = ExitCode.OK
    told: tuple[Problem, ...] = ()
    asks: bool = False

    @property
    def word(self) -> str:
        """The verdict as it is told and counted."""
        return ASKS if self.asks else str(self.verdict)


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of a recipe.

    Attributes:
        recipe: its name.
        source: where it came from.
        commit: that was read; empty of a folder.
        cells: a class each.
        findings: of lint, those that none of these classes cures here.
        error: why it cannot be read.
        code: the exit code of that.
    """

    recipe: str
    source: str
    commit: str
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...] = ()
    error: tuple[Problem, ...] = ()
    code: ExitCode = ExitCode.OK


def scan(
    tree: RecipeTree, classes: Sequence[Fix], *, recipe: str, source: str, commit: str = ""
) -> Row:
    """Ask every class about a recipe. Pure.

    Args:
        tree: the recipe.
        classes: to ask.
        recipe: its name.
        source: where it came from.
        commit: that was read.
    """
    findings = lint(tree).findings
    cells, left = _shared([_cell(fix.on(recipe), tree, findings) for fix in classes], findings)
    return Row(recipe, source, commit, tuple(cells), left)


def unreadable(classes: Sequence[str], recipe: str, source: str, error: Exception) -> Row:
    """Return the row of a recipe that cannot be read."""
    code, problems = told_of(error)
    cells = (Cell(name, Verdict.BROKEN, problems) for name in classes)
    return Row(recipe, source, "", tuple(cells), error=problems, code=code)


def _shared(
    cells: Sequence[Cell], findings: Sequence[Finding]
) -> tuple[list[Cell], tuple[Finding, ...]]:
    """Return cells with each finding once, where it is cured before where it is only met."""
    shared, left = list(cells), list(findings)
    for i in sorted(range(len(cells)), key=lambda i: cells[i].verdict is not Verdict.APPLIES):
        own = tuple(finding for finding in cells[i].findings if finding in left)
        shared[i] = replace(cells[i], findings=own)
        left = [finding for finding in left if finding not in own]
    return shared, tuple(left)


def _cell(fix: Fix, tree: RecipeTree, findings: Sequence[Finding]) -> Cell:
    try:
        patch = judge(fix, tree)
        gate = check(fix, patch)
    except Exception as error:  # noqa: BLE001  whatever it is, the other classes go on
        code, problems = told_of(error)
        return Cell(fix.name, Verdict.BROKEN, problems, code=code)
    mine = tuple(f for f in findings if {f.rule, f.ref} & set(fix.spec.cures))
    if patch.verdict is not Verdict.APPLIES:
        return Cell(
            fix.name,
            patch.verdict,
            patch.reasons,
            findings=mine if patch.verdict in _SPEAKING else (),
            told=_in_its_words(fix, patch),
            asks=bool(patch.asks),
        )
    if refused := _refused(patch, gate):
        return Cell(fix.name, Verdict.BROKEN, refused, findings=mine)
    cured = tuple(f for f in mine if f in gate.better)
    return Cell(fix.name, patch.verdict, (), tuple(c.message for c in patch.changes), cured)


def _in_its_words(fix: Fix, patch: Patch) -> tuple[Problem, ...]:
    """Return reasons with the `because:` of the condition that fails, and what is to be given."""
    spec = fix.spec
    said = {c.because for c in (*spec.applies_to, *spec.expects, *spec.ensures)}
    asked = " ".join(f"--param {name}=VALUE" for name in patch.asks)
    told = []
    for reason in patch.reasons:
        if reason.hint and reason.hint in said:
            told.append(Problem(reason.hint, reason.place))
        elif asked and reason.place is not None and reason.place.path == fix.path:
            told.append(Problem(f"only a person can say it: {asked}"))
        else:
            hint = ", and ".join(filter(None, (reason.hint, asked)))
            told.append(Problem(reason.message, reason.place, hint))
    return tuple(dict.fromkeys(told))


def _refused(patch: Patch, gate: Gate) -> tuple[Problem, ...]:
    """Return why a change would not be written although the class applies."""
    worse = [
        Problem(f"lint would get worse: {f.message} [{f.rule}]", f.place, f.hint)
        for f in (regression.finding for regression in gate.worse)
    ]
    asks = [
        Problem(f"a question is open: {f.message} [{f.rule}]", f.place, f.hint)
        for f in patch.findings
    ]
    return (*worse, *asks)
