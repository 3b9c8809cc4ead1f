"""Entries of `labels`, `deploy.labels` and `environment`, whichever form the file writes them in.

Compose takes `- KEY=value` items or `KEY: value` pairs. An entry is read, set, removed and renamed
in the form in use: https://docs.docker.com/reference/compose-file/services/#environment
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from patchkit.edit.scalars import resolve
from patchkit.edit.yaml import Alias, Mapping, Node, Scalar, Sequence
from patchkit.edit.yaml.nodes import pairs, target, walk
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml import Path, YamlEditor

Form: TypeAlias = Literal["list", "mapping"]

_KINDS = ("labels", "environment")
# A variable such as ${STACK_NAME} is one word, whatever it is called.
_SEGMENT = re.compile(r"(?:\$\{[^}]*\}|[^._])+")


def entries(editor: YamlEditor, path: Path) -> dict[str, str | None]:
    """Return the entries of the collection at `path` in their order, texts as written.

    Aliases and merge keys are followed. An item without `=` and a value left out are None, which
    hands the variable through from outside. A collection that is missing has no entries.

    Raises:
        EditRefused: an entry or the collection is neither form; with its line.
    """
    return {key: value for key, value, _ in _read(editor, path)}


def set_entry(
    editor: YamlEditor,
    path: Path,
    key: str,
    value: str | None,
    *,
    form: Form | None = None,
    after: str | None = None,
) -> bool:
    """Set one entry, and return whether the text changed.

    The form and the quotes in use are kept. A new entry stands behind the last one that shares
    the most leading words with it, else last.

    Args:
        editor: the file.
        path: the collection, such as `("services", "app", "deploy", "labels")`.
        key: the entry's key; may hold `${VARIABLES}`.
        value: its text; None for a variable that is handed through from outside.
        form: how a collection that is missing is written; by default as the file's others are.
        after: the key of the entry to put a new one behind.

    Raises:
        EditRefused: the key stands twice, or the collection is neither form; with lines.
    """
    before = editor.text
    node = editor.document.follow(path)
    found = _read(editor, path)
    at = _only(editor, path, key, found)
    if not found:
        as_list = isinstance(node, Sequence) or (
            not isinstance(node, Mapping) and (form or _usual_form(editor, path)) == "list"
        )
        editor.set(path, [_item(key, value)] if as_list else {key: value})
    elif isinstance(node, Sequence):
        _set_item(editor, path, at, _item(key, value), _behind(key, found, after))
    else:
        old = None if at is None else found[at]
        if old is None or _differs(old, value):
            position = _behind(key, found, after)
            kept = _kept(old, value) if old else value
            editor.set((*path, key), kept, after=found[position - 1][0])
    return editor.text != before


def unset_entry(editor: YamlEditor, path: Path, key: str) -> bool:
    """Remove one entry with its comments, and return whether it was there.

    Raises:
        EditRefused: the key stands twice, or cannot be removed safely; with lines.
    """
    found = _read(editor, path)
    at = _only(editor, path, key, found)
    if at is None:
        return False
    editor.unset((*path, at if isinstance(editor.document.follow(path), Sequence) else key))
    return True


def rename_entry(editor: YamlEditor, path: Path, old: str, new: str) -> bool:
    """Give one entry another key, and return whether it was there; value and place stay.

    Raises:
        EditRefused: the old key stands twice, or the new one is there already; with lines.
    """
    found = _read(editor, path)
    at = _only(editor, path, old, found)
    if at is None or old == new:
        return False
    taken = [node for key, _, node in found if key == new]
    if taken:
        raise EditRefused(
            f"{new} is there already",
            place=editor.document.place(taken[0].start),
            hint="remove one of the two first",
        )
    if isinstance(editor.document.follow(path), Mapping):
        editor.rename((*path, old), new)
    else:
        editor.set((*path, at), _item(new, found[at][1]))
    return True


_Entry: TypeAlias = tuple[str, str | None, Node]


def _read(editor: YamlEditor, path: Path) -> list[_Entry]:
    editor.check()
    node = editor.document.follow(path)
    if isinstance(node, Sequence):
        return [_entry_of_item(editor, item) for item in node.items]
    if isinstance(node, Mapping):
        return _entries_of_mapping(editor, node)
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return []
    raise EditRefused(
        f"{'.'.join(map(str, path))} is neither a list nor a mapping of entries",
        place=editor.document.place(node.start),
        hint="write it as a list of `KEY=value` items",
    )


def _entry_of_item(editor: YamlEditor, item: Node) -> _Entry:
    node = target(item)
    if not isinstance(node, Scalar):
        raise _no_text(editor, item)
    key, sign, value = node.value.partition("=")
    return key, value if sign else None, item


def _entries_of_mapping(editor: YamlEditor, mapping: Mapping) -> list[_Entry]:
    found = []
    for key, node in pairs(mapping).items():
        value = target(node)
        if not isinstance(value, Scalar):
            raise _no_text(editor, node)
        found.append((key, None if value.is_null else value.value, node))
    return found


def _no_text(editor: YamlEditor, node: Node) -> EditRefused:
    return EditRefused(
        "an entry is no text",
        place=editor.document.place(node.start),
        hint="write it as `KEY=value` in a list, or as `KEY: value` in a mapping",
    )


def _only(editor: YamlEditor, path: Path, key: str, found: list[_Entry]) -> int | None:
    """Return the position of the entry `key`; a second one of the same key is refused."""
    at = [i for i, entry in enumerate(found) if entry[0] == key]
    if len(at) > 1:
        lines = [str(editor.document.place(found[i][2].start).line) for i in at]
        raise EditRefused(
            f"{key} stands {len(at)} times in {'.'.join(map(str, path))}, at lines"
            f" {', '.join(lines[:-1])} and {lines[-1]}",
            place=editor.document.place(found[at[1]][2].start),
            hint="leave only one of them",
        )
    return at[0] if at else None


def _item(key: str, value: str | None) -> str:
    return key if value is None else f"{key}={value}"


def _set_item(editor: YamlEditor, path: Path, at: int | None, item: str, behind: int) -> None:
    if at is not None:
        editor.set((*path, at), item)
    else:
        editor.insert(path, behind, item)


def _behind(key: str, found: list[_Entry], after: str | None) -> int:
    """Return the position for a new entry: see `set_entry`."""
    keys = [entry[0] for entry in found]
    if after in keys:
        return keys.index(after) + 1
    words = _SEGMENT.findall(key)
    shared = [_shared(words, _SEGMENT.findall(other)) for other in keys]
    most = max(shared)
    return len(keys) - shared[::-1].index(most) if most else len(keys)


def _shared(a: list[str], b: list[str]) -> int:
    return next(
        (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b))
    )


def _differs(old: _Entry, value: str | None) -> bool:
    """Whether the pair must be written: Docker refuses a boolean although its text is right."""
    _, text, node = old
    boolean = (
        isinstance(node, Scalar) and not node.is_text and isinstance(resolve(node.value), bool)
    )
    return text != value or (boolean and value is not None)


def _kept(old: _Entry, value: str | None) -> Any:
    """Return the value to write: a number that stood without quotes stays so."""
    node = old[2]
    if value is None or not isinstance(node, Scalar) or node.is_text:
        return value
    number = resolve(value)
    plain = isinstance(resolve(node.value), int) and isinstance(number, int)
    return number if plain and str(number) == value else value


def _usual_form(editor: YamlEditor, path: Path) -> Form:
    """Return the form of most collections of this name in the file, else of any such one."""
    forms: Counter[tuple[str, Form]] = Counter()
    for node in walk(editor.document.root) if editor.document.root else []:
        for key, value in node.pairs if isinstance(node, Mapping) else []:
            if isinstance(key, Scalar) and key.value in _KINDS and not isinstance(value, Alias):
                if isinstance(value, Sequence) and value.items:
                    forms[key.value, "list"] += 1
                elif isinstance(value, Mapping) and value.pairs:
                    forms[key.value, "mapping"] += 1
    name = str(path[-1])
    own = forms[name, "list"], forms[name, "mapping"]
    lists, mappings = (
        own
        if any(own)
        else tuple(
            sum(n for (_, kind), n in forms.items() if kind == form) for form in ("list", "mapping")
        )
    )
    return "mapping" if mappings > lists else "list"
