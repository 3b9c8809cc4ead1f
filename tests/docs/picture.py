"""The picture of the README: a first fix on a terminal, drawn as SVG from a real run.

The commands run on the stage of the pages; only the stand-in forge's address is another. The file
fetches nothing, and has a ground of its own, so that it reads on light pages and on dark ones.
"""

from __future__ import annotations

import re
import shlex
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from shown import ROOT, printed
from stage import stage

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURE = ROOT / "docs" / "pages" / "first-fix.svg"
COMMANDS = (
    "patchkit new gitea-timeout --recipe gitea",
    "patchkit diff fixes/gitea-timeout.yml",
    "patchkit pr fixes/gitea-timeout.yml --wait",
)
COLUMNS = 96
_FORGE = re.compile(r"http://localhost:\d+")
_ESCAPE = re.compile(r"\x1b\[(\d+)m(.*?)\x1b\[0m")
_CLASSES = {"1": "bold", "31": "red", "32": "green", "36": "cyan"}
_CELL, _LINE, _MARGIN, _BAR = 8, 19, 20, 36  # pixels
_STYLE = """
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
       fill: #d7dde5 }
.prompt, .green { fill: #7ee787 } .red { fill: #ff9c94 } .cyan { fill: #79d6e6 }
.bold { fill: #ffffff; font-weight: bold }
"""


class Ran(NamedTuple):
    """A command as it was typed, and the lines that it printed."""

    command: str
    lines: tuple[str, ...]


def runs() -> Iterator[Ran]:
    """Run the commands and yield each with what it prints."""
    with tempfile.TemporaryDirectory() as folder, stage(Path(folder)):
        for command in COMMANDS:
            words = shlex.split(command)[1:]
            colour = ["--color"] if words[0] == "diff" else []
            code, output = printed((*words, *colour))
            assert code == 0, output
            output = _FORGE.sub("https://git.example.com", output)
            yield Ran(command, tuple(output.rstrip("\n").split("\n")))


def drawn() -> str:
    """Return the picture of today's run."""
    ran = list(runs())
    rows = [row for one in ran for row in (*_typed(one.command), *_rows(one.lines), "")]
    return _framed(rows[:-1], title=", then ".join(one.command for one in ran))


def _typed(command: str) -> list[str]:
    return [f'<tspan class="prompt">$</tspan> <tspan class="bold">{escape(command)}</tspan>']


def _rows(lines: tuple[str, ...]) -> list[str]:
    """Return lines as markup, broken where a terminal would."""
    return [row for line in lines for row in _broken(line)]


def _broken(line: str) -> Iterator[str]:
    """Yield a line's parts; SVG makes one of several spaces, unless they are no-break spaces."""
    styled = _ESCAPE.fullmatch(line)
    name, text = (_CLASSES[styled[1]], styled[2]) if styled else ("", line)
    assert "\x1b" not in text, line
    for start in range(0, len(text) or 1, COLUMNS):
        part = escape(text[start : start + COLUMNS]).replace(" ", "\N{NO-BREAK SPACE}")
        yield f'<tspan class="{name}">{part}</tspan>' if name else part


def _framed(rows: list[str], *, title: str) -> str:
    width = COLUMNS * _CELL + 2 * _MARGIN
    height = _BAR + _MARGIN + len(rows) * _LINE
    texts = "".join(
        f'<text x="{_MARGIN}" y="{_BAR + _MARGIN + number * _LINE}">{row}</text>\n'
        for number, row in enumerate(rows)
        if row.strip()
    )
    buttons = "".join(
        f'<circle cx="{_MARGIN + 2 + 18 * number}" cy="18" r="5.5" fill="{colour}"/>\n'
        for number, colour in enumerate(("#ff6b62", "#f5bf4f", "#61c454"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n"
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="9" '
        f'fill="#171d26" stroke="#566273"/>\n{buttons}{texts}</svg>\n'
    )
