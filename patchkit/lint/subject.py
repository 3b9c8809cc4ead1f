"""What rules look at: a recipe, and what is known around it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from patchkit.edit import dotenv
from patchkit.errors import Place
from patchkit.lint.nodes import Part, parts
from patchkit.recipe import find
from patchkit.recipe.configs import configs, exports
from patchkit.recipe.interpolate import variables
from patchkit.recipe.model import BASE, ENV_SAMPLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from patchkit.edit.yaml import Document
    from patchkit.recipe.configs import Config
    from patchkit.recipe.model import Recipe
    from patchkit.tree import RecipeTree


@dataclass(frozen=True)
class Subject:
    """A recipe under lint.

    Attributes:
        recipe: what is looked at.
        base: what it was before, for rules about changes; None when not known.
        tags: the git tags of its repository, and whether each is annotated; None when not known.
    """

    recipe: Recipe
    base: Recipe | None = None
    tags: Mapping[str, bool] | None = None

    @property
    def tree(self) -> RecipeTree:
        """The recipe's files."""
        return self.recipe.tree

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """Every compose file as nodes."""
        return tuple(map(self.recipe.document, self.recipe.compose_paths))

    @cached_property
    def services(self) -> tuple[Part, ...]:
        """Every service of every compose file, file by file."""
        return self._parts("services")

    @cached_property
    def merged(self) -> dict[str, dict[str, Any]]:
        """The merged services by name."""
        return self.recipe.services

    @cached_property
    def labels(self) -> dict[str, dict[str, str | None]]:
        """The merged labels of every service."""
        return {name: find.labels(body) for name, body in self.merged.items()}

    @cached_property
    def settings(self) -> dict[str, dotenv.Entry]:
        """The settings of `.env.sample` by name, those on offer only where none is active."""
        if ENV_SAMPLE not in self.tree:
            return {}
        entries = dotenv.entries(self.tree.text(ENV_SAMPLE))
        return {e.name: e for e in sorted(entries, key=lambda e: not e.commented)}

    @cached_property
    def configs(self) -> dict[str, Config]:
        """The recipe's own configs by key."""
        return configs(self.recipe)

    @cached_property
    def exports(self) -> dict[str, str]:
        """What `abra.sh` exports."""
        return exports(self.recipe)

    def definitions(self, section: str) -> tuple[Part, ...]:
        """Return the entries of a top-level section in every compose file."""
        return self._parts(section)

    def service_place(self, name: str) -> Place:
        """Return where the compose file that defines a service names it."""
        home = self.recipe.home(name)
        part = self._services_by_file.get((home, name))
        return part.place if part else self.top(home)

    def top(self, path: str = BASE) -> Place:
        """Return the start of a file, for what is missing in it."""
        if path not in self.tree:
            return Place(path, 1, 1)
        return Place.at(path, self.tree.text(path).removeprefix("\ufeff"), 0)

    def key(self, key: str) -> Place:
        """Return where a top-level key stands in the first compose file that has it."""
        for path in self.recipe.files_with((key,)):
            return self.recipe.place(path, (key,))
        return self.top(next(iter(self.recipe.compose_paths), BASE))

    def lacks(self, path: str) -> bool:
        """Whether a path of a compose file should lead to a file of the recipe, and does not."""
        outside = not path or path.startswith(("/", "~", "..")) or bool(variables(path))
        return not outside and posixpath.normpath(path) not in self.tree

    @cached_property
    def _services_by_file(self) -> dict[tuple[str, str], Part]:
        return {(part.document.path, part.name): part for part in self.services}

    def _parts(self, section: str) -> tuple[Part, ...]:
        return tuple(part for document in self.documents for part in parts(document, section))


def named(names: Iterable[str]) -> str:
    """Return names as prose: `a, b`; `nothing` when there is none."""
    return ", ".join(sorted(names)) or "nothing"
