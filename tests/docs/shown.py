"""Commands that the README and the pages in docs/ show, run as they stand there.

In a block of `console`, lines that begin with `$` are commands and the others what they print,
word for word. In a block of `sh`, and in one that is indented by four spaces, each line is a
command, with a comment at its end perhaps.
"""

from __future__ import annotations

import io
import re
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit.cli.boundary import run

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs" / "pages").glob("*.md")),
)
_FENCE = re.compile(r"(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command on a page.

    Attributes:
        words: the command's arguments, without `patchkit`.
        output: what the page says that it prints; None where it says nothing of it.
        span: where that stands in the text of the page.
    """

    words: tuple[str, ...]
    output: str | None
    span: tuple[int, int]


def shown(text: str) -> Iterator[Shown]:
    """Yield the commands of a page that are patchkit's, in order."""
    fence, language, start, place = "", "", 0, 0
    for line in text.splitlines(keepends=True):
        mark = _FENCE.fullmatch(line.rstrip())
        if fence and line.rstrip() == fence:
            if language == "console":
                yield from _console(text, start, place)
            fence, language = "", ""
        elif mark and not fence:
            fence, language, start = mark[1], mark[2], place + len(line)
        elif (language == "sh" or (not fence and line[:4].isspace())) and (
            words := _command(line.strip())
        ):
            yield Shown(words, None, (0, 0))
        place += len(line)


def _console(text: str, start: int, end: int) -> Iterator[Shown]:
    prompts = list(re.finditer(r"^\$ (.*)\n", text[start:end], re.MULTILINE))
    for prompt, after in zip(prompts, [*prompts[1:], None], strict=True):
        span = start + prompt.end(), start + after.start() if after else end
        if words := _command(prompt[1]):
            yield Shown(words, text[slice(*span)], span)


def _command(line: str) -> tuple[str, ...]:
    if not line.startswith("patchkit "):
        return ()
    return tuple(shlex.split(line, comments=True)[1:])


def printed(words: tuple[str, ...]) -> tuple[int, str]:
    """Return the exit code of a command, and what it prints on both streams as it comes."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    before = sys.stdout, sys.stderr
    with redirect_stdout(stream), redirect_stderr(stream):
        code = run(list(words))
    assert (sys.stdout, sys.stderr) == before
    return int(code), raw.getvalue().decode()
