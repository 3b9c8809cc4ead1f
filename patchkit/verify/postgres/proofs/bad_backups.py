"""A backup that fails on its way leaves the dump before it as it was, and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.verify.postgres import script
from patchkit.verify.postgres.content import CONTENT, FILLING
from patchkit.verify.postgres.script import Done
from patchkit.verify.postgres.stage import Refuted

if TYPE_CHECKING:
    from patchkit.verify.postgres.stage import Stage

_FULL = 16 * 1024  # bytes, of a dump of 200 kB


def survives_server(stage: Stage) -> None:
    """Stop the server, as a power cut would, while the dump is made."""
    dump = stage.backed_up()
    try:
        done = _stopped_on_the_way(stage)
    finally:
        stage.server.stop()
        stage.server.start()
    _kept(stage, dump, done)


def survives_full_disk(stage: Stage) -> None:
    """Let no file grow to the size of the dump, so that writing it fails."""
    dump = stage.backed_up(CONTENT + FILLING)
    stage.sql("INSERT INTO post (author) VALUES ('after the backup')")
    _kept(stage, dump, stage.backup(largest=_FULL))


def leaves_nothing(stage: Stage) -> None:
    """Look at what the proofs before this one left."""
    stage.sweep()
    if stage.left:
        raise Refuted(f"left behind: {', '.join(sorted(stage.left))}")


def _stopped_on_the_way(stage: Stage) -> Done:
    lock = "BEGIN; LOCK TABLE post"
    server = stage.server
    with server.client(stage.database, lock), stage.backing_up() as program:
        server.until(lambda: server.waiting() or not program.running)
        server.stop()
        code = program.wait(script.SECONDS)
    return Done(code, program.output)


def _kept(stage: Stage, dump: bytes, done: Done) -> None:
    if not stage.dump.exists() or stage.dump.read_bytes() != dump:
        raise Refuted(f"the dump before it is gone or another; {done}")
    if done.ok or done.code is None:
        raise Refuted(f"the dump before it is there, but {done}")
