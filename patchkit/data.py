"""Where patchkit's own fixes, templates and sample recipes lie.

A checkout has them at its top level, an installed wheel inside the package.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent
_CHECKOUT = {"fixes": "fixes", "templates": "templates", "recipes": "tests/recipes"}


def data_dir(kind: str) -> Path:
    """Return the folder of the bundled `fixes`, `templates` or `recipes`."""
    packaged = _PACKAGE / "_data" / kind
    return packaged if packaged.is_dir() else _PACKAGE.parent / _CHECKOUT[kind]
