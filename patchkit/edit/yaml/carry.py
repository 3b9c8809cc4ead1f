"""Moves an entry with its own lines: quotes, comments and blank lines go where it goes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.edit.yaml import model
from patchkit.edit.yaml.nodes import Alias, Mapping, Scalar, Sequence, walk
from patchkit.edit.yaml.splices import Splice
from patchkit.edit.yaml.transplant import shifted
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.editor import YamlEditor
    from patchkit.edit.yaml.nodes import Node, Path

_COMMENT = re.compile(r"(?<!\S)#")


@dataclass(frozen=True, slots=True)
class _Lines:
    """A pair or item of a block collection: its value, and where its key or dash stands."""

    kind: type[Mapping | Sequence]
    value: Node
    start: int
    behind: int


def has_lines(editor: YamlEditor, path: Path) -> bool:
    """Whether the entry at `path` is there and shares its lines with nothing else."""
    return _lines(editor, path) is not None


def carry(editor: YamlEditor, source: Path, to: Path) -> None:
    """Give the entry at `to` the lines of the entry at `source`, which is then removed.

    A pair keeps the key that stands at `to`. Between a pair and an item, the comments alone are
    carried. Where one of the two shares its line with others, as in brackets, nothing is.

    Args:
        editor: the text to change.
        source: a pair or an item.
        to: another one outside of it, which has the value; any other is overwritten when both
            are pairs or items with lines of their own.

    Raises:
        EditRefused: the value holds an alias whose anchor stands behind `to`, a comment would
            be lost, or `source` cannot be removed.
    """
    with editor.whole():
        _carry(editor, source, to)


def _carry(editor: YamlEditor, source: Path, to: Path) -> None:
    old, new = _lines(editor, source), _lines(editor, to)
    if old and new:
        _refuse_late_anchor(editor, old, new)
        start = editor.layout.line_start(new.start)
        end = editor.layout.line_end(new.value.end)
        made = [Splice(start, end, _moved(editor, old, new))]
        value = old.value if old.kind is new.kind else new.value
        doubt = "the lines of this entry do not fit where they are to go", old.start
        editor.commit(made, model.put(_root(editor), to, value), doubt=doubt)
        editor.unset(source)
        return
    comments = _comments(editor)
    editor.unset(source)
    if _comments(editor) < comments:
        raise EditRefused(
            "a comment beside the entry would be lost, which has no place between brackets",
            hint="take the brackets apart, or move the comment first",
        )


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
    core = old if old.kind is new.kind else new
    parts = (
        text[layout.head(old.start) : old.start],
        text[new.start : new.behind],
        text[core.behind : core.value.end],
        text[old.value.end : layout.tail(old.value.end, column)],
    )
    by = layout.column(new.start) - column
    return "\n".join(shifted(line, by) for line in "".join(parts).split("\n"))


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


def _comments(editor: YamlEditor) -> int:
    """Return how many comments the text has."""
    scalars = [node for node in walk(_root(editor)) if isinstance(node, Scalar)]
    found = [match.start() for match in _COMMENT.finditer(editor.text)]
    return sum(not any(node.body <= at < node.end for node in scalars) for at in found)


def _root(editor: YamlEditor) -> Node:
    return editor.document.root or Scalar("")
