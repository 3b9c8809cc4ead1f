"""The backup script that fixes add, held against a real PostgreSQL server.

Nothing is replaced: the server runs in a scratch folder on a unix socket, the script is the
rendered template, and the container's places are mapped by the environment alone.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from patchkit.spec.templates import render_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

TEMPLATES = Path(__file__).parents[2] / "templates"
OWNER = "mattermost"
COMPLETE = b"\n--\n-- PostgreSQL database dump complete\n--\n"
NEEDED = (
    "the backup script is tested with a real PostgreSQL 15 or newer, under the system's tools "
    "and under those of Alpine: apt-get install postgresql busybox"
)
# A name that the script gives: md5 of "app".
REPLACED = "pg_backup_d2a57dc1d883_old"


CONTENT = r"""
CREATE TABLE post (id serial PRIMARY KEY, author text NOT NULL, body text, blob bytea);
INSERT INTO post (author, body, blob) VALUES
  ('ana', E'first\nsecond\tline', '\x00ff27'), ('bo', $$it's "quoted" \ ünï$$, NULL),
  ('cy', NULL, '');
CREATE TABLE tag (post int REFERENCES post, name text, UNIQUE (post, name));
INSERT INTO tag VALUES (1, 'x'), (1, 'y'), (2, 'x');
CREATE VIEW busy AS SELECT author, count(*) AS posts FROM post GROUP BY author;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';
CREATE SCHEMA "Other Place";
CREATE TABLE "Other Place"."An ""odd"" name" (v numeric);
INSERT INTO "Other Place"."An ""odd"" name" VALUES (3.14);
GRANT SELECT ON post TO reader;
SELECT lo_from_bytea(4711, '\x1234');
"""

DAMAGE = """
INSERT INTO post (author) VALUES ('after the backup');
DELETE FROM tag;
ALTER TABLE post DROP COLUMN body CASCADE;
DROP FUNCTION twice(int);
DROP TABLE "Other Place"."An ""odd"" name";
CREATE TABLE intruder (n int);
"""

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


def until(condition: Callable[[], Any], what: str) -> Any:
    for _ in range(600):
        if found := condition():
            return found
        time.sleep(0.05)
    return pytest.fail(f"waited 30 s in vain for {what}")


def server_programs() -> Path | None:
    """Return the folder of the server's programs, the newest where there are several."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(installed, key=lambda folder: float(folder.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Server:
    """One PostgreSQL server that an unprivileged user runs in a scratch folder."""

    def __init__(self, programs: Path, home: Path) -> None:
        self.programs = programs
        self.home = home
        self.data = home / "data"
        self.dump = self.data / "backup.sql"
        self.as_user: dict[str, Any] = {}
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.as_user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(home, nobody.pw_uid, nobody.pw_gid)
        self.script = home / "pg_backup.sh"
        # The slash at the end is what some compose files write.
        self.write_script(self.script, data_dir=f"{self.data}/")

    def write_script(self, path: Path, **values: str) -> None:
        path.write_text(rendered(**{"database": "unused", "user": "unused", **values}), "utf-8")
        path.chmod(0o555)

    def environment(self, **values: str) -> dict[str, str]:
        return {
            "PATH": f"{self.programs}:{os.environ['PATH']}",
            "PGHOST": str(self.home),
            "PGDATA": str(self.data),
            "POSTGRES_USER": OWNER,
            "LC_ALL": "C.UTF-8",
            **values,
        }

    def popen(
        self, *command: str | Path, env: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=env or self.environment(),
            cwd=self.home,
            start_new_session=True,
            **{"stdin": subprocess.DEVNULL, **self.as_user, **options},
        )

    def run(
        self,
        *command: str | Path,
        text: str = "",
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            input=text,
            env=env or self.environment(),
            cwd=self.home,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
            **self.as_user,
        )

    def backup(self, command: str = "backup", **env: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.script, command, env=self.environment(**{"POSTGRES_DB": "app", **env}))

    def restore(self, **env: str) -> subprocess.CompletedProcess[str]:
        return self.backup("restore", **env)

    def sql(self, text: str, database: str = "app") -> str:
        """Return what psql prints for these statements, run by the superuser."""
        env = self.environment(PGDATABASE=database, PGUSER=OWNER)
        done = self.run("psql", "-XqAtw", "-v", "ON_ERROR_STOP=1", text=text, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def create(self, database: str = "app", options: str = "", content: str = CONTENT) -> None:
        name = database.replace('"', '""')
        self.sql(f'CREATE DATABASE "{name}" {options}', "postgres")
        self.sql(content, database)

    def databases(self) -> list[str]:
        listed = self.sql("SELECT datname FROM pg_database ORDER BY datname", "template1")
        return [name for name in listed.split("\n") if name not in ("template0", "template1")]

    def state(self, database: str = "app") -> str:
        """Return schema and data as pg_dump writes them, without the random restrict keys."""
        env = self.environment(PGDATABASE=database, PGUSER=OWNER)
        done = self.run("pg_dump", "-w", env=env)
        assert done.returncode == 0, done.stderr
        return re.sub(r"^\\(un)?restrict .*$", "", done.stdout, flags=re.MULTILINE)

    def start(self) -> None:
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_wal_size=4GB"]
        options += ["-c", "max_prepared_transactions=2", "-k", str(self.home)]
        with (self.home / "log").open("ab") as log:
            self.process = self.popen(
                self.programs / "postgres", "-D", self.data, *options, stdout=log, stderr=log
            )
        ready = ("pg_isready", "-q", "-d", "postgres", "-U", OWNER)
        until(lambda: self.run(*ready).returncode == 0, "the server to start")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    programs = server_programs()
    if programs is None or not shutil.which("busybox"):
        if os.environ.get("CI"):
            pytest.fail(NEEDED)
        pytest.skip(NEEDED)
    # Not pytest's own folder: others may not enter that, and its path is too long for a socket.
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    server = Server(programs, home)
    try:
        made = server.run(
            programs / "initdb",
            *("-D", server.data, "-U", OWNER, "-A", "trust", "--encoding=UTF8", "--locale=C"),
            "--no-sync",
        )
        assert made.returncode == 0, made.stderr
        try:
            server.start()
            server.sql("CREATE ROLE reader; CREATE ROLE app_owner;", "postgres")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(home)


@pytest.fixture
def server(running: Server) -> Iterator[Server]:
    """The server with one database, app; what a test leaves on it is taken away."""
    running.create()
    yield running
    for name in running.databases():
        if name != "postgres":
            quoted = name.replace('"', '""')
            running.sql(f'DROP DATABASE "{quoted}" WITH (FORCE)', "postgres")
    for path in running.data.glob("*.sql*"):
        path.unlink()


@contextlib.contextmanager
def client(server: Server, database: str = "app") -> Iterator[subprocess.Popen[bytes]]:
    """A program that has the database open and waits."""
    env = server.environment(PGDATABASE=database, PGUSER=OWNER)
    pipe = subprocess.PIPE
    psql = server.popen("psql", "-XqAt", env=env, stdin=pipe, stdout=pipe, stderr=pipe)
    assert psql.stdin is not None
    assert psql.stdout is not None
    try:
        psql.stdin.write(b"SELECT 'open';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == b"open\n"
        yield psql
    finally:
        psql.kill()
        psql.communicate(timeout=30)


@contextlib.contextmanager
def locked_table(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    """A program that holds a table, so that a pg_dump waits for it."""
    with client(server) as psql:
        assert psql.stdin is not None
        assert psql.stdout is not None
        psql.stdin.write(b"BEGIN; LOCK TABLE post; SELECT 'locked';\n")
        psql.stdin.flush()
        assert psql.stdout.readline() == b"locked\n"
        yield psql


def waiting_pg_dump(server: Server) -> str:
    """Return the server's process that serves a pg_dump which waits for a lock."""
    query = """SELECT pid FROM pg_stat_activity
      WHERE application_name = 'pg_dump' AND wait_event_type = 'Lock'"""
    return str(until(lambda: server.sql(query), "pg_dump to wait for the lock"))


@contextlib.contextmanager
def script(server: Server, command: str) -> Iterator[subprocess.Popen[bytes]]:
    """The script on its way; its whole process group is gone at the end."""
    env = server.environment(POSTGRES_DB="app")
    pipe = subprocess.PIPE
    process = server.popen(server.script, command, env=env, stdout=pipe, stderr=pipe)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)


def child_named(pid: int, name: str) -> int:
    """Return the process id of that child program of a process."""

    def found() -> int | None:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            with contextlib.suppress(FileNotFoundError):
                if Path(f"/proc/{child}/comm").read_text().strip() == name:
                    return int(child)
        return None

    return int(until(found, f"the script to start {name}"))


def busybox_tools(server: Server) -> Path:
    """Return a folder of the tools that the script calls in an Alpine image."""
    folder = server.home / "tools"
    folder.mkdir()
    for tool in ("cat", "gzip", "md5sum", "mv", "rm", "tail"):
        (folder / tool).symlink_to(str(shutil.which("busybox")))
    return folder


def fits(server: Server, before: str) -> None:
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
def test_a_restore_brings_the_old_state_back_twice(server: Server, tools: str) -> None:
    path = server.environment()["PATH"]
    if tools == "of busybox":
        path = f"{busybox_tools(server)}:{path}"
    before = server.state()
    assert server.backup(PATH=path).returncode == 0
    assert stat.S_IMODE(server.dump.stat().st_mode) == 0o600
    for _ in range(2):
        server.sql(DAMAGE)
        with locked_table(server) as held_open:
            done = server.restore(PATH=path)
            assert (done.returncode, done.stderr) == (0, "")
            assert held_open.communicate(b"SELECT 1;\n", timeout=30)[0] == b""
        assert server.sql("SELECT string_agg(author, ',' ORDER BY id) FROM post") == "ana,bo,cy"
        assert server.sql("SELECT lo_get(4711)") == r"\x1234"
        fits(server, before)


def test_a_restore_holds_against_clients_that_come_back_at_once(server: Server) -> None:
    before = server.state()
    assert server.backup().returncode == 0
    over = threading.Event()
    refusals: list[str] = []

    def knock() -> None:
        env = server.environment(PGDATABASE="app", PGUSER=OWNER)
        while not over.is_set():
            refusals.append(server.run("psql", "-Xqc", "SELECT 1", env=env).stderr)

    def turned_away() -> bool:
        return any("not currently accepting connections" in refusal for refusal in refusals)

    threads = [threading.Thread(target=knock) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):  # once would do, on a machine that is never slow
            server.sql(DAMAGE)
            done = server.restore()
            assert (done.returncode, done.stderr) == (0, "")
            fits(server, before)
            if turned_away():
                break
    finally:
        over.set()
        for thread in threads:
            thread.join(timeout=60)
    assert turned_away()
    assert "" in refusals


def test_a_new_backup_takes_the_place_of_the_old(server: Server) -> None:
    assert server.backup().returncode == 0
    first = server.dump.read_bytes()
    server.sql("INSERT INTO post (author) VALUES ('dora')")
    assert server.backup().returncode == 0
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
def test_any_name_of_a_database_will_do(server: Server, name: str) -> None:
    server.create(name)
    before = server.state(name)
    assert server.backup(POSTGRES_DB=name).returncode == 0
    server.sql(DAMAGE, name)
    done = server.restore(POSTGRES_DB=name)
    assert (done.returncode, done.stderr) == (0, "")
    assert server.state(name) == before
    assert server.databases() == sorted(["app", "postgres", name])


def test_the_maintenance_database_itself_can_be_restored(server: Server) -> None:
    server.sql("CREATE TABLE keep (n int); INSERT INTO keep VALUES (7)", "postgres")
    assert server.backup(POSTGRES_DB="postgres").returncode == 0
    server.sql("DROP TABLE keep", "postgres")
    done = server.restore(POSTGRES_DB="postgres")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.sql("SELECT n FROM keep; DROP TABLE keep", "postgres") == "7"
    assert server.databases() == ["app", "postgres"]


DATABASE_LEVEL = """
SELECT jsonb_pretty(to_jsonb(d) - '{oid,datacl,datfrozenxid,datminmxid,datlastsysoid}'::text[])
FROM pg_database d WHERE datname = current_database();
SELECT pg_get_userbyid(grantor), pg_get_userbyid(grantee), privilege_type, is_grantable
FROM pg_database, aclexplode(datacl) WHERE datname = current_database() ORDER BY 1, 2, 3;
SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database();
SELECT setrole::regrole, setconfig FROM pg_db_role_setting JOIN pg_database d ON d.oid = setdatabase
WHERE datname = current_database() ORDER BY 1;
"""


@pytest.mark.parametrize(
    "options",
    [
        "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'",
        "ENCODING 'LATIN1'",
        "LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'",
    ],
)
def test_what_is_set_on_the_database_itself_stays(server: Server, options: str) -> None:
    server.create("own", f"TEMPLATE template0 OWNER app_owner CONNECTION LIMIT 17 {options}")
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
    before = server.sql(DATABASE_LEVEL, "own")
    content = server.state("own")
    assert server.backup(POSTGRES_DB="own").returncode == 0
    server.sql("SET default_transaction_read_only = off;" + DAMAGE, "own")
    done = server.restore(POSTGRES_DB="own")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.sql(DATABASE_LEVEL, "own") == before
    assert server.state("own") == content
    assert "default_transaction_read_only=on" in before
    assert "reader|CREATE|t" in before
    assert server.sql("SELECT count(*) FROM pg_db_role_setting", "postgres") == "2"


# Which database, and where the dump goes.


def the_dump_says(server: Server, path: Path | None = None) -> str:
    text = gzip.decompress((path or server.dump).read_bytes()).decode()
    found = re.search(r"'marker of (\w+)'", text)
    return found[1] if found else ""


def mark(server: Server, database: str) -> None:
    server.create(database, content=f"CREATE VIEW v AS SELECT 'marker of {database}'")


def test_the_database_is_the_users_when_none_is_named(server: Server) -> None:
    mark(server, OWNER)
    env = server.environment()
    assert server.run(server.script, "backup", env=env).returncode == 0
    assert the_dump_says(server) == OWNER


def test_names_may_stand_in_files(server: Server) -> None:
    mark(server, "filed")
    user, database = server.home / "user", server.home / "database"
    user.write_text(f"{OWNER}\n")
    database.write_text("filed\n")
    env = server.environment(POSTGRES_USER_FILE=str(user), POSTGRES_DB_FILE=str(database))
    del env["POSTGRES_USER"]
    assert server.run(server.script, "backup", env=env).returncode == 0
    assert the_dump_says(server) == "filed"


def test_a_name_file_that_is_missing_is_an_error(server: Server) -> None:
    done = server.backup(POSTGRES_DB="", POSTGRES_DB_FILE="/nowhere/database")
    assert done.returncode == 1
    assert "/nowhere/database" in done.stderr
    assert not server.dump.exists()


def test_the_specs_values_hold_where_the_environment_is_silent(server: Server) -> None:
    mark(server, "spec")
    other = server.home / "other.sh"
    server.write_script(
        other, database="spec", user=OWNER, data_dir=str(server.data), dump="o'ther.sql.gz"
    )
    env = server.environment()
    del env["POSTGRES_USER"], env["PGDATA"]
    assert server.run(other, "backup", env=env).returncode == 0
    assert the_dump_says(server, server.data / "o'ther.sql.gz") == "spec"


@pytest.mark.parametrize("inner", ["", "/pgdata", "/18/docker", "/"])
def test_the_dump_lies_at_the_top_of_the_volume(server: Server, inner: str) -> None:
    done = server.backup(PGDATA=f"{server.data}{inner}")
    assert done.returncode == 0
    assert server.dump.exists()


def test_the_dump_lies_in_pgdata_when_that_is_elsewhere(server: Server, tmp_path: Path) -> None:
    elsewhere = server.home / "data-of-another"
    elsewhere.mkdir()
    if server.as_user:
        os.chown(elsewhere, server.as_user["user"], server.as_user["group"])
    assert server.backup(PGDATA=str(elsewhere)).returncode == 0
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
def test_a_bad_dump_changes_nothing(server: Server, bad: str) -> None:
    assert server.backup().returncode == 0
    server.sql(DAMAGE)
    before = server.state()
    content = BAD_DUMPS[bad](server.dump.read_bytes())
    server.dump.write_bytes(content)
    with client(server) as held_open:
        done = server.restore()
        assert held_open.communicate(b"SELECT 'still here';\n", timeout=30)[0] == b"still here\n"
    assert (done.returncode, done.stdout) == (1, "")
    expected = "as it was" if bad == "a bad statement" else "is damaged or cut short"
    assert expected in done.stderr
    assert server.dump.read_bytes() == content
    fits(server, before)


def test_a_missing_dump_changes_nothing(server: Server) -> None:
    before = server.state()
    done = server.restore()
    assert done.returncode == 1
    assert "there is no dump" in done.stderr
    fits(server, before)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_database_that_is_not_there_is_named(server: Server, command: str) -> None:
    assert server.backup().returncode == 0
    dump = server.dump.read_bytes()
    done = server.backup(command, POSTGRES_DB="nosuch")
    assert done.returncode == 1
    assert 'database "nosuch" does not exist' in done.stderr
    assert server.dump.read_bytes() == dump
    assert server.databases() == ["app", "postgres"]


def test_a_dump_without_the_newer_last_line_is_whole(server: Server) -> None:
    before = server.state()
    assert server.backup().returncode == 0
    older = re.sub(rb"\n\\(un)?restrict .*\n", b"", gzip.decompress(server.dump.read_bytes()))
    server.dump.write_bytes(gzip.compress(older))
    assert server.restore().returncode == 0
    fits(server, before)


# A backup that fails keeps the dump before it.


@pytest.fixture
def kept(server: Server) -> Iterator[bytes]:
    """A dump that is there and must survive, byte for byte."""
    assert server.backup().returncode == 0
    dump = server.dump.read_bytes()
    yield dump
    assert server.dump.read_bytes() == dump
    assert [path.name for path in server.data.glob("backup.sql*")] == ["backup.sql"]


def test_a_full_disk_keeps_the_dump(server: Server, kept: bytes) -> None:
    server.sql("INSERT INTO post (author) SELECT md5(n::text) FROM generate_series(1, 9999) n")
    limited = f"ulimit -f 16; exec '{server.script}' backup"
    done = server.run("bash", "-c", limited, env=server.environment(POSTGRES_DB="app"))
    assert done.returncode == 1
    assert "the previous dump is untouched" in done.stderr


def test_a_killed_pg_dump_keeps_the_dump(server: Server, kept: bytes) -> None:
    with locked_table(server), script(server, "backup") as process:
        waiting_pg_dump(server)
        os.kill(child_named(process.pid, "pg_dump"), signal.SIGKILL)
        assert b"the previous dump is untouched" in process.communicate(timeout=30)[1]
        assert process.returncode == 1


def test_a_lost_connection_keeps_the_dump(server: Server, kept: bytes) -> None:
    with locked_table(server), script(server, "backup") as process:
        server.sql(f"SELECT pg_terminate_backend({waiting_pg_dump(server)})")
        assert b"the previous dump is untouched" in process.communicate(timeout=30)[1]
        assert process.returncode == 1


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_stopped_server_keeps_the_dump(server: Server, kept: bytes, command: str) -> None:
    server.stop()
    try:
        done = server.backup(command)
    finally:
        server.start()
    assert done.returncode == 1
    assert "pg_backup: could not" in done.stderr


def test_a_folder_that_is_missing_is_named(server: Server) -> None:
    done = server.backup(PGDATA="/nowhere")
    assert (done.returncode, done.stderr) == (1, "pg_backup: there is no folder /nowhere\n")


def test_what_a_killed_backup_left_is_cleared(server: Server) -> None:
    with locked_table(server), script(server, "backup") as process:
        waiting_pg_dump(server)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
    (left,) = server.data.glob("backup.sql*")
    assert left.name == "backup.sql.tmp"
    left.chmod(0o444)  # not to be written over, as when another user left it
    assert server.backup().returncode == 0
    assert [path.name for path in server.data.glob("backup.sql*")] == ["backup.sql"]


# A restore that fails or dies on its way.


def test_a_failed_swap_is_rolled_back(server: Server) -> None:
    assert server.backup().returncode == 0
    server.sql("ALTER DATABASE app SET work_mem = '9MB'")
    # No rename passes while a prepared transaction is open, and nothing can terminate one.
    server.sql("BEGIN; INSERT INTO post (author) VALUES ('eve'); PREPARE TRANSACTION 'open'")
    before = server.state()
    done = server.restore()
    assert done.returncode == 1
    assert "database app is as it was" in done.stderr
    fits(server, before)
    assert server.sql("SHOW work_mem") == "9MB"
    server.sql("COMMIT PREPARED 'open'")
    assert server.sql("SELECT count(*) FROM post") == "4"


@pytest.fixture
def half_loaded(server: Server) -> Server:
    """A server on which a restore died in the middle of the load."""
    server.sql(SLOW_LOAD)
    assert server.backup().returncode == 0
    query = "SELECT datname FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with script(server, "restore") as process:
        until(lambda: server.sql(query), "the load")
        os.killpg(process.pid, signal.SIGKILL)
    assert len(server.databases()) == 3
    server.sql("DROP TABLE slow; DROP FUNCTION nap")
    return server


@pytest.mark.parametrize("connections", ["true", "false"], ids=["loading", "swapping"])
def test_the_next_backup_puts_a_killed_restore_right(half_loaded: Server, connections: str) -> None:
    server = half_loaded
    before = server.state()
    server.sql(f"ALTER DATABASE app ALLOW_CONNECTIONS {connections}", "postgres")
    done = server.backup()
    assert (done.returncode, done.stderr) == (0, "")
    fits(server, before)


@pytest.mark.parametrize("connections", ["true", "false"], ids=["loading", "swapping"])
def test_the_next_restore_puts_a_killed_one_right(half_loaded: Server, connections: str) -> None:
    server = half_loaded
    assert server.backup().returncode == 0
    before = server.state()
    server.sql(DAMAGE)
    server.sql(f"ALTER DATABASE app ALLOW_CONNECTIONS {connections}", "postgres")
    done = server.restore()
    assert (done.returncode, done.stderr) == (0, "")
    fits(server, before)


def test_a_replaced_database_that_was_left_is_dropped(server: Server) -> None:
    before = server.state()
    server.create(REPLACED)
    assert server.backup().returncode == 0
    fits(server, before)


def test_a_replaced_database_is_kept_while_there_is_no_other(server: Server) -> None:
    server.sql(f"ALTER DATABASE app RENAME TO {REPLACED}", "postgres")
    for command in ("backup", "restore"):
        assert server.backup(command).returncode == 1
    assert server.databases() == [REPLACED, "postgres"]


def test_a_restore_that_is_told_to_stop_cleans_up(server: Server) -> None:
    server.sql(SLOW_LOAD)
    before = server.state()
    assert server.backup().returncode == 0
    query = "SELECT datname FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    with script(server, "restore") as process:
        until(lambda: server.sql(query), "the load")
        process.terminate()
        assert b"database app is as it was" in process.communicate(timeout=30)[1]
        assert process.returncode != 0
    fits(server, before)


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_two_runs_at_once_are_refused(server: Server, command: str) -> None:
    before = server.state()
    with locked_table(server), script(server, "backup") as process:
        waiting_pg_dump(server)
        done = server.backup(command)
        assert done.returncode == 1
        assert done.stderr == "pg_backup: another backup or restore is running\n"
        os.killpg(process.pid, signal.SIGKILL)
    assert server.backup().returncode == 0
    fits(server, before)


# Size.


# A small Python of its own measures: else what the tests' own process holds counts too.
MEASURE = """
import os, resource, sys  # wait4 needs resource, which the other user may not be able to read
user, group, *command = sys.argv[1:]
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(int(group))
    os.setuid(int(user))
_, status, usage = os.wait4(os.spawnv(os.P_NOWAIT, command[0], command), 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_200_mb_go_through_in_little_memory(server: Server) -> None:
    server.sql(
        """CREATE TABLE big AS SELECT n, md5(n::text) || md5((-n)::text) || repeat('x', 130) AS v
        FROM generate_series(1, 1000000) n"""
    )
    size = "SELECT sum(length(v)), md5(string_agg(md5(v), '' ORDER BY n)) FROM big"
    before = server.sql(size)
    assert int(before.split("|")[0]) > 190_000_000
    for command in ("backup", "restore"):
        user, group = (str(server.as_user.get(name)) for name in ("user", "group"))
        done = subprocess.run(
            [sys.executable, "-ISc", MEASURE, user, group, server.script, command],
            env=server.environment(POSTGRES_DB="app"),
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert int(done.stdout.split()[-1]) < 64 * 1024
        server.sql("UPDATE big SET v = '' WHERE n < 10")
    assert server.dump.stat().st_size < 100_000_000
    server.restore()
    assert server.sql(size) == before
