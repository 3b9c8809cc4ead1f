"""Reads a YAML text into nodes by libyaml's event stream, the reader Docker's own is a port of.

Events, not PyYAML's `compose()`: composing replaces an alias by the node it names, and the
alias's own place is lost. `pyyaml` without libyaml works too, about ten times slower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Path, Scalar, Sequence, walk
from patchkit.errors import Place, RecipeError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 5 * 1024 * 1024
MAX_DEPTH = 100

_LOADER: Any = getattr(yaml, "CLoader", yaml.Loader)
_PROPERTIES = re.compile(r"(?:[&!][^\s]*(?:[ \t]+|(?:[ \t]*(?:#[^\n]*)?\r?\n)+[ \t]*)?)*")
_BARE_CR = re.compile(r"\r(?!\n)")


@dataclass(slots=True, eq=False)
class Document:
    """A parsed text.

    Attributes:
        text: the whole text, byte order mark included.
        path: what messages call it.
        root: the first document's root; None when the text holds nothing.
        rest: the roots of further documents, which Docker ignores.
        anchors: the anchored nodes of the first document by name, the last one of a name.
        aliases: every alias of the first document, in the order of the text.
    """

    text: str
    path: str = ""
    root: Node | None = None
    rest: list[Node] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    aliases: list[Alias] = field(default_factory=list)

    def place(self, offset: int) -> Place:
        """Return the place of a character, for a message."""
        return Place.at(self.path, self.text, offset)

    def duplicate(self) -> Scalar | None:
        """Return the first key that stands twice in one mapping: Docker refuses such a file."""
        for root in [self.root] if self.root else []:
            for node in walk(root):
                if isinstance(node, Mapping) and (key := _repeated(node)):
                    return key
        return None

    def find(self, path: Path) -> Node | None:
        """Return the node at `path`, neither aliases nor merge keys followed; None if absent."""
        node = self.root
        for step in path:
            if isinstance(node, Mapping):
                node = node.get(str(step))
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                return None
        return node


def parse(text: str, path: str = "") -> Document:
    """Return `text` as nodes with spans.

    Args:
        text: decoded without newline translation; may start with a byte order mark.
        path: what messages call it.

    Raises:
        RecipeError: the text is no YAML, too large or nested too deeply; with the place.
    """
    document = Document(text, path)
    if len(text) > MAX_CHARACTERS:
        raise RecipeError(
            f"{len(text):,} characters of YAML are more than patchkit reads ({MAX_CHARACTERS:,})",
            place=Place(path),
            hint="check that this really is a compose file",
        )
    if bare := _BARE_CR.search(text):
        raise RecipeError(
            "a carriage return stands alone; lines must end in LF or CR LF",
            place=document.place(bare.start()),
            hint="convert the line endings of this file first",
        )
    try:
        roots = _build(document)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(document, error) from None
    except yaml.reader.ReaderError as error:
        raise RecipeError(f"not readable as YAML: {error.reason}", place=Place(path)) from None
    if roots:
        document.root, *document.rest = roots
        for node in walk(document.root):
            if isinstance(node, Alias):
                document.aliases.append(node)
            elif node.anchor is not None:
                document.anchors[node.anchor] = node
    return document


def _syntax_error(document: Document, error: yaml.MarkedYAMLError) -> RecipeError:
    mark = error.problem_mark or error.context_mark
    shift = document.text.startswith("\ufeff")
    offset = min(mark.index + shift, len(document.text)) if mark else 0
    what = " ".join(part for part in (error.context, error.problem) if part)
    return RecipeError(
        f"not valid YAML: {what}",
        place=document.place(offset),
        hint="Docker cannot read this file either; repair the line first",
    )


def _repeated(mapping: Mapping) -> Scalar | None:
    seen = set()
    for key, _ in mapping.pairs:
        if isinstance(key, Scalar):
            if key.value in seen:
                return key
            seen.add(key.value)
    return None


def _events(text: str) -> Iterator[Any]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _build(document: Document) -> list[Node]:
    """Return the root of every document; block collections end with their last descendant."""
    text = document.text
    shift = 1 if text.startswith("\ufeff") else 0
    roots: list[Node] = []
    open_nodes: list[list[Node]] = []
    current: list[Node] = roots
    stack: list[Mapping | Sequence] = []
    for event in _events(text[shift:]):
        kind = type(event)
        start = event.start_mark.index + shift
        if kind is yaml.ScalarEvent:
            current.append(_scalar(text, event, start, event.end_mark.index + shift))
        elif kind is yaml.AliasEvent:
            current.append(Alias(event.anchor, start, event.end_mark.index + shift))
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            make = Mapping if kind is yaml.MappingStartEvent else Sequence
            node = make(
                flow=bool(event.flow_style), start=start, anchor=event.anchor, tag=event.tag
            )
            node.body = _body(text, start) if node.anchor or node.tag else start
            current.append(node)
            stack.append(node)
            open_nodes.append(current)
            current = []
            if len(stack) > MAX_DEPTH:
                raise RecipeError(
                    f"collections are nested more than {MAX_DEPTH} deep",
                    place=document.place(start),
                )
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            node = stack.pop()
            _close(node, current, event.end_mark.index + shift)
            current = open_nodes.pop()
    return roots


def _close(node: Mapping | Sequence, below: list[Node], mark: int) -> None:
    if isinstance(node, Mapping):
        node.pairs = list(zip(below[::2], below[1::2], strict=True))
    else:
        node.items = below
    # A block collection's end mark is the next token, behind comments and blank lines.
    node.end = mark if node.flow else below[-1].end
    if not node.flow and node.body > below[0].start:
        node.body = below[0].start


def _scalar(text: str, event: Any, start: int, end: int) -> Scalar:
    style = event.style or ""
    if style in {"|", ">"}:
        end = _block_scalar_end(text, start, end)
    body = _body(text, start) if event.anchor or event.tag else start
    tag = event.tag
    return Scalar(event.value, style, start, end, event.anchor, tag, min(body, end))


def _body(text: str, start: int) -> int:
    found = _PROPERTIES.match(text, start)
    return found.end() if found else start


def _block_scalar_end(text: str, start: int, end: int) -> int:
    """Return the end of the last line that is content: the mark stands behind blank lines.

    With `+` in the header the blank lines are content too.
    """
    raw = text[start:end]
    header = raw.partition("\n")[0].partition("#")[0]
    if "+" not in header:
        return start + len(raw.rstrip(" \r\n\t"))
    return start + len(raw.removesuffix("\n").removesuffix("\r"))
