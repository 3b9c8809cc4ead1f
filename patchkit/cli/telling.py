"""What a command says: as wide as the terminal, and unbroken in a pipe."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap

import click

from patchkit.report.terminal import aside

# A line of a file with its number, and the caret below: broken, they would show nothing.
_QUOTED = re.compile(r" +\d* \| ")
# What is to be typed, at the end of a hint.
_TYPED = re.compile(r" *help: .*?:( )(?=(?:git|patchkit) \S)")
# Between the columns of a list.
_GAP = re.compile(r"(?<=\S) {2,}(?=\S)")


def tell(text: str) -> None:
    """Write a text to standard error."""
    with aside():
        click.echo(fitted(text, columns()) if sys.stderr.isatty() else text, err=True)


def say(text: str) -> None:
    """Write a text to standard output; bytes of files that are no UTF-8 go out as they are."""
    echo(fitted(text, columns()) if sys.stdout.isatty() else text)


def echo(text: str) -> None:
    """Write a text to standard output as it is; bytes that are no UTF-8 go out as they are."""
    has_bytes = hasattr(sys.stdout, "buffer")
    click.echo(text.encode("utf-8", "surrogateescape") if has_bytes else text)


def columns() -> int:
    """Return how wide the terminal is."""
    return shutil.get_terminal_size().columns


def fitted(text: str, width: int) -> str:
    """Return a text with its lines broken between words, to be no wider than `width` columns."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def _parts(line: str, width: int) -> list[str]:
    if len(line) <= width or _QUOTED.match(line):
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 4)
    if typed := _TYPED.match(line):
        command = indent + line[typed.end() :]
        return [*_parts(line[: typed.start(1)], width), command]
    gap = _GAP.search(line)
    if gap and not line.startswith(" ") and gap.end() <= width // 2:
        indent = " " * gap.end()
    return textwrap.wrap(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )
