"""The words that messages about a fix spec share: what was found, what may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from patchkit.edit.yaml.values import scalar_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN = 40


def found(value: Any) -> str:
    """Return what a value of YAML is, in plain words: `the number 3`, `a list`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return scalar_text(value)
    if isinstance(value, (int, float)):
        return f"the number {scalar_text(value)}"
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    return "a mapping" if isinstance(value, dict) else "a list"


def quoted(text: str) -> str:
    """Return `text` in double quotes on one line, shortened when it is long."""
    line = text.replace("\n", "\\n")
    return f'"{line}"' if len(line) <= _SHOWN else f'"{line[:_SHOWN]}…"'


def one_of(names: Iterable[str]) -> str:
    """Return a choice in words: `"a", "b" or "c"`."""
    *head, last = [f'"{name}"' for name in names]
    return f"{', '.join(head)} or {last}" if head else last


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)` for the known word nearest to `word`; `''` if none is near."""
    # Only a message needs it, and it takes a millisecond to import.
    from difflib import get_close_matches  # noqa: PLC0415

    near = get_close_matches(word, list(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""
