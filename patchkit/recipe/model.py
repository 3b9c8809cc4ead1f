"""A recipe as a whole: every compose file, and the one stack that they make together.

All `compose*.yml` count, whatever an operator's `COMPOSE_FILE` says: that is what `abra recipe
lint` looks at, and what some operator deploys.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from patchkit.edit import dotenv
from patchkit.edit.yaml import Document, Mapping, Path, Scalar, parsed, to_data
from patchkit.errors import Place, RecipeError
from patchkit.recipe.merge import together, uniform
from patchkit.tree.entry import LINK

if TYPE_CHECKING:
    from patchkit.tree import RecipeTree

BASE = "compose.yml"
ENV_SAMPLE = ".env.sample"
ABRA_SH = "abra.sh"
RELEASE_NEXT = "release/next"


@lru_cache(maxsize=16)
def _compose_files(text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(dotenv.compose_files(text))


# The same documents are read and merged once, however often an op gives the recipe a new tree.
_read = lru_cache(maxsize=128)(to_data)


@lru_cache(maxsize=128)
def _uniform(document: Document) -> dict[str, Any]:
    return uniform(_mapping(_read(document)))


@lru_cache(maxsize=16)
def _merged(documents: tuple[Document, ...]) -> dict[str, Any]:
    return together([_uniform(document) for document in documents])


class Recipe:
    """A view of a RecipeTree; it reads, and never edits.

    Args:
        tree: the files.
        like: a view of a tree that this one was made of: what both have is not read again.
    """

    def __init__(self, tree: RecipeTree, like: Recipe | None = None) -> None:
        self.tree = tree
        self._documents = like.shared(tree) if like else {}
        if like and like.has_names_of(tree):
            self.combinations, self.compose_paths = like.combinations, like.compose_paths

    @cached_property
    def compose_paths(self) -> tuple[str, ...]:
        """Every compose file: `compose.yml` first, then overlays by name.

        Overlays in folders count when a `COMPOSE_FILE` line of `.env.sample` names them.
        """
        found = {p for p in self.tree.paths() if fnmatchcase(p, "compose*.yml") and "/" not in p}
        named = {name for files in self.combinations for name in files if name in self.tree}
        return tuple(sorted(found | named, key=lambda path: (path != BASE, path)))

    @cached_property
    def combinations(self) -> tuple[tuple[str, ...], ...]:
        """Every list of compose files that `.env.sample` offers to an operator."""
        if ENV_SAMPLE not in self.tree:
            return ((BASE,),)
        return _compose_files(self.tree.text(ENV_SAMPLE))

    def document(self, path: str) -> Document:
        """Return a compose file as nodes; the same text is parsed once."""
        if found := self._documents.get(path):
            return found
        document = parsed(self.tree.text(path), path)
        if document.root is not None and not isinstance(document.root, Mapping | Scalar):
            raise RecipeError(
                "a compose file must be a mapping", place=document.place(document.root.start)
            )
        self._documents[path] = document
        return document

    def shared(self, tree: RecipeTree) -> dict[str, Document]:
        """Return the documents of files that are the very same in another tree, and no links."""
        return {
            path: document
            for path, document in self._documents.items()
            if (entry := tree.entries.get(path))
            and entry is self.tree.entries.get(path)
            and entry.mode != LINK
        }

    def has_names_of(self, tree: RecipeTree) -> bool:
        """Whether another tree has the same paths, and the very same `.env.sample`."""
        ours, theirs = self.tree.entries, tree.entries
        settings = ours.get(ENV_SAMPLE)
        if settings is not theirs.get(ENV_SAMPLE) or (settings and settings.mode == LINK):
            return False
        return ours.keys() == theirs.keys()

    @cached_property
    def data(self) -> dict[str, dict[str, Any]]:
        """Each compose file as plain data, by path; a file without content is `{}`."""
        return {path: _mapping(_read(self.document(path))) for path in self.compose_paths}

    @cached_property
    def merged(self) -> dict[str, Any]:
        """The stack that all compose files make together."""
        return _merged(tuple(self.document(path) for path in self.compose_paths))

    @cached_property
    def services(self) -> dict[str, dict[str, Any]]:
        """The merged services by name; one without content is `{}`."""
        return {
            name: _mapping(body) for name, body in _mapping(self.merged.get("services")).items()
        }

    def section(self, name: str) -> dict[str, dict[str, Any]]:
        """Return a merged top-level section (`configs`, `secrets`, …) by entry."""
        return {key: _mapping(body) for key, body in _mapping(self.merged.get(name)).items()}

    def files_with(self, path: Path) -> tuple[str, ...]:
        """Return the compose files in which something stands at `path`, aliases followed."""
        return tuple(file for file, data in self.data.items() if _has(data, path))

    def place(self, file: str, path: Path) -> Place:
        """Return where `path` stands in a compose file: its key, or the nearest one above."""
        document = self.document(file)
        for depth in range(len(path), 0, -1):
            parent, node = document.find(path[: depth - 1]), document.find(path[:depth])
            if node is not None:
                key = _key(parent, path[depth - 1])
                return document.place(node.start if key is None else key.start)
        return Place(file)

    def home(self, service: str) -> str:
        """Return the file that defines a service: the first that gives its image."""
        files = self.files_with(("services", service))
        images = self.files_with(("services", service, "image"))
        return (images or files or (BASE,))[0]


def _key(parent: Any, step: str | int) -> Any:
    at = parent.index(str(step)) if isinstance(parent, Mapping) else None
    return None if at is None else parent.pairs[at][0]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _has(data: Any, path: Path) -> bool:
    for step in path:
        known = isinstance(data, dict) and step in data
        if not known and not (isinstance(data, list) and step in range(len(data))):
            return False
        data = data[step]
    return True
