"""Moves an entry with its own lines: quotes, comments and blank lines go where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.edit.yaml import model
from patchkit.edit.yaml.nodes import Alias, Mapping, Sequence, walk
from patchkit.edit.yaml.splices import Splice
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.editor import YamlEditor
    from patchkit.edit.yaml.nodes import Node, Path


@dataclass(frozen=True, slots=True)
class _Lines:
    """A pair or item of a block collection: its value, and where its key or dash stands."""

    kind: type[Mapping | Sequence]
    value: Node
    start: int
    behind: int


def carry(editor: YamlEditor, source: Path, to: Path) -> bool:
    """Give the entry at `to` the lines of the entry at `source`, which is then removed.

    A pair keeps the key that stands at `to`.

    Args:
        editor: the text to change.
        source: a pair or an item.
        to: another one of the same kind, outside of it.

    Returns:
        Whether it was done. It is not where one of the two shares its line with others, as in
        brackets, or where one is a pair and the other an item: nothing is changed then.

    Raises:
        EditRefused: the value holds an alias whose anchor stands behind `to`, or `source`
            cannot be removed.
    """
    root = editor.document.root
    old, new = _lines(editor, source), _lines(editor, to)
    if not (root and old and new and old.kind is new.kind):
        return False
    _refuse_late_anchor(editor, old, new)
    start = editor.layout.line_start(new.start)
    end = editor.layout.line_end(new.value.end)
    made = [Splice(start, end, _moved(editor, old, new))]
    editor.commit(made, model.put(root, to, old.value))
    editor.unset(source)
    return True


def _lines(editor: YamlEditor, path: Path) -> _Lines | None:
    """Return the entry at `path` if it has lines of its own."""
    holder, value = editor.node(path[:-1]), editor.node(path)
    if value is None or not isinstance(holder, (Mapping, Sequence)) or holder.flow:
        return None
    if isinstance(holder, Mapping):
        key = holder.pairs[holder.index(str(path[-1])) or 0][0]
        start, behind = key.start, key.end
    else:
        start = editor.layout.dashes(holder)[int(path[-1])]
        behind = start + 1
    own = editor.layout.first_on_line(start)
    return _Lines(type(holder), value, start, behind) if own else None


def _moved(editor: YamlEditor, old: _Lines, new: _Lines) -> str:
    """Return the old lines with the new one's key, at the new one's column."""
    layout, text = editor.layout, editor.text
    column = layout.column(old.start)
    head = text[layout.head(old.start) : old.start] + text[new.start : new.behind]
    lines = (head + text[old.behind : layout.tail(old.value.end, column)]).split("\n")
    by = layout.column(new.start) - column
    return "\n".join(_shifted(line, by) for line in lines)


def _shifted(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * by + line[min(max(-by, 0), len(line) - len(line.lstrip(" "))) :]


def _refuse_late_anchor(editor: YamlEditor, old: _Lines, new: _Lines) -> None:
    below = walk(old.value)
    for node in below:
        anchored = node.target if isinstance(node, Alias) else None
        if anchored and anchored.start > new.start and anchored not in below:
            raise EditRefused(
                f"the alias *{anchored.anchor} would stand before its anchor",
                place=editor.document.place(node.start),
                hint="write the aliased value out first",
            )
