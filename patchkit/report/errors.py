"""Errors as text: place, line with a caret, what was expected, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.errors import PatchkitError, Place, Problem

_WIDTH = 160
# What a stranger's file may hold must not steer the terminal that it is shown on.
_PICTURES = {n: 0x2400 + n for n in range(0x20) if n != ord("\n")} | {0x7F: 0x2421}
_PICTURES |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


def error_text(error: PatchkitError) -> str:
    """Return every problem of an error, one below the other."""
    return "\n\n".join(problem_text(problem) for problem in error.problems)


def problem_text(problem: Problem, label: str = "error") -> str:
    """Return one problem: head, the line and a caret where they are known, and the hint."""
    place = problem.place
    head = f"{place}: {label}: " if place is not None and place.path else f"{label}: "
    lines = [head + problem.message]
    if place is not None and place.text.strip():
        lines += line_text(place)
    if problem.hint:
        lines.append(f"  help: {problem.hint}")
    return visible("\n".join(lines))


def visible(text: str) -> str:
    """Return a text with pictures in place of control characters, one for each."""
    return text.translate(_PICTURES)


def line_text(place: Place) -> list[str]:
    """Return the line of a place with its number, and a caret below its column."""
    start = max(0, place.column - _WIDTH // 2) if len(place.text) > _WIDTH else 0
    # A tab takes one column here as in the count, so that the caret stands right.
    text = place.text[start : start + _WIDTH].replace("\t", " ")
    number = str(place.line)
    shown = [f"  {number} | {text}"]
    if place.column:
        shown.append(f"  {' ' * len(number)} | {' ' * (place.column - 1 - start)}^")
    return shown
