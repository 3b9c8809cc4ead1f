"""What is put in the place of a value, so that its key, its comment and its quotes stay."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from patchkit.edit.scalars import needs_quotes
from patchkit.edit.yaml import emit
from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence, is_block_scalar
from patchkit.edit.yaml.splices import QUOTES, Splice, refuse_complex
from patchkit.edit.yaml.values import FlowDict, FlowList
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from patchkit.edit.yaml.emit import Style
    from patchkit.edit.yaml.layout import Layout
    from patchkit.edit.yaml.nodes import Path
    from patchkit.edit.yaml.splices import Collection

_BLANKS = " \t\r\n"


def replace_value(layout: Layout, path: Path, value: Any, anchor: str | None) -> list[Splice]:
    """Replace the value at `path`, which is there, by one that differs.

    Args:
        layout: the text and its lines.
        path: a pair or an item.
        value: plain data.
        anchor: the name to anchor the new value with, where the old one has users.
    """
    node, holder = _node(layout, path), _node(layout, path[:-1])
    assert isinstance(holder, (Mapping, Sequence))  # noqa: S101
    if isinstance(holder, Mapping) and node.start == node.end:
        refuse_complex(layout, holder)
    key = _key(holder, path) if isinstance(holder, Mapping) else None
    single = not isinstance(value, (dict, list, tuple))
    if isinstance(node, Scalar) and single and (holder.flow or keeps_anchor(node, value)):
        return [scalar_splice(layout, node, value, flow=holder.flow, key=key)]
    name = f"&{anchor}" if anchor else ""
    if holder.flow:
        text = emit.flow_text(value, layout.style)
        return [Splice(node.start, node.end, _lead(layout, node, key) + f"{name} {text}".strip())]
    return _rewrite(layout, path, holder, value, name)


def scalar_splice(
    layout: Layout, node: Scalar, value: Any, *, flow: bool, key: Node | None = None
) -> Splice:
    """Replace a scalar on one line, in the quotes that it has; `key` is the key of a value."""
    style = layout.style
    if node.style in QUOTES:
        style = replace(style, quote=node.style, always=True)
    elif isinstance(value, str) and not node.is_null and not needs_quotes(value, flow=flow):
        value = str(value)  # plain stays plain, whatever quotes the fix's author needed
    start = node.start if node.tag is not None else node.body
    text = _lead(layout, node, key) + emit.scalar(value, style, flow=flow)
    return Splice(start, node.end, text + _apart(layout, node.end))


def keeps_anchor(node: Scalar, value: Any) -> bool:
    """Whether replacing `node` by `value` leaves its anchor standing: see `scalar_splice`."""
    kept = node.style in QUOTES and "\n" in node.value
    literal = isinstance(value, str) and "\n" in value and not kept
    return node.tag is None and not is_block_scalar(node) and value is not None and not literal


def _node(layout: Layout, path: Path) -> Node:
    node = layout.document.find(path)
    assert node is not None  # noqa: S101  the editor has looked
    return node


def _lead(layout: Layout, node: Node, key: Node | None = None) -> str:
    """Return what must stand before a value that was left out: a blank, or a colon too."""
    if not isinstance(node, Scalar):
        return ""
    if node.body != node.end:
        glued = node.body > node.start and layout.text[node.body - 1] not in _BLANKS
        return " " if glued else ""
    if key is not None and node.start == key.end:
        return ": "
    return "" if layout.text[node.end - 1] in _BLANKS else " "


def _apart(layout: Layout, end: int) -> str:
    """Return the blank that a comment needs which stands right behind a quote or a bracket."""
    return " " if layout.text.startswith("#", end) else ""


def _rewrite(layout: Layout, path: Path, holder: Collection, value: Any, name: str) -> list[Splice]:
    """Replace a value where the old or the new one stands on lines of its own."""
    node = _node(layout, path)
    column, behind = _spot(layout, holder, path)
    if isinstance(holder, Sequence) and not name and _is_block(value):
        return _rewrite_item(layout, node, column, behind - 1, value)
    text = emit.block(
        value,
        column,
        _style(layout, node, value, column),
        dash=_dash_of(layout, holder, node, column),
    )
    head = "".join(f" {part}" for part in (name, text.inline) if part)
    below = "".join(layout.newline + line for line in text.lines)
    if layout.same_line(behind, node.start):
        if isinstance(node, (Mapping, Sequence)) and not node.flow:
            # An anchored or compact block begins on this line and goes on below.
            return [Splice(behind, layout.tail(node.end, column), head + below)]
        return _joined(layout, behind, max(node.end, behind), head, below)
    line_end = layout.line_end(behind)
    _refuse_comment_between(layout, line_end, node)
    end = layout.line_end(node.end) if isinstance(node, Alias) else layout.tail(node.end, column)
    return [Splice(behind, behind, head), Splice(line_end, end, below)]


def _spot(layout: Layout, holder: Collection, path: Path) -> tuple[int, int]:
    """Return the column of a key or dash, and where it ends."""
    if isinstance(holder, Sequence):
        dash = layout.dashes(holder)[int(path[-1])]
        return layout.column(dash), dash + 1
    refuse_complex(layout, holder)
    key = _key(holder, path)
    return layout.column(key.start), layout.text.index(":", key.end) + 1


def _key(holder: Mapping, path: Path) -> Node:
    return holder.pairs[holder.index(str(path[-1])) or 0][0]


def _is_block(value: Any) -> bool:
    """Whether a value has lines of its own, as a mapping or a list that holds something."""
    return bool(value) and isinstance(value, (dict, list)) and not _is_flow(value)


def _is_flow(value: Any) -> bool:
    return isinstance(value, (FlowDict, FlowList))


def _style(layout: Layout, node: Node, value: Any, column: int) -> Style:
    """Return the habits for the new value, with the old one's indentation if it is a text."""
    style = layout.style
    if isinstance(node, Scalar) and node.style in QUOTES and isinstance(value, str):
        style = replace(style, quote=node.style, always=True)
    if layout.tail(node.end, column) > layout.line_end(node.end):
        # A block scalar would take in the deeper comments below.
        style = replace(style, literal=False)
    if is_block_scalar(node) and (margin := layout.margin(node)) > column:
        return replace(style, step=margin - column)
    return style


def _dash_of(layout: Layout, holder: Collection, node: Node, column: int) -> int | None:
    """Return how far the dashes of a new list are indented; None for as far as the file's are."""
    if isinstance(holder, Sequence):
        return layout.style.step
    if isinstance(node, Sequence) and not node.flow:
        return layout.column(layout.dashes(node)[0]) - column
    return None


def _refuse_comment_between(layout: Layout, line_end: int, node: Node) -> None:
    if isinstance(node, (Mapping, Sequence)) or "#" not in layout.text[line_end : node.start]:
        return
    raise EditRefused(
        "a comment stands between the key and its value",
        place=layout.document.place(node.start),
        hint="move the comment first",
    )


def _joined(layout: Layout, start: int, end: int, head: str, below: str) -> list[Splice]:
    """Put `head` in place of a value on its line and `below` under that line, comment kept."""
    line_end = layout.line_end(end)
    if not head and not below and layout.text.startswith("\t", end):
        head = " null"  # a tab may stand behind a value, and not behind a dash
    made = [Splice(start, end, head + _apart(layout, end))]
    return [*made, Splice(line_end, line_end, below)] if below else made


def _rewrite_item(
    layout: Layout, node: Node, column: int, dash: int, value: dict[str, Any] | list[Any]
) -> list[Splice]:
    """Replace an item by a mapping or list that begins behind its dash."""
    first, *lines = emit.item_lines(value, column, _style(layout, node, value, column))
    below = "".join(layout.newline + line for line in lines)
    if isinstance(node, (Mapping, Sequence)) and not node.flow:
        return [Splice(dash, layout.tail(node.end, column), first[column:] + below)]
    return _joined(layout, dash, max(node.end, dash + 1), first[column:], below)
