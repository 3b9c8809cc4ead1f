"""What a detector proposes, and what it looks at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.edit.yaml import Document
    from patchkit.recipe.model import Recipe
    from patchkit.tree import RecipeTree

Step: TypeAlias = dict[str, Any]
HEALTHCHECK = ("test", "interval", "timeout", "retries", "start_period")
ROUGH = "this does not do quite what was done by hand: other ops make up for it"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An op that may be a part of the change.

    Attributes:
        step: the op as specs write it.
        rough: whether it is taken when most of what it does is right, and the rest is made up
            for by other ops; else all of it must be right.
        unsure: what a person must look at, a sentence each.
    """

    step: Step
    rough: bool = False
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A recipe as far as the recorded ops have brought it, and as it is to become.

    Attributes:
        now: the recipe now.
        goal: the recipe as it is to become.
        tried: gives the recipe after one more op, None when the op is refused.
        settled: paths that mean what they are to mean, where that is enough.
    """

    now: Recipe
    goal: Recipe
    tried: Callable[[Step], RecipeTree | None] = field(repr=False)
    settled: frozenset[str] = frozenset()

    @property
    def differing(self) -> tuple[str, ...]:
        """The paths that are not yet as they are to be."""
        changed = self.goal.tree.changed_paths(self.now.tree)
        return tuple(path for path in changed if path not in self.settled)

    @property
    def edited(self) -> list[str]:
        """Those of them whose text differs and that both sides have."""
        return [path for path in self.differing if self.texts(path) is not None]

    def texts(self, path: str) -> tuple[str, str] | None:
        """Return what a file says now and is to say; None unless both are different texts."""
        trees = self.now.tree, self.goal.tree
        if path in self.settled:
            return None
        if any(path not in tree or tree.link(path) is not None for tree in trees):
            return None
        data = [tree.read(path) for tree in trees]
        if data[0] == data[1] or any(b"\0" in part for part in data):
            return None
        try:
            return data[0].decode(), data[1].decode()
        except UnicodeDecodeError:
            return None

    @property
    def compose_paths(self) -> list[str]:
        """The compose files of both sides that differ."""
        there = set(self.now.compose_paths) & set(self.goal.compose_paths)
        return [path for path in self.now.compose_paths if path in there and self.texts(path)]

    @property
    def services(self) -> list[str]:
        """The services of both sides."""
        return [name for name in self.goal.services if name in self.now.services]

    def bodies(self, file: str, service: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what a compose file says of a service now, and is to say; `{}` for nothing."""
        return body(self.now, file, service), body(self.goal, file, service)

    def documents(self, file: str) -> tuple[Document, Document]:
        """Return a compose file now and as it is to be, as nodes."""
        return self.now.document(file), self.goal.document(file)


def body(recipe: Recipe, file: str, service: str) -> dict[str, Any]:
    """Return what a compose file says of a service; `{}` for nothing."""
    services = recipe.data.get(file, {}).get("services")
    found = services.get(service) if isinstance(services, dict) else None
    return found if isinstance(found, dict) else {}


def with_files(step: Step, files: list[str], key: str = "file") -> Iterator[Step]:
    """Yield a step as it is, then with each of the files named: the first that fits is meant."""
    yield step
    for file in files:
        yield step | {key: file}
