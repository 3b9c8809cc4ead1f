"""Loose ends of a rendered recipe: what names something that is gone, or lacks what it needs.

Nobody but the author can tell what shall stand there instead, so each is a finding.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from patchkit.draft.naming import answered
from patchkit.edit.yaml import Alias, Scalar
from patchkit.edit.yaml.nodes import walk
from patchkit.finding import Finding
from patchkit.recipe.forms import config_refs, secret_refs
from patchkit.recipe.model import BASE
from patchkit.recipe.references import references

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from patchkit.draft import Draft
    from patchkit.edit.yaml import Node
    from patchkit.errors import Place
    from patchkit.recipe.model import Recipe
    from patchkit.recipe.references import Reference


def loose_ends(draft: Draft, before: Recipe, gone: Iterable[str]) -> list[Finding]:
    """Return the findings about the recipe after the ops and the closing rules.

    Args:
        draft: the recipe, with the questions that ops asked.
        before: the recipe as it was.
        gone: the services that it has no more.
    """
    asked = {replace(finding.place, text="") for finding in draft.findings}
    names = [finding for name in gone for finding in _stale_names(draft, name)]
    new = [finding for finding in names if replace(finding.place, text="") not in asked]
    return [*new, *_lost_files(draft.recipe, before), *_orphans(draft.recipe, before)]


def _stale_names(draft: Draft, service: str) -> Iterator[Finding]:
    """Places that can only name a service which is gone."""
    for ref in references(draft.recipe, service):
        if ref.certain and not _is_told(ref) and not answered(ref, draft.answers.get(service, [])):
            yield Finding(
                rule="dangling-reference",
                message=f"this names the service {service}, which is gone",
                place=ref.place,
                hint="remove it, name another one, or say `keep:` in the op that removes the"
                " service",
            )


def _is_told(ref: Reference) -> bool:
    return ref.kind == "comment" or ref.form == "mention"


def _lost_files(recipe: Recipe, before: Recipe) -> Iterator[Finding]:
    """Places in a service that name the file of a config or secret which it has no more."""
    for service, body in recipe.services.items():
        old = before.services.get(service)
        for path, kind in ({} if old == body else _lost(old, body)).items():
            for place in _naming(recipe, service, path):
                yield Finding(
                    rule="lost-file",
                    message=f"this names {path}, a {kind} that {service} has no more",
                    place=place,
                    hint=f"change or remove it too, or leave the {kind} in place",
                )


def _lost(old: object, new: object) -> dict[str, str]:
    """Return the paths of configs and secrets that a service has no more, with their kind."""
    kinds = {"config": config_refs, "secret": secret_refs}
    kept = {kind: refs(new) for kind, refs in kinds.items()}
    sources = {kind: {ref.source for ref in refs} for kind, refs in kept.items()}
    there = {ref.target for refs in kept.values() for ref in refs}
    return {
        ref.target: kind
        for kind, refs in kinds.items()
        for ref in refs(old)
        # What is just mounted elsewhere may be copied to where it was.
        if ref.source not in sources[kind] and ref.target not in there
    }


def _naming(recipe: Recipe, service: str, path: str) -> Iterator[Place]:
    word = re.compile(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)")
    for file in recipe.files_with(("services", service)):
        document = recipe.document(file)
        for node in _scalars(document.follow(("services", service))):
            if word.search(node.value):
                yield document.place(node.start)


def _scalars(node: Node | None) -> Iterator[Scalar]:
    """Yield the scalars below a node, those behind aliases too."""
    for below in walk(node) if node else []:
        if isinstance(below, Alias):
            yield from _scalars(below.target)
        elif isinstance(below, Scalar):
            yield below


def _orphans(recipe: Recipe, before: Recipe) -> Iterator[Finding]:
    """Services that have no image where some of the compose files are deployed together."""
    known = dict(_without_image(before))
    for service, files in dict(_without_image(recipe)).items():
        if service not in known:
            here = next(file for file in files if service in _services(recipe, file))
            yield Finding(
                rule="orphaned-service",
                message=f"{service} has no image in a deployment of {' and '.join(files)}",
                place=recipe.place(here, ("services", service)),
                hint="change the service in the file that gives it its image",
            )


def _without_image(recipe: Recipe) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each service without an image with the files that are deployed, as they are offered."""
    for files in (*recipe.combinations, (BASE,)):
        bodies = [item for file in files for item in _services(recipe, file).items()]
        images = {name for name, body in bodies if isinstance(body, dict) and body.get("image")}
        yield from ((name, files) for name, _ in bodies if name not in images)


def _services(recipe: Recipe, file: str) -> dict[str, object]:
    services = recipe.data.get(file, {}).get("services")
    return services if isinstance(services, dict) else {}
