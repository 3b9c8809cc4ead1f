"""Any text by its lines: what was put in, and what was replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit import diff
from patchkit.record.candidate import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.diff import Block
    from patchkit.record.candidate import Case, Step

_CONTEXT = 3  # lines of context that are tried, to say which place is meant
_MOST = 150  # places of one file; beyond that it is replaced as a whole


def changed_texts(case: Case) -> Iterator[Candidate]:
    """Lines that came, are gone or are others, one place after the other."""
    edited = set(case.edited)
    for old, path, blocks in diff.changed_lines(case.now.tree, case.goal.tree):
        texts = case.texts(path) if old == path and path in edited else None
        if texts and len(blocks) <= _MOST:
            place = _Text(path, *map(_flat, texts))
            for block in blocks:
                yield from place.candidates(block)


def joined_texts(case: Case) -> Iterator[Candidate]:
    """All that is left of a file, from the first place to the last, at once."""
    edited = set(case.edited)
    for old, path, blocks in diff.changed_lines(case.now.tree, case.goal.tree):
        texts = case.texts(path) if old == path and path in edited else None
        if texts and len(blocks) > 1:
            first, last = blocks[0], blocks[-1]
            whole = type(first)(first.a, last.b, first.c, last.d)
            yield from _Text(path, *map(_flat, texts)).candidates(whole)


class _Text:
    """One file: its lines now, and as they are to be."""

    def __init__(self, path: str, old: str, new: str) -> None:
        self.path = path
        self.text = old
        self.old, self.new = _lines(old), _lines(new)

    def candidates(self, block: Block) -> Iterator[Candidate]:
        """Yield the ops that may make one change, the ones that say least first."""
        old, new = self.old[block.a : block.b], self.new[block.c : block.d]
        if len(old) == len(new) == 1:
            yield from self._words(old[0], new[0])
        if not old:
            yield from self._inserted(block, "".join(new))
        for above, below in _contexts():
            if step := self._replaced(block, above, below):
                yield Candidate(step)

    def _words(self, old: str, new: str) -> Iterator[Candidate]:
        """Yield the replacement of what one line says, its indentation left out if it stays."""
        a, b = old.strip(), new.strip()
        if a and b and old.replace(a, b, 1) == new:
            number = self.text.count(a)
            yield Candidate(self._replace(a, b) | ({"count": number} if number > 1 else {}))

    def _inserted(self, block: Block, text: str) -> Iterator[Candidate]:
        step: Step = {"op": "text.insert", "file": self.path}
        if text.count("\n") == 1:  # a last line break may be left out
            text = text.removesuffix("\n") or text
        after = self.old[block.a - 1].strip() if block.a else ""
        before = self.old[block.a].strip() if block.a < len(self.old) else ""
        if block.a == len(self.old):
            yield Candidate(step | {"at": "end", "text": text})
        if after and self.text.count(after) == 1:
            yield Candidate(step | {"after": after, "text": text})
        if before and self.text.count(before) == 1:
            yield Candidate(step | {"before": before, "text": text})
        if block.a == 0:
            yield Candidate(step | {"at": "start", "text": text})

    def _replaced(self, block: Block, above: int, below: int) -> Step | None:
        """Return the replacement of a block with lines of context; None if it is not the one."""
        above, below = min(above, block.a), min(below, len(self.old) - block.b)
        find = "".join(self.old[block.a - above : block.b + below])
        words = "".join(self.new[block.c - above : block.d + below])
        parts = find, words
        if all(part.endswith("\n") and part.count("\n") == 1 for part in parts) and find != "\n":
            find, words = find.removesuffix("\n"), words.removesuffix("\n")
        if not find or self.text.count(find) != 1:
            return None
        return self._replace(find, words)

    def _replace(self, find: str, words: str) -> Step:
        return {"op": "text.replace", "file": self.path, "find": find, "with": words}


def _contexts() -> Iterator[tuple[int, int]]:
    for lines in range(_CONTEXT + 1):
        yield lines, 0
        if lines:
            yield 0, lines
            yield lines, lines


def _flat(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n")


def _lines(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)
