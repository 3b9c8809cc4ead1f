"""The backup script for MariaDB and MySQL, held against a real MariaDB server.

Nothing is replaced but the place of the socket, which the images know by themselves: two small
programs hand it to the real clients.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchkit.spec.templates import render_file

if TYPE_CHECKING:
    from collections.abc import Iterator

TEMPLATES = Path(__file__).parents[2] / "templates"
PASSWORD = "p\"w'\\ d$"
PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump")
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, PROGRAMS)),
    reason="the backup script is tested with a real MariaDB: apt-get install mariadb-server",
)

CONTENT = """
CREATE TABLE pages (id INT PRIMARY KEY AUTO_INCREMENT, title TEXT, body LONGBLOB);
CREATE TABLE links (page INT, FOREIGN KEY (page) REFERENCES pages (id));
INSERT INTO pages (title, body) VALUES ('Grüße 🎈', X'00FF27'), ('it''s', 'two\\nlines');
INSERT INTO links VALUES (1);
CREATE VIEW titles AS SELECT title FROM pages;
CREATE TRIGGER stamp BEFORE INSERT ON pages FOR EACH ROW SET NEW.title = CONCAT(NEW.title, '!');
CREATE FUNCTION two() RETURNS INT DETERMINISTIC RETURN 2;
CREATE EVENT tidy ON SCHEDULE EVERY 1 YEAR DO DELETE FROM links WHERE page = 0;
"""


class MariaDB:
    """A server in a scratch folder, its database wiki, and the rendered script beside it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.data = home / "data"
        self.socket = home / "s"
        self.bin = home / "bin"
        self.bin.mkdir()
        for name in ("mariadb", "mariadb-dump"):
            self.hand_socket(name, name)

    def hand_socket(self, name: str, program: str) -> None:
        path = self.bin / name
        path.write_text(
            "#!/bin/sh\nfirst=$1; shift\n"
            f'[ "$first" != --help ] || exec {shutil.which(program)} --help\n'
            f'exec {shutil.which(program)} "$first" --socket={self.socket} "$@"\n'
        )
        path.chmod(0o755)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        user = "--user=root" if os.getuid() == 0 else "--skip-test-db"
        options = ["--no-defaults", f"--datadir={self.data}"]
        subprocess.run(
            ["mariadb-install-db", *options, "--skip-test-db", user],
            check=True,
            capture_output=True,
        )
        server = subprocess.Popen(
            ["mariadbd", *options, f"--socket={self.socket}", "--skip-networking"]
            + ([user] if os.getuid() == 0 else [])
            + [f"--pid-file={self.home}/pid"],
            stderr=subprocess.DEVNULL,
        )
        try:
            self.wait()
            yield
        finally:
            server.terminate()
            server.wait(30)

    def wait(self) -> None:
        for _ in range(300):
            if self.socket.exists():
                break
            time.sleep(0.1)
        quoted = PASSWORD.replace("\\", "\\\\").replace("'", "''")
        self.client("mysql", f"ALTER USER root@localhost IDENTIFIED BY '{quoted}'", password=None)

    def client(
        self, database: str, sql: str, *, user: str = "root", password: str | None = PASSWORD
    ) -> str:
        env = {"PATH": os.environ["PATH"], **({"MYSQL_PWD": password} if password else {})}
        command = ["mariadb", "--no-defaults", f"--socket={self.socket}", f"--user={user}", "-BN"]
        done = subprocess.run(
            [*command, "--default-character-set=utf8mb4", database],
            input=sql,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def fresh(self) -> None:
        self.client(
            "mysql",
            "DROP DATABASE IF EXISTS wiki; CREATE DATABASE wiki CHARACTER SET utf8mb4 COLLATE "
            "utf8mb4_german2_ci; CREATE OR REPLACE USER wiki@localhost IDENTIFIED BY 'x'; "
            "GRANT ALL ON wiki.* TO wiki@localhost; "
            "CREATE OR REPLACE USER gone@localhost ACCOUNT LOCK",
        )
        self.client("wiki", CONTENT)
        for path in self.data.glob("backup.sql.gz*"):
            path.unlink()

    def state(self) -> str:
        """Return all that a client sees of the database."""
        return self.client(
            "wiki",
            "SELECT id, title, HEX(body) FROM pages; SELECT * FROM links; SELECT * FROM titles; "
            "SELECT two(); SELECT trigger_name, action_statement FROM information_schema.triggers "
            "WHERE trigger_schema = 'wiki'; SELECT event_name FROM information_schema.events; "
            "SELECT default_collation_name FROM information_schema.schemata "
            "WHERE schema_name = 'wiki'; SHOW CREATE TABLE links",
        )

    @property
    def databases(self) -> set[str]:
        return set(self.client("mysql", "SHOW DATABASES").split())

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        script = self.home / "mariadb_backup.sh"
        values = {"database": "unused", "data_dir": str(self.data), "dump": "backup.sql.gz"}
        script.write_text(render_file("mariadb_backup.sh.j2", values, [TEMPLATES]))
        secret = self.home / "secret"
        secret.write_text(f"{PASSWORD}\n")
        known = {"MARIADB_DATABASE": "wiki", "MARIADB_ROOT_PASSWORD_FILE": str(secret)}
        return subprocess.run(
            [shutil.which("bash") or "bash", script, *arguments],
            env={"PATH": f"{self.bin}:/usr/bin:/bin", **known, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @property
    def dump(self) -> Path:
        return self.data / "backup.sql.gz"


@pytest.fixture(scope="module")
def server() -> Iterator[MariaDB]:
    # A socket's path may not be long.
    with tempfile.TemporaryDirectory(prefix="mdb") as folder:
        server = MariaDB(Path(folder))
        with server.running():
            yield server


@pytest.fixture
def wiki(server: MariaDB) -> MariaDB:
    server.fresh()
    return server


def ok(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    assert PASSWORD not in done.stdout + done.stderr
    return done.stdout


def test_a_restore_brings_back_what_was_there_as_often_as_one_likes(wiki: MariaDB) -> None:
    before = wiki.state()
    ok(wiki.run("backup"))
    assert wiki.dump.stat().st_mode & 0o777 == 0o600
    for _ in range(2):
        wiki.client("wiki", "DELETE FROM links; DROP VIEW titles; CREATE TABLE late (n INT)")
        ok(wiki.run("restore"))
        assert wiki.state() == before
        assert "late" not in wiki.client("wiki", "SHOW TABLES")
    assert wiki.databases == {"information_schema", "mysql", "performance_schema", "sys", "wiki"}
    assert [path.name for path in wiki.data.glob("backup.sql.gz*")] == ["backup.sql.gz"]


def test_clients_are_shut_out_and_let_in_again(wiki: MariaDB) -> None:
    ok(wiki.run("backup"))
    command = ["mariadb", "--no-defaults", f"--socket={wiki.socket}", "-uwiki", "-px", "wiki"]
    held = subprocess.Popen(
        [*command, "-e", "START TRANSACTION; SELECT * FROM pages; SELECT SLEEP(50)"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    ok(wiki.run("restore"))  # a transaction left open would hold the restore up for ever
    assert held.wait(5) != 0
    assert wiki.client("wiki", "SELECT two()", user="wiki", password="x") == "2\n"
    with pytest.raises(RuntimeError, match="locked"):
        wiki.client("mysql", "SELECT 1", user="gone", password="")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda raw: raw[: len(raw) // 2], "damaged or cut short"),
        (lambda _: gzip.compress(b"CREATE TABLE a (n INT);\n"), "damaged or cut short"),
        (lambda _: gzip.compress(b"NONSENSE;\n-- Dump completed on today\n"), "could not load"),
        (lambda _: b"", "damaged or cut short"),
    ],
)
def test_a_bad_dump_loses_nothing(wiki: MariaDB, damage, words: str) -> None:
    before = wiki.state()
    ok(wiki.run("backup"))
    wiki.dump.write_bytes(damage(wiki.dump.read_bytes()))
    done = wiki.run("restore")
    assert done.returncode == 1
    assert words in done.stderr
    assert "untouched" in done.stderr
    assert wiki.state() == before
    assert not {name for name in wiki.databases if "trial" in name}


def test_a_load_that_fails_for_good_brings_the_old_state_back(wiki: MariaDB) -> None:
    ok(wiki.run("backup"))
    wiki.client("wiki", "INSERT INTO pages (title) VALUES ('since then')")
    before = wiki.state()
    # It loads into any database but this one.
    check = "SELECT IF(DATABASE() = 'wiki', (SELECT 1 UNION SELECT 2), 1);\n"
    text = gzip.decompress(wiki.dump.read_bytes()).decode()
    wiki.dump.write_bytes(gzip.compress((check + text).encode()))
    done = wiki.run("restore")
    assert done.returncode == 1
    assert "is as it was" in done.stderr
    assert wiki.state() == before
    assert not list(wiki.data.glob("*.before"))
    assert wiki.client("wiki", "SELECT two()", user="wiki", password="x") == "2\n"


def test_a_dump_that_fails_leaves_the_one_before(wiki: MariaDB) -> None:
    ok(wiki.run("backup"))
    kept = wiki.dump.read_bytes()
    wiki.client("wiki", "CREATE TABLE t (n INT); CREATE VIEW v AS SELECT n FROM t; DROP TABLE t")
    done = wiki.run("backup")
    assert done.returncode == 1
    assert "the previous dump is untouched" in done.stderr
    assert wiki.dump.read_bytes() == kept
    assert [path.name for path in wiki.data.glob("backup.sql.gz*")] == ["backup.sql.gz"]


def test_what_a_killed_run_left_is_put_right(wiki: MariaDB) -> None:
    ok(wiki.run("backup"))
    before = wiki.state()
    # As when the machine stops between the drop and the load.
    shutil.copy(wiki.dump, f"{wiki.dump}.before")
    Path(f"{wiki.dump}.locked").write_text(
        "CHARACTER SET utf8mb4 COLLATE utf8mb4_german2_ci\n'wiki'@'localhost'\n"
    )
    wiki.client("mysql", "ALTER USER wiki@localhost ACCOUNT LOCK; DROP DATABASE wiki")
    ok(wiki.run("restore"))
    assert wiki.state() == before
    assert wiki.client("wiki", "SELECT two()", user="wiki", password="x") == "2\n"


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "words"),
    [
        (("restore",), {}, 1, "there is no dump"),
        (("backup",), {"MARIADB_DATABASE": "nothing"}, 1, "there is no database nothing"),
        (("backup",), {"MARIADB_ROOT_PASSWORD": "wrong"}, 1, "root password is not the one"),
        ((), {}, 2, "usage"),
        (("dance",), {}, 2, "usage"),
    ],
)
def test_it_says_what_is_wrong(wiki: MariaDB, arguments, settings, code: int, words: str) -> None:
    done = wiki.run(*arguments, **settings)
    assert (done.returncode, words in done.stderr) == (code, True), done.stderr
    assert PASSWORD not in done.stdout + done.stderr


# What an image has that knows MySQL's names only.
TOOLS = ("bash", "cat", "flock", "grep", "gzip", "head", "md5sum", "mv", "rm", "tail")


def test_settings_of_mysql_and_its_programs_do(wiki: MariaDB, tmp_path: Path) -> None:
    for name in TOOLS:
        (tmp_path / name).symlink_to(shutil.which(name) or name)
    for name, program in (("mysql", "mariadb"), ("mysqldump", "mariadb-dump")):
        shutil.copy(wiki.bin / program, tmp_path / name)
    ok(
        wiki.run(
            "backup",
            PATH=str(tmp_path),
            MARIADB_DATABASE="",
            MARIADB_ROOT_PASSWORD_FILE="",
            MYSQL_DATABASE="wiki",
            MYSQL_ROOT_PASSWORD=PASSWORD,
        )
    )
    assert wiki.dump.exists()
