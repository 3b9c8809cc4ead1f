"""The files of a diff as HTML: one markup that the style sheet shows side by side or unified.

A line is a `<del>`, an `<ins>`, or twice the same `<div>` for what stays; its number stands in an
attribute, so that it is not copied with the text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from patchkit import diff
from patchkit.report.html.colours import Run, coloured
from patchkit.report.html.text import shown
from patchkit.report.html.words import changed_words, paired
from patchkit.tree import EXECUTABLE, LINK, REGULAR

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from patchkit.diff import Block, FileDiff
    from patchkit.rendering import Patch
    from patchkit.report.html.colours import Line
    from patchkit.report.html.words import Span

_CONTEXT = 3  # lines around a change
_MOST = 2_000  # lines of a file that are shown
_LONG = 400  # lines from which on a file is folded
_WORK = 20_000_000  # characters of lines before times after, of which words are compared
_WIDEST = 5_000  # characters of a line that are shown


@dataclass(frozen=True, slots=True)
class FileView:
    """One file of a diff.

    Attributes:
        path: its path afterwards; of a removed file the path before.
        kind: `added`, `removed`, `renamed` or `changed`.
        added: new lines.
        removed: lines that are gone.
        notes: what happened beside its lines: another path, another mode, a binary file.
        one_sided: whether it has lines on one side alone.
        is_long: whether it is better folded.
        body: its hunks.
    """

    path: str
    kind: str
    added: int
    removed: int
    notes: tuple[str, ...]
    one_sided: bool
    is_long: bool
    body: Markup


def file_views(patch: Patch) -> list[FileView]:
    """Return the files that a patch changes, by path."""
    return [_view(file) for file in diff.files(patch.base, patch.tree, _CONTEXT)]


def _view(file: FileDiff) -> FileView:
    stat = file.stat
    return FileView(
        shown(stat.path),
        stat.kind,
        stat.added,
        stat.removed,
        tuple(_notes(file)),
        one_sided=not file.old or not file.new,
        is_long=stat.added + stat.removed > _LONG,
        body=_Body(file).html(),
    )


def _notes(file: FileDiff) -> Iterator[str]:
    if file.stat.kind == "renamed":
        yield f"renamed from {shown(file.before)}"
    before, after = file.modes
    if before and after and before != after:
        yield f"{_mode(before)} → {_mode(after)}"
    elif after and after != REGULAR:
        yield _mode(after)
    if file.is_binary:
        yield "binary: its bytes are not shown"


def _mode(mode: int) -> str:
    return {EXECUTABLE: "executable", LINK: "a link"}.get(mode, "not executable")


class _Body:
    """Writes the hunks of a file."""

    def __init__(self, file: FileDiff) -> None:
        self._hunks = file.hunks
        self._old_size, self._new_size = len(file.old), len(file.new)
        # Where every line ends so, it says nothing.
        is_dos = all(line.endswith("\r\n") for line in (*file.old, *file.new))
        self._old, self._new = _bare(file.old, is_dos=is_dos), _bare(file.new, is_dos=is_dos)
        self._old_runs = coloured(file.before, self._old)
        self._new_runs = coloured(file.stat.path, self._new)
        self._open_end = (
            {len(file.old) - 1} if _lacks_end(file.old) else set(),
            {len(file.new) - 1} if _lacks_end(file.new) else set(),
        )
        self._left = _MOST
        self._work = _WORK

    def html(self) -> Markup:
        return Markup("").join(part for hunk in self._hunks for part in self._hunk(hunk))

    def _hunk(self, blocks: list[Block]) -> Iterator[Markup]:
        if self._left <= 0:
            return
        first, last = blocks[0], blocks[-1]
        start = first.a - min(_CONTEXT, first.a), first.c - min(_CONTEXT, first.a)
        end = min(last.b + _CONTEXT, self._old_size)
        sizes = end - start[0], last.d + end - last.b - start[1]
        yield Markup('<div class="at">@@ -{},{} +{},{} @@</div>').format(
            start[0] + bool(sizes[0]), sizes[0], start[1] + bool(sizes[1]), sizes[1]
        )
        at, shift = start[0], start[1] - start[0]
        for block in blocks:
            yield self._same(at, block.a, shift)
            yield self._changed(block)
            at, shift = block.b, block.d - block.b
        yield self._same(at, end, shift)

    def _same(self, start: int, end: int, shift: int) -> Markup:
        lines = range(start, end)
        self._left -= len(lines)
        return _block(part for i in lines for part in self._both(i, i + shift))

    def _both(self, i: int, j: int) -> Iterator[Markup]:
        text = _line(self._new_runs[j], (), is_open=j in self._open_end[1])
        yield Markup('<div class="x" data-o="{}" data-n="{}">{}</div>').format(i + 1, j + 1, text)
        yield Markup('<div class="y" data-n="{}" aria-hidden="true">{}</div>').format(j + 1, text)

    def _changed(self, block: Block) -> Markup:
        if block.b - block.a + block.d - block.c > max(self._left, 0):
            block = block._replace(
                b=min(block.b, block.a + max(self._left, 0)),
                d=min(block.d, block.c + max(self._left, 0)),
            )
            self._left = 0
            return self._pairs(block) + Markup('<p class="cut">The rest is not shown here.</p>')
        self._left -= block.b - block.a + block.d - block.c
        return self._pairs(block)

    def _pairs(self, block: Block) -> Markup:
        old, new = self._old[block.a : block.b], self._new[block.c : block.d]
        pairs = paired(old, new)
        words = {
            pair: self._words(old[pair.old or 0], new[pair.new or 0])
            for pair in pairs
            if pair.alike
        }
        gone = [self._side("del", "o", p.old, block.a, words.get(p, ([], []))[0]) for p in pairs]
        come = [self._side("ins", "n", p.new, block.c, words.get(p, ([], []))[1]) for p in pairs]
        return _block((*_trimmed(gone), *_trimmed(come)))

    def _words(self, old: str, new: str) -> tuple[list[Span], list[Span]]:
        """Return the words that changed, none when too much was compared already."""
        self._work -= len(old) * len(new)
        return changed_words(old, new) if self._work > 0 else ([], [])

    def _side(
        self, tag: str, side: str, at: int | None, start: int, spans: Sequence[Span]
    ) -> Markup:
        if at is None:
            return Markup('<i class="{}"></i>').format(side)
        is_old = side == "o"
        number = start + at
        runs = (self._old_runs if is_old else self._new_runs)[number]
        text = _line(runs, spans, is_open=number in self._open_end[0 if is_old else 1])
        return Markup('<{0} data-{1}="{2}">{3}</{0}>').format(tag, side, number + 1, text)


def _bare(lines: list[str], *, is_dos: bool) -> list[str]:
    return [_shortened(shown(line.removesuffix("\r\n" if is_dos else "\n"))) for line in lines]


def _shortened(line: str) -> str:
    left = len(line) - _WIDEST
    return f"{line[:_WIDEST]} … {left} more characters are not shown" if left > 0 else line


def _lacks_end(lines: list[str]) -> bool:
    return bool(lines) and not lines[-1].endswith("\n")


def _block(parts: Iterator[Markup] | tuple[Markup, ...]) -> Markup:
    inner = Markup("").join(parts)
    return Markup('<div class="b">{}</div>').format(inner) if inner else inner


def _trimmed(side: list[Markup]) -> list[Markup]:
    """Return a side of a block without the gaps at its end."""
    while side and side[-1].startswith("<i "):
        side = side[:-1]
    return side


def _line(runs: Line, spans: Sequence[Span], *, is_open: bool) -> Markup:
    """Return a line with its colours and the marks of its changed words."""
    parts: list[str] = []
    edges = [0, *(edge for span in spans for edge in span)]
    for number, (start, stop) in enumerate(pairwise([*edges, None])):
        text = "".join(_coloured(run) for run in _cut(runs, start or 0, stop))
        parts.append(f"<mark>{text}</mark>" if number % 2 and text else text)
    if is_open:
        parts.append('<b class="eof" title="no newline at the end of the file">no newline</b>')
    return Markup("".join(parts) or "\n")  # noqa: S704  every text in it was escaped


def _cut(runs: Line, start: int, stop: int | None) -> Iterator[Run]:
    """Yield the runs of the characters from `start` up to `stop`."""
    at = 0
    for run in runs:
        low = max(start - at, 0)
        high = len(run.text) if stop is None else min(stop - at, len(run.text))
        if low < high:
            yield Run(run.kind, run.text[low:high])
        at += len(run.text)


def _coloured(run: Run) -> str:
    text = escape(run.text)
    return f'<span class="{run.kind}">{text}</span>' if run.kind else str(text)
