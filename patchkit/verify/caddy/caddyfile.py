"""Finds the Caddyfiles of a recipe by meaning, and lays them as the container has them.

https://caddyserver.com/docs/command-line#caddy-run, `--config`
"""

from __future__ import annotations

import posixpath
import re
import shlex
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from patchkit.errors import RecipeError
from patchkit.recipe.find import image_matches
from patchkit.recipe.forms import as_text, config_refs
from patchkit.recipe.interpolate import interpolate
from patchkit.verify.deployment import settings
from patchkit.verify.mounted import mounted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from patchkit.recipe.forms import FileRef
    from patchkit.recipe.model import Recipe
    from patchkit.verify.gotemplate import Rendered

_USUAL = "/etc/caddy/Caddyfile"
_NAMED = re.compile(r"caddyfile", re.IGNORECASE)
_IMPORT = re.compile(r"^[ \t]*import[ \t]+[\"`]?([^\s\"`]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Site:
    """A Caddyfile and the service that runs it.

    Attributes:
        service: the Compose key of the service.
        target: where the container has it.
        rendered: what it gets.
        beside: its other configs by target, for what the Caddyfile imports.
    """

    service: str
    target: str
    rendered: Rendered
    beside: Mapping[str, str]

    @property
    def path(self) -> str:
        """The file in the recipe."""
        return self.rendered.path

    @property
    def outside(self) -> str | None:
        """What it imports from where only the container has it, if anything."""
        # A backslash ends a line that goes on.
        names = _IMPORT.findall(self.rendered.text.replace("\\\n", " "))
        return next((n for n in names if n[0] in "/~{" or ".." in n.split("/")), None)

    def lay(self, folder: Path) -> Path:
        """Write it below a folder, with what lies beside it; return its place."""
        for target, text in {**self.beside, self.target: self.rendered.text}.items():
            path = _below(folder, target)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return _below(folder, self.target)


def _below(folder: Path, target: str) -> Path:
    """Return the place below a folder for an absolute path; `..` leads nowhere above it."""
    return folder / posixpath.normpath("/" + target.lstrip("/")).lstrip("/")


def fronts(recipe: Recipe) -> dict[str, FileRef | None]:
    """Return the services that run caddy, each with its mount of a Caddyfile."""
    known = settings(recipe)
    return {
        name: _mount(recipe, body, known)
        for name, body in recipe.services.items()
        if image_matches(body.get("image"), "*caddy*")
    }


def site(recipe: Recipe, service: str, ref: FileRef) -> Site:
    """Return the Caddyfile that a service mounts.

    Raises:
        TemplateError: Swarm would not render it.
        RecipeError: it has no file.
    """
    beside: dict[str, str] = {}
    for other in config_refs(recipe.services[service]):
        try:
            beside[other.target] = mounted(recipe, service, other.source).text
        except RecipeError:
            continue  # what the Caddyfile does not import does not matter here
    return Site(service, ref.target, mounted(recipe, service, ref.source), beside)


def _mount(recipe: Recipe, body: Mapping[str, Any], known: Mapping[str, str]) -> FileRef | None:
    refs = config_refs(body)
    given = _given(body, known)
    usual = given if given & {ref.target for ref in refs} else {_USUAL}
    chosen = [ref for ref in refs if ref.target in usual]
    section = recipe.section("configs")
    named = [
        ref
        for ref in refs
        for words in [(ref.source, ref.target, as_text(section.get(ref.source, {}).get("file")))]
        if any(_NAMED.search(word or "") for word in words)
    ]
    return next(iter((*chosen, *named)), None)


def _given(body: Mapping[str, Any], known: Mapping[str, str]) -> set[str]:
    """Return what stands behind `--config`, or behind the `-c` that shells have too."""
    words = [word for key in ("entrypoint", "command") for word in _words(body.get(key))]
    found = {
        following if not equals else value
        for word, following in pairwise([*words, ""])
        for name, equals, value in [word.partition("=")]
        if name in {"--config", "-c", "-config"}
    }
    return {interpolate(path, known) for path in found}


def _words(command: object) -> list[str]:
    if isinstance(command, list):
        # `sh -c "caddy run --config …"`: the words of a word
        return [part for word in command for part in _words(as_text(word))]
    if not isinstance(command, str):
        return []
    try:
        return shlex.split(command)
    except ValueError:
        return command.split()
