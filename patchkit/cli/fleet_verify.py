"""`patchkit verify` over many recipes: what judges say of one, in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.cli.verify import is_failure, judges
from patchkit.errors import ExitCode
from patchkit.fleet.job import Seen
from patchkit.fleet.outcome import Word
from patchkit.rendering import Verdict
from patchkit.report.frame import json_piece
from patchkit.report.verify_json import judged_json
from patchkit.report.verify_text import judgement_text
from patchkit.verify import State, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.fleet.rendered import Rendered
    from patchkit.verify import Judgement


def judged(
    rendered: Rendered, *, only: Sequence[str], require: Sequence[str], seconds: float, style: str
) -> Seen:
    """Return what judges say of a rendered fix."""
    found: list[Judgement] = []
    drifted = rendered.patch.verdict in {Verdict.DRIFTED, Verdict.OTHER}
    if not drifted:
        wanted = judges(rendered, only, require)
        found = list(verify(rendered.fix, rendered.patch, wanted, seconds=seconds))
    bad = is_failure(found, require)
    word = None if drifted else (Word.FAILS if bad else _word(found))
    code = ExitCode.CHANGE if bad else ExitCode.OK
    if style == "json":
        return Seen(json_piece(judged_json(rendered, found)), code, word, _count(found))
    head = "" if drifted else f"{rendered.fix.id} on {rendered.source}\n"
    return Seen(head + "".join(map(judgement_text, found)), code, word, _count(found))


def _word(found: Sequence[Judgement]) -> Word:
    """Return how it ended where nothing failed: what nobody could judge has not passed."""
    states = {judgement.state for judgement in found}
    if State.PASSED not in states:
        return Word.UNJUDGED
    return Word.PARTLY if State.NOT_AVAILABLE in states else Word.HOLDS


def _count(found: Sequence[Judgement]) -> str:
    states = [str(judgement.state) for judgement in found]
    return ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
