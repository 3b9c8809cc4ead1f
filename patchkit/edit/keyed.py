"""Entries of `labels`, `deploy.labels` and `environment`, whichever form the file writes them in.

Compose takes `- KEY=value` items or `KEY: value` pairs. An entry is read, set, removed and renamed
in the form in use: https://docs.docker.com/reference/compose-file/services/#environment
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from patchkit.edit.scalars import resolve
from patchkit.edit.yaml import Mapping, Node, Scalar, Sequence
from patchkit.edit.yaml.data import scalar_value
from patchkit.edit.yaml.nodes import pairs, target, walk
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml import Path, YamlEditor

Form: TypeAlias = Literal["list", "mapping"]

_NAMES = frozenset(("labels", "environment"))
# A variable such as ${STACK_NAME} is one word, whatever it is called.
_WORD = re.compile(r"(?:\$\{[^}]*\}|[^._])+")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: its key, its text (None when it is handed through), and the node of its value."""

    key: str
    value: str | None
    node: Node


def entries(editor: YamlEditor, path: Path) -> dict[str, str | None]:
    """Return the entries of the collection at `path` in their order, texts as written.

    Aliases and merge keys are followed. An item without `=` and a value left out are None, which
    hands the variable through from outside. A collection that is missing has no entries.

    Raises:
        EditRefused: an entry or the collection is neither form; with its line.
    """
    return {entry.key: entry.value for entry in _read(editor, path)}


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
    found = _read(editor, path)
    at = _only(editor, path, key, found)
    node = editor.document.follow(path)
    if not found:
        as_list = _is_list(editor, path, form)
        editor.set(path, [_item(key, value)] if as_list else {key: value})
    elif at is not None and _is_so(found[at], value):
        return False
    elif isinstance(node, Mapping):
        written = value if at is None else _as_before(found[at], value)
        neighbour = found[_position(key, found, after) - 1].key
        editor.set((*path, key), written, after=neighbour)
    elif at is not None:
        editor.set((*path, at), _item(key, value))
    else:
        editor.insert(path, _position(key, found, after), _item(key, value))
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
    editor.unset((*path, key if isinstance(editor.document.follow(path), Mapping) else at))
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
    if taken := next((entry for entry in found if entry.key == new), None):
        raise EditRefused(
            f"{new} is there already",
            place=editor.document.place(taken.node.start),
            hint="remove one of the two first",
        )
    if isinstance(editor.document.follow(path), Mapping):
        editor.rename((*path, old), new)
    else:
        editor.set((*path, at), _item(new, found[at].value))
    return True


# --- reading ------------------------------------------------------------------------------


def _read(editor: YamlEditor, path: Path) -> list[_Entry]:
    editor.check()
    node = editor.document.follow(path)
    if isinstance(node, Sequence):
        return [_of_item(editor, item) for item in node.items]
    if isinstance(node, Mapping):
        return [_of_pair(editor, key, value) for key, value in pairs(node).items()]
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return []
    raise EditRefused(
        f"{_dotted(path)} is neither a list nor a mapping of entries",
        place=editor.document.place(node.start),
        hint="write it as a list of `KEY=value` items",
    )


def _of_item(editor: YamlEditor, item: Node) -> _Entry:
    key, sign, value = _scalar(editor, item).value.partition("=")
    return _Entry(key, value if sign else None, item)


def _of_pair(editor: YamlEditor, key: str, node: Node) -> _Entry:
    value = _scalar(editor, node)
    return _Entry(key, None if value.is_null else value.value, node)


def _scalar(editor: YamlEditor, node: Node) -> Scalar:
    found = target(node)
    if not isinstance(found, Scalar):
        raise EditRefused(
            "an entry is no text",
            place=editor.document.place(node.start),
            hint="write it as `KEY=value` in a list, or as `KEY: value` in a mapping",
        )
    return found


def _only(editor: YamlEditor, path: Path, key: str, found: list[_Entry]) -> int | None:
    """Return the position of the entry `key`; a second one of the same key is refused."""
    at = [i for i, entry in enumerate(found) if entry.key == key]
    if len(at) > 1:
        lines = [str(editor.document.place(found[i].node.start).line) for i in at]
        raise EditRefused(
            f"{key} stands {len(at)} times in {_dotted(path)}, at lines"
            f" {', '.join(lines[:-1])} and {lines[-1]}",
            place=editor.document.place(found[at[1]].node.start),
            hint="leave only one of them",
        )
    return at[0] if at else None


# --- writing ------------------------------------------------------------------------------


def _item(key: str, value: str | None) -> str:
    return key if value is None else f"{key}={value}"


def _position(key: str, found: list[_Entry], after: str | None) -> int:
    """Return the position for a new entry: see `set_entry`."""
    keys = [entry.key for entry in found]
    if after in keys:
        return keys.index(after) + 1
    shared = [_shared_words(key, other) for other in keys]
    most = max(shared)
    return len(keys) - shared[::-1].index(most) if most else len(keys)


def _shared_words(a: str, b: str) -> int:
    """Return how many words two keys begin with alike; dots and underscores part words."""
    both = zip(_WORD.findall(a), _WORD.findall(b), strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both))


def _is_so(old: _Entry, value: str | None) -> bool:
    """Whether an entry has this value; a bare boolean has none, as Docker refuses it here."""
    return old.value == value and not isinstance(_bare(old), bool)


def _as_before(old: _Entry, value: str | None) -> Any:
    """Return a value as the old one is spelled: a number without quotes stays one."""
    number = resolve(value) if value is not None else None
    both = type(_bare(old)) is int and type(number) is int
    return number if both and str(number) == value else value


def _bare(entry: _Entry) -> Any:
    """Return what Docker reads of an entry's value, as a text unless it stands without quotes."""
    node = target(entry.node)
    return scalar_value(node) if isinstance(node, Scalar) else None


def _is_list(editor: YamlEditor, path: Path, form: Form | None) -> bool:
    """Whether a collection without entries is a list, or is to be one: see `set_entry`."""
    node = editor.document.follow(path)
    if isinstance(node, (Mapping, Sequence)):
        return isinstance(node, Sequence)
    return (form or _usual_form(editor, str(path[-1]))) == "list"


def _usual_form(editor: YamlEditor, name: str) -> Form:
    """Return the form of most collections of this name in the file, else of any such one."""
    forms: Counter[tuple[str, bool]] = Counter()
    for node in walk(editor.document.root) if editor.document.root else []:
        for key, value in pairs(node).items() if isinstance(node, Mapping) else ():
            if key in _NAMES and isinstance(value, (Mapping, Sequence)):
                forms[key, isinstance(value, Sequence)] += 1
    own = {name} if (name, True) in forms or (name, False) in forms else _NAMES
    lists, mappings = (sum(forms[key, kind] for key in own) for kind in (True, False))
    return "mapping" if mappings > lists else "list"


def _dotted(path: Path) -> str:
    return ".".join(map(str, path))
