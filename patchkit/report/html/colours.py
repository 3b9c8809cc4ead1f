"""Syntax colours of a file, line by line, by Pygments.

https://pygments.org/docs/tokens/ names the types of tokens. Only languages that recipes are written
in, found by the file's name alone, and no huge file: a lexer is made of regular expressions, and
the text is a stranger's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pygments.lexer import Lexer

_MOST = 200_000  # characters of a file
_LONGEST = 2_000  # characters of a line
_LANGUAGES = {
    r".*\.ya?ml": "yaml",
    r".*\.(sh|bash|env)|\.env(\..*)?|.*\.env\.\w+": "bash",
    r".*\.py": "python",
    r".*\.(ini|cfg|cnf|properties)|\.editorconfig": "ini",
    r".*\.toml": "toml",
    r".*\.json": "json",
    r".*\.(html?|xml|svg)": "html",
    r".*\.(js|mjs|cjs)": "javascript",
    r".*\.sql": "sql",
    r".*nginx.*|.*\.conf|Caddyfile.*": "nginx",
    r".*\.md": "markdown",
    r"Dockerfile.*": "docker",
}
_TEMPLATE = re.compile(r"(\.tmpl|\.j2|\.sample|\.example)+$")
_SHEBANG = re.compile(r"#!.*\b(ba|da|z|k)?sh\b")
# The first letter of a class by the token type that begins so; the longest name wins.
_CLASSES = {
    "Comment": "c",
    "Generic.Heading": "t",
    "Generic.Subheading": "t",
    "Keyword": "k",
    "Literal.Number": "n",
    "Literal.String": "s",
    "Name.Attribute": "t",
    "Name.Builtin": "f",
    "Name.Class": "f",
    "Name.Decorator": "f",
    "Name.Function": "f",
    "Name.Tag": "t",
    "Name.Variable": "v",
    "Literal.String.Interpol": "v",
    "Operator.Word": "k",
}


class Run(NamedTuple):
    """Characters of one colour: a class of the style sheet, or none."""

    kind: str
    text: str


Line: TypeAlias = tuple[Run, ...]


def coloured(path: str, lines: Sequence[str]) -> list[Line]:
    """Return the lines of a file in runs of one colour; their texts together are the lines.

    Args:
        path: the file's path; its name tells the language.
        lines: without their ends.
    """
    name = _language(path, lines[0] if lines else "")
    text = "\n".join(lines)
    if not name or len(text) > _MOST or any(len(line) > _LONGEST for line in lines):
        return [(Run("", line),) for line in lines]
    # Some lexers know a comment by the end of its line.
    tokens = _lexer(name).get_tokens(text + "\n")
    *found, _ = _split((_class(str(kind)), value) for kind, value in tokens)
    if ["".join(run.text for run in line) for line in found] != list(lines):
        return [(Run("", line),) for line in lines]  # a lexer that drops or adds characters
    return found


def _split(tokens: Iterable[tuple[str, str]]) -> list[Line]:
    lines: list[list[Run]] = [[]]
    for kind, value in tokens:
        first, *rest = value.split("\n")
        _put(lines[-1], kind, first)
        for part in rest:
            lines.append([])
            _put(lines[-1], kind, part)
    return [tuple(line) for line in lines]


def _put(line: list[Run], kind: str, text: str) -> None:
    if text and line and line[-1].kind == kind:
        line[-1] = Run(kind, line[-1].text + text)
    elif text:
        line.append(Run(kind, text))


def _language(path: str, first: str) -> str:
    name = _TEMPLATE.sub("", path.rpartition("/")[2])
    for pattern, language in _LANGUAGES.items():
        if re.fullmatch(pattern, name):
            return language
    return "bash" if _SHEBANG.match(first) else ""


@lru_cache(maxsize=64)
def _lexer(name: str) -> Lexer:
    from pygments.lexers import get_lexer_by_name  # noqa: PLC0415  its list alone takes 20 ms

    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


@lru_cache(maxsize=256)
def _class(kind: str) -> str:
    """Return the class of a token type such as `Token.Name.Tag`."""
    name = kind.removeprefix("Token.")
    fitting = [start for start in _CLASSES if name == start or name.startswith(f"{start}.")]
    return _CLASSES[max(fitting, key=len)] if fitting else ""
