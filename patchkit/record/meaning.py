"""How far one recipe is from another in what it means, wherever its lines stand.

In compose files order says something in commands alone; in `abra.sh` it says nothing of the
exports. https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

import json
import re
from collections import Counter
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.edit.yaml import parse, to_data
from patchkit.errors import PatchkitError
from patchkit.recipe.model import ABRA_SH
from patchkit.record.measure import distance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.tree import Entry, RecipeTree

    Facts: TypeAlias = Counter[tuple[str, ...]]

_IN_ORDER = {"command", "entrypoint", "test"}
_EXPORT = re.compile(r"^export +(\w+=\S*)[ \t]*$", re.MULTILINE)


def differing(old: RecipeTree, new: RecipeTree) -> tuple[str, ...]:
    """Return the paths whose files do not mean the same."""
    return tuple(path for path in new.changed_paths(old) if apart(path, old, new))


def apart(path: str, old: RecipeTree, new: RecipeTree) -> int:
    """Return how far a file of one tree is in its meaning from that of another: a metric.

    Of compose files and `abra.sh` it is the number of facts of only one of them, of other files
    that of lines.
    """
    one, other = old.entries.get(path), new.entries.get(path)
    if one is None or other is None or one.mode != other.mode or not _has_facts(path):
        return distance(one, other, words=False)
    a, b = _facts(path, one), _facts(path, other)
    if a is None or b is None:
        return distance(one, other, words=False)
    return ((a - b) + (b - a)).total()


def _has_facts(path: str) -> bool:
    return path == ABRA_SH or (fnmatchcase(path, "compose*.yml") and "/" not in path)


def _facts(path: str, entry: Entry) -> Facts | None:
    return _facts_of(path == ABRA_SH, entry.data)


@lru_cache(maxsize=1024)
def _facts_of(is_shell: bool, data: bytes) -> Facts | None:
    """Return what a file says, each once for every time; None of a file that cannot be read."""
    try:
        text = data.decode()
        if is_shell:
            rest = "\n".join(line for line in _EXPORT.sub("", text).splitlines() if line.strip())
            return Counter([*((name,) for name in _EXPORT.findall(text)), ("", rest)])
        return Counter(_of(to_data(parse(text)), ("",)))
    except (PatchkitError, UnicodeDecodeError):
        return None


def _of(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the facts of a value: an item of a list is known by what it is."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _of(item, (*path, repr(key)))
    elif isinstance(value, list) and value and path[-1].strip("'") not in _IN_ORDER:
        yield from ((*path, "[]", _text(item)) for item in value)
    else:
        yield (*path, _text(value))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
