"""A keyed field of a service (labels, environment) over all compose files, as ops edit it.

Compose merges such fields by key, in list and mapping form alike, so an entry is found by its
key in whatever file and form it stands, and is changed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal, TypeAlias

from patchkit.draft.draft import missing
from patchkit.edit import keyed
from patchkit.edit.yaml import Scalar, Sequence
from patchkit.edit.yaml.carry import carry
from patchkit.edit.yaml.nodes import target
from patchkit.errors import EditRefused
from patchkit.recipe.forms import as_mapping

if TYPE_CHECKING:
    from patchkit.draft.draft import Draft
    from patchkit.edit.yaml import Document, Path, YamlEditor
    from patchkit.errors import Place

Overrides: TypeAlias = Literal["error", "remove"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: the compose file, the path of its collection there, key and value."""

    file: str
    at: Path
    key: str
    value: str | None


class KeyedField:
    """One field of one service.

    Args:
        draft: the recipe.
        service: the service's Compose key, which must be there.
        paths: where the field may stand below the service; new entries go to the first.
        what: what messages call an entry.
    """

    def __init__(
        self, draft: Draft, service: str, paths: tuple[tuple[str, ...], ...], what: str
    ) -> None:
        draft.require_service(service)
        self.draft = draft
        self.service = service
        self.paths = paths
        self.what = what

    def entries(self, pattern: str = "*", file: str | None = None) -> list[Entry]:
        """Return the entries whose key matches a `*` pattern, in one file or in all."""
        return [
            Entry(name, at, key, value)
            for name, data in self.draft.recipe.data.items()
            if file in {None, name}
            for at in self._at()
            for key, value in as_mapping(_below(data, at)).items()
            if fnmatchcase(key, pattern) or key == pattern
        ]

    def matching(self, pattern: str, file: str | None = None) -> list[Entry]:
        """Return the entries that match, or refuse with near misses."""
        if file is not None:
            self.draft.require_compose(file)
        found = self.entries(pattern, file)
        if not found:
            names = dict.fromkeys(entry.key for entry in self.entries(file=file))
            others = dict.fromkeys(entry.file for entry in self.entries(pattern))
            hint = f"it stands in {', '.join(others)}" if others else ""
            raise missing(f"{self.what} of {self.service}", pattern, names, hint=hint)
        return found

    def place(self, entry: Entry) -> Place:
        """Return where an entry stands, for messages."""
        document = self.draft.recipe.document(entry.file)
        return self.draft.recipe.place(entry.file, _spot(document, entry.at, entry.key))

    def present(self, patterns: list[str], file: str | None = None) -> list[str]:
        """Return the patterns that match anything, in one file or in all."""
        return [pattern for pattern in patterns if self.entries(pattern, file)]

    def set(
        self,
        key: str,
        value: str | None,
        file: str | None = None,
        *,
        overrides: Overrides = "error",
    ) -> bool:
        """Set an entry where it stands, else in the file that defines the service.

        Args:
            key: the entry's key.
            value: its value; None for one without.
            file: the compose file to edit; None to find it.
            overrides: what to do when several files hold it: refuse, or `remove` it from all
                but the file that defines the service. An overlay alone is no place for it then.
        """
        if file is not None:
            self.draft.require_compose(file)
        held = [entry for entry in self.entries(file=file) if entry.key == key]
        if overrides == "remove":
            return self._set_alone(key, value, file, held)
        if len(held) > 1:
            places = [self.place(entry) for entry in held]
            raise EditRefused(
                f"{self.what} {key} of {self.service} stands in several places:"
                f" {', '.join(map(str, places))}",
                place=places[0],
                hint="say which one with `file:`, or `overrides: remove` the others",
            )
        name = held[0].file if held else file or self.draft.recipe.home(self.service)
        at = held[0].at if held else self._home(name)
        return self.draft.edit_yaml(name, lambda editor: keyed.set_entry(editor, at, key, value))

    def _set_alone(self, key: str, value: str | None, file: str | None, held: list[Entry]) -> bool:
        """Set an entry in the file that defines the service, and cut it everywhere else."""
        home = file or self.draft.recipe.home(self.service)
        kept = [entry for entry in held if entry.file == home][:1]
        others = [entry for entry in held if entry not in kept]
        for entry in others:
            self._cut(entry)
        return self.set(key, value, home) or bool(others)

    def unset(self, pattern: str, file: str | None = None) -> list[str]:
        """Cut every matching entry where it stands; return the keys."""
        found = self.matching(pattern, file)
        for entry in found:
            self._cut(entry)
        return list(dict.fromkeys(entry.key for entry in found))

    def move(self, other: KeyedField, pattern: str) -> list[str]:
        """Move every matching entry to another service within its file; return the keys.

        None when the other service has such entries and this one has none: they are moved.
        """
        if not self.entries(pattern) and other.entries(pattern):
            return []
        found = self.matching(pattern)
        for entry in found:
            taken = [e for e in other.entries(file=entry.file) if e.key == entry.key]
            if taken and taken[0].value != entry.value:
                raise EditRefused(
                    f"{other.service} has another {self.what} {entry.key} already",
                    place=other.place(taken[0]),
                    hint="remove one of the two first",
                )
            if taken:
                self._cut(entry)
            else:
                other.take_over(entry)
        return list(dict.fromkeys(entry.key for entry in found))

    def take_over(self, entry: Entry) -> None:
        """Move another service's entry here, in its file, with its quotes and comments."""
        at = self._home(entry.file)

        def edit(editor: YamlEditor) -> None:
            keyed.set_entry(editor, at, entry.key, entry.value)
            source, to = (_spot(editor.document, here, entry.key) for here in (entry.at, at))
            carry(editor, source, to)

        self.draft.edit_yaml(entry.file, edit)

    def rename(self, old: str, new: str) -> bool:
        """Give an entry another key in every file that holds it; value and place stay.

        Nothing is done when the service has the new one and not the old one.
        """
        taken = self.entries(new)
        if taken and not self.entries(old):
            return False
        if taken:
            raise EditRefused(
                f"{self.service} has a {self.what} {new} already",
                place=self.place(taken[0]),
                hint="remove one of the two first",
            )
        for entry in self.matching(old):
            self._rename(entry, new)
        return True

    def _rename(self, entry: Entry, new: str) -> None:
        self.draft.edit_yaml(
            entry.file, lambda editor: keyed.rename_entry(editor, entry.at, entry.key, new)
        )

    def _cut(self, entry: Entry) -> None:
        self.draft.edit_yaml(
            entry.file, lambda editor: keyed.unset_entry(editor, entry.at, entry.key)
        )

    def _at(self) -> list[Path]:
        return [("services", self.service, *path) for path in self.paths]

    def _home(self, file: str) -> Path:
        """Return the collection that the file has, or the customary one."""
        data = self.draft.recipe.data.get(file, {})
        return next((at for at in self._at() if _below(data, at) is not None), self._at()[0])


def _spot(document: Document, at: Path, key: str) -> Path:
    """Return the path of an entry that is there: the number of its item, or its key."""
    node = document.follow(at)
    for i, item in enumerate(node.items if isinstance(node, Sequence) else []):
        scalar = target(item)
        if isinstance(scalar, Scalar) and scalar.value.partition("=")[0] == key:
            return (*at, i)
    return (*at, key)


def _below(data: object, path: Path) -> object:
    for step in path:
        data = data.get(str(step)) if isinstance(data, dict) else None
    return data
