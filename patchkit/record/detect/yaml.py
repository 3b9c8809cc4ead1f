"""Any YAML file by path: keys that were renamed or moved, values, items of lists."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from patchkit.edit.paths import dotted
from patchkit.edit.yaml import parsed, to_data
from patchkit.recipe.model import BASE
from patchkit.record.candidate import Candidate
from patchkit.record.detect.values import COMMANDS, differences, styled_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml import Document, Path
    from patchkit.record.candidate import Case, Step
    from patchkit.record.detect.values import Difference

_TELLING = 8  # characters


def changed_items(case: Case) -> Iterator[Candidate]:
    """Items that came to the end of a list, or are gone from it."""
    for file, _, goal, found in _files(case):
        for each in found:
            old, new = each.old, each.new
            if each.is_inside_list:
                for index in _removed(old, new):
                    yield from _without(file, each.path, old, index)
                yield from _more(file, each.path, old, new, goal)
            elif _is_one_item(each):
                yield from _more(file, each.path, [], new, goal)


def _is_one_item(found: Difference) -> bool:
    """Whether a list came that has one item, and is no command."""
    new = found.new if not found.had else None
    return isinstance(new, list) and len(new) == 1 and found.path[-1] not in COMMANDS


def _removed(old: list[Any], new: list[Any]) -> list[int]:
    """Return the numbers of the items that are gone, the last first."""
    shown = [repr(item) for item in old], [repr(item) for item in new]
    ops = SequenceMatcher(None, *shown, autojunk=False).get_opcodes()
    gone = [n for tag, a, b, _, _ in ops if tag in {"delete", "replace"} for n in range(a, b)]
    return gone[::-1]


def _without(file: str, path: Path, old: list[Any], index: int) -> Iterator[Candidate]:
    yield Candidate(_step("remove", file, path) | {"value": old[index]})
    yield Candidate(_step("unset", file, (*path, index)))


def _more(
    file: str, path: Path, old: list[Any], new: list[Any], goal: Document
) -> Iterator[Candidate]:
    for nth, item in enumerate(new):
        there, value = styled_at(goal, (*path, nth))
        if there and item not in old:
            yield Candidate(_step("append", file, path) | {"value": value})


def moved_keys(case: Case) -> Iterator[Candidate]:
    """Keys whose value stands at another path of the same file."""
    for file, _, _, found in _files(case):
        gone = [each for each in found if not each.has]
        new = [each for each in found if not each.had]
        for old in gone:
            for path, value in (pair for other in new for pair in _within(other.path, other.new)):
                if old.old == value and _says_something(value):
                    yield _move(file, old.path, path)


def _says_something(value: Any) -> bool:
    """Whether two places hardly have a value by chance."""
    return bool(value) and (isinstance(value, (dict, list)) or len(str(value)) >= _TELLING)


def _within(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """Yield a value, and those that it is nothing but a mapping of."""
    yield path, value
    if isinstance(value, dict) and len(value) == 1:
        key, item = next(iter(value.items()))
        yield from _within((*path, key), item)


def _move(file: str, old: Path, new: Path) -> Candidate:
    where = {} if file == BASE else {"file": file}
    return Candidate({"op": "yaml.move"} | where | {"from": _path(old), "to": _path(new)})


def changed_values(case: Case) -> Iterator[Candidate]:
    """Values that are new or other ones, and keys that are gone."""
    for file, _, goal, found in _files(case):
        for each in (each for each in found if not each.is_inside_list):
            for path in _upwards(each.path):
                there, value = styled_at(goal, path)
                if each.has and there:
                    yield Candidate(_step("set", file, path) | {"value": value})
                    break
            if not each.has:
                yield Candidate(_step("unset", file, each.path))


def _upwards(path: Path) -> Iterator[Path]:
    yield path
    if len(path) > 1:
        yield path[:-1]


def _files(case: Case) -> Iterator[tuple[str, Document, Document, list[Difference]]]:
    """Yield the YAML files that differ, as nodes, with where they do."""
    for path in case.edited:
        texts = case.texts(path)
        if texts and path.endswith((".yml", ".yaml")):
            documents = parsed(texts[0], path), parsed(texts[1], path)
            yield path, *documents, list(differences(*map(to_data, documents)))


def _step(verb: str, file: str, path: Path) -> Step:
    where = {} if file == BASE else {"file": file}
    return {"op": f"yaml.{verb}"} | where | {"path": _path(path)}


def _path(path: Path) -> str:
    return dotted(path)
