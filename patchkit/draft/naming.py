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
    starts: dict[str, list[int]] = {}
    for ref in places:
        starts.setdefault(ref.file, []).append(ref.start)
    compose = draft.recipe.compose_paths
    for file in [file for file in compose if file in starts]:
        _in_yaml(draft, file, starts[file], old, new)
    # All at once: a recipe may have thousands of files, and each new one costs a look at all.
    texts = {
        file: _in_text(draft.tree.text(file), starts[file], old, new)
        for file in starts
        if file not in compose
    }
    draft.take(draft.tree.with_texts(texts))


def _in_yaml(draft: Draft, file: str, starts: list[int], old: str, new: str) -> None:
    draft.edit_yaml(file, lambda editor: substitute(editor, starts, old, new))


def _in_text(text: str, starts: list[int], old: str, new: str) -> str:
    ends = sorted(set(starts))
    kept = zip([0, *(start + len(old) for start in ends)], [*ends, len(text)], strict=True)
    return new.join(text[begin:end] for begin, end in kept)


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
