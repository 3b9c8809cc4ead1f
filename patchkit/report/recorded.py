"""What `patchkit record` says of a recording, for people."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from patchkit.report.errors import visible
from patchkit.report.gate_text import gate_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint import Gate
    from patchkit.record import Recording


def recorded_text(
    recording: Recording, gate: Gate, target: str | None, higher: Recording | None = None
) -> str:
    """Return what a recording came to.

    Args:
        recording: from `record`.
        gate: what the fix does to lint.
        target: the file that it was written to, if any.
        higher: the same by meaning, where that says more in ops of a higher level.
    """
    lines = [*_lines(recording, gate, target)]
    if higher is not None:
        ops = _counted(higher)
        lines.append(f"  or: {ops}, where order and comments do not count: --by-meaning")
    return visible("\n".join(lines))


def _counted(recording: Recording) -> str:
    return ", ".join(f"{n} {op}" for op, n in Counter(recording.ops).items())


def _lines(recording: Recording, gate: Gate, target: str | None) -> Iterator[str]:
    yield f"{'wrote ' + target if target else 'recorded'}: {_counted(recording)}"
    yield from (f"  unsure: {sentence}" for sentence in recording.unsure)
    yield from gate_lines(gate, recording.patch)
    if recording.exact:
        yield "  proved: rendered on what was there, it gives the folder byte for byte"
        yield "  next: say in `title`, `why` and `evidence` what it is about"
        return
    if not recording.fits:
        yield "not byte for byte: the fix does what the edits left out"
        yield from recording.beyond.rstrip("\n").split("\n")
    if recording.elsewhere:
        told = "what the folder has (-) and the fix makes (+) stands elsewhere, or is a comment"
        yield f"{'proved by meaning' if recording.fits else 'besides'}: {told}"
        yield from recording.elsewhere.rstrip("\n").split("\n")
    if recording.fits:
        yield "  next: say in `title`, `why` and `evidence` what it is about"
    else:
        yield "  next: make these changes in the folder too, and record it again with --force"
