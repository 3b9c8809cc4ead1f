"""A dump of any size goes through: no program holds it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.verify.postgres.content import BULK, BULK_ROW, BULK_SUM, CONTENT
from patchkit.verify.postgres.stage import Refuted, same, succeeded

if TYPE_CHECKING:
    from patchkit.verify.postgres.script import Done
    from patchkit.verify.postgres.stage import Stage

_SECONDS = 150.0
# What buffers grow by, and the share of a dump above which a program seems to hold all of it.
_BUFFERS = 4_000_000  # bytes
_SHARE = 8


def takes_little_memory(stage: Stage) -> None:
    """Back up and restore a large database, and compare the memory with that for a small one."""
    small = _peaks(stage, CONTENT)
    large = _peaks(stage, CONTENT + BULK.format(rows=stage.size // BULK_ROW))
    allowed = _BUFFERS + stage.size // _SHARE
    for what, less, more in zip(("backup", "restore"), small, large, strict=True):
        if more - less > allowed:
            raise Refuted(
                f"the {what} took up to {more / 1e6:.0f} MB in one process, and {less / 1e6:.0f} "
                f"MB for a small database: it holds the dump in memory"
            )


def _peaks(stage: Stage, content: str) -> tuple[int, int]:
    """Return the most memory that one process took, of the backup and of the restore."""
    stage.fresh(content)
    query = BULK_SUM if content != CONTENT else "SELECT count(*) FROM post"
    before = stage.sql(query)
    peaks = [_peak("the backup", stage.backup(seconds=_SECONDS))]
    stage.sql("DELETE FROM tag")
    stage.sql("UPDATE bulk SET v = '' WHERE n < 10" if content != CONTENT else "")
    peaks.append(_peak("the restore", stage.restore(seconds=_SECONDS)))
    same("what the table holds", before, stage.sql(query))
    return peaks[0], peaks[1]


def _peak(what: str, done: Done) -> int:
    succeeded(what, done)
    return done.peak or 0
