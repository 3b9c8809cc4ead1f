"""Cuts in a text, and what the shapes of YAML that they are made in have in common."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.edit.scalars import needs_quotes
from patchkit.edit.yaml.nodes import Mapping, Node, Scalar, Sequence
from patchkit.errors import EditRefused

if TYPE_CHECKING:
    from collections.abc import Sequence as Seq

    from patchkit.edit.yaml.emit import Style
    from patchkit.edit.yaml.layout import Layout

QUOTES = frozenset("'\"")
Collection: TypeAlias = Mapping | Sequence


@dataclass(frozen=True, slots=True)
class Splice:
    """Replace the characters from `start` up to `end` by `text`."""

    start: int
    end: int
    text: str


def splice(text: str, made: Seq[Splice]) -> str:
    """Return `text` with all splices made; those at one place in the order given."""
    parts: list[str] = []
    at = 0
    for cut in sorted(made, key=lambda cut: (cut.start, cut.end)):
        parts += text[at : cut.start], cut.text
        at = cut.end
    return "".join([*parts, text[at:]])


def refuse_complex(layout: Layout, holder: Mapping) -> None:
    """Refuse a mapping with a `? key`: where it begins and ends is not where its key does."""
    at = holder.body + (holder.flow and layout.text[holder.body] == "{")
    for key, value in holder.pairs:
        at = layout.skip_space(at)
        if holder.flow and layout.text[at] == ",":
            at = layout.skip_space(at + 1)
        plain = isinstance(key, Scalar) and key.body < key.end and layout.same_line(at, key.end)
        if not plain or at != key.start:
            raise EditRefused(
                "a key is empty or written with `?` or over lines, which patchkit does not edit",
                place=layout.document.place(key.start),
                hint="write it as `key: value` first",
            )
        at = max(key.end, value.end)


def sibling_style(layout: Layout, siblings: list[Node], value: Any) -> Style:
    """Return the file's style, with the quotes that most siblings of a new string have.

    Quotes that had to be are no habit: they only tell which ones to take where they must be.
    """
    if isinstance(value, (dict, list, tuple)):
        return layout.style
    quote = quote_of([n for n in siblings if isinstance(n, Scalar) and _chosen(n)])
    if quote:
        return replace(layout.style, quote=quote, always=True)
    needed = quote_of([n for n in siblings if isinstance(n, Scalar) and n.style in QUOTES])
    return replace(layout.style, quote=needed) if needed else layout.style


def _chosen(scalar: Scalar) -> bool:
    return scalar.style not in QUOTES or not needs_quotes(scalar.value)


def quote_of(nodes: Seq[Node]) -> str:
    """Return the quote that most of the strings have, `''` when most are plain."""
    styles = Counter(n.style for n in nodes if isinstance(n, Scalar) and n.is_text)
    common = styles.most_common(1)
    return common[0][0] if common and common[0][0] in QUOTES else ""
