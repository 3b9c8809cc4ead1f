"""Writes another name of a service where the recipe names it, each file in one edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.edit.yaml.substitute import substitute

if TYPE_CHECKING:
    from patchkit.draft import Draft
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
