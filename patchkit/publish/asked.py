"""Which heads of a pull request CI was asked about: kept in its body, where the forge is the store.

A head is written down, with the newest comment of that moment, before the comment goes out. So a
run that was cut off in between is told from one that was not: an own comment that is newer is it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_MARK = re.compile(r"<!-- patchkit: asked((?: [0-9a-f]{7,64}@\d+)*) -->")


class Asked(NamedTuple):
    """One question to CI.

    Attributes:
        sha: the head that it is about.
        since: the id of the newest comment before it; 0 when there was none.
    """

    sha: str
    since: int


def asked(body: str) -> tuple[Asked, ...]:
    """Return the questions that a body keeps, oldest first."""
    found = _MARK.search(body)
    pairs = (entry.partition("@") for entry in found[1].split()) if found else ()
    return tuple(Asked(sha, int(since)) for sha, _, since in pairs)


def with_asked(part: str, questions: tuple[Asked, ...]) -> str:
    """Return patchkit's part of a body with the questions kept in it."""
    plain = _MARK.sub("", part).rstrip("\n")
    entries = "".join(f" {question.sha}@{question.since}" for question in questions)
    return f"{plain}\n\n<!-- patchkit: asked{entries} -->\n" if questions else f"{plain}\n"
