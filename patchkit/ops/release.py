"""Notes for the operator in `release/next`, which abra shows on the upgrade to that release.

Co-op Cloud docs, «Release notes».
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pydantic import Field

from patchkit.edit.lines import main_eol
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.model import RELEASE_NEXT
from patchkit.spec.fields import Said
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft

_BLANK_LINES = re.compile(r"\r?\n(?:[ \t]*\r?\n)+")
_BLANK_END = re.compile(r"\n[ \t]*\r?\n\Z")


class ReleaseNote(OpModel):
    """Add a paragraph to the notes of the next release, once.

    `release/next` is made if needed. What a removal or a rename of a service asks of the
    operator is noted without this op (closing rule).
    """

    text: Said = Field(
        description="What the operator must know or do.",
        examples=["Run `docker service rm ${STACK_NAME}_sidekiq` after the upgrade."],
    )


def release_note(draft: Draft, step: ReleaseNote) -> Changed | Unchanged:
    """Add the paragraph unless it is there."""
    text = draft.tree.text(RELEASE_NEXT) if RELEASE_NEXT in draft.tree else ""
    if not draft.save(RELEASE_NEXT, with_note(text, step.text)):
        return Unchanged(f"{RELEASE_NEXT} says so already")
    return Changed(f"added a note to {RELEASE_NEXT}")


def with_note(text: str, note: str) -> str:
    """Return release notes with one more paragraph at their end, unless they have it.

    Args:
        text: the notes, `""` for none; their line endings and a missing last one are kept.
        note: the paragraph, or several.
    """
    present = [_words(part) for part in _BLANK_LINES.split(text)]
    wanted = _BLANK_LINES.split(note.strip())
    new = [part for part in wanted if _words(part) not in present]
    if not new:
        return text
    eol = main_eol(text)
    lines = [line.rstrip() for line in "\n\n".join(new).split("\n")]
    if not text.endswith("\n") and _words(text):
        return eol.join([text, "", *lines])
    apart = bool(_words(text)) and not _BLANK_END.search(text)
    return text + eol.join([*([""] * apart), *lines, ""])


def _words(paragraph: str) -> str:
    return " ".join(paragraph.removeprefix("\ufeff").split())


_OLD = "The search index is built anew on the first start.\n"

OPS = {
    "note": Op(
        "release.note",
        ReleaseNote,
        release_note,
        Example(
            step="op: release.note\ntext: Set `SMTP_PORT` before the upgrade.\n",
            before={"release/next": _OLD},
            after={"release/next": _OLD + "\nSet `SMTP_PORT` before the upgrade.\n"},
        ),
    ),
}
