"""The parts of the review page as values for its template: laid out here, judged elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from patchkit.errors import RecipeError
from patchkit.finding import Severity
from patchkit.lint import State
from patchkit.rendering import Verdict
from patchkit.report.errors import line_text
from patchkit.report.gate_text import cause_text
from patchkit.report.html.diffs import file_views
from patchkit.report.html.pills import is_unset, pills
from patchkit.report.html.stack import picture
from patchkit.report.lint_text import names
from patchkit.report.status_json import row_json
from patchkit.report.verify_json import judgement_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.errors import Place, Problem
    from patchkit.finding import Finding
    from patchkit.lint import Gate, Report
    from patchkit.rendering import Patch
    from patchkit.report.html.diffs import FileView
    from patchkit.report.html.entry import Entry, Failure
    from patchkit.report.html.pills import Pill
    from patchkit.report.html.stack import Picture

# A line end within a paragraph that begins no item of a list.
_WRAP = re.compile(r"\s*\n\s*(?![-*] )")


@dataclass(frozen=True, slots=True)
class Said:
    """A problem or finding.

    Attributes:
        message: what is wrong.
        place: where.
        line: the line of the place, with a caret below; empty when it is not known.
        hint: what to do.
        names: the rule's names, abra's number first.
        severity: how bad it is.
        why: why it matters.
        state: `new`, `allowed`, `gone` or `as before`, of a finding of lint.
        note: what brought it about, or why it is allowed.
    """

    message: str
    place: str = ""
    line: str = ""
    hint: str = ""
    names: str = ""
    severity: str = ""
    why: str = ""
    state: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class LintView:
    """Lint before and after.

    Attributes:
        word: `worse`, `better` or `no worse`: what the filter knows.
        before: how many findings of each severity there were, in words.
        after: how many there are.
        held: how many rules hold afterwards.
        findings: those that are new, allowed or gone.
        others: those that were there before and are there still.
        not_judged: the names of rules that were not judged, with the reason.
    """

    word: str
    before: str
    after: str
    held: int
    findings: tuple[Said, ...]
    others: tuple[Said, ...]
    not_judged: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class EntryView:
    """One fix on one recipe, as the page shows it.

    Attributes:
        fix: what users type for the fix.
        title: what the fix does.
        genus: `recipe` or `repository`.
        repository: its name.
        source: where the recipe comes from.
        base: what was read there, with the commit where there is one.
        digest: of the fix.
        why: paragraphs.
        evidence: a list.
        verdict: the verdict in words.
        kind: the verdict as a class.
        reasons: why it drifted, is of another kind or cannot be read.
        changes: the op, where it stands in the spec, and what it did.
        findings: open questions.
        files: the diff.
        added: new lines.
        removed: lines that are gone.
        picture: the stack; None for a repository that is no recipe, or a stack that cannot be read.
        undrawn: why the stack cannot be read.
        lint: the gate; None for a repository that is no recipe.
        judgements: what real programs said; None when they were not asked.
        row: the pull request and CI; None when the forge was not asked.
        is_unset: whether it could not be asked, since no settings say where.
        pills: what judges, forge and CI say in two words.
        companions: the fixes that belong together with it.
    """

    fix: str
    title: str
    genus: str
    repository: str
    source: str
    base: str
    digest: str
    why: tuple[str, ...]
    evidence: tuple[str, ...]
    verdict: str
    kind: str
    reasons: tuple[Said, ...]
    changes: tuple[tuple[str, str, str], ...]
    findings: tuple[Said, ...]
    files: tuple[FileView, ...]
    added: int
    removed: int
    picture: Picture | None
    undrawn: tuple[Said, ...]
    lint: LintView | None
    judgements: tuple[Mapping[str, Any], ...] | None
    row: Mapping[str, Any] | None
    is_unset: bool
    pills: tuple[Pill, ...]
    companions: tuple[str, ...]


def entry_view(entry: Entry) -> EntryView:
    """Return an entry laid out: of a recipe that the fix is not for, only why."""
    result, patch = entry.result, entry.result.patch
    fix, files = result.fix, tuple(file_views(result.patch))
    is_meant = fix.for_recipe and patch.verdict is not Verdict.OTHER
    drawn, undrawn = _picture(patch) if is_meant else (None, ())
    row = row_json(entry.row) if entry.row else None
    return EntryView(
        fix=fix.name,
        title=fix.title,
        genus=fix.kind,
        repository=fix.repository,
        source=result.source,
        base=patch.base.name,
        digest=fix.digest,
        why=tuple(_WRAP.sub(" ", p) for p in fix.spec.why.strip().split("\n\n")),
        evidence=tuple(fix.spec.evidence),
        verdict=patch.word,
        kind=patch.verdict.name.lower(),
        reasons=tuple(map(_problem, patch.reasons)),
        changes=tuple((c.step, str(c.place or ""), c.message) for c in patch.changes),
        findings=tuple(map(_finding, patch.findings)),
        files=files,
        added=sum(file.added for file in files),
        removed=sum(file.removed for file in files),
        picture=drawn,
        undrawn=undrawn,
        lint=_lint(result.gate, entry) if is_meant else None,
        judgements=None
        if entry.judgements is None
        else tuple(map(judgement_json, entry.judgements)),
        row=row,
        is_unset=row is not None and is_unset(row),
        pills=pills(entry.judgements, row),
        companions=tuple(fix.spec.with_),
    )


@dataclass(frozen=True, slots=True)
class FailureView:
    """A fix that could not be rendered, as the page shows it.

    Attributes:
        name: the fix as it was named.
        recipe: the recipe's name, if any.
        source: where the recipe comes from.
        problems: why.
    """

    name: str
    recipe: str
    source: str
    problems: tuple[Said, ...]


def failure_view(failure: Failure) -> FailureView:
    """Return a failure laid out."""
    problems = tuple(map(_problem, failure.problems))
    return FailureView(failure.name, failure.recipe, failure.source, problems)


def web_link(url: object) -> str:
    """Return a URL that a browser may open, empty for any that is not plain HTTP(S)."""
    try:
        parts = urlsplit(str(url or ""))
    except ValueError:
        return ""
    return str(url) if parts.scheme in {"http", "https"} and parts.netloc else ""


def _picture(patch: Patch) -> tuple[Picture | None, tuple[Said, ...]]:
    """Return the picture of the stack, or why there is none: the fix may not need all its files."""
    try:
        return picture(patch), ()
    except RecipeError as error:
        return None, tuple(map(_problem, error.problems))


def _lint(gate: Gate, entry: Entry) -> LintView:
    patch = entry.result.patch
    findings = [
        *(_finding(r.finding, "new", cause_text(r, patch)) for r in gate.worse),
        *(_finding(r.finding, "allowed", r.reason) for r in gate.allowed),
        *(_finding(finding, "gone") for finding in gate.better),
    ]
    new = [r.finding for r in (*gate.worse, *gate.allowed)]
    others = [_finding(f, "as before") for f in gate.after.findings if f not in new]
    return LintView(
        "worse" if gate.worse else "better" if gate.better else "no worse",
        _numbers(gate.before),
        _numbers(gate.after),
        sum(result.state is State.HOLDS for result in gate.after.results),
        tuple(findings),
        tuple(others),
        tuple(_not_judged(gate.after)),
    )


def _not_judged(report: Report) -> Iterator[tuple[str, str]]:
    for result in report.results:
        if result.state is State.NOT_JUDGED:
            yield names(result.rule.ref, result.rule.name), result.reason


def _numbers(report: Report) -> str:
    found = Counter(finding.severity for finding in report.findings)
    words = {Severity.WARN: "warning", Severity.ERROR: "error", Severity.FATAL: "fatal error"}
    parts = [f"{n} {words[s]}{'s' * (n > 1)}" for s in reversed(Severity) if (n := found[s])]
    return ", ".join(parts) or "no findings"


def _problem(problem: Problem) -> Said:
    place = problem.place
    return Said(problem.message, str(place or ""), _line(place), problem.hint)


def _finding(finding: Finding, state: str = "", note: str = "") -> Said:
    place = finding.place
    rule = names(finding.ref, finding.rule)
    severity = str(finding.severity)
    return Said(
        finding.message,
        str(place),
        _line(place),
        finding.hint,
        rule,
        severity,
        finding.why,
        state,
        note,
    )


def _line(place: Place | None) -> str:
    return "\n".join(line_text(place)) if place is not None and place.text.strip() else ""
