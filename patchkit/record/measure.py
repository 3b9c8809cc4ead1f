"""How far one content is from another: the pieces that a shortest way adds or takes away.

The distance is a metric, so an edit lies on a shortest way exactly when the two parts of the way
add up. Longest common subsequences are found by bits, after Crochemore, Iliopoulos, Pinzon and
Reid, «A fast and practical bit-vector algorithm for the longest common subsequence problem».
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.tree import Entry

# Larger files are compared line by line: words would take seconds.
WORDS_BYTES = 64 * 1024
_PIECE = re.compile(rb"\w+|\r?\n|[^\w\n]")


def distance(old: Entry | None, new: Entry | None, *, words: bool) -> int:
    """Return how far two files are from each other.

    Args:
        old: one file; None for none.
        new: the other.
        words: whether words are compared, or else whole lines.

    Returns:
        The number of pieces of only one of them; a file more, or another mode, counts one each.
    """
    if old is None or new is None:
        there = old or new
        return 1 + len(_pieces(there.data, words=words)) if there else 0
    mode = int(old.mode != new.mode)
    if old.content is new.content or old.data == new.data:
        return mode
    return mode + _apart(old.data, new.data, words)


@lru_cache(maxsize=4096)
def _apart(old: bytes, new: bytes, words: bool) -> int:
    a, b = _pieces(old, words=words), _pieces(new, words=words)
    start = _common(a, b)
    a, b = a[start:], b[start:]
    end = _common(a[::-1], b[::-1])
    a, b = a[: len(a) - end], b[: len(b) - end]
    return len(a) + len(b) - 2 * _subsequence(a, b)


def _pieces(data: bytes, *, words: bool) -> list[bytes]:
    return _PIECE.findall(data) if words else data.splitlines(keepends=True)


def _common(a: Sequence[bytes], b: Sequence[bytes]) -> int:
    pairs = enumerate(zip(a, b, strict=False))
    return next((n for n, (x, y) in pairs if x != y), min(len(a), len(b)))


def _subsequence(a: Sequence[bytes], b: Sequence[bytes]) -> int:
    """Return the length of the longest common subsequence, a row of the table as one number."""
    if not a or not b:
        return 0
    places: dict[bytes, int] = {}
    for n, piece in enumerate(a):
        places[piece] = places.get(piece, 0) | 1 << n
    full = row = (1 << len(a)) - 1
    for piece in b:
        match = row & places.get(piece, 0)
        row = (row + match | row - match) & full
    return len(a) - row.bit_count()
