"""What a pull request says: the title, and patchkit's part of the body, in Markdown.

What comes from a recipe stands in code spans, where Markdown and mentions mean nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.data import data_dir
from patchkit.spec.templates import render_file
from patchkit.verify import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.finding import Finding
    from patchkit.lint import Gate, Regression
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix
    from patchkit.verify import Judgement

_TEMPLATE = "pull_request.md.j2"
_MOST = 60  # entries of a list


@dataclass(frozen=True, slots=True)
class PullRequestPage:
    """The title of a pull request, and patchkit's part of its body."""

    title: str
    body: str


def pull_request_page(
    fix: Fix,
    patch: Patch,
    gate: Gate,
    *,
    version: str,
    judged: str = "",
    companions: Iterable[str] = (),
) -> PullRequestPage:
    """Return what the pull request of a fix says.

    Args:
        fix: the spec; the texts of its `pr:` are filled in with the patch's parameters.
        patch: what it made of the recipe.
        gate: what it does to lint.
        version: that of patchkit which made the commit.
        judged: what real programs said of it, as Markdown.
        companions: the fixes that belong together with it, as Markdown.
    """
    said = fix.pull_request(patch.params)
    files = [f"{code(s.path)} {s.kind}, +{s.added} -{s.removed}" for s in _stats(patch)]
    done = [f"{code(change.step)}: {code(change.message)}" for change in patch.changes]
    values = {
        "why": fix.spec.why.strip(),
        "body": "\n\n".join(paragraph.strip() for paragraph in _paragraphs(fix, said.body)),
        "evidence": _listed(fix.spec.evidence),
        "files": _listed(files),
        "changes": _listed(done),
        "checked": _listed(_lint(gate)),
        "judged": judged,
        "companions": _listed(companions),
        "command": code(f"patchkit apply fixes/{fix.id}.yml"),
        "version": version,
        "digest": code(fix.digest),
    }
    body = render_file(_TEMPLATE, values, [data_dir("templates")])
    return PullRequestPage(said.title or fix.title, re.sub(r"\n{3,}", "\n\n", body).strip() + "\n")


def _paragraphs(fix: Fix, said: Iterable[str]) -> list[str]:
    """Return what a fix says in its `pr:`, and how the change is taken back if it does not."""
    words = list(said)
    if not any("rollback" in paragraph.lower() for paragraph in words):
        deploy = " and deploy" if fix.for_recipe else ""
        words.append(f"**Rollback.** Revert this change{deploy}.")
    return words


def judged_lines(judgements: Iterable[Judgement]) -> str:
    """Return what judges said, a Markdown list."""
    return _listed(map(_judged, judgements))


def code(text: object) -> str:
    """Return a text as a code span of one line, whatever backticks it holds."""
    line = " ".join(str(text).split())
    fence = "`" * (max(map(len, re.findall(r"`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _stats(patch: Patch) -> list[diff.FileStat]:
    return diff.stat(patch.base, patch.tree)


def _listed(lines: Iterable[str]) -> str:
    """Return a Markdown list, cut where nobody would read on."""
    items = [f"- {line.strip()}" for line in lines]
    left = len(items) - _MOST
    return "\n".join([*items[:_MOST], f"- … and {left} more"] if left > 0 else items)


def _lint(gate: Gate) -> Iterator[str]:
    before, after = len(gate.before.findings), len(gate.after.findings)
    yield f"lint: {before} finding{'s' * (before != 1)} before, {after} after; no rule got worse"
    for name, number in Counter(map(_name, gate.better)).items():
        yield f"{code(name)}: {number} finding{'s' * (number != 1)} less"
    yield from map(_allowed, gate.allowed)


def _name(finding: Finding) -> str:
    return " ".join(filter(None, (finding.ref, finding.rule)))


def _allowed(regression: Regression) -> str:
    return f"{code(_name(regression.finding))} fails now, which is meant: {regression.reason}"


def _judged(judgement: Judgement) -> str:
    if judgement.state in {State.NOT_AVAILABLE, State.NOTHING}:
        return f"{judgement.judge}: {judgement.state} ({judgement.reason})"
    passed = sum(check.passed for check in judgement.checks)
    old = sum(check.before and not check.passed for check in judgement.checks)
    as_before = f", {old} fail{'s' * (old == 1)} as before" if old else ""
    return f"{judgement.judge}: {passed} of {len(judgement.checks)} checks passed{as_before}"
