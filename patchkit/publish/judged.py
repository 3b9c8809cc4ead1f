"""What real programs said of a commit: kept in the body with the commit that they judged.

Judging takes its time, and machines have different programs: what was said of a commit is said
once, and read out of the body as long as the commit is the same.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Stands where the section goes in a page that was not judged yet.
PLACEHOLDER = "<!-- patchkit: judged -->"
_SECTION = re.compile(
    r"<!-- patchkit: judged ([0-9a-f]{7,64}) -->\r?\n(.*?)<!-- patchkit: end of judged -->",
    re.DOTALL,
)


class Judged(NamedTuple):
    """What judges said: in Markdown, and whether all that could judge let it pass."""

    text: str
    passed: bool


def said_of(body: str, commit: str) -> str | None:
    """Return what a body says that judges said of a commit; None when it says nothing of it."""
    found = _SECTION.search(body)
    return found[2].replace("\r\n", "\n") if found and found[1] == commit else None


def with_section(page: str, commit: str, text: str) -> str:
    """Return a page with what judges said of a commit in its place."""
    clean = _SECTION.sub("", text).replace("<!--", "").rstrip("\n")
    section = f"<!-- patchkit: judged {commit} -->\n{clean}\n<!-- patchkit: end of judged -->"
    return page.replace(PLACEHOLDER, section)
