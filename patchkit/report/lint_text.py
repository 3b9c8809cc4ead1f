"""Lint for people: every finding with its line, a caret, why it matters and what to do."""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from patchkit.errors import Problem
from patchkit.finding import Finding, Severity
from patchkit.lint import RULES, State
from patchkit.report.errors import problem_text, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from patchkit.lint import Allowed, Report, Result, Rule

    Cures: TypeAlias = Mapping[str, Sequence[str]]

_WORDS = {Severity.WARN: "warning", Severity.ERROR: "error", Severity.FATAL: "fatal error"}
_WIDTH = 80
_NAMED = 3  # rules


def lint_text(source: str, report: Report, cures: Cures | None = None) -> str:
    """Return everything that lint says of a recipe.

    Args:
        source: what to call the recipe.
        report: what the rules say.
        cures: the classes that cure the findings of a rule.
    """
    blocks = [_cured(finding_text(f), cured_by(f, cures or {})) for f in report.findings]
    blocks += ["\n".join(map(_allowed, report.allowed))] if report.allowed else []
    skipped = [r for r in report.results if r.state is State.NOT_JUDGED]
    notes = [f"not judged: {which}: {why}" for why, which in _by_reason(skipped).items()]
    last = "\n".join([*notes, f"{source}: {_count(report)}"])
    return visible("\n\n".join([*blocks, last]) + "\n")


def _by_reason(skipped: Sequence[Result]) -> dict[str, str]:
    """Return the rules that were not judged by the reason; many of them as their number."""
    rules: dict[str, list[str]] = {}
    for result in skipped:
        rules.setdefault(result.reason, []).append(_called(result.rule))
    return {
        why: ", ".join(names) if len(names) <= _NAMED else f"{len(names)} rules"
        for why, names in rules.items()
    }


def finding_text(finding: Finding, label: str = "") -> str:
    """Return a finding: what and where, the line with a caret, why, and what to do.

    Args:
        finding: what was found.
        label: what to call it; how bad it is by default.
    """
    label = f"{label or _WORDS[finding.severity]} [{names(finding.ref, finding.rule)}]"
    lines = [problem_text(Problem(finding.message, finding.place), label)]
    lines += _wrapped("why", finding.why) + _wrapped("help", finding.hint)
    return "\n".join(lines)


def cured_by(rule: Rule | Finding, cures: Cures) -> list[str]:
    """Return the classes that cure what a rule finds."""
    name = rule.rule if isinstance(rule, Finding) else rule.name
    every = (cures.get(called, ()) for called in (name, rule.ref) if called)
    return sorted({one for some in every for one in some})


def rule_page(rule: Rule) -> str:
    """Return a rule's page: why it matters, a bad and a good example, how to fix it."""
    head = [rule.name, "=" * len(rule.name), ""]
    ref = f" ({rule.ref} of abra)" if rule.ref else ""
    head += [textwrap.fill(rule.title, _WIDTH), "", f"Severity: {_WORDS[rule.severity]}{ref}"]
    for title, text in (("Why", rule.why), ("Fix", rule.fix)):
        head += ["", title, "-" * len(title), textwrap.fill(_sentence(text), _WIDTH)]
        if title == "Why":
            head += _example("Bad", rule.bad) + _example("Good", rule.good)
    if rule.cure:
        head += ["", f"The op {rule.cure} does it: patchkit explain {rule.cure}"]
    line = f"# patchkit: allow {rule.name} <reason>"
    if rule.severity is not Severity.FATAL:
        head += [
            "",
            "A comment on the line or directly above silences one finding:",
            "",
            f"    {line}",
        ]
    return "\n".join(head) + "\n"


def rule_list() -> str:
    """Return every rule with its first sentence."""
    width = max(len(_called(rule)) for rule in RULES)
    return "".join(f"{_called(rule):<{width}}  {rule.title}\n" for rule in RULES)


def _cured(block: str, classes: Sequence[str]) -> str:
    return "\n".join([block, *(f"  cure: patchkit diff {one} --in DIR" for one in classes)])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _example(title: str, text: str) -> list[str]:
    return ["", title, "-" * len(title), textwrap.indent(textwrap.dedent(text), "    ")]


def _wrapped(label: str, text: str) -> list[str]:
    head = f"  {label}: "
    wrapped = textwrap.wrap(
        text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False
    )
    return wrapped if text else []


def _allowed(allowed: Allowed) -> str:
    finding = allowed.finding
    return f"{finding.place}: allowed [{names(finding.ref, finding.rule)}]: {allowed.reason}"


def _called(rule: Rule) -> str:
    return names(rule.ref, rule.name)


def names(*parts: str) -> str:
    """Return the names of a rule, abra's number first: `R011 service-without-image`."""
    return " ".join(filter(None, parts))


def _count(report: Report) -> str:
    """Return `2 errors, 1 warning; 32 rules hold`."""
    found = Counter(finding.severity for finding in report.findings)
    parts = [f"{n} {_WORDS[s]}{'s' * (n > 1)}" for s in reversed(Severity) if (n := found[s])]
    held = sum(result.state is State.HOLDS for result in report.results)
    return f"{', '.join(parts) or 'no findings'}; {held} rules hold"
