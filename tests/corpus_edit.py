"""Edits every compose file of a folder in every way, and judges each result by other means.

    python tests/corpus_edit.py FOLDER [--verbose] [--docker] [--places N] [--jobs N]

An addition must leave every old character where it was; a removal may take the entry's own lines,
its comments and one run of blank lines; a replacement only the old value. The result must be
exactly the data meant, in its order, with the line endings and quotes that were there, and a
second run must change nothing. What is refused because of an alias is made again with the
`on_alias` that the refusal names, and counts as «on alias» when it is right then. A file that
PyYAML cannot compose, or that has a key twice, is not readable by Docker: it must be refused.

Exit status 1: something is wrong, or more than 0.5 % of the edits are refused.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing import Pool
from pathlib import Path
from typing import TYPE_CHECKING

from corpus_docker import check_with_docker
from corpus_judge import PROBE, Judged, UnreadableError, endings, flat, written_out
from corpus_places import Edit, edits

from patchkit.edit.yaml import YamlEditor
from patchkit.errors import EditRefused, PatchkitError, RecipeError

if TYPE_CHECKING:
    from patchkit.edit.yaml import OnAlias

MOST_REFUSED = 0.005
OUTCOMES = ("ok", "on alias", "refused", "wrong data", "noise", "unstable", "crash")
BAD = frozenset(OUTCOMES[3:])


@dataclass
class Report:
    """What came out: counts by kind and outcome, and a line for all that is not simply ok."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, kind: str, outcome: str, note: str) -> None:
        """Count one edit."""
        self.counts[kind, outcome] += 1
        if outcome != "ok":
            self.notes.append((outcome, f"{kind}: {note}"))

    def merge(self, other: Report) -> None:
        """Add another report."""
        self.counts += other.counts
        self.files += other.files
        self.notes += other.notes

    def total(self, outcome: str) -> int:
        """Return the number of edits with this outcome."""
        return sum(n for (_, o), n in self.counts.items() if o == outcome)

    @property
    def failures(self) -> list[str]:
        """What breaks the bar, one line each."""
        found = [f"{outcome}: {note}" for outcome, note in self.notes if outcome in BAD]
        share = self.total("refused") / max(sum(self.counts.values()), 1)
        return found + ([f"{share:.2%} of the edits are refused"] if share > MOST_REFUSED else [])


# --- one edit -----------------------------------------------------------------------------


def judge(name: str, old: Judged, edit: Edit, on_alias: OnAlias = "error") -> tuple[str, str]:
    """Return the outcome of one edit, and why."""
    editor = YamlEditor(old.text, name, on_alias=on_alias)
    try:
        edit.act(editor)
    except (EditRefused, RecipeError) as refusal:
        outcome, why = _refused(refusal, untouched=editor.text == old.text)
        if outcome == "refused" and on_alias == "error" and "on_alias" in str(refusal):
            chosen: OnAlias = "expand" if "on_alias: expand" in str(refusal) else "edit-anchor"
            if edit.kind == "merge override":
                return "on alias", why  # to edit the anchor would be another edit
            outcome, then = judge(name, old, edit, chosen)
            return ("on alias" if outcome == "ok" else outcome), f"{why}; {chosen}: {then}"
        return outcome, why
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
        return "crash", f"{type(error).__name__}: {error}"
    return _judge_text(name, old, edit, editor.text, on_alias)


def _judge_text(
    name: str, old: Judged, edit: Edit, text: str, on_alias: OnAlias
) -> tuple[str, str]:
    try:
        new = Judged.read(text)
    except UnreadableError as error:
        return "wrong data", str(error)
    expected, found = old.data(shared=on_alias == "edit-anchor"), new.data()
    if edit.flat or on_alias == "expand":
        expected = flat(expected)
    edit.expect(expected)
    if edit.flat or on_alias == "expand":
        expected, found = flat(expected), flat(found)
    if found != expected:
        return "wrong data", "the text means something else"
    check = written_out if on_alias == "expand" else edit.check
    if why := check(old, new) or endings(old, new):
        return "noise", why
    if why := _unstable(name, text, edit, on_alias):
        return "unstable", why
    return "ok", ""


def _refused(refusal: PatchkitError, *, untouched: bool) -> tuple[str, str]:
    problem = refusal.problems[0]
    if not untouched:
        return "crash", f"refused, but the text changed: {problem}"
    if problem.place is None or not problem.place.line or not problem.hint:
        return "crash", f"refused without a line or a next step: {problem}"
    return "refused", f"line {problem.place.line}: {problem.message}"


def _unstable(name: str, text: str, edit: Edit, on_alias: OnAlias) -> str:
    """Judge the same edit made again on the result."""
    if not edit.again:
        return ""
    editor = YamlEditor(text, name, on_alias=on_alias)
    try:
        edit.act(editor)
    except EditRefused as refusal:
        return "" if edit.again == "refused" else f"refused the second time: {refusal}"
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
        return f"{type(error).__name__} the second time: {error}"
    if edit.again == "refused":
        return "not refused the second time"
    return "" if editor.text == text else "the second time changes the text"


# --- files --------------------------------------------------------------------------------


def check_text(name: str, text: str, *, most: int = 3) -> Report:
    """Make every edit on one text and judge each."""
    report = Report()
    try:
        old = Judged.read(text)
    except UnreadableError as why:
        report.files["not readable by " + ("PyYAML" if why.later else "Docker")] += 1
        if not why.later:
            _must_refuse(report, name, text, str(why))
        return report
    report.files["readable"] += 1
    for edit in edits(old, most):
        outcome, why = judge(name, old, edit)
        report.add(edit.kind, outcome, f"{name} {'.'.join(map(str, edit.path))}: {why}")
    return report


def _must_refuse(report: Report, name: str, text: str, why: str) -> None:
    """Hold that a text which Docker cannot read is refused with a place."""
    try:
        YamlEditor(text, name).set(("configs", PROBE), {"file": PROBE})
    except (RecipeError, EditRefused) as refusal:
        place = refusal.place
        if place is not None and place.line:
            report.notes.append(("unreadable", f"{place}: {refusal.problems[0].message}"))
        else:
            report.notes.append(("crash", f"{name}: refused without a line: {refusal}"))
    except Exception as error:  # noqa: BLE001  whatever it is, it is what is looked for
        report.notes.append(("crash", f"{name}: {type(error).__name__}: {error}"))
    else:
        report.notes.append(("wrong data", f"{name}: edited, although {why}"))


def compose_files(folder: Path) -> list[Path]:
    """Return the compose files below a folder."""
    found = [path for end in ("*.yml", "*.yaml") for path in folder.rglob(end)]
    return sorted(path for path in found if path.is_file())


def _check_path(task: tuple[Path, Path, int]) -> Report:
    folder, path, most = task
    text = path.read_bytes().decode("utf-8")
    return check_text(str(path.relative_to(folder)), text, most=most)


def check_folder(folder: Path, *, most: int = 3, jobs: int = 1, every: int = 1) -> Report:
    """Check every compose file below a folder, or every so many of them."""
    report = Report()
    tasks = [(folder, path, most) for path in compose_files(folder)[::every]]
    if jobs == 1:
        for task in tasks:
            report.merge(_check_path(task))
        return report
    with Pool(jobs) as pool:
        for part in pool.imap(_check_path, tasks, chunksize=8):
            report.merge(part)
    return report


# --- the command --------------------------------------------------------------------------


def table(report: Report) -> str:
    """Return the report as a table, one line a kind."""
    kinds = sorted({kind for kind, _ in report.counts})
    rows = [("kind", "edits", *OUTCOMES, "refused %")]
    for kind in [*kinds, "all"]:
        counts = [report.total(o) if kind == "all" else report.counts[kind, o] for o in OUTCOMES]
        share = f"{100 * counts[OUTCOMES.index('refused')] / max(sum(counts), 1):.2f}"
        rows.append((kind, str(sum(counts)), *map(str, counts), share))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    files = ", ".join(f"{n} {what}" for what, n in sorted(report.files.items()))
    return "\n".join([*lines, f"files: {files}"])


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Edit every compose file of a folder and judge.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--verbose", action="store_true", help="list refusals too")
    parser.add_argument("--docker", action="store_true", help="ask `docker stack config` as well")
    parser.add_argument("--places", type=int, default=3, help="most places of a kind in a file")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    report = check_folder(args.folder, most=args.places, jobs=args.jobs)
    print(table(report))
    for outcome, note in report.notes:
        if args.verbose or outcome in BAD:
            print(f"{outcome}: {note}")
    failures = report.failures
    if args.docker:
        count, differing = check_with_docker(compose_files(args.folder))
        print(f"docker stack config: {count} edits compared, {len(differing)} differ")
        failures += differing
    print("\n".join(f"FAILED: {failure}" for failure in failures[:20]))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
