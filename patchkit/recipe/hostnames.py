"""Where a text names a service as a host, and where it may: `http://app:3000`, not `/opt/app`.

On each network a service answers to its own name; `tasks.<service>` and
`${STACK_NAME}_<service>` are names of it too (Swarm docs, «service discovery»).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache


class Context(Enum):
    """What kind of text it is: bare words mean different things in each."""

    VALUE = "value"
    COMMAND = "command"
    CONFIG = "config"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text: where the name stands, and whether it can only be the host."""

    start: int
    end: int
    certain: bool


_END = r"(?![\w\-]|\.\w)"
_STACK = r"(?:\$\{STACK_NAME[^}]*\}|\{\{-?\s*env\s+\\?[\"`]STACK_NAME\\?[\"`]\s*-?\}\})"
_FLAGS = r"(?:\s+-{1,2}[\w-]+(?:=\S+)?)*"
_VERBS = "run|cmd|command|logs|restart|exec"

# Each pattern has one group `n` around the name N.
_CERTAIN = (
    rf"://(?:[^\s/@\"'`]*@)?(?P<n>N){_END}",
    r"(?<![\w.\-/@$}{:%])(?P<n>N)(?=:(?:\d{2,5}(?![.\w])|\$\{|\{\{))",
    rf"{_STACK}_(?P<n>N){_END}",
    rf"(?<![\w.\-])tasks\.(?P<n>N){_END}",
    rf"(?:--host(?:name)?[= ]|(?<!\S)-h[= ]|\bhost=)(?P<n>N){_END}",
    rf"\babra\s+app\s+(?:{_VERBS})\b{_FLAGS}\s+\S+{_FLAGS}\s+(?P<n>N)(?![\w\-/.:])",
    rf"\babra\s+app\s+(?!(?:{_VERBS})\b)\S+\s+(?:{_VERBS})\s+(?P<n>N)(?![\w\-/.:])",
    r"\babra\s+app\s[^\n]*\bcp\s[^\n]*?(?<![\w./-])(?P<n>N)(?=:/)",
)
# Directives of Caddyfiles and nginx whose argument is a host without scheme or port.
_DIRECTIVE = (
    r"(?m)^[ \t]*(?:reverse_proxy|php_fastcgi|forward_auth|to|fastcgi_pass|uwsgi_pass|server)\b"
    r"(?:[ \t]+(?:@\S+|/\S*|\*))?[ \t]+(?P<n>N)(?=[\s;]|$)"
)
# In prose a code span that is just the name speaks of the service.
_SPAN = r"(?<!`)`(?P<n>N)`(?!`)"
_BARE = (
    r"(?<![\w.\-/@$}{:%])(?P<n>N)(?![\w\-/={(\[]|\.\w|:[\w/])"
    r"|(?<![\w.\-/@$}{:%])(?P<m>N)(?=:/(?!/))"
)
_COMMENT_LINE = re.compile(r"(?m)^[ \t]*(?:#|;|//).*$")
_ABRA_APP = re.compile(r"\babra\s+(app)\b")
_HOST_KEY = re.compile(
    r"(?:^|_)(?:HOST|HOSTNAME|HOSTS|SERVER|ADDR|ADDRESS|UPSTREAM|BACKEND)\d*$", re.IGNORECASE
)


def find(text: str, name: str, context: Context, key: str = "") -> list[Hit]:
    """Return every place of `text` that names the service `name`, or may, in order.

    Args:
        text: a value or a whole file.
        name: the service's Compose key.
        context: what the text is.
        key: the variable that has this value, when it is one.
    """
    if name not in text:
        return []
    if context is Context.VALUE and text == name:
        return [Hit(0, len(name), certain=bool(_HOST_KEY.search(key)))]
    spans = _certain(text, name, context)
    if context is not Context.PROSE:
        spans |= {span: False for span in _bare(text, name) if span not in spans}
    return [Hit(start, end, certain) for (start, end), certain in sorted(spans.items())]


def _certain(text: str, name: str, context: Context) -> dict[tuple[int, int], bool]:
    patterns = _compiled(name, context)
    return {m.span("n"): True for pattern in patterns for m in pattern.finditer(text)}


def _bare(text: str, name: str) -> list[tuple[int, int]]:
    """Return the places where the name stands as a word that could be a host or not."""
    silent = [m.span() for m in _COMMENT_LINE.finditer(text)]
    silent += [m.span(1) for m in _ABRA_APP.finditer(text)]
    pattern = _substituted(_BARE, name)
    spans = [m.span("n") if m["n"] else m.span("m") for m in pattern.finditer(text)]
    return [span for span in spans if not any(a <= span[0] and span[1] <= b for a, b in silent)]


@lru_cache(maxsize=256)
def _compiled(name: str, context: Context) -> tuple[re.Pattern[str], ...]:
    own = {Context.CONFIG: (_DIRECTIVE,), Context.PROSE: (_SPAN,)}
    patterns = _CERTAIN + own.get(context, ())
    return tuple(_substituted(pattern, name) for pattern in patterns)


@lru_cache(maxsize=2048)
def _substituted(pattern: str, name: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(">N)", f">{re.escape(name)})"))
