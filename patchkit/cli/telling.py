"""What a command says on standard error: as wide as the terminal, and unbroken in a pipe."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap

import click

# A line of a file with its number, and the caret below: broken, they would show nothing.
_QUOTED = re.compile(r" +\d* \| ")


def tell(text: str) -> None:
    """Write a text to standard error."""
    if sys.stderr.isatty():
        text = fitted(text, shutil.get_terminal_size().columns)
    click.echo(text, err=True)


def fitted(text: str, width: int) -> str:
    """Return a text with its lines broken between words, to be no wider than `width` columns."""
    return "\n".join(part for line in text.split("\n") for part in _parts(line, width))


def _parts(line: str, width: int) -> list[str]:
    if len(line) <= width or _QUOTED.match(line):
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
