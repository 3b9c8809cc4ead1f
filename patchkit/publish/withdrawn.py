"""That a fix was withdrawn: a mark in our comment, so that the forge is the store.

Only a comment of the token's own user counts: nobody else withdraws a fix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from patchkit.forge import PullRequest
    from patchkit.publish.target import Target

_MARK = "<!-- patchkit: withdrawn -->"


def withdrawal(why: str, editors: Sequence[str] = ()) -> str:
    """Return the comment that withdraws a fix.

    Args:
        why: the reason.
        editors: who worked on the branch, which is left alone then.
    """
    paragraphs = [f"Withdrawn: {why.replace(_MARK, '').strip()}"]
    if editors:
        paragraphs.append(
            f"The branch holds work of {' and '.join(editors)}, so it stays, and this pull request"
            " is left open: close it if nobody needs it."
        )
    return "\n\n".join([*paragraphs, _MARK])


def is_withdrawn(target: Target, pull: PullRequest | None) -> bool:
    """Whether we said that the fix of a pull request is withdrawn, and nobody reopened it since."""
    if pull is None or pull.state == "merged":
        return False
    me = target.forge.user().casefold()
    comments = target.forge.comments(pull.number)
    said = [c.created for c in comments if c.author.casefold() == me and _is_marked(c.body)]
    if not said or pull.state == "closed":
        return bool(said)
    again = target.forge.reopened(pull.number)
    return again is None or said[-1] is None or again <= said[-1]


def _is_marked(body: str) -> bool:
    return body.rstrip().endswith(_MARK)
