"""The form of fix specs: two columns a level, lists two columns below their key, tidy ends.

ruamel.yaml writes the spec again with its comments; what an author laid out over several lines
is put back. Then the result is held against the spec as it was: a spec that would mean something
else, or lose a comment, is refused. https://yaml.dev/doc/ruamel.yaml/
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from ruamel.yaml import YAML
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.error import YAMLError

from patchkit.edit.yaml.nodes import (
    Mapping,
    Scalar,
    Sequence,
    children,
    is_block_scalar,
    same,
    walk,
)
from patchkit.edit.yaml.parse import parse
from patchkit.errors import EditRefused, Place
from patchkit.spec.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.edit.yaml.nodes import Node

_WIDE = 1 << 20  # nothing is folded: where lines break is the author's
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*$", re.MULTILINE)
_NEXT = "format it by hand; what it means is not changed by that"


def formatted(text: str, path: str) -> str:
    """Return a spec in the form that `patchkit format` gives it, the same when done twice.

    Args:
        text: the spec.
        path: what messages call it.

    Raises:
        SpecError: it cannot be read.
        EditRefused: it cannot be kept exactly.
    """
    Source(text, path)
    result = _once(text, path)
    if _once(result, path) != result:
        raise _refused("the form of this spec does not settle", Place(path))
    return result


def _once(text: str, path: str) -> str:
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    old = _root(plain)
    written = _with_headers(plain, _as_laid_out(plain, _rewritten(plain, path)))
    written = _with_gaps(plain, _with_levels(plain, written))
    new = _root(written)
    if not same(old, new) or [n.style for n in _scalars(old)] != [n.style for n in _scalars(new)]:
        place = Place.at(path, plain, _first_difference(old, new))
        raise _refused("the spec would mean something else from here on", place)
    after = [comment[0].rstrip() for comment in _comments(written)]
    for i, comment in enumerate(_comments(plain)):
        if after[i : i + 1] != [comment[0].rstrip()]:
            place = Place.at(path, plain, comment.start())
            raise _refused("this comment would not stay where it is", place)
    return written


class _Emitter(Emitter):
    """Writes no indentation indicator where a text begins with an empty line and needs none."""

    def determine_block_hints(self, text: str) -> str:
        hints: str = super().determine_block_hints(text.lstrip("\n") or text)
        return hints


def _rewritten(text: str, path: str) -> str:
    yaml = YAML(pure=True)
    yaml.Emitter = _Emitter
    yaml.preserve_quotes, yaml.width = True, _WIDE
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    try:
        yaml.dump(yaml.load(text), stream)
    except YAMLError as error:
        raise _refused(f"ruamel.yaml cannot read this spec: {error}", Place(path)) from None
    # It ends a text whose last empty lines count with a mark that no spec needs.
    lines = stream.getvalue().removesuffix("...\n").strip("\n").split("\n")
    return "".join(f"{line}\n" if line.strip(" ") else "\n" for line in lines)


def _as_laid_out(text: str, written: str) -> str:
    """Put back how the author wrote scalars and brackets, moved along with their first line."""
    pairs = list(zip(_laid_out(_root(text)), _laid_out(_root(written)), strict=True))
    for old, new in reversed(pairs):
        kept = text[old.start : old.end]
        if kept != written[new.start : new.end]:
            shift = _indent(written, new.start) - _indent(text, old.start)
            gap = " " if new.start == new.end else ""  # a null that is not written
            written = written[: new.start] + gap + _moved(kept, shift) + written[new.end :]
    return written


def _with_headers(text: str, written: str) -> str:
    """Put back comments behind the `|` or `>` of a text, which ruamel.yaml loses in lists."""
    pairs = zip(_scalars(_root(text)), _scalars(_root(written)), strict=True)
    for old, new in reversed([pair for pair in pairs if all(map(is_block_scalar, pair))]):
        comment = _COMMENT.search(_line(text, old.start))
        if comment and not _COMMENT.search(_line(written, new.start)):
            end = new.start + len(_line(written, new.start))
            written = f"{written[:end]} {comment[0].rstrip()}{written[end:]}"
    return written


def _with_levels(text: str, written: str) -> str:
    """Move comments on lines of their own along with what stood in the same column."""
    nodes = [
        (old.start, _column(text, old.start), _column(written, new.start))
        for old, new in zip(walk(_root(text)), walk(_root(written)), strict=False)
    ]
    pairs = list(zip(_comments(text), _comments(written), strict=False))
    for old, new in reversed(pairs):
        start, column = new.start() - _column(written, new.start()), _column(text, old.start())
        if written[start : new.start()].strip(" ") or text[: old.start()].rstrip(" ")[-1:] > "\n":
            continue  # it stands behind something
        after = next((n for n in nodes if n[0] > old.start()), None)
        before = [n for n in nodes if n[0] < old.start() and n[1] == column]
        beside = after if after and after[1] == column else before[-1] if before else None
        if beside:
            written = written[:start] + " " * beside[2] + written[new.start() :]
    return written


def _with_gaps(text: str, written: str) -> str:
    """Put back the spaces between what stands on a line and its comment."""
    pairs = list(zip(_comments(text), _comments(written), strict=False))
    for old, new in reversed(pairs):
        before = text[: old.start()].rstrip(" ")
        bare = written[: new.start()].rstrip(" ")
        if before and bare and "\n" not in {before[-1], bare[-1]}:
            written = bare + text[len(before) : old.start()] + written[new.start() :]
    return written


def _laid_out(node: Node) -> Iterator[Node]:
    """Yield the outermost nodes whose line breaks mean nothing: quoted, plain, in brackets."""
    if isinstance(node, Scalar):
        if not is_block_scalar(node) and node.start >= 0:
            yield node
    elif isinstance(node, Mapping | Sequence) and node.flow:
        yield node
    else:
        for below in children(node):
            yield from _laid_out(below)


def _column(text: str, offset: int) -> int:
    return offset - text.rfind("\n", 0, offset) - 1


def _line(text: str, offset: int) -> str:
    return text[offset:].partition("\n")[0]


def _indent(text: str, offset: int) -> int:
    line = text[offset - _column(text, offset) :]
    return len(line) - len(line.lstrip(" "))


def _moved(kept: str, shift: int) -> str:
    first, *rest = kept.split("\n")
    indents = [" " * max(0, len(line) - len(line.lstrip(" ")) + shift) for line in rest]
    moved = [
        indent + line.strip(" ") if line.strip(" ") else ""
        for indent, line in zip(indents, rest, strict=True)
    ]
    return "\n".join([first.rstrip(" "), *moved])


def _comments(text: str) -> list[re.Match[str]]:
    """Return the comments in their order: what is behind a `#` and in no scalar."""
    bare = text
    for node in _scalars(_root(text)):
        # The first line of a block scalar may end in a comment.
        start = text.find("\n", node.start, node.end) if is_block_scalar(node) else node.start
        if 0 <= start < node.end:
            bare = bare[:start] + re.sub(r"[^\n]", "_", bare[start : node.end]) + bare[node.end :]
    return list(_COMMENT.finditer(bare))


def _scalars(root: Node) -> list[Scalar]:
    return [node for node in walk(root) if isinstance(node, Scalar)]


def _root(text: str) -> Node:
    return parse(text).root or Mapping()


def _first_difference(old: Node, new: Node) -> int:
    """Return where the first scalar stands that is not written the same afterwards."""
    pairs = zip(_scalars(old), _scalars(new), strict=False)
    differing = (a.start for a, b in pairs if (a.value, a.style) != (b.value, b.style))
    return max(next(differing, old.start), 0)


def _refused(message: str, place: Place) -> EditRefused:
    return EditRefused(message, place=place, hint=_NEXT)
