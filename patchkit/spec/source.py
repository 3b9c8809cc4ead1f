"""The text of a fix spec as plain data, with the line and column of every key and value.

It is read by the parser that reads recipes, so that a scalar means the same in both:
`yes` is text, `0555` is an octal number. What has no use in a spec is refused: tags, merge
keys, several documents, keys that stand twice. https://yaml.org/spec/1.2.2/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.edit.yaml.nodes import Alias, Mapping, Node, Scalar, Sequence, walk
from patchkit.edit.yaml.parse import Document, parse
from patchkit.edit.yaml.values import FlowDict, FlowList, styled
from patchkit.errors import Place, Problem, RecipeError, SpecError
from patchkit.spec.words import found

if TYPE_CHECKING:
    from collections.abc import Iterator

Loc: TypeAlias = tuple[str | int, ...]

MAX_BYTES = 256 * 1024
MAX_ALIASED = 10_000
MAX_DEPTH = 100

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")
_QUOTE_TEMPLATE = 'put quotes around a value that starts with a template: "{{ name }}"'
_QUOTE_TEXT = "put quotes around text that holds : # { } [ ] & * or !"


class Source:
    """A fix spec's text, read.

    Attributes:
        text: the whole text.
        path: what messages call it.
        data: its mapping as plain values that keep their style; aliases are followed.
        base: the source of the class that it extends.
    """

    base: Source | None = None

    def __init__(self, text: str, path: str) -> None:
        """Read `text`.

        Raises:
            SpecError: it is no single YAML mapping, or holds what a spec may not; every
                problem of one kind at once, each with its place.
        """
        self.text = text
        self.path = path
        self._document = _parsed(text, path)
        self._nodes = walk(self._document.root) if self._document.root else []
        self._targets = _targets(self._nodes)
        problems = tuple(self._problems())
        if problems:
            raise SpecError(problems)
        self._left = len(self._nodes) + MAX_ALIASED
        self.data: dict[str, Any] = self._value(self._document.root)

    def place(self, loc: Loc, *, key: bool = False) -> Place:
        """Return where the value at `loc` stands, or the nearest one above it that exists.

        Args:
            loc: keys and indices from the root.
            key: whether the place of its key is meant.
        """
        at, node = None, self._document.root
        for step in loc:
            below = self._below(node, step)
            if below is None:
                return self._at(node)
            at, node = below
        return self._at(at if key and at else node)

    def _below(self, node: Node | None, step: str | int) -> tuple[Node, Node] | None:
        if isinstance(node, Alias):
            node = self._targets[id(node)]
        if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            return node.items[step], node.items[step]
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                if isinstance(key, Scalar) and key.value == step:
                    return key, value
        return None

    def _at(self, node: Node | None) -> Place:
        if node is None:
            return Place(self.path, 1, 1)
        return self._document.place(node.start if isinstance(node, Alias) else node.body)

    def _problems(self) -> Iterator[Problem]:
        root = self._document.root
        if not isinstance(root, Mapping):
            what = "an empty file" if root is None else _found(root)
            message = f"expected a mapping that starts with id:, found {what}"
            yield Problem(message, self._at(root), "`patchkit new` writes a fix spec to start from")
        for node in self._nodes:
            yield from self._node_problems(node)
        for extra in self._document.rest[:1]:
            yield Problem(
                "a second document starts here", self._at(extra), "one file holds one fix"
            )

    def _node_problems(self, node: Node) -> Iterator[Problem]:
        if node.tag is not None:
            place = self._document.place(node.start)
            yield Problem("a fix spec takes no tags", place, "quote what must be text")
        if isinstance(node, Mapping):
            yield from self._key_problems(node)
        if isinstance(node, Alias):
            target = self._targets[id(node)]
            if target is None:
                message = f"the alias *{node.name} has no anchor &{node.name} above it"
                yield Problem(message, self._at(node))
            elif target.start < node.start < target.end:
                yield Problem(
                    f"the alias *{node.name} stands inside its own anchor", self._at(node)
                )

    def _key_problems(self, mapping: Mapping) -> Iterator[Problem]:
        seen: dict[str, Place] = {}
        for key, _ in mapping.pairs:
            place = self._at(key)
            if not isinstance(key, Scalar):
                yield Problem(f"a key is a name, found {_found(key)}", place, _QUOTE_TEMPLATE)
            elif key.value == "<<" and not key.style:
                yield Problem("a fix spec takes no merge keys", place, "write the keys out")
            elif key.value in seen:
                first = seen[key.value].line
                yield Problem(f'the key "{key.value}" stands twice, first in line {first}', place)
            else:
                seen[key.value] = place

    def _value(self, node: Node | None, alias: Alias | None = None, depth: int = 0) -> Any:
        """Return a node as data; `alias` is the outermost one that led to it."""
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise SpecError("aliases make this file too large", place=self._at(alias or node))
        if isinstance(node, Alias):
            return self._value(self._targets[id(node)], alias or node, depth + 1)
        if isinstance(node, Mapping):
            pairs = {
                key.value: self._value(value, alias, depth + 1)
                for key, value in node.pairs
                if isinstance(key, Scalar)
            }
            return FlowDict(pairs) if node.flow else pairs
        if isinstance(node, Sequence):
            items = [self._value(item, alias, depth + 1) for item in node.items]
            return FlowList(items) if node.flow else items
        return styled(node) if node else None


def _parsed(text: str, path: str) -> Document:
    if control := _CONTROL.search(text):
        raise _no_yaml(text, path, control.start())
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise _no_yaml(text, path, error.start) from None
    if size > MAX_BYTES:
        message = f"{size:,} bytes are more than a fix spec may have ({MAX_BYTES:,})"
        raise SpecError(message, place=Place(path), hint="move long texts into templates/")
    try:
        return parse(text, path)
    except RecipeError as error:
        raise SpecError(tuple(_yaml_problem(problem) for problem in error.problems)) from None


def _no_yaml(text: str, path: str, offset: int) -> SpecError:
    message = f"the character U+{ord(text[offset]):04X} cannot stand in YAML"
    return SpecError(message, place=Place.at(path, text, offset))


def _yaml_problem(problem: Problem) -> Problem:
    line = problem.place.text if problem.place else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return Problem(problem.message, problem.place, "indent with spaces: YAML takes no tabs")
    hint = _QUOTE_TEMPLATE if "{{" in line or "{%" in line else _QUOTE_TEXT
    return Problem(problem.message, problem.place, hint)


def _targets(nodes: list[Node]) -> dict[int, Node | None]:
    """Return the node that each alias means, by the alias's identity: the last one above it."""
    latest: dict[str, Node] = {}
    targets: dict[int, Node | None] = {}
    for node in nodes:
        if isinstance(node, Alias):
            targets[id(node)] = latest.get(node.name)
        elif node.anchor is not None:
            latest[node.anchor] = node
    return targets


def _found(node: Node) -> str:
    if isinstance(node, Scalar):
        return found(styled(node))
    return {Mapping: "a mapping", Sequence: "a list", Alias: "an alias"}[type(node)]
