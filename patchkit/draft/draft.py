"""A recipe under change: what ops read, and where they put their edits.

The tree itself is immutable; a draft holds the newest one. An op that raises has changed
nothing, since each edit replaces a whole file's text at once and `render` drops the draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from patchkit.edit.yaml import OnAlias, Path, YamlEditor
from patchkit.errors import EditRefused, Place
from patchkit.recipe.model import Recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from patchkit.finding import Finding
    from patchkit.tree import RecipeTree

T = TypeVar("T")

# How alike names are that one may have meant, and that differ by a slip of the pen.
_LIKE, _SLIP = 0.6, 0.9


class NoMatch(EditRefused):
    """What an op should change or remove is not there.

    Attributes:
        near: names that differ from it by a slip: it may be misspelt.
        gone: whether the recipe may be as the op wants it: what it should remove is not there,
            nor anything that looks like it.
    """

    def __init__(
        self,
        message: str,
        *,
        near: tuple[str, ...] = (),
        place: Place | None = None,
        hint: str = "",
        needed: bool = False,
    ) -> None:
        super().__init__(message, place=place, hint=hint)
        self.near = near
        self.gone = not near and not needed


class Draft:
    """The newest tree of a recipe, as a recipe, with the one it began as.

    Attributes:
        base: the tree before any op.
        before: the same, as a recipe.
        tree: the tree now.
        on_alias: what the present op chose for nodes behind aliases.
        notes: sentences for the operator, which the closing rules put into the release note.
        findings: open questions that ops came upon.
        renamed: the services that got another name, in order.
        answers: by service, the places that the spec says are right as they are (`keep:`).
        template: gives the text of a template by name; `render` puts its own here.
    """

    def __init__(self, tree: RecipeTree) -> None:
        self.base = tree
        self.before = Recipe(tree)
        self.tree = tree
        self.on_alias: OnAlias = "error"
        self.notes: list[str] = []
        self.findings: list[Finding] = []
        self.renamed: list[Renamed] = []
        self.answers: dict[str, list[str]] = {}
        self.template: Callable[[str], str] = _no_template
        self._recipe = self.before

    @property
    def recipe(self) -> Recipe:
        """The recipe as it is now."""
        if self._recipe.tree is not self.tree:
            self._recipe = Recipe(self.tree, self._recipe)
        return self._recipe

    def take(self, tree: RecipeTree) -> bool:
        """Make `tree` the newest; return whether it differs."""
        changed = tree != self.tree
        self.tree = tree if changed else self.tree
        return changed

    def save(self, path: str, text: str | bytes, mode: int | None = None) -> bool:
        """Give a file a new content; return whether anything changed."""
        return self.take(self.tree.with_file(path, text, mode))

    def edit_yaml(self, path: str, edit: Callable[[YamlEditor], T]) -> T:
        """Run `edit` on a compose file and keep the result."""
        editor = YamlEditor(self.tree.text(path), path, on_alias=self.on_alias)
        result = edit(editor)
        self.save(path, editor.text)
        return result

    def require_service(self, service: str) -> None:
        """Refuse, with near misses, when no compose file has the service."""
        names = list(self.recipe.services)
        if service not in names:
            raise missing("service", service, names, needed=True)

    def require_compose(self, file: str) -> None:
        """Refuse, with near misses, when the recipe has no such compose file."""
        if file not in self.recipe.compose_paths:
            raise missing("compose file", file, self.recipe.compose_paths, needed=True)

    def require_file(self, path: str) -> None:
        """Refuse, with near misses, when the recipe has no such file."""
        if path not in self.tree:
            raise missing("file", path, self.tree.paths(), needed=True)

    def target(self, path: Path, file: str | None, *, what: str) -> str:
        """Return the one compose file to edit for something that stands, or will, at `path`.

        Args:
            path: a path whose first two steps are `services` and the service.
            file: the file that the spec names, or None to find it.
            what: how messages call it.

        Raises:
            EditRefused: no compose file has the service, several hold what is meant and the
                spec names none, or there is no such compose file.
        """
        self.require_service(str(path[1]))
        if file is not None:
            self.require_compose(file)
            return file
        files = self.recipe.files_with(path)
        if len(files) > 1:
            raise EditRefused(
                f"{what} stands in {len(files)} files: {self.spots(files, path)}",
                place=self.recipe.place(files[0], path),
                hint="say which one with `file:`",
            )
        return files[0] if files else self.recipe.home(str(path[1]))

    def spots(self, files: Iterable[str], path: Path) -> str:
        """Return places as words: `compose.yml:7, compose.x.yml:4`."""
        places = (self.recipe.place(file, path) for file in files)
        return ", ".join(f"{place.path}:{place.line}" for place in places)


@dataclass(frozen=True, slots=True)
class Renamed:
    """A service that got another name."""

    old: str
    new: str


def _no_template(name: str) -> str:
    raise EditRefused(
        f"there is no folder of templates to take {name!r} from",
        hint="give the text itself with `text:`",
    )


def missing(
    kind: str,
    name: str,
    names: Iterable[str],
    place: Place | None = None,
    hint: str = "",
    *,
    needed: bool = False,
) -> NoMatch:
    """Return the refusal for a name that is not there, with the nearest ones that are."""
    known = list(names)
    like = get_close_matches(name, known, n=3, cutoff=_LIKE)
    if like:
        rest = f"did you mean {' or '.join(like)}?"
    else:
        rest = f"there is {', '.join(known[:12])}" if known else "there is none"
    near = tuple(get_close_matches(name, known, n=3, cutoff=_SLIP))
    return NoMatch(f"no {kind} {name!r}; {rest}", near=near, place=place, hint=hint, needed=needed)
