"""What CI says of a head, in a word or in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.publish.level import CI
from patchkit.publish.results import FULL

if TYPE_CHECKING:
    from patchkit.publish.level import Answer
    from patchkit.publish.results import Results
    from patchkit.publish.wait import Waited


def ci_word(answer: Answer | None) -> str:
    """Return what CI says in a word or two: the level where it is known."""
    if answer is None:
        return "-"
    return str(answer.state) if answer.level is None else f"level {answer.level}"


def ci_text(answer: Answer, *, silent: str = "no answer yet", never: str = "not enrolled?") -> str:
    """Return what CI says, and what is missing for the full level.

    Args:
        answer: what was read.
        silent: what to say when it did not answer.
        never: what to say when it never answered in this pull request.
    """
    if answer.state is CI.NO_ANSWER:
        return silent if answer.enrolled else never
    if answer.results and answer.level is not None:
        return f"{answer.state}, level {answer.level}{_missing(answer.results)}"
    if answer.state is not CI.SUCCESS:
        return str(answer.state)
    return f"success (level not known{': ' + answer.unread if answer.unread else ''})"


def waited_text(waited: Waited) -> str:
    """Return how waiting for a head ended."""
    said = ci_text(waited.answer, silent="no answer", never="not enrolled: nothing reacted")
    if waited.error is not None:
        said = f"cannot be read: {waited.error.problems[0].message}"
    elif waited.ended:
        said = f"{waited.ended} (CI: {said})"
    return f"{waited.watched.fix}: #{waited.watched.pull.number}: {said}"


def _missing(results: Results) -> str:
    """Return which rungs and rules keep a run from the full level."""
    if results.level == FULL and not results.rules:
        return ""
    rungs = [f"{rung.name} {rung.state}" for rung in results.failed]
    rules = [f"lint rules failed: {', '.join(results.rules)}"] if results.rules else []
    words = "; ".join([*([", ".join(rungs)] if rungs else []), *rules])
    return f": {words}" if words else ""
