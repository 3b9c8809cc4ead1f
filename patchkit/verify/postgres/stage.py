"""Where a backup script plays: a server, the container's places, and a database to lose."""

from __future__ import annotations

import difflib
import shutil
from itertools import islice
from typing import TYPE_CHECKING

from patchkit.verify.postgres import script
from patchkit.verify.postgres.content import CONTENT
from patchkit.verify.postgres.server import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from patchkit.verify.bench import Program
    from patchkit.verify.postgres.container import Container
    from patchkit.verify.postgres.script import Done
    from patchkit.verify.postgres.server import Server

_MAX_LINES = 20


class Refuted(Exception):  # noqa: N818  an answer, not an error
    """What was to be proved does not hold; says what was seen instead."""


class Stage:
    """A server, the places of a container, and the commands of the hooks.

    Attributes:
        server: runs, with the roles of the content.
        container: of the service.
        size: of the dump that is to go through in constant memory, in bytes.
        left: what scripts left behind that nobody needs.
    """

    def __init__(self, server: Server, container: Container, size: int) -> None:
        self.server = server
        self.container = container
        self.size = size
        self.left: set[str] = set()
        self._dump: Path | None = None
        self._watched = {*container.volumes.values(), server.data}
        self._own = set(self._entries())

    @property
    def database(self) -> str:
        """The database that is backed up."""
        return self.container.database

    @property
    def dump(self) -> Path:
        """The dump that the last backup made.

        Raises:
            Refuted: it made none where the labels back something up.
        """
        self._dump = self._dump or next(self._dumps(), None)
        if self._dump is None:
            new = ", ".join(path.name for path in self._new()) or "nothing"
            raise Refuted(f"{new} is new in the service's volumes")
        return self._dump

    def fresh(self, content: str = CONTENT) -> None:
        """Let there be the database with this content, and nothing of earlier proofs."""
        self.sweep()
        owner = f"OWNER {identifier(self.container.user)}"
        self.server.create(self.database, content, owner)

    def sweep(self) -> None:
        """Clear away all databases and files, and note which of them nobody needs."""
        needed = {self._dump, *(self._dump.parents if self._dump else ())}
        others = set(self.server.databases()) - {"postgres", self.database}
        self.left |= {f"database {name}" for name in others}
        self.left |= {f"file {path.name}" for path in self._new() if path not in needed}
        for path in self._new():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        self._dump = None
        self.server.clear()

    def backup(self, *, largest: int = 0, seconds: float = script.SECONDS) -> Done:
        """Run the hook that makes the dump."""
        hook = self.container.subject.backup
        return self._run(hook, largest=largest, seconds=seconds)

    def restore(self, *, seconds: float = script.SECONDS) -> Done:
        """Run the hook that loads the dump."""
        return self._run(self.container.subject.restore, seconds=seconds)

    def backing_up(self) -> AbstractContextManager[Program]:
        """Start the hook that makes the dump."""
        hook = self.container.subject.backup
        env = self.container.environment(self.server)
        return script.started(self.server, self.container.command(hook), env, shown=hook)

    def _run(self, hook: tuple[str, ...], *, largest: int = 0, seconds: float) -> Done:
        env = self.container.environment(self.server)
        command = self.container.command(hook)
        return script.run(self.server, command, env, shown=hook, largest=largest, seconds=seconds)

    def backed_up(self, content: str = CONTENT) -> bytes:
        """Make the database afresh, back it up, and return the dump."""
        self.fresh(content)
        succeeded("the backup", self.backup())
        return self.dump.read_bytes()

    def spoil(self, dump: bytes) -> None:
        """Put other bytes into the dump, as the user whose file it is."""
        command = ("dd", "status=none", f"of={self.dump}")
        self.server.bench.run(*command, stdin=dump, user=self.server.user)

    def sql(self, text: str) -> str:
        """Run statements in the database."""
        return self.server.sql(text, self.database)

    def state(self) -> str:
        """Return what the database holds."""
        return self.server.state(self.database)

    def _entries(self) -> Iterator[Path]:
        return (path for folder in self._watched for path in folder.iterdir())

    def _new(self) -> list[Path]:
        return sorted(path for path in self._entries() if path not in self._own)

    def _dumps(self) -> Iterator[Path]:
        for key, inner in self.container.subject.backed_up:
            path = self.container.volumes[key] / inner
            yield from _files([path] if path not in self._watched else self._new())


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files among paths and in folders among them that hold something."""
    for path in paths:
        if path.is_symlink() or not path.exists():
            continue
        if path.is_dir():
            yield from _files(sorted(path.iterdir()))
        elif path.stat().st_size:
            yield path


def succeeded(what: str, done: Done) -> None:
    """Hold that a hook ended well."""
    if not done.ok:
        raise Refuted(f"{what}: {done}")


def same(what: str, before: str, after: str) -> None:
    """Hold that something is as it was before."""
    if before != after:
        lines = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "before", "after", lineterm="", n=0
        )
        raise Refuted("\n".join([f"{what} is not as it was:", *islice(lines, _MAX_LINES)]))
