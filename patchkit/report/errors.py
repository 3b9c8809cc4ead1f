"""Errors as text: place, line with a caret, what was expected, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.errors import PatchkitError, Place, Problem

_WIDTH = 160


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
    return "\n".join(lines)


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
