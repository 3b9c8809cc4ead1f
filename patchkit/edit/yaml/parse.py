"""Reads a YAML text into nodes by libyaml's event stream, the reader Docker's own is a port of.

Events, not PyYAML's `compose()`: composing replaces an alias by the node it names, and the
alias's own place is lost. `pyyaml` without libyaml works too, about ten times slower.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import yaml

from patchkit.edit.yaml.nodes import (
    BLOCK_STYLES,
    Alias,
    Mapping,
    Node,
    Path,
    Scalar,
    Sequence,
    Step,
    pairs,
    target,
)
from patchkit.errors import Place, RecipeError

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_CHARACTERS = 5 * 1024 * 1024
MAX_DEPTH = 100

_PARSER: Any = getattr(getattr(yaml, "cyaml", None), "CParser", yaml.Loader)
_ANCHOR_OR_TAG = r"(?:&[0-9A-Za-z_-]+|![^ \t\r\n]*)"
_APART = r"(?:(?:[ \t]*(?:#[^\n]*)?\r?\n)+[ \t]*|[ \t]+)?"
_PROPERTIES = re.compile(f"(?:{_ANCHOR_OR_TAG}{_APART})*")
_BARE_CR = re.compile(r"\r(?!\n)")
_COLON = re.compile(r"(?:[ \t\r\n]|#[^\n]*+)*+:")
_NOT_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
        duplicates: the keys of the first document that stand a second time in their mapping.
    """

    text: str
    path: str = ""
    root: Node | None = None
    rest: list[Node] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    aliases: list[Alias] = field(default_factory=list)
    duplicates: list[Scalar] = field(default_factory=list)

    def place(self, offset: int) -> Place:
        """Return the place of a character, for a message."""
        return Place.at(self.path, self.text, offset)

    def duplicate(self) -> Scalar | None:
        """Return the first key that stands twice in one mapping: Docker refuses such a file."""
        return min(self.duplicates, key=lambda key: key.start, default=None)

    def find(self, path: Path) -> Node | None:
        """Return the node at `path`, neither aliases nor merge keys followed; None if absent."""
        node = self.root
        for step in path:
            if node is None:
                break
            node = _below(node, step)
        return node

    def follow(self, path: Path) -> Node | None:
        """Return the node at `path`, aliases and merge keys followed; None if absent.

        The aliases must be sound: see `YamlEditor.check`.
        """
        node = self.root
        for step in path:
            if node is None:
                break
            merged = pairs(node) if isinstance(node, Mapping) else None
            node = _below(node, step) if merged is None else merged.get(str(step))
            node = target(node) if node else None
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
    if text.startswith("\ufeff\ufeff"):
        raise RecipeError(
            "the file begins with two byte order marks",
            place=document.place(0),
            hint="remove one of them first",
        )
    try:
        _Builder(document).build()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(document, error) from None
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        raise _character_error(document) from None
    return document


@lru_cache(maxsize=128)
def parsed(text: str, path: str = "") -> Document:
    """Return what `parse` does, remembering the newest texts: a document never changes."""
    return parse(text, path)


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


def _character_error(document: Document) -> RecipeError:
    # libyaml counts bytes here, so the character is looked for again.
    found = _NOT_YAML.search(document.text)
    offset = found.start() if found else 0
    code = f"U+{ord(document.text[offset]):04X}" if document.text else "something"
    return RecipeError(
        f"not valid YAML: the character {code} is not allowed",
        place=document.place(offset),
        hint="Docker cannot read this file either; remove the character first",
    )


def _below(node: Node, step: Step) -> Node | None:
    if isinstance(node, Mapping):
        return node.get(str(step))
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


class _Builder:
    """Turns events into the nodes of a document, collections from the inside out."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.shift = 1 if document.text.startswith("\ufeff") else 0
        self.roots: list[Node] = []
        self.current = self.roots
        self.open: list[tuple[Mapping | Sequence, list[Node]]] = []
        self.anchors: dict[str, Node] = {}
        self.aliases: list[Alias] = []
        self.duplicates: list[Scalar] = []

    def build(self) -> None:
        """Read the whole text."""
        makers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.AliasEvent: self._alias,
            yaml.MappingStartEvent: self._mapping,
            yaml.SequenceStartEvent: self._sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.DocumentEndEvent: self._document_end,
        }
        loader = _PARSER(self.text[self.shift :])
        next_event = loader.get_event
        try:
            while (event := next_event()) is not None:
                if make := makers.get(type(event)):
                    make(event)
        finally:
            loader.dispose()

    def _document_end(self, _: Any) -> None:
        """Give the first document what was found; further ones are kept as nodes only."""
        document, root = self.document, self.roots.pop()
        if document.root is None:
            document.root, document.duplicates = root, self.duplicates
            document.anchors, document.aliases = self.anchors, self.aliases
        else:
            document.rest.append(root)
        self.anchors, self.aliases = {}, []

    def _alias(self, event: Any) -> None:
        start, end = event.start_mark.index + self.shift, event.end_mark.index + self.shift
        node = Alias(event.anchor, start, end, self.anchors.get(event.anchor))
        self.current.append(node)
        self.aliases.append(node)

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark.index + self.shift, event.end_mark.index + self.shift
        style, anchor, tag = event.style or "", event.anchor, event.tag
        if start == end and self._lacks_colon():
            # A value left out with its colon is marked at the next token, whatever is between.
            start = end = self.current[-1].end
        body = min(_body(self.text, start), end) if anchor or tag else start
        if style in BLOCK_STYLES:
            end = _block_scalar_end(self.text, body, end, event.value)
        node = Scalar(event.value, style, start, end, anchor, tag, body)
        self.current.append(node)
        if anchor is not None:
            self.anchors[anchor] = node

    def _lacks_colon(self) -> bool:
        """Whether the key just read has no colon behind it: `? key`, or `{key}`."""
        if not self.open or isinstance(self.open[-1][0], Sequence) or len(self.current) % 2 == 0:
            return False
        return _COLON.match(self.text, self.current[-1].end) is None

    def _mapping(self, event: Any) -> None:
        self._start(Mapping(flow=bool(event.flow_style)), event)

    def _sequence(self, event: Any) -> None:
        self._start(Sequence(flow=bool(event.flow_style)), event)

    def _start(self, node: Mapping | Sequence, event: Any) -> None:
        node.start = node.body = event.start_mark.index + self.shift
        node.anchor, node.tag = event.anchor, event.tag
        if node.anchor or node.tag:
            node.body = _body(self.text, node.start)
        if node.anchor is not None:
            self.anchors[node.anchor] = node
        if len(self.open) == MAX_DEPTH:
            raise RecipeError(
                f"collections are nested more than {MAX_DEPTH} deep",
                place=self.document.place(node.start),
            )
        self.current.append(node)
        self.open.append((node, self.current))
        self.current = []

    def _end(self, event: Any) -> None:
        below = self.current
        node, self.current = self.open.pop()
        if isinstance(node, Mapping):
            node.pairs = list(zip(below[::2], below[1::2], strict=True))
            self._note_duplicates(below[::2])
        else:
            node.items = below
        # A block collection's end mark is the next token, behind comments and blank lines.
        node.end = event.end_mark.index + self.shift if node.flow else below[-1].end
        if not node.flow and node.body > below[0].start:
            node.body = below[0].start

    def _note_duplicates(self, keys: list[Node]) -> None:
        if len({key.value if isinstance(key, Scalar) else id(key) for key in keys}) == len(keys):
            return
        seen: set[str] = set()
        for key in keys:
            if isinstance(key, Scalar):
                if key.value in seen:
                    self.duplicates.append(key)
                seen.add(key.value)


def _body(text: str, start: int) -> int:
    found = _PROPERTIES.match(text, start)
    return found.end() if found else start


def _block_scalar_end(text: str, start: int, end: int, value: str) -> int:
    """Return the end of the last line that is content: the mark stands behind blank lines.

    With `+` in the header the blank lines are content too, and so is a line of more blanks than
    the indentation.
    """
    raw = text[start:end]
    header, _, content = raw.partition("\n")
    last = value.rstrip("\n").rpartition("\n")[2]
    if "+" in header.partition("#")[0]:
        return start + len(raw.removesuffix("\n").removesuffix("\r"))
    if last.strip(" \t") or not last:
        return start + len(raw.rstrip(" \r\n\t"))
    return start + len(header) + 1 + _blank_content_end(content, value)


def _blank_content_end(content: str, value: str) -> int:
    """Return where the last line of a block scalar ends that has more than its indentation."""
    indent = _margin(content) - _margin(value)
    end = 0
    for line in re.finditer(r"([^\r\n]*)\r?\n?", content):
        if len(line[1]) > indent:
            end = line.end(1)
    return end


def _margin(text: str) -> int:
    """Return how far the first line that is not blank is indented; 0 if there is none."""
    found = re.search(r"^( *)[^ \r\n]", text, re.MULTILINE)
    return len(found[1]) if found else 0
