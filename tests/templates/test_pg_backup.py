"""The backup script that fixes add, held against a real PostgreSQL server.

Nothing is replaced: the server runs in a scratch folder on a unix socket, the script is the
rendered template, and the container's places are mapped by the environment alone.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchkit.spec.templates import render_file
from patchkit.verify.bench import Bench, own
from patchkit.verify.judge import NotAvailableError
from patchkit.verify.postgres import script
from patchkit.verify.postgres.content import CONTENT, DAMAGE, ROLES
from patchkit.verify.postgres.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from patchkit.verify.bench import Program
    from patchkit.verify.postgres.script import Done

TEMPLATES = Path(__file__).parents[2] / "templates"
OWNER = "mattermost"
COMPLETE = b"\n--\n-- PostgreSQL database dump complete\n--\n"
NEEDED = (
    "the backup script is tested with a real PostgreSQL 15 or newer, under the system's tools "
    "and under those of Alpine: apt-get install postgresql busybox"
)
# A name that the script gives: md5 of "app".
REPLACED = "pg_backup_d2a57dc1d883_old"

# Sleeps in every database but its own, so that a load of its dump stops on the way.
SLOW_LOAD = """
CREATE FUNCTION nap(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN IF current_database() <> 'app' THEN PERFORM pg_sleep(100); END IF; RETURN n; END $$;
CREATE TABLE slow (n int);
INSERT INTO slow VALUES (1);
CREATE INDEX ON slow (nap(n));
"""


def rendered(**values: str) -> str:
    return render_file("pg_backup.sh.j2", values, [TEMPLATES])


class Postgres(Server):
    """The server with the rendered script beside it; its database is app."""

    @property
    def dump(self) -> Path:
        return self.data / "backup.sql"

    @property
    def script(self) -> Path:
        return self.home / "pg_backup.sh"

    def write_script(self, path: Path, **values: str) -> None:
        path.write_text(rendered(**{"database": "unused", "user": "unused", **values}), "utf-8")
        path.chmod(0o555)

    def settings(self, **values: str) -> dict[str, str]:
        """Return what the script sees in a container whose database is the user's."""
        return self.environment(**{"PGDATA": str(self.data), "POSTGRES_USER": OWNER, **values})

    def call(self, command: str, env: Mapping[str, str], path: Path | None = None) -> Done:
        return script.run(self, [path or self.script, command], env)

    def backup(self, command: str = "backup", *, largest: int = 0, **env: str) -> Done:
        values = self.settings(**{"POSTGRES_DB": "app", **env})
        return script.run(self, [self.script, command], values, largest=largest)

    def restore(self, **env: str) -> Done:
        return self.backup("restore", **env)

    def running(self, command: str) -> AbstractContextManager[Program]:
        return script.started(self, [self.script, command], self.settings(POSTGRES_DB="app"))

    def sql(self, text: str, database: str = "app") -> str:
        return super().sql(text, database)

    def create(self, database: str = "app", content: str = CONTENT, options: str = "") -> None:
        super().create(database, content, options)

    def state(self, database: str = "app") -> str:
        return super().state(database)

    def restored(self, name: str = "app") -> tuple[int, str]:
        """Return how a restore ends that has nothing to say but that."""
        return 0, f"pg_backup: restored database {name} from {self.dump}\n"

    def await_(self, condition: Callable[[], object], what: str) -> None:
        assert self.until(condition), f"waited in vain for {what}"


@pytest.fixture(scope="module")
def running() -> Iterator[Postgres]:
    # Not pytest's own folder: others may not enter that, and its path is too long for a socket.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as scratch:
        folder = Path(scratch)
        folder.chmod(0o711)
        try:
            server = Postgres(Bench(folder, 1200), folder / "pg", owner=OWNER)
            server.bench.find("busybox", install=NEEDED)
        except NotAvailableError:
            if os.environ.get("CI"):
                pytest.fail(NEEDED)
            pytest.skip(NEEDED)
        with server:
            server.sql(f"{ROLES} CREATE ROLE app_owner;", "postgres")
            # The slash at the end is what some compose files write.
            server.write_script(server.script, data_dir=f"{server.data}/")
            yield server


@pytest.fixture
def server(running: Postgres) -> Iterator[Postgres]:
    """The server with one database, app; what a test leaves on it is taken away."""
    running.create()
    yield running
    running.clear()
    for path in running.data.glob("*.sql*"):
        path.unlink()


def answers(client: Program) -> bool:
    """Whether a client's connection is still there; it ends."""
    client.send(b"SELECT 'still here';\n\\q\n")
    return client.wait(30) == 0


def locked_table(server: Postgres) -> AbstractContextManager[Program]:
    """A client that holds a table, so that a pg_dump waits for it."""
    return server.client("app", "BEGIN; LOCK TABLE post")


def waiting_pg_dump(server: Postgres) -> str:
    """Return the server's process that serves a pg_dump which waits for a lock."""
    server.await_(server.waiting, "pg_dump to wait for the lock")
    return server.waiting()


def process_named(server: Postgres, program: Program, name: str) -> int:
    """Return the process of that name among all that a program has started."""

    def found() -> Iterator[int]:
        for path in Path("/proc").glob("[0-9]*/comm"):
            pid = int(path.parent.name)
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                if path.read_text().strip() == name and os.getsid(pid) == program.process.pid:
                    yield pid

    server.await_(lambda: list(found()), f"the script to start {name}")
    return next(found())


def busybox_tools(server: Postgres) -> Path:
    """Return a folder of the tools that the script calls in an Alpine image."""
    folder = server.home / "tools"
    folder.mkdir()
    for tool in ("cat", "gzip", "md5sum", "mv", "rm", "tail"):
        (folder / tool).symlink_to(str(shutil.which("busybox")))
    return folder


def fits(server: Postgres, before: str) -> None:
    """Hold that the database is as before, open to clients, and nothing else is left."""
    assert server.state() == before
    assert server.databases() == ["app", "postgres"]
    assert [path.name for path in server.data.glob("backup.sql?*")] == []


# What the rendered file is.


AWKWARD = {"database": "it's", "user": 'a "b"', "data_dir": "/srv/a b", "dump": "x'y.sql"}


@pytest.mark.parametrize(
    "values", [{"database": "mattermost", "user": "mattermost"}, AWKWARD], ids=["plain", "awkward"]
)
def test_the_rendered_file_is_clean_bash(values: dict[str, str], tmp_path: Path) -> None:
    text = rendered(**values)
    assert text.startswith("#!/bin/bash\n")
    assert text.endswith("\n")
    assert not [mark for mark in ("{{", "}}", "{%", "%}", "{#") if mark in text]
    path = tmp_path / "pg_backup.sh"
    path.write_text(text, "utf-8")
    for judge in (["bash", "-n"], ["shellcheck"]):
        judged = subprocess.run([*judge, path], capture_output=True, text=True, check=False)
        assert (judged.returncode, judged.stdout + judged.stderr) == (0, "")


@pytest.mark.parametrize("arguments", [[], ["dump"], [""], ["backup", "now"]])
def test_a_wrong_command_line_is_refused(arguments: list[str], tmp_path: Path) -> None:
    path = tmp_path / "pg_backup.sh"
    path.write_text(rendered(database="app", user="app"), "utf-8")
    done = subprocess.run(
        ["bash", path, *arguments], capture_output=True, text=True, check=False, env=os.environ
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: pg_backup.sh backup|restore\n"


# Backup and restore.


@pytest.mark.parametrize("tools", ["of the system", "of busybox"])
def test_a_restore_brings_the_old_state_back_twice(server: Postgres, tools: str) -> None:
    path = server.settings()["PATH"]
    if tools == "of busybox":
        path = f"{busybox_tools(server)}:{path}"
    before = server.state()
    assert server.backup(PATH=path).ok
    assert stat.S_IMODE(server.dump.stat().st_mode) == 0o600
    for _ in range(2):
        server.sql(DAMAGE)
        with locked_table(server) as held_open:
            done = server.restore(PATH=path)
            assert (done.code, done.output) == server.restored()
            assert not answers(held_open)
        assert server.sql("SELECT string_agg(author, ',' ORDER BY id) FROM post") == "ana,bo,cy"
        assert server.sql("SELECT lo_get(4711)") == r"\x1234"
        fits(server, before)


def test_a_restore_holds_against_clients_that_come_back_at_once(server: Postgres) -> None:
    before = server.state()
    assert server.backup().ok
    over = threading.Event()
    refusals: list[str] = []

    def knock() -> None:
        env = server.environment(PGDATABASE="app", PGUSER=OWNER)
        command = (server.programs / "psql", "-Xqc", "SET lock_timeout = 1")
        while not over.is_set():
            refusals.append(server.bench.run(*command, env=env, user=server.user).output)

    def turned_away() -> bool:
        return any("not currently accepting connections" in refusal for refusal in refusals)

    threads = [threading.Thread(target=knock) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):  # once would do, on a machine that is never slow
            server.sql(DAMAGE)
            done = server.restore()
            assert (done.code, done.output) == server.restored()
            fits(server, before)
            if turned_away():
                break
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=60)
    assert turned_away()
    assert "" in refusals


def test_a_new_backup_takes_the_place_of_the_old(server: Postgres) -> None:
    assert server.backup().ok
    first = server.dump.read_bytes()
    server.sql("INSERT INTO post (author) VALUES ('dora')")
    assert server.backup().ok
    assert b"dora" not in gzip.decompress(first)
    assert b"dora" in gzip.decompress(server.dump.read_bytes())


@pytest.mark.parametrize(
    "name",
    [
        "MixedCase",
        'quo"te',
        "it's",
        "two words",
        "per%cent%I",
        "key=value",
        "postgresql://elsewhere/app",
        "-h",
        "back\\slash $HOME `id`",
        ":'db'",
        "ünïcödé",
        "n" * 63,
        "pg_backup",
    ],
)
def test_any_name_of_a_database_will_do(server: Postgres, name: str) -> None:
    server.create(name)
    before = server.state(name)
    assert server.backup(POSTGRES_DB=name).ok
    server.sql(DAMAGE, name)
    done = server.restore(POSTGRES_DB=name)
    assert (done.code, done.output) == server.restored(name)
    assert server.state(name) == before
    assert server.databases() == sorted(["app", "postgres", name])


def test_the_maintenance_database_itself_can_be_restored(server: Postgres) -> None:
    server.sql("CREATE TABLE keep (n int); INSERT INTO keep VALUES (7)", "postgres")
    assert server.backup(POSTGRES_DB="postgres").ok
    server.sql("DROP TABLE keep", "postgres")
    done = server.restore(POSTGRES_DB="postgres")
    assert (done.code, done.output) == server.restored("postgres")
    assert server.sql("SELECT n FROM keep; DROP TABLE keep", "postgres") == "7"
    assert server.databases() == ["app", "postgres"]


@pytest.mark.parametrize(
    "options",
    [
        "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
        "ENCODING 'LATIN1'",
        "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'",
    ],
)
def test_what_is_set_on_the_database_itself_stays(server: Postgres, options: str) -> None:
    server.create("own", options=f"OWNER app_owner CONNECTION LIMIT 17 {options}")
    server.sql(
        """
        COMMENT ON DATABASE own IS 'it''s "ours"';
        REVOKE CONNECT ON DATABASE own FROM PUBLIC;
        REVOKE TEMPORARY ON DATABASE own FROM app_owner;
        GRANT CREATE, CONNECT ON DATABASE own TO reader WITH GRANT OPTION;
        ALTER DATABASE own SET search_path = "$user", public, "Other Place";
        ALTER DATABASE own SET default_transaction_read_only = on;
        ALTER ROLE reader IN DATABASE own SET work_mem = '7MB';
        """,
        "postgres",
    )
    before = server.facts("own")
    content = server.state("own")
    assert server.backup(POSTGRES_DB="own").ok
    server.sql("SET default_transaction_read_only = off;" + DAMAGE, "own")
    done = server.restore(POSTGRES_DB="own")
    assert (done.code, done.output) == server.restored("own")
    assert server.facts("own") == before
    assert server.state("own") == content
    assert "default_transaction_read_only=on" in before
    assert "reader|CREATE|t" in before
    assert server.sql("SELECT count(*) FROM pg_db_role_setting", "postgres") == "2"


# Which database, and where the dump goes.


def the_dump_says(server: Postgres, path: Path | None = None) -> str:
    text = gzip.decompress((path or server.dump).read_bytes()).decode()
    found = re.search(r"'marker of (\w+)'", text)
    return found[1] if found else ""


def mark(server: Postgres, database: str) -> None:
    server.create(database, content=f"CREATE VIEW v AS SELECT 'marker of {database}'")


def test_the_database_is_the_users_when_none_is_named(server: Postgres) -> None:
    mark(server, OWNER)
    assert server.call("backup", server.settings()).ok
    assert the_dump_says(server) == OWNER


def test_names_may_stand_in_files(server: Postgres) -> None:
    mark(server, "filed")
    user, database = server.home / "user", server.home / "database"
    user.write_text(f"{OWNER}\n")
    database.write_text("filed\n")
    env = server.settings(POSTGRES_USER_FILE=str(user), POSTGRES_DB_FILE=str(database))
    del env["POSTGRES_USER"]
    assert server.call("backup", env).ok
    assert the_dump_says(server) == "filed"


def test_a_name_file_that_is_missing_is_an_error(server: Postgres) -> None:
    done = server.backup(POSTGRES_DB="", POSTGRES_DB_FILE="/nowhere/database")
    assert done.code == 1
    assert "/nowhere/database" in done.output
    assert not server.dump.exists()


def test_the_specs_values_hold_where_the_environment_is_silent(server: Postgres) -> None:
    mark(server, "spec")
    other = server.home / "other.sh"
    server.write_script(
        other, database="spec", user=OWNER, data_dir=str(server.data), dump="o'ther.sql.gz"
    )
    env = server.settings()
    del env["POSTGRES_USER"], env["PGDATA"]
    assert server.call("backup", env, other).ok
    assert the_dump_says(server, server.data / "o'ther.sql.gz") == "spec"


@pytest.mark.parametrize("inner", ["", "/pgdata", "/18/docker", "/"])
def test_the_dump_lies_at_the_top_of_the_volume(server: Postgres, inner: str) -> None:
    done = server.backup(PGDATA=f"{server.data}{inner}")
    assert done.ok
    assert server.dump.exists()


def test_the_dump_lies_in_pgdata_when_that_is_elsewhere(server: Postgres, tmp_path: Path) -> None:
    elsewhere = own(server.home / "data-of-another")
    assert server.backup(PGDATA=str(elsewhere)).ok
    assert (elsewhere / "backup.sql").exists()


# A dump that is no good changes nothing.


def cut_in_data(whole: bytes) -> bytes:
    """Return a sound gzip of half of a dump whose last row looks like the end of one."""
    text = gzip.decompress(whole)
    return gzip.compress(text[: text.index(b"COPY public.tag")] + COMPLETE + b"3\trow\n")


def bad_statement(whole: bytes) -> bytes:
    """Return a complete dump that fails in its last statement."""
    at = COMPLETE.strip()
    text = gzip.decompress(whole)
    return gzip.compress(text.replace(at, b"SELECT 1 / 0;\n\n" + at))


BAD_DUMPS: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "no gzip": gzip.decompress,
    "gzip of nothing": lambda _: gzip.compress(b""),
    "cut short": lambda whole: whole[: len(whole) // 2],
    "without its checksum": lambda whole: whole[:-8],
    "one byte flipped": lambda whole: whole[:400] + bytes([whole[400] ^ 1]) + whole[401:],
    "garbage behind": lambda whole: whole + b"garbage",
    "cut in the data": cut_in_data,
    "without its last lines": lambda whole: gzip.compress(
        gzip.decompress(whole).replace(COMPLETE, b"")
    ),
    "a bad statement": bad_statement,
}


@pytest.mark.parametrize("bad", BAD_DUMPS)
def test_a_bad_dump_changes_nothing(server: Postgres, bad: str) -> None:
    assert server.backup().ok
    server.sql(DAMAGE)
    before = server.state()
    content = BAD_DUMPS[bad](server.dump.read_bytes())
    server.dump.write_bytes(content)
    with server.client("app") as held_open:
        done = server.restore()
        assert answers(held_open)
    assert done.code == 1
    expected = "as it was" if bad == "a bad statement" else "is damaged or cut short"
    assert expected in done.output
    assert server.dump.read_bytes() == content
    fits(server, before)


def test_a_missing_dump_changes_nothing(server: Postgres) -> None:
    before = server.state()
    done = server.restore()
    assert done.code == 1
    assert "there is no dump" in done.output
    fits(server, before)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_database_that_is_not_there_is_named(server: Postgres, command: str) -> None:
    assert server.backup().ok
    dump = server.dump.read_bytes()
    done = server.backup(command, POSTGRES_DB="nosuch")
    assert done.code == 1
    assert 'database "nosuch" does not exist' in done.output
    assert server.dump.read_bytes() == dump
    assert server.databases() == ["app", "postgres"]


def test_a_dump_without_the_newer_last_line_is_whole(server: Postgres) -> None:
    before = server.state()
    assert server.backup().ok
    older = re.sub(rb"\n\\(un)?restrict .*\n", b"", gzip.decompress(server.dump.read_bytes()))
    server.dump.write_bytes(gzip.compress(older))
    assert server.restore().ok
    fits(server, before)


# A backup that fails keeps the dump before it.


@pytest.fixture
def kept(server: Postgres) -> Iterator[bytes]:
    """A dump that is there and must survive, byte for byte."""
    assert server.backup().ok
    dump = server.dump.read_bytes()
    yield dump
    assert server.dump.read_bytes() == dump
    assert [path.name for path in server.data.glob("backup.sql*")] == ["backup.sql"]


def test_a_full_disk_keeps_the_dump(server: Postgres, kept: bytes) -> None:
    server.sql("INSERT INTO post (author) SELECT md5(n::text) FROM generate_series(1, 9999) n")
    done = server.backup(largest=16 * 1024)
    assert done.code == 1
    assert "the previous dump is untouched" in done.output


def test_a_killed_pg_dump_keeps_the_dump(server: Postgres, kept: bytes) -> None:
    with locked_table(server), server.running("backup") as process:
        waiting_pg_dump(server)
        os.kill(process_named(server, process, "pg_dump"), signal.SIGKILL)
        assert process.wait(30) == 1
    assert "the previous dump is untouched" in process.output


def test_a_lost_connection_keeps_the_dump(server: Postgres, kept: bytes) -> None:
    with locked_table(server), server.running("backup") as process:
        server.sql(f"SELECT pg_terminate_backend({waiting_pg_dump(server)})")
        assert process.wait(30) == 1
    assert "the previous dump is untouched" in process.output


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_stopped_server_keeps_the_dump(server: Postgres, kept: bytes, command: str) -> None:
    server.stop()
    try:
        done = server.backup(command)
    finally:
        server.start()
    assert done.code == 1
    assert "pg_backup: could not" in done.output


def test_a_folder_that_is_missing_is_named(server: Postgres) -> None:
    done = server.backup(PGDATA="/nowhere")
    assert (done.code, done.output) == (1, "pg_backup: there is no folder /nowhere\n")


def test_what_a_killed_backup_left_is_cleared(server: Postgres) -> None:
    with locked_table(server), server.running("backup") as process:
        waiting_pg_dump(server)
        os.killpg(process.process.pid, signal.SIGKILL)
    (left,) = server.data.glob("backup.sql*")
    assert left.name == "backup.sql.tmp"
    left.chmod(0o444)  # not to be written over, as when another user left it
    assert server.backup().ok
    assert [path.name for path in server.data.glob("backup.sql*")] == ["backup.sql"]


# A restore that fails or dies on its way.


def test_a_failed_swap_is_rolled_back(server: Postgres) -> None:
    assert server.backup().ok
    server.sql("ALTER DATABASE app SET work_mem = '9MB'")
    # No rename passes while a prepared transaction is open, and nothing can terminate one.
    server.sql("BEGIN; INSERT INTO post (author) VALUES ('eve'); PREPARE TRANSACTION 'open'")
    before = server.state()
    done = server.restore()
    assert done.code == 1
    assert "database app is as it was" in done.output
    fits(server, before)
    assert server.sql("SHOW work_mem") == "9MB"
    server.sql("COMMIT PREPARED 'open'")
    assert server.sql("SELECT count(*) FROM post") == "4"


@pytest.fixture
def half_loaded(server: Postgres) -> Postgres:
    """A server on which a restore died in the middle of the load."""
    server.sql(SLOW_LOAD)
    assert server.backup().ok
    query = "SELECT datname FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with server.running("restore") as process:
        server.await_(lambda: server.sql(query), "the load")
        os.killpg(process.process.pid, signal.SIGKILL)
    assert len(server.databases()) == 3
    server.sql("DROP TABLE slow; DROP FUNCTION nap")
    return server


@pytest.mark.parametrize("connections", ["true", "false"], ids=["loading", "swapping"])
def test_the_next_backup_puts_a_killed_restore_right(
    half_loaded: Postgres, connections: str
) -> None:
    server = half_loaded
    before = server.state()
    server.sql(f"ALTER DATABASE app ALLOW_CONNECTIONS {connections}", "postgres")
    done = server.backup()
    assert (done.code, done.output) == (0, f"pg_backup: dumped database app to {server.dump}\n")
    fits(server, before)


@pytest.mark.parametrize("connections", ["true", "false"], ids=["loading", "swapping"])
def test_the_next_restore_puts_a_killed_one_right(half_loaded: Postgres, connections: str) -> None:
    server = half_loaded
    assert server.backup().ok
    before = server.state()
    server.sql(DAMAGE)
    server.sql(f"ALTER DATABASE app ALLOW_CONNECTIONS {connections}", "postgres")
    done = server.restore()
    assert (done.code, done.output) == server.restored()
    fits(server, before)


def test_a_replaced_database_that_was_left_is_dropped(server: Postgres) -> None:
    before = server.state()
    server.create(REPLACED)
    assert server.backup().ok
    fits(server, before)


def test_a_replaced_database_is_kept_while_there_is_no_other(server: Postgres) -> None:
    server.sql(f"ALTER DATABASE app RENAME TO {REPLACED}", "postgres")
    for command in ("backup", "restore"):
        assert server.backup(command).code == 1
    assert server.databases() == [REPLACED, "postgres"]


def test_a_restore_that_is_told_to_stop_cleans_up(server: Postgres) -> None:
    server.sql(SLOW_LOAD)
    before = server.state()
    assert server.backup().ok
    query = "SELECT datname FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with server.running("restore") as process:
        server.await_(lambda: server.sql(query), "the load")
        os.kill(process_named(server, process, server.script.name), signal.SIGTERM)
        assert process.wait(30) not in (0, None)
    assert "database app is as it was" in process.output
    fits(server, before)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_two_runs_at_once_are_refused(server: Postgres, command: str) -> None:
    before = server.state()
    with locked_table(server), server.running("backup") as process:
        waiting_pg_dump(server)
        done = server.backup(command)
        assert done.code == 1
        assert done.output == "pg_backup: another backup or restore is running\n"
        os.killpg(process.process.pid, signal.SIGKILL)
    assert server.backup().ok
    fits(server, before)
