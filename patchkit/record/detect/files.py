"""Whole files: renamed before anything else; added, removed and made executable at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.record.candidate import Candidate
from patchkit.tree import EXECUTABLE, LINK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record.candidate import Case
    from patchkit.tree import Entry

_MODES = {True: "0755", False: "0644"}


def renamed_files(case: Case) -> Iterator[Candidate]:
    """Files that stand elsewhere, changed by less than a half."""
    now, goal = case.now.tree, case.goal.tree
    texts = {old: new for old, new, _ in diff.changed_lines(now, goal) if old != new}
    for old, new in {**_same(case), **texts}.items():
        yield Candidate({"op": "file.rename", "path": old, "to": new}, rough=True)


def _same(case: Case) -> dict[str, str]:
    """Return the new path of each file that stands elsewhere unchanged, binary ones too."""
    now, goal = case.now.tree.entries, case.goal.tree.entries
    gone = [path for path in case.differing if path not in goal and now[path].size]
    new = [path for path in case.differing if path not in now and goal[path].size]
    pairs: dict[str, str] = {}
    for path in gone:
        like = [p for p in new if p not in pairs.values() and now[path] == goal[p]]
        if like:
            pairs[path] = like[0]
    return pairs


def changed_modes(case: Case) -> Iterator[Candidate]:
    """Files that are executable now, or are no more."""
    for path in case.differing:
        old, new = case.now.tree.entries.get(path), case.goal.tree.entries.get(path)
        if old and new and LINK not in {old.mode, new.mode} and old.mode != new.mode:
            yield Candidate({"op": "file.chmod", "path": path, "mode": _mode(new)})


def added_files(case: Case) -> Iterator[Candidate]:
    """Files that are new."""
    for path in case.differing:
        entry = case.goal.tree.entries.get(path)
        if entry and path not in case.now.tree and (text := _text(entry)) is not None:
            mode = {"mode": _mode(entry)} if entry.mode == EXECUTABLE else {}
            yield Candidate({"op": "file.add", "path": path} | mode | {"text": text})


def replaced_files(case: Case) -> Iterator[Candidate]:
    """Files whose change nothing else explains: their whole content."""
    for path in case.edited:
        text = _text(case.goal.tree.entries[path])
        step = {"op": "file.add", "path": path, "replace": True, "text": text}
        unsure = f"{path} is replaced as a whole, whatever else it holds by then"
        yield Candidate(step, unsure=(unsure,))


def removed_files(case: Case) -> Iterator[Candidate]:
    """Files that are gone."""
    for path in case.differing:
        if path not in case.goal.tree.entries:
            yield Candidate({"op": "file.remove", "path": path})


def _mode(entry: Entry) -> str:
    return _MODES[entry.mode == EXECUTABLE]


def _text(entry: Entry) -> str | None:
    if entry.mode == LINK:
        return None
    try:
        return entry.data.decode()
    except UnicodeDecodeError:
        return None
