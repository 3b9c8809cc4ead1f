"""What is wrong with a template, in plain words, out of what Jinja2 raises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.edit.yaml.values import StyledStr
from patchkit.errors import Place, SpecError
from patchkit.spec.words import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

BUILTINS = ("range", "namespace")
FROM_TEXT = "<template>"

_RAW = (
    'text for another program, such as Go\'s {{ env "X" }}, goes between {% raw %} and {% endraw %}'
)
_GO_WORDS = frozenset(("config", "else", "end", "env", "eq", "secret"))
_UNKNOWN = re.compile(r"No (filter|test) named '([^']*)'")
_UNDEFINED = re.compile(r"'(\w+)' is undefined")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a template: message, line in the template (0: unknown), next step."""

    message: str
    line: int = 0
    hint: str = ""

    def place(self, place: Place | None, text: str) -> Place | None:
        """Return where it is in a spec: the very line in a literal block, else the value.

        Args:
            place: where the value `text` starts.
            text: the template.
        """
        if not (place and self.line and isinstance(text, StyledStr) and text.style == "|"):
            return place
        return Place(place.path, place.line + self.line, 0, _line(text, self.line))

    def in_file(self, path: str, text: str) -> SpecError:
        """Return it as an error of the template file `path`, whose content is `text`."""
        place = Place(path, self.line, 0, _line(text, self.line))
        return SpecError(self.message, place=place, hint=self.hint)


def fault_of(error: BaseException, path: str, known: Collection[str]) -> Fault:
    """Return what an error of Jinja2 says about the template.

    Args:
        error: one of the sandbox's `FAILURES`.
        path: the template as Jinja2 knows it: a file, or `FROM_TEXT`.
        known: the names that are defined.
    """
    from jinja2 import TemplateSyntaxError, UndefinedError  # noqa: PLC0415

    if isinstance(error, TemplateSyntaxError) and (match := _UNKNOWN.match(str(error.message))):
        return _unknown(match[1], match[2], error.lineno)
    if isinstance(error, TemplateSyntaxError):
        return Fault(f"the template cannot be read: {error.message}", error.lineno, _RAW)
    line = [0, *(line for name, line in frames(error) if name == path)][-1]
    if isinstance(error, UndefinedError) and (match := _UNDEFINED.fullmatch(str(error))):
        return undefined(match[1], known, line)
    if isinstance(error, (RecursionError, MemoryError)):
        return Fault("the template is nested too deeply", line)
    return Fault(f"the template cannot be rendered: {error}", line)


def undefined(name: str, known: Collection[str], line: int) -> Fault:
    """Return the fault of a name that is none of `known`."""
    near = did_you_mean(name, [*known, *BUILTINS])
    message = f'"{name}" is not defined{near}'
    if near:
        return Fault(message, line)
    if name in _GO_WORDS:
        return Fault(message, line, _RAW)
    return Fault(
        message, line, f"defined: {', '.join(known)}" if known else "declare it in params:"
    )


def _unknown(kind: str, name: str, line: int) -> Fault:
    from patchkit.spec.sandbox import FILTERS, TESTS  # noqa: PLC0415

    known = FILTERS if kind == "filter" else TESTS
    near = did_you_mean(name, known)
    hint = "" if near else f"{kind}s: {', '.join(sorted(known))}"
    return Fault(f'there is no {kind} "{name}"{near}', line, hint)


def frames(error: BaseException) -> Iterator[tuple[str, int]]:
    """Yield file and line of every frame that an error came through, the innermost last."""
    trace = error.__traceback__
    while trace:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _line(text: str, line: int) -> str:
    return text.split("\n")[line - 1] if line else ""
