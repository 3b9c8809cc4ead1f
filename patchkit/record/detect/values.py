"""Values of YAML files in the style that they are written in, and where two of them differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml import Alias, styled
from patchkit.edit.yaml.nodes import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml import Document, Path
    from patchkit.recipe.model import Recipe


COMMANDS = ("command", "entrypoint", "test")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two values differ.

    Attributes:
        path: the steps to it.
        had: whether there was something.
        has: whether there is something.
        old: what there was.
        new: what there is.
    """

    path: Path
    had: bool
    has: bool
    old: Any = None
    new: Any = None

    @property
    def is_inside_list(self) -> bool:
        """Whether items of a list differ that stand for themselves, unlike words of a command.

        Such a list is not set as a whole: the items that others added would go.
        """
        lists = isinstance(self.old, list) and isinstance(self.new, list)
        return lists and self.path[-1:] not in {(key,) for key in COMMANDS}


def value_at(recipe: Recipe, file: str, path: Path) -> tuple[bool, Any]:
    """Return whether a value can be written as it stands in a compose file, and the value."""
    return styled_at(recipe.document(file), path)


def styled_at(document: Document, path: Path) -> tuple[bool, Any]:
    """Return whether a value can be written as it stands, and the value with its quotes."""
    node = document.follow(path)
    if node is None or any(isinstance(part, Alias) or part.anchor for part in walk(node)):
        return False, None
    return True, styled(node)


def differences(old: Any, new: Any, path: Path = ()) -> Iterator[Difference]:
    """Yield where two values differ, as deep as mappings of both go, in the order of the new."""
    if isinstance(old, dict) and isinstance(new, dict) and old and new:
        for key, item in new.items():
            if key not in old:
                yield Difference((*path, key), had=False, has=True, new=item)
            else:
                yield from differences(old[key], item, (*path, key))
        for key, item in old.items():
            if key not in new:
                yield Difference((*path, key), had=True, has=False, old=item)
    elif type(old) is not type(new) or old != new:
        yield Difference(path, had=True, has=True, old=old, new=new)
