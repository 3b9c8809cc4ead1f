"""The body of a pull request: patchkit's part stands between two marks, the rest is people's."""

from __future__ import annotations

_BEGIN = "<!-- patchkit: begin; edits between these marks are overwritten -->"
_END = "<!-- patchkit: end -->"


def with_part(body: str, part: str) -> str:
    """Return a body in which patchkit's part is `part`; what stands outside the marks survives.

    Args:
        body: as the forge has it; empty for a new pull request.
        part: Markdown.
    """
    clean = part.replace(_BEGIN, "").replace(_END, "").strip("\n")
    marked = f"{_BEGIN}\n{clean}\n{_END}"
    before, begin, rest = body.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if begin and end:
        return f"{before}{marked}{after}"
    # Somebody took a mark away: what is left is theirs.
    left = body.replace(_BEGIN, "").replace(_END, "").strip()
    return f"{marked}\n\n{left}\n" if left else f"{marked}\n"


def part_of(body: str) -> str:
    """Return patchkit's part of a body; empty when it has none."""
    _, begin, rest = body.partition(_BEGIN)
    part, end, _ = rest.partition(_END)
    return part.strip("\r\n") if begin and end else ""


def same(one: str, other: str) -> bool:
    """Whether two bodies are the same; forges turn line ends into their own."""
    return one.replace("\r\n", "\n").strip() == other.replace("\r\n", "\n").strip()
