"""Labels and environment variables: moved, renamed, set and unset, together or singly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchkit.recipe.forms import as_mapping
from patchkit.record.candidate import Candidate, body, with_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.recipe.model import Recipe
    from patchkit.record.candidate import Case, Step

_LABELS = (("deploy", "labels"), ("labels",))
_ENVIRONMENT = (("environment",),)


@dataclass(frozen=True, slots=True)
class _Field:
    """A keyed field: the family of its ops, where it stands, what its ops call entries."""

    family: str
    paths: tuple[tuple[str, ...], ...]
    values: str
    names: str


_FIELDS = (
    _Field("labels", _LABELS, "labels", "labels"),
    _Field("environment", _ENVIRONMENT, "variables", "names"),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    service: str
    file: str
    key: str
    value: str | None
    nth: int


def moved_entries(case: Case) -> Iterator[Candidate]:
    """Entries that another service has now, in the same file."""
    for kind in _FIELDS:
        gone, new = _gone(case, kind), _new(case, kind)
        pairs: dict[tuple[str, str], list[str]] = {}
        for entry in gone:
            for other in new:
                same = (other.file, other.key, other.value) == (entry.file, entry.key, entry.value)
                if same and other.service != entry.service:
                    names = pairs.setdefault((entry.service, other.service), [])
                    names += [entry.key] if entry.key not in names else []
        for (old, to), keys in pairs.items():
            step: Step = {"op": f"{kind.family}.move", "service": old, "to": to}
            for names in (keys, *([key] for key in keys if len(keys) > 1)):
                yield Candidate(step | {kind.names: names})


def renamed_entries(case: Case) -> Iterator[Candidate]:
    """Entries whose value stands under another name."""
    for kind in _FIELDS:
        pairs: dict[str, dict[str, str]] = {}
        new = _new(case, kind)
        for entry in _gone(case, kind):
            for other in new:
                spot = (other.service, other.file, other.value)
                same = spot == (entry.service, entry.file, entry.value)
                if same and _is_heir(case, kind, entry, other):
                    pairs.setdefault(entry.service, {}).setdefault(entry.key, other.key)
        for service, names in pairs.items():
            step: Step = {"op": f"{kind.family}.rename", "service": service}
            for some in (names, *({old: new} for old, new in names.items() if len(names) > 1)):
                yield Candidate(step | {kind.names: some})


def _is_heir(case: Case, kind: _Field, old: _Entry, new: _Entry) -> bool:
    """Whether both stand at the same place, or no other entry has the value."""
    there = [e for e in _entries(case.now, kind, old.service) if e.value == old.value]
    return old.nth == new.nth or (old.value is not None and len(there) == 1)


def set_entries(case: Case) -> Iterator[Candidate]:
    """Entries with another value, and new ones."""
    for kind in _FIELDS:
        for service in case.services:
            changed = _changed(case, kind, service)
            values = {entry.key: entry.value for entry in changed}
            step: Step = {"op": f"{kind.family}.set", "service": service}
            if kind.family == "labels":
                values = {key: value or "" for key, value in values.items()}
            files = list(dict.fromkeys(entry.file for entry in changed))
            yield from _sets(step, kind.values, values, files)
            for file in files if len(files) > 1 else []:
                own = {e.key: values[e.key] for e in changed if e.file == file}
                yield from _sets(step, kind.values, own, [file])


def _sets(step: Step, key: str, values: dict[str, Any], files: list[str]) -> Iterator[Candidate]:
    some = [values] if values else []
    some += [{name: value} for name, value in values.items() if len(values) > 1]
    for part in some:
        whole = step | {key: part}
        for each in with_files(whole, files):
            yield Candidate(each)
        yield Candidate(whole | {"overrides": "remove"})


def unset_entries(case: Case) -> Iterator[Candidate]:
    """Entries that are gone."""
    for kind in _FIELDS:
        for service in case.services:
            gone = [entry for entry in _gone(case, kind) if entry.service == service]
            keys = list(dict.fromkeys(entry.key for entry in gone))
            files = list(dict.fromkeys(entry.file for entry in gone))
            step: Step = {"op": f"{kind.family}.unset", "service": service}
            some = [keys] if keys else []
            some += [[key] for key in keys if len(keys) > 1]
            for part in some:
                for each in with_files(step | {kind.names: part}, files):
                    yield Candidate(each)


def _changed(case: Case, kind: _Field, service: str) -> list[_Entry]:
    """Return the entries of a service that are new or other ones, in their order."""
    old = {(e.file, e.key): e.value for e in _entries(case.now, kind, service)}
    return [
        entry
        for entry in _entries(case.goal, kind, service)
        if (entry.file, entry.key) not in old or old[entry.file, entry.key] != entry.value
    ]


def _new(case: Case, kind: _Field) -> list[_Entry]:
    return _only(case.goal, case.now, kind)


def _gone(case: Case, kind: _Field) -> list[_Entry]:
    return _only(case.now, case.goal, kind)


def _only(recipe: Recipe, other: Recipe, kind: _Field) -> list[_Entry]:
    """Return the entries of one recipe that the other one has not."""
    there = {
        (e.service, e.file, e.key) for name in other.services for e in _entries(other, kind, name)
    }
    return [
        entry
        for name in recipe.services
        for entry in _entries(recipe, kind, name)
        if (name, entry.file, entry.key) not in there
    ]


def _entries(recipe: Recipe, kind: _Field, service: str) -> list[_Entry]:
    return [
        _Entry(service, file, key, value, nth)
        for file in recipe.data
        for path in kind.paths
        for nth, (key, value) in enumerate(as_mapping(_below(recipe, file, service, path)).items())
    ]


def _below(recipe: Recipe, file: str, service: str, path: tuple[str, ...]) -> Any:
    value: Any = body(recipe, file, service)
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value
