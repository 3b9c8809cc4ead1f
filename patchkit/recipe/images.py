"""Image references, as a compose file writes them: name, tag and digest, and tags that move.

https://github.com/distribution/reference
"""

from __future__ import annotations

import re
from typing import NamedTuple

from patchkit.recipe.interpolate import interpolate

_WORDS = frozenset(
    ("latest", "stable", "edge", "nightly", "main", "master", "dev", "develop", "beta", "rolling")
)
_PARTIAL = re.compile(r"v?\d+(?:\.\d+)?(?=-|$)")
# The whole versions of PostgreSQL have two parts.
_TWO_PARTS = re.compile(r"(?:.*/)?postgres[^/]*")


class Image(NamedTuple):
    """An image reference, variables in it with their defaults.

    Attributes:
        name: with its host and path.
        tag: empty when it has none.
        pinned: whether it has a digest.
    """

    name: str
    tag: str
    pinned: bool

    @property
    def moves(self) -> bool:
        """Whether its tag, or having none, leads to another image with each new release."""
        if self.pinned or "$" in self.name + self.tag:
            return False
        if not self.tag:
            return True
        if self.tag.partition("-")[0].lower() in _WORDS:
            return True
        whole = _TWO_PARTS.fullmatch(self.name) is not None and "." in self.tag
        return _PARTIAL.match(self.tag) is not None and not whole


def read_image(text: str) -> Image:
    """Return the parts of an image reference."""
    bare, _, digest = interpolate(text).partition("@")
    name, colon, tag = bare.rpartition(":")
    if not colon or "/" in tag:
        name, tag = bare, ""
    return Image(name, tag, bool(digest))
