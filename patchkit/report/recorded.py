"""What `patchkit record` says of a recording, for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.record import Recording


def recorded_text(recording: Recording, target: str | None) -> str:
    """Return what a recording came to.

    Args:
        recording: from `record`.
        target: the file that it was written to, if any.
    """
    return "\n".join(_lines(recording, target))


def _lines(recording: Recording, target: str | None) -> Iterator[str]:
    ops = ", ".join(f"{n} {op}" for op, n in Counter(recording.ops).items())
    yield f"{'wrote ' + target if target else 'recorded'}: {ops}"
    yield from (f"unsure: {sentence}" for sentence in recording.unsure)
    yield from (f"{f.place}: {f.message}\n  {f.hint}" for f in recording.patch.findings)
    if recording.exact:
        yield "proved: rendered on what was there, it gives the folder byte for byte"
        yield "next: say in `title`, `why` and `evidence` what it is about"
        return
    yield "not byte for byte: these lines are not as in the folder"
    yield from recording.beyond.rstrip("\n").split("\n")
    yield from (f"closing rule: {sentence}" for sentence in recording.closing)
    yield "next: make these changes in the folder too, or take them: the spec is right with them"
