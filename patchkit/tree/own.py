"""Folders of patchkit's own, beside what people wrote: git sees nothing of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_own(folder: Path) -> None:
    """Make a folder in which git sees nothing; one that is there stays as it is.

    Args:
        folder: its parent is there.

    Raises:
        OSError: it cannot be made.
    """
    try:
        folder.mkdir()
    except FileExistsError:
        return
    (folder / ".gitignore").write_text("*\n")
