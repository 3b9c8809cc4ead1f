"""Which heads of a pull request CI was asked about: kept in its body, where the forge is the store.

A head is written down, with the newest comment and status of that moment, before the comment goes
out. So a run that was cut off in between is told from one that was not: an own comment that is
newer is it. The mark stands there, without a head, when a pull request is set up and asks nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = re.compile(r"<!-- patchkit: set up((?: [0-9a-f]{7,64}@\d+@\d+)*) -->")


class Asked(NamedTuple):
    """One question to CI.

    Attributes:
        sha: the head that it is about.
        comment: the id of the newest comment before it; 0 when there was none.
        status: the id of the newest status of CI before it; 0 when there was none.
    """

    sha: str
    comment: int
    status: int


def asked(body: str) -> tuple[Asked, ...] | None:
    """Return the questions that a body keeps, oldest first; None when it is not set up yet."""
    if not (found := _MARK.search(body)):
        return None
    entries = (entry.split("@") for entry in found[1].split())
    return tuple(Asked(sha, int(comment), int(status)) for sha, comment, status in entries)


def with_asked(part: str, questions: tuple[Asked, ...] | None) -> str:
    """Return patchkit's part of a body with the questions kept in it."""
    plain = _MARK.sub("", part).rstrip("\n")
    if questions is None:
        return f"{plain}\n"
    entries = "".join(f" {q.sha}@{q.comment}@{q.status}" for q in questions)
    return f"{plain}\n\n<!-- patchkit: set up{entries} -->\n"
