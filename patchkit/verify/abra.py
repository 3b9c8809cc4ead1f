"""Whether abra's own lint finds a recipe in order, and patchkit's rules say the same.

`abra recipe lint` judges the git checkout in `$ABRA_DIR/recipes/<name>`, fetches tags from its
origin, shows its table to a terminal only, and ends with code 0 even when rules of severity
error fail; it stops with FATA where `.env.sample` is missing or the merged compose files are
invalid. That is what operators and CI of Co-op Cloud have seen of it: this judge was tried with
stand-ins that do the same, and with no release of abra. https://docs.coopcloud.tech/abra/
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from patchkit.lint import State, lint
from patchkit.lint.rules.fatal import FATA
from patchkit.verify.abra_run import SECONDS, HungError, abra_lint, version
from patchkit.verify.judge import Check, Judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.errors import Place
    from patchkit.lint import Result
    from patchkit.tree import RecipeTree
    from patchkit.verify.abra_table import Table
    from patchkit.verify.judge import Case

_ERROR = "error"
_WORDS = {True: "holds", False: "fails"}


@dataclass(frozen=True, slots=True)
class _Opinions:
    """What abra says of a recipe, and patchkit of that.

    Attributes:
        failing: the error rules that fail, by ref, with how to fix them.
        differing: the refs on which they differ, with what each says.
        compared: the refs that both judged.
        places: where patchkit has found rules failing.
    """

    failing: Mapping[str, str] = field(default_factory=dict)
    differing: Mapping[str, str] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)


def _check(case: Case) -> Iterator[Check]:
    """Lint the recipe; where something is wrong, the recipe as it was before the fix too."""
    try:
        after = _asked(case, case.tree, "after")
    except HungError as error:
        yield Check(f"abra ends within {SECONDS:.0f} s", passed=False, output=str(error))
        return
    wrong = after.failing or after.differing
    changed = case.tree != case.patch.base
    before = _before(case) if wrong and changed else _Opinions()
    yield _compared("abra's error rules hold", after, after.failing, before.failing)
    what = f"abra and patchkit say the same of {', '.join(after.compared)}"
    yield _compared(what, after, after.differing, before.differing)


def _compared(
    what: str, after: _Opinions, wrong: Mapping[str, str], old: Mapping[str, str]
) -> Check:
    """Return a check that shows what is new, and all of it when nothing is."""
    shown = {ref: line for ref, line in wrong.items() if ref not in old} or wrong
    place = next((after.places[ref] for ref in shown if ref in after.places), None)
    output = "\n".join(f"{ref}: {line}" for ref, line in shown.items())
    return Check(what, not wrong, output, place, before=bool(wrong) and wrong.keys() <= old.keys())


def _before(case: Case) -> _Opinions:
    try:
        return _asked(case, case.patch.base, "before")
    except HungError:
        return _Opinions()


def _asked(case: Case, tree: RecipeTree, at: str) -> _Opinions:
    table = abra_lint(case.bench, tree, case.fix.repository, at)
    results = [r for r in lint(tree, tags={version(tree): True}).results if r.rule.ref]
    theirs, ours = _theirs(table), _ours(results)
    both = [ref for ref in ours if ref in theirs]
    return _Opinions(
        _failing(table),
        {ref: _difference(theirs[ref], ours[ref]) for ref in both if theirs[ref] != ours[ref]},
        tuple(both),
        {r.rule.ref: r.findings[0].place for r in reversed(results) if r.findings},
    )


def _failing(table: Table) -> dict[str, str]:
    fatal = {FATA: "; ".join(table.fatal)} if table.fatal else {}
    rows = [row for row in table.rows.values() if row.holds is False and row.severity == _ERROR]
    return fatal | {row.ref: f"{row.rule}; {row.fix}" for row in rows}


def _theirs(table: Table) -> dict[str, bool]:
    """Return what abra judged, by ref."""
    rows = {row.ref: row.holds for row in table.rows.values() if row.holds is not None}
    return {FATA: not table.fatal} | rows


def _ours(results: list[Result]) -> dict[str, bool]:
    """Return what patchkit judged, by ref; abra reads none of the comments that allow."""
    ours: dict[str, bool] = {}
    for result in results:
        if result.state is not State.NOT_JUDGED:
            holds = not result.findings and not result.allowed
            ours[result.rule.ref] = ours.get(result.rule.ref, True) and holds
    return ours


def _difference(theirs: bool, ours: bool) -> str:
    return f"abra says that it {_WORDS[theirs]}, patchkit that it {_WORDS[ours]}"


JUDGE = Judge("abra", "abra's lint rules hold, and patchkit's own agree with them.", _check)
