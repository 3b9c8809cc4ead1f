"""A restore of a dump that is no good leaves the database alone, and says so."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from patchkit.verify.postgres.content import CONTENT, DAMAGE, FILLING
from patchkit.verify.postgres.stage import Refuted, same

if TYPE_CHECKING:
    from patchkit.verify.postgres.stage import Stage

_GZIP = b"\x1f\x8b"
_SECTOR = 512  # bytes


def refuses_cut_dump(stage: Stage) -> None:
    """Restore a dump of which the second half is missing: packed so, or lost afterwards."""
    dump = _damaged(stage)
    _refused(stage, _cut(dump))
    if dump.startswith(_GZIP):
        _refused(stage, gzip.compress(_cut(gzip.decompress(dump)), mtime=0))


def refuses_corrupt_dump(stage: Stage) -> None:
    """Restore a dump with a bad sector in its middle."""
    dump = _damaged(stage)
    _refused(stage, _with_bad_sector(dump))


def _damaged(stage: Stage) -> bytes:
    """Return the dump of a database that has changed since."""
    dump = stage.backed_up(CONTENT + FILLING)
    stage.sql(DAMAGE)
    return dump


def _refused(stage: Stage, dump: bytes) -> None:
    before = stage.state()
    stage.spoil(dump)
    done = stage.restore()
    same("the database", before, stage.state())
    if done.ok or done.code is None:
        raise Refuted(f"nothing was changed, but {done}")


def _cut(dump: bytes) -> bytes:
    """Return the first half, up to the end of a line: in a text, that looks whole."""
    middle = len(dump) // 2
    return dump[: dump.rfind(b"\n", 0, middle) + 1 or middle]


def _with_bad_sector(dump: bytes) -> bytes:
    middle = len(dump) // 2
    sector = bytes(byte ^ 0xFF for byte in dump[middle : middle + _SECTOR])
    return dump[:middle] + sector + dump[middle + len(sector) :]
