"""Places that name a service: another name is written there, or the entry is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml import Mapping, Sequence
from patchkit.edit.yaml.substitute import substitute

if TYPE_CHECKING:
    from patchkit.draft.draft import Draft
    from patchkit.edit.yaml import Path, YamlEditor
    from patchkit.recipe.references import Reference


def respell(draft: Draft, places: list[Reference], old: str, new: str) -> None:
    """Replace `old` by `new` at every place, which holds it now."""
    for file in dict.fromkeys(ref.file for ref in places):
        starts = [ref.start for ref in places if ref.file == file]
        if file in draft.recipe.compose_paths:
            _in_yaml(draft, file, starts, old, new)
        else:
            _in_text(draft, file, starts, old, new)


def _in_yaml(draft: Draft, file: str, starts: list[int], old: str, new: str) -> None:
    draft.edit_yaml(file, lambda editor: substitute(editor, starts, old, new))


def _in_text(draft: Draft, file: str, starts: list[int], old: str, new: str) -> None:
    text = draft.tree.text(file)
    for start in sorted(starts, reverse=True):
        text = text[:start] + new + text[start + len(old) :]
    draft.save(file, text)


def answered(ref: Reference, answers: list[str]) -> bool:
    """Whether a spec's answer, `file` or `file: part of the line`, speaks of this place."""
    for answer in answers:
        file, _, part = answer.partition(":")
        if file.strip() == ref.file and part.strip() in ref.place.text:
            return True
    return False


def cut_references(draft: Draft, service: str) -> None:
    """Cut the list entries and mapping keys that name the service in other services."""
    for file in draft.recipe.compose_paths:
        if service in draft.tree.text(file):
            draft.edit_yaml(file, lambda editor: _cut_in(editor, service))


def _cut_in(editor: YamlEditor, service: str) -> None:
    while path := _first_entry(editor, service):
        editor.unset(path)


def _first_entry(editor: YamlEditor, service: str) -> Path | None:
    services = editor.node(("services",))
    for key, body in services.pairs if isinstance(services, Mapping) else []:
        name = getattr(key, "value", "")
        for field in ("depends_on", "links", "volumes_from"):
            node = body.get(field) if isinstance(body, Mapping) and name != service else None
            if isinstance(node, Mapping) and node.index(service) is not None:
                return ("services", name, field, service)
            for i, item in enumerate(node.items if isinstance(node, Sequence) else []):
                if getattr(item, "value", "").partition(":")[0] == service:
                    return ("services", name, field, i)
    return None
