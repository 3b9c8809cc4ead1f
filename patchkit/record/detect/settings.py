"""What operators and abra read: `.env.sample`, `abra.sh`, `release/next`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.edit import dotenv, shell
from patchkit.recipe.model import ABRA_SH, ENV_SAMPLE, RELEASE_NEXT
from patchkit.record.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.dotenv import Entry
    from patchkit.record.candidate import Case, Step

_BLANK_LINES = re.compile(r"\r?\n(?:[ \t]*\r?\n)+")


def set_settings(case: Case) -> Iterator[Candidate]:
    """Settings that are new, other ones, switched on or off, or commented otherwise."""
    old, new = _entries(case)
    for nth, entry in enumerate(new):
        mine = [known for known in old if known.name == entry.name]
        if any(_same(known, entry) for known in mine):
            continue
        step: Step = {"op": "env_sample.set", "name": entry.name, "value": entry.value}
        if (entry.comment or "") != ((mine[0].comment if mine else "") or ""):
            step["comment"] = entry.comment or ""
        if entry.commented:
            step["commented"] = True
        yield Candidate(step)
        if nth and new[nth - 1].name != entry.name:
            yield Candidate(step | {"after": new[nth - 1].name})


def unset_settings(case: Case) -> Iterator[Candidate]:
    """Settings that are gone."""
    old, new = _entries(case)
    kept = {(entry.name, entry.value) for entry in new}
    for entry in old:
        if (entry.name, entry.value) not in kept:
            step: Step = {"op": "env_sample.unset", "name": entry.name}
            if all(entry.name != name for name, _ in kept):
                yield Candidate(step)
            yield Candidate(step | {"value": entry.value})


def _same(one: Entry, other: Entry) -> bool:
    what = (one.value, one.comment, one.commented)
    return what == (other.value, other.comment, other.commented)


def _entries(case: Case) -> tuple[list[Entry], list[Entry]]:
    texts = case.texts(ENV_SAMPLE) or ("", "")
    return dotenv.entries(texts[0]), dotenv.entries(texts[1])


def exported_variables(case: Case) -> Iterator[Candidate]:
    """Exports of `abra.sh` that are new or have another value."""
    goal = (
        case.goal.tree.text(ABRA_SH)
        if ABRA_SH in case.differing and ABRA_SH in case.goal.tree
        else ""
    )
    now = case.now.tree.text(ABRA_SH) if ABRA_SH in case.now.tree else ""
    old = {export.name: export.value for export in shell.exports(now)}
    for export in shell.exports(goal):
        if export.value is not None and not export.nested and old.get(export.name) != export.value:
            yield Candidate({"op": "abra.export", "name": export.name, "value": export.value})


def told_notes(case: Case) -> Iterator[Candidate]:
    """Paragraphs that the notes of the next release have newly."""
    if RELEASE_NEXT not in case.differing or RELEASE_NEXT not in case.goal.tree:
        return
    old = case.now.tree.text(RELEASE_NEXT) if RELEASE_NEXT in case.now.tree else ""
    known = _notes(old)
    new = [note for note in _notes(case.goal.tree.text(RELEASE_NEXT)) if note not in known]
    for text in (*new, *(["\n\n".join(new)] if len(new) > 1 else [])):
        yield Candidate({"op": "release.note", "text": f"{text}\n"})


def _notes(text: str) -> list[str]:
    """Return paragraphs, each with the commands below it, which are indented."""
    notes: list[str] = []
    for part in _paragraphs(text):
        if notes and part.startswith((" ", "\t")):
            notes[-1] += f"\n\n{part}"
        else:
            notes.append(part)
    return notes


def _paragraphs(text: str) -> list[str]:
    flat = text.removeprefix("\ufeff").replace("\r\n", "\n").strip("\n")
    return [part for part in _BLANK_LINES.split(flat) if part.strip()]
