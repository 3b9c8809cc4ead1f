"""The difference of two recipes as git writes it: small, readable, ready for `git apply`.

The format is that of https://git-scm.com/docs/diff-format (patch text and binary patches).
"""

from __future__ import annotations

import base64
import hashlib
import os
import stat as modes
import string
import zlib
from difflib import SequenceMatcher
from io import StringIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.tree import Entry, RecipeTree

HUGE = 5000  # lines
HALF = 50  # percent
NO_BLOB = "0" * 40
ESCAPES = dict(zip(b'\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True))
PRINTABLE = {chr(byte) for byte in range(ord(" "), ord("~") + 1)}
SIZES = string.ascii_uppercase + string.ascii_lowercase  # of a line of a binary patch, from 1


class FileStat(NamedTuple):
    """What happened to one file.

    Args:
        path: the path afterwards; of a removed file the path before.
        added: lines that are new; 0 for a binary file.
        removed: lines that are gone; 0 for a binary file.
        kind: `changed` covers content and mode.
    """

    path: str
    added: int
    removed: int
    kind: Literal["added", "removed", "renamed", "changed"]


class _Delta(NamedTuple):
    """One file before and after; None stands for no file."""

    before: str
    old: Entry | None
    after: str
    new: Entry | None

    def data(self) -> tuple[bytes, bytes]:
        return self.old.data if self.old else b"", self.new.data if self.new else b""


class Block(NamedTuple):
    """The lines old[a:b] became the lines new[c:d]; lines count from 0."""

    a: int
    b: int
    c: int
    d: int


class FileDiff(NamedTuple):
    """One file before and after, line by line.

    Args:
        stat: what happened to it.
        before: the path before; the same as afterwards unless it was renamed.
        modes: the git mode before and after; None where there is no file.
        old: the lines before, with their ends; bytes that are not UTF-8 as surrogates.
        new: the lines after.
        hunks: the changed places, those together whose contexts touch; none of a binary file.
        is_binary: whether it is one; then it has no lines.
    """

    stat: FileStat
    before: str
    modes: tuple[int | None, int | None]
    old: list[str]
    new: list[str]
    hunks: list[list[Block]]
    is_binary: bool


def unified(base: RecipeTree, head: RecipeTree, context: int = 3) -> str:
    """Return the diff that makes `head` of `base`; empty when they are equal.

    Args:
        base: the tree before.
        head: the tree after.
        context: how many unchanged lines to show around a change.

    Returns:
        Text for `git apply`; bytes that are not UTF-8 stand in it as surrogates, so write it
        with `errors="surrogateescape"`.
    """
    return "".join(line for delta in _deltas(base, head) for line in _patch(delta, context))


def changed_lines(
    base: RecipeTree, head: RecipeTree
) -> Iterator[tuple[str, str, tuple[Block, ...]]]:
    """Yield the path before, the path after, and the changed lines of each file on both sides."""
    for delta in _deltas(base, head):
        if delta.old and delta.new and not _is_binary(delta):
            yield delta.before, delta.after, tuple(_blocks(*map(_lines, delta.data())))


def stat(base: RecipeTree, head: RecipeTree) -> list[FileStat]:
    """Return what happened to each file, by path; a file that became a link counts twice."""
    return [_stat(delta) for delta in _deltas(base, head)]


def files(base: RecipeTree, head: RecipeTree, context: int = 3) -> list[FileDiff]:
    """Return each file that differs, by path, with the hunks that `unified` shows."""
    return [_file(delta, context) for delta in _deltas(base, head)]


def _file(delta: _Delta, context: int) -> FileDiff:
    is_binary = _is_binary(delta)
    old, new = ([], []) if is_binary else map(_lines, delta.data())
    blocks = _blocks(old, new)
    hunks = list(_hunks(blocks, context)) if blocks else []
    modes = (delta.old.mode if delta.old else None, delta.new.mode if delta.new else None)
    return FileDiff(_stat(delta), delta.before, modes, old, new, hunks, is_binary)


def _stat(delta: _Delta) -> FileStat:
    blocks: list[Block] = []
    if not _is_binary(delta):
        blocks = _blocks(*map(_lines, delta.data()))
    added, removed = sum(x.d - x.c for x in blocks), sum(x.b - x.a for x in blocks)
    if delta.old is None:
        return FileStat(delta.after, added, removed, "added")
    if delta.new is None:
        return FileStat(delta.before, added, removed, "removed")
    renamed = delta.before != delta.after
    return FileStat(delta.after, added, removed, "renamed" if renamed else "changed")


def _deltas(base: RecipeTree, head: RecipeTree) -> Iterator[_Delta]:
    changed = head.changed_paths(base)
    renames = _renames(base, head, changed)
    sources = set(renames.values())
    for path in changed:
        before = renames.get(path, path)
        old, new = base.entries.get(before), head.entries.get(path)
        if old and new and modes.S_IFMT(old.mode) != modes.S_IFMT(new.mode):
            yield _Delta(path, old, path, None)
            yield _Delta(path, None, path, new)
        elif path not in sources:
            yield _Delta(before, old, path, new)


def _renames(base: RecipeTree, head: RecipeTree, changed: Sequence[str]) -> dict[str, str]:
    """Return old path by new path of the files that moved, changed by less than a half."""
    gone = [p for p in changed if p not in head.entries and _can_move(base.entries[p])]
    new = [p for p in changed if p not in base.entries and _can_move(head.entries[p])]
    pairs = ((_likeness(base.entries[a], head.entries[b]), a, b) for b in new for a in gone)
    # The most alike first, and of those the ones of the same file name.
    ranked = sorted(pairs, key=lambda pair: (-pair[0], _name(pair[1]) != _name(pair[2])))
    renames: dict[str, str] = {}
    for likeness, before, after in ranked:
        if likeness > HALF and before not in renames.values() and after not in renames:
            renames[after] = before
    return renames


def _likeness(old: Entry, new: Entry) -> int:
    """Return how many percent of two files are lines of both, rounded down."""
    if old.data == new.data:
        return 100
    if b"\0" in old.data + new.data:
        return 0
    a, b = _lines(old.data), _lines(new.data)
    gone = sum(len(line) for block in _blocks(a, b) for line in a[block.a : block.b])
    before, after = sum(map(len, a)), sum(map(len, b))
    return min(99, 100 * (before - gone) // max(before, after))


def _can_move(entry: Entry) -> bool:
    # A link that moves to below its old place is more than git apply can follow.
    return entry.size > 0 and not modes.S_ISLNK(entry.mode)


def _name(path: str) -> str:
    return PurePosixPath(path).name


def _patch(delta: _Delta, context: int) -> Iterator[str]:
    a, b = _quote(f"a/{delta.before}"), _quote(f"b/{delta.after}")
    yield f"diff --git {a} {b}\n"
    yield from _modes(delta)
    if delta.old and delta.new and delta.before != delta.after:
        yield f"similarity index {_likeness(delta.old, delta.new)}%\n"
        yield f"rename from {_quote(delta.before)}\nrename to {_quote(delta.after)}\n"
    if _is_binary(delta):
        yield from _binary(delta)
        return
    old, new = map(_lines, delta.data())
    if blocks := _blocks(old, new):
        yield f"--- {_label(a) if delta.old else '/dev/null'}\n"
        yield f"+++ {_label(b) if delta.new else '/dev/null'}\n"
        for hunk in _hunks(blocks, context):
            yield from _hunk(hunk, old, new, context)


def _modes(delta: _Delta) -> Iterator[str]:
    if delta.old is None and delta.new:
        yield f"new file mode {delta.new.mode:o}\n"
    elif delta.new is None and delta.old:
        yield f"deleted file mode {delta.old.mode:o}\n"
    elif delta.old and delta.new and delta.old.mode != delta.new.mode:
        yield f"old mode {delta.old.mode:o}\nnew mode {delta.new.mode:o}\n"


def _quote(name: str) -> str:
    """Return a path as git prints it: in C quotes when it is not plain ASCII."""
    raw = os.fsencode(name)
    quoted = "".join(_escaped(byte) for byte in raw)
    return name if quoted == name else f'"{quoted}"'


def _escaped(byte: int) -> str:
    if byte in ESCAPES:
        return f"\\{ESCAPES[byte]}"
    return chr(byte) if chr(byte) in PRINTABLE else f"\\{byte:03o}"


def _label(quoted: str) -> str:
    """Return a name for a `---` or `+++` line, where a blank would end it but for a tab."""
    return f"{quoted}\t" if " " in quoted else quoted


def _lines(data: bytes) -> list[str]:
    return list(StringIO(data.decode(errors="surrogateescape"), newline="\n"))


# Where the lines differ


def _blocks(old: list[str], new: list[str]) -> list[Block]:
    """Return the places where two texts differ, in order."""
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    # Lines that repeat cost difflib the square of their number: in a huge file they are skipped.
    matcher = SequenceMatcher(
        None,
        old[start : len(old) - end],
        new[start : len(new) - end],
        autojunk=len(new) > HUGE,
    )
    blocks = [
        Block(*(start + edge for edge in edges))
        for tag, *edges in matcher.get_opcodes()
        if tag != "equal"
    ]
    for n, block in enumerate(blocks):
        above = block.a - (blocks[n - 1].b if n else 0)
        below = (blocks[n + 1].a if n + 1 < len(blocks) else len(old)) - block.b
        by = _slide(block, old, new, above, below)
        blocks[n] = Block(*(edge + by for edge in block))
    return blocks


def _common(old: list[str], new: list[str]) -> int:
    """Return how many lines two texts share at their beginning."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))


def _slide(block: Block, old: list[str], new: list[str], above: int, below: int) -> int:
    """Return by how many lines to move a block that was added or removed as a whole.

    Where the lines around it repeat, the same change can be shown in several places. The best
    begins and ends where an entry does: beside a blank line, or at little indentation.
    """
    if block.a != block.b and block.c != block.d:
        return 0
    lines, start, end = (new, *block[2:]) if block.a == block.b else (old, *block[:2])
    highest = lowest = 0
    while highest < above and lines[start - highest - 1] == lines[end - highest - 1]:
        highest += 1
    while lowest < below and lines[start + lowest] == lines[end + lowest]:
        lowest += 1
    return min(
        range(lowest, -highest - 1, -1),
        key=lambda by: _depth(lines, start + by) + _depth(lines, end + by),
    )


def _depth(lines: list[str], at: int) -> int:
    """Return how deep inside an entry a cut before line `at` would be."""
    rest = [line for line in lines[at : at + 4] if line.strip()]
    indent = len(rest[0]) - len(rest[0].lstrip()) if rest else 0
    blank = any(not line.strip() for line in lines[max(at - 1, 0) : at + 1])
    return 2 * indent - blank


def _hunks(blocks: list[Block], context: int) -> Iterator[list[Block]]:
    """Yield the blocks of each hunk: those whose contexts touch."""
    hunk = blocks[:1]
    for block in blocks[1:]:
        if block.a - hunk[-1].b > 2 * context:
            yield hunk
            hunk = []
        hunk.append(block)
    yield hunk


def _hunk(blocks: list[Block], old: list[str], new: list[str], context: int) -> Iterator[str]:
    before = min(context, blocks[0].a)
    after = min(context, len(old) - blocks[-1].b)
    whole = Block(
        blocks[0].a - before, blocks[-1].b + after, blocks[0].c - before, blocks[-1].d + after
    )
    yield f"@@ -{_range(whole.a, whole.b)} +{_range(whole.c, whole.d)} @@\n"
    at = whole.a
    for block in blocks:
        yield from _marked(" ", old[at : block.a])
        yield from _marked("-", old[block.a : block.b])
        yield from _marked("+", new[block.c : block.d])
        at = block.b
    yield from _marked(" ", old[at : whole.b])


def _range(start: int, end: int) -> str:
    """Return a range of a hunk's head; an empty one names the line before it."""
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line
        if not line.endswith("\n"):
            yield "\n\\ No newline at end of file\n"


# Binary files


def _is_binary(delta: _Delta) -> bool:
    return any(b"\0" in data for data in delta.data())


def _binary(delta: _Delta) -> Iterator[str]:
    old, new = delta.data()
    if old == new:
        return
    yield f"index {_blob(delta.old)}..{_blob(delta.new)}\nGIT binary patch\n"
    yield from _literal(new)
    yield from _literal(old)


def _blob(entry: Entry | None) -> str:
    """Return git's id of a content."""
    if entry is None:
        return NO_BLOB
    head = b"blob %d\0" % entry.size
    return hashlib.sha1(head + entry.data, usedforsecurity=False).hexdigest()


def _literal(data: bytes) -> Iterator[str]:
    """Yield a content as git's base 85 of its deflated bytes, 52 of them a line."""
    yield f"literal {len(data)}\n"
    packed = zlib.compress(data)
    for at in range(0, len(packed), len(SIZES)):
        piece = packed[at : at + len(SIZES)]
        yield f"{SIZES[len(piece) - 1]}{base64.b85encode(piece, pad=True).decode()}\n"
    yield "\n"
