"""Services as a whole: renamed, removed, added."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from patchkit.recipe.forms import as_mapping
from patchkit.recipe.model import BASE
from patchkit.recipe.references import references
from patchkit.record.candidate import ROUGH, Candidate, body
from patchkit.record.detect.values import value_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.recipe.references import Reference
    from patchkit.record.candidate import Case, Step

_ALIKE = 0.5
_MANY = 3  # lines of one file that are answered each by itself
_MOST_UNSURE = 10
_HEIRS = 6  # services that are tried as heirs


def renamed_services(case: Case) -> Iterator[Candidate]:
    """Services that are called as none was before, whatever is called as they were."""
    pairs = [
        (_likeness(case, old, new), old, new) for old in case.now.services for new in _new(case)
    ]
    for likeness, old, new in sorted(pairs, reverse=True):
        stays = _likeness(case, old, old) if old in case.goal.services else 0
        if likeness >= _ALIKE and likeness > stays:
            yield from _renamed(case, old, new)


def _renamed(case: Case, old: str, new: str) -> Iterator[Candidate]:
    also: list[Reference] = []
    keep: list[Reference] = []
    lines = _Lines(case)
    named = references(case.now, old)
    for ref in named:
        if not lines.follow(ref, new):
            keep.append(ref)
        elif not ref.certain:
            also.append(ref)
    step: Step = {"op": "service.rename", "service": old, "to": new}
    answers = (("also", also), ("keep", keep))
    step |= {key: _answers(refs, named) for key, refs in answers if refs}
    certain = [ref for ref in keep if ref.certain]
    told = (f"{ref.file}:{ref.place.line} names {old} as before" for ref in certain)
    unsure = tuple(dict.fromkeys(told))
    yield Candidate(step, unsure=unsure[:_MOST_UNSURE])
    yield Candidate(step, rough=True, unsure=(*unsure[:_MOST_UNSURE], ROUGH))


class _Lines:
    """The lines of files as they are to become."""

    def __init__(self, case: Case) -> None:
        self.tree = case.goal.tree
        self.files: dict[str, frozenset[str]] = {}

    def of(self, file: str) -> frozenset[str]:
        if file not in self.files:
            text = self.tree.text(file) if file in self.tree else ""
            self.files[file] = frozenset(text.splitlines())
        return self.files[file]

    def follow(self, ref: Reference, new: str) -> bool:
        """Whether a line that names a service has the new name, or is gone."""
        line, at = ref.place.text, ref.place.column - 1
        named = line[:at] + new + line[at + ref.end - ref.start :]
        return named in self.of(ref.file) or line not in self.of(ref.file)


def _answers(refs: list[Reference], named: list[Reference]) -> list[str]:
    """Return places as a spec names them: the file alone where all of its many are meant."""
    lines = dict.fromkeys((ref.file, ref.place.text.strip()) for ref in refs)
    numbers = Counter(file for file, _ in lines)
    others = {ref.file for ref in named if ref not in refs}
    many = {file for file, number in numbers.items() if number > _MANY and file not in others}
    return list(dict.fromkeys(f if f in many else f"{f}: {line}" for f, line in lines))


def removed_services(case: Case) -> Iterator[Candidate]:
    """Services that are gone, with or without one that does their work."""
    for name in _gone(case):
        step: Step = {"op": "service.remove", "service": name}
        lines = _Lines(case)
        named = references(case.now, name)
        kept = [
            ref
            for ref in named
            if not ref.structural
            and ref.kind != "comment"
            and ref.form != "mention"
            and ref.place.text in lines.of(ref.file)
        ]
        keep = {"keep": _answers(kept, named)} if kept else {}
        unsure = tuple(f"{line} still names {name}" for line in keep.get("keep", ()))
        yield Candidate(step | keep, unsure=unsure)
        for heir in _heirs(case, name):
            names = _inherited(case, name, heir)
            more = {"inherit": names} if names else {}
            yield Candidate(step | {"heir": heir} | more | keep, unsure=unsure)
            if more:
                yield Candidate(step | {"heir": heir} | keep, unsure=unsure)
        yield Candidate(step | keep, rough=True, unsure=(*unsure, ROUGH))


def _heirs(case: Case, gone: str) -> list[str]:
    """Return the services that may do the work of one that is gone."""
    return [name for name in case.services if name != gone][:_HEIRS]


def _inherited(case: Case, old: str, heir: str) -> list[str]:
    """Return the variables of a service that its heir has now, and had not."""
    was, had, has = (
        as_mapping(bodies.get(name, {}).get("environment"))
        for bodies, name in (
            (case.now.services, old),
            (case.now.services, heir),
            (case.goal.services, heir),
        )
    )
    return [name for name in was if name not in had and name in has]


def added_services(case: Case) -> Iterator[Candidate]:
    """Services that are new."""
    for name in _new(case):
        for file in case.goal.files_with(("services", name)):
            found, definition = value_at(case.goal, file, ("services", name))
            if found and isinstance(definition, dict) and definition:
                where = {} if file == BASE else {"file": file}
                step = {"op": "service.add", "service": name}
                yield Candidate(step | where | {"definition": definition})


def _gone(case: Case) -> list[str]:
    return [name for name in case.now.services if name not in case.goal.services]


def _new(case: Case) -> list[str]:
    return [name for name in case.goal.services if name not in case.now.services]


def _likeness(case: Case, old: str, new: str) -> float:
    """Return how much of two services is the same, from 0 to 1."""
    ours = _facts(case.now.services[old]) | _shape(case, "now", old)
    theirs = _facts(case.goal.services[new]) | _shape(case, "goal", new)
    return len(ours & theirs) / max(len(ours | theirs), 1)


def _shape(case: Case, side: str, name: str) -> set[tuple[str, ...]]:
    recipe = case.now if side == "now" else case.goal
    return {("file", file) for file in recipe.data if body(recipe, file, name)}


def _facts(value: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if isinstance(value, dict):
        return {fact for key, item in value.items() for fact in _facts(item, (*path, str(key)))}
    if isinstance(value, list):
        return {fact for item in value for fact in _facts(item, path)}
    return {(*path, str(value))}
