"""The judge `postgres` is judged: a good script passes, and each bad one fails where it is bad."""

from __future__ import annotations

import dataclasses
import functools
import os
from pathlib import Path

import pytest
from cases import judged, judged_as_is, sample

from patchkit.tree import RecipeTree
from patchkit.verify import State, postgres
from patchkit.verify.bench import Bench
from patchkit.verify.judge import NotAvailableError
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
    "dropped only when nobody is connected": (
        replaced((RESTORING, DROP_FIRST.replace(" --force", ""))),
        [RESTORE, AGAIN, SETTINGS, CUT, CORRUPT, NAMES],
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
        [RESTORE, AGAIN, NAMES],
    ),
}


@needs_server
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_script_fails_where_it_is_bad(bad, quick):
    script, expected = BAD[bad]
    judgement = judged_as_is("postgres", recipe(script))
    assert failed(judgement) == expected, judgement.failures
    assert judgement.state is State.FAILED


@needs_server
@pytest.mark.parametrize("pairs", [(), PLAIN], ids=["gzip", "plain"])
def test_a_good_script(pairs, quick):
    judgement = judged_as_is("postgres", recipe(replaced(*pairs)))
    assert failed(judgement) == [], judgement.failures
    assert judgement.state is State.PASSED
    assert len(judgement.checks) == len(WORDS)
