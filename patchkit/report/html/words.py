"""Which line became which, and which words of it changed."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[^\W_]+|\s+|.", re.DOTALL)
_ALIKE = 0.5  # share of two lines' words that are the same, below which they are not the same line
_MOST_PAIRS = 2_500  # comparisons in one block
_MOST_WORDS = 400  # of a line

Span: TypeAlias = tuple[int, int]


class Pair(NamedTuple):
    """A line before and the line after beside it, by number; None where there is none."""

    old: int | None
    new: int | None
    alike: bool = False


def paired(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return the lines of a block side by side, those that are alike beside each other."""
    pairs: list[Pair] = []
    above = Pair(-1, -1)
    for found in (*_alike(old, new), Pair(len(old), len(new))):
        pairs += _beside(
            range(_next(above.old), found.old or 0), range(_next(above.new), found.new or 0)
        )
        pairs.append(found)
        above = found
    return pairs[:-1]


def changed_words(old: str, new: str) -> tuple[list[Span], list[Span]]:
    """Return the spans of two lines that differ, in characters."""
    a, b = _WORD.findall(old), _WORD.findall(new)
    if max(len(a), len(b)) > _MOST_WORDS:
        return [], []
    gone: list[Span] = []
    come: list[Span] = []
    at_a, at_b = _starts(a), _starts(b)
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            _add(gone, (at_a[i], at_a[j]))
            _add(come, (at_b[k], at_b[m]))
    return gone, come


def _alike(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """Return the pairs of lines, in order, that have the most words in common."""
    if not old or not new or len(old) * len(new) > _MOST_PAIRS:
        return []
    before, after = [Counter(_words(x)) for x in old], [Counter(_words(x)) for x in new]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    score = [[_likeness(x, y) for y in after] for x in before]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            both = score[i][j] + best[i + 1][j + 1] if score[i][j] >= _ALIKE else 0.0
            best[i][j] = max(both, best[i + 1][j], best[i][j + 1])
    return list(_way(best, score))


def _way(best: list[list[float]], score: list[list[float]]) -> Iterator[Pair]:
    i = j = 0
    while i < len(score) and j < len(score[0]):
        if score[i][j] >= _ALIKE and best[i][j] == score[i][j] + best[i + 1][j + 1]:
            yield Pair(i, j, alike=True)
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0


def _words(line: str) -> list[str]:
    return [word for word in _WORD.findall(line) if not word.isspace()]


def _beside(old: range, new: range) -> list[Pair]:
    size = max(len(old), len(new))
    return [
        Pair(old[n] if n < len(old) else None, new[n] if n < len(new) else None)
        for n in range(size)
    ]


def _next(at: int | None) -> int:
    return 0 if at is None else at + 1


def _starts(words: Sequence[str]) -> list[int]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return starts


def _add(spans: list[Span], span: Span) -> None:
    """Add a span, joined to the last one where they touch."""
    start, end = span
    if start == end:
        return
    if spans and spans[-1][1] == start:
        start, _ = spans.pop()
    spans.append((start, end))
