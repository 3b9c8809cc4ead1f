"""What a removed service's heir takes over: the variables and secrets that it lacks.

Compose merges overlays onto the base, and an operator may deploy one overlay without the others:
so each file gives the heir what it gave the service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.draft.field import KeyedField
from patchkit.draft.uses import add, uses, written
from patchkit.edit.yaml.nodes import walk
from patchkit.recipe.model import BASE

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.draft.field import Entry
    from patchkit.draft.uses import Use
    from patchkit.edit.yaml import Document, Path


def inherit(draft: Draft, service: str, heir: str, wanted: list[str]) -> None:
    """Give the heir what it lacks of the service, file by file.

    That is all variables and secrets that overlays give; of the file that defines the service,
    the `wanted` variables and the secrets whose paths they hold.
    """
    images = draft.recipe.files_with(("services", service, "image"))
    own = _environment(draft, service)
    for file in draft.recipe.files_with(("services", service)):
        patterns = wanted if file in images else ["*"]
        entries = [entry for pattern in patterns for entry in own.entries(pattern, file)]
        for entry in entries:
            _give(draft, _environment(draft, heir), entry, service)
        paths = {entry.value for entry in entries}
        for use in uses(draft.recipe, "secrets", service):
            needed = file not in images or use.target in paths
            if use.file == file and needed and not _holds(draft, heir, use):
                add(draft, "secrets", heir, file, written(draft, use))


def _holds(draft: Draft, heir: str, wanted: Use) -> bool:
    there = _deployed_with(draft, heir, wanted.file)
    held = uses(draft.recipe, "secrets", heir)
    return any(use.source == wanted.source and use.file in there for use in held)


def _deployed_with(draft: Draft, heir: str, file: str) -> set[str]:
    """Return the files that are there whenever `file` is: overlays come and go one by one."""
    return {BASE, draft.recipe.home(heir), file}


def _give(draft: Draft, heir: KeyedField, entry: Entry, service: str) -> None:
    """Give the heir a variable where the service has it, unless it has that variable.

    An anchor on the way there that only the service uses is about to lose that user.
    """
    there = _deployed_with(draft, heir.service, entry.file)
    if any(held.file in there for held in heir.entries() if held.key == entry.key):
        return
    before = draft.on_alias
    if _lends_to(draft.recipe.document(entry.file), heir.service, service):
        draft.on_alias = "edit-anchor"
    heir.set(entry.key, entry.value, entry.file)
    draft.on_alias = before


def _lends_to(document: Document, heir: str, service: str) -> bool:
    """Whether the heir's variables are anchored, and only the service uses that."""
    path: Path = ("services", heir, "environment")
    nodes = [document.find(path[:depth]) for depth in range(len(path) + 1)]
    anchored = [node for node in nodes if node and node.anchor]
    body = document.find(("services", service))
    within = {id(node) for node in walk(body)} if body else set()
    users = [a for a in document.aliases if any(a.target is node for node in anchored)]
    return bool(users) and all(id(alias) in within for alias in users)


def _environment(draft: Draft, service: str) -> KeyedField:
    return KeyedField(draft, service, (("environment",),), "variable")
