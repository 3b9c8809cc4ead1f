"""Where a text names a service as a host, and where it may: `http://app:3000`, not `/opt/app`.

On each network a service answers to its own name; `tasks.<service>` and
`${STACK_NAME}_<service>` are names of it too (Swarm docs, «service discovery»).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Literal, TypeAlias


class Context(Enum):
    """What kind of text it is: bare words mean different things in each."""

    VALUE = "value"
    COMMAND = "command"
    CONFIG = "config"
    PROSE = "prose"


Form: TypeAlias = Literal["host", "stack", "abra", "mention", "word"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in a text where the name stands, and what makes it the service's.

    Attributes:
        start: where the name begins.
        end: where it ends.
        form: `host`, the bare name that a peer resolves; `stack`, a form that no other stack
            has (`${STACK_NAME}_app`, `tasks.app`); `abra`, an argument of abra; `mention`, a
            code span of prose; `word`, which may be the service or something else.
    """

    start: int
    end: int
    form: Form

    @property
    def certain(self) -> bool:
        """Whether it can only be the service."""
        return self.form != "word"


_END = r"(?![\w\-]|\.\w)"
_STACK = r"(?:\$\{STACK_NAME[^}]*\}|\{\{-?\s*env\s+\\?[\"`]STACK_NAME\\?[\"`]\s*-?\}\})"
_FLAGS = r"(?:\s+-{1,2}[\w-]+(?:=\S+)?)*"
_VERBS = "run|cmd|command|logs|restart|exec"

# Each pattern has one group `n` around the name N.
_HOST = (
    rf"://(?:[^\s/@\"'`]*@)?(?P<n>N){_END}",
    r"(?<![\w.\-/@$}{:%])(?P<n>N)(?=:(?:\d{2,5}(?![.\w])|\$\{|\{\{|\{\$|\{env\.|\$[A-Za-z_]))",
    rf"(?:--host(?:name)?[= ]|(?<!\S)-h[= ]|\bhost=)(?P<n>N){_END}",
)
_OWN = (
    rf"{_STACK}_(?P<n>N){_END}",
    rf"(?<![\w.\-])tasks\.(?P<n>N){_END}",
)
_ABRA = (
    rf"\babra\s+app\s+(?:{_VERBS})\b{_FLAGS}\s+\S+{_FLAGS}\s+(?P<n>N)(?![\w\-/.:])",
    rf"\babra\s+app\s+(?!(?:{_VERBS})\b)\S+\s+(?:{_VERBS})\s+(?P<n>N)(?![\w\-/.:])",
    r"\babra\s+app\s[^\n`]*?\bcp\s[^\n`]*?(?<![\w./-])(?P<n>N)(?=:/)",
)
# Directives of Caddyfiles and nginx whose argument is a host without scheme or port.
_DIRECTIVE = (
    (
        r"(?m)^[ \t]*(?:reverse_proxy|php_fastcgi|forward_auth|to|fastcgi_pass|uwsgi_pass|server)\b"
        r"(?:[ \t]+(?:@\S+|/\S*|\*))?[ \t]+(?P<n>N)(?=[\s;]|$)"
    ),
    r"(?m)^[ \t]*dynamic[ \t]+(?:a|srv)[ \t]+(?P<n>N)(?=\s|$)",
)
# In prose a code span that is just the name speaks of the service.
_SPAN = r"(?<!`)`(?P<n>N)`(?!`)"
_BARE = (
    r"(?<![\w.\-/@$}{:%])(?P<n>N)(?![\w\-/={(\[]|\.\w|:[\w/])"
    r"|(?<![\w.\-/@$}{:%])(?P<m>N)(?=:/(?!/))"
)
_COMMENT = re.compile(r"(?m)(?:^[ \t]*(?:#|;|//)|(?<=[ \t])#[ \t]).*$")
# Where a shell expects the name of a program: no host stands there.
_PROGRAM = (
    r"(?m)^[ \t]*(?P<n>N)(?=[ \t]+\S)",
    (
        r"(?:[;&|(`]|(?<!docker )\b(?:exec|then|do|else|sudo|command -v|which|pgrep|pkill)\b)"
        r"(?:[ \t]+-\w+)*[ \t]*(?P<n>N)(?=[ \t;&|)`'\"]|$)"
    ),
)
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
        return [Hit(0, len(name), "host" if _HOST_KEY.search(key) else "word")]
    spans: dict[tuple[int, int], Form] = {}
    if context is not Context.PROSE:
        is_shell = context is Context.COMMAND or text.startswith("#!")
        spans |= dict.fromkeys(_bare(text, name, is_shell=is_shell), "word")
    for form, patterns in _forms(context).items():
        for pattern in patterns:
            found = _substituted(pattern, name).finditer(text)
            spans |= dict.fromkeys((match.span("n") for match in found), form)
    return [Hit(start, end, form) for (start, end), form in sorted(spans.items())]


def _forms(context: Context) -> dict[Form, tuple[str, ...]]:
    directives = _DIRECTIVE if context is Context.CONFIG else ()
    mentions = (_SPAN,) if context is Context.PROSE else ()
    return {"mention": mentions, "host": _HOST + directives, "abra": _ABRA, "stack": _OWN}


def _bare(text: str, name: str, *, is_shell: bool) -> list[tuple[int, int]]:
    """Return the places where the name stands as a word that could be a host or not."""
    silent = [m.span() for m in _COMMENT.finditer(text)]
    silent += [m.span(1) for m in _ABRA_APP.finditer(text)]
    for pattern in _PROGRAM if is_shell else ():
        silent += [m.span("n") for m in _substituted(pattern, name).finditer(text)]
    spans = [
        m.span("n") if m["n"] else m.span("m") for m in _substituted(_BARE, name).finditer(text)
    ]
    return [span for span in spans if not any(a <= span[0] and span[1] <= b for a, b in silent)]


@lru_cache(maxsize=2048)
def _substituted(pattern: str, name: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(">N)", f">{re.escape(name)})"))
