"""A value in the picture of a stack: what of it changed is marked, and is what is seen of it."""

from __future__ import annotations

from markupsafe import Markup, escape

from patchkit.report.html.text import shown
from patchkit.report.html.words import changed_words

_LONGEST = 160  # characters of a value
_LEAD = 40  # characters before the first change of one that is cut
_OTHER = 0.7  # share of it that changed, from which on it is another value, and nothing is marked


def excerpt(text: str, other: str = "") -> Markup:
    """Return a value, with the words marked that another has not; cut around the first of them.

    Args:
        text: the value.
        other: what it was before, or is afterwards; empty where nothing is to be marked.
    """
    text = shown(text)
    spans = changed_words(text, shown(other))[0] if other else []
    if sum(end - start for start, end in spans) > _OTHER * len(text):
        spans = []
    first = spans[0][0] if spans else _alike(text, shown(other))
    low, high = _window(len(text), first if other else 0)
    parts: list[str] = ["…"] if low else []
    at = low
    for first, last in spans:
        start, end = max(first, low), min(last, high)
        if start < end:
            parts += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
            at = end
    parts += [escape(text[at:high]), "…" if high < len(text) else ""]
    return Markup("").join(parts)


def _alike(text: str, other: str) -> int:
    """Return how many characters at the start of two values are the same."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(text), len(other)))


def _window(size: int, first: int) -> tuple[int, int]:
    """Return what is seen of a value: its start, unless the first change lies far behind it."""
    low = max(first - _LEAD, 0) if first > _LONGEST - _LEAD else 0
    return low, min(low + _LONGEST, size)
