"""What the judge `postgres` finds in a recipe, and what it will not try."""

from __future__ import annotations

import re

import pytest

from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree
from patchkit.verify.postgres.hook import command_of, script_of
from patchkit.verify.postgres.subject import Subject, subjects

SCRIPT = '#!/bin/bash\n# not pg_dump -h db\npg_dump -U "$POSTGRES_USER" > "$PGDATA/dump.sql"\n'
COMPOSE = """\
services:
  app:
    image: app:1
  db:
    image: postgres:15-alpine
    environment: [POSTGRES_USER=app, "POSTGRES_DB=${DB:-forum}"]
    volumes: ["data:/var/lib/postgresql/data"]
    secrets: [db_password]
    configs:
      - source: pg_backup
        target: /pg_backup.sh
        mode: 0555
    deploy:
      labels:
        - backupbot.backup.pre-hook=/pg_backup.sh backup
        - backupbot.restore.post-hook=/pg_backup.sh restore
        - backupbot.backup.volumes.data.path=dump.sql
volumes: {data: }
configs:
  pg_backup:
    file: ./pg_backup.sh
"""


def found(*changes: tuple[str, str], script: str = SCRIPT, **files: str):
    text = COMPOSE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    every = {"compose.yml": text, "pg_backup.sh": script} | files
    return subjects(Recipe(RecipeTree.from_files(every)))


def subject(*changes: tuple[str, str], **files: str) -> Subject:
    ((one,), reasons) = found(*changes, **files)
    assert reasons == []
    return one


def reason(*changes: tuple[str, str], **options: str) -> str:
    (none, (one,)) = found(*changes, **options)
    assert none == []
    return one


@pytest.mark.parametrize(
    "hook",
    [
        "",
        "'",
        "/pg_backup.sh backup && /other.sh",
        "/pg_backup.sh backup; rm x",
        "/pg_backup.sh backup > /dump",
        "/pg_backup.sh backup | gzip",
        "/pg_backup.sh $MODE",
        "`which pg_backup` backup",
        "/pg_backup.* backup",
        "sh -c '/pg_backup.sh backup | gzip'",
        "sh -c '/pg_backup.sh \"$1\"' sh backup",
        'bash -c "/pg_backup.sh $(date)"',
        "sh",
        "bash -e",
    ],
)
def test_hooks_that_may_mean_anything(hook):
    assert command_of(hook) is None


@pytest.mark.parametrize(
    ("hook", "command", "script"),
    [
        ("/pg_backup.sh backup", ("/pg_backup.sh", "backup"), "/pg_backup.sh"),
        ("exec /pg_backup.sh backup", ("/pg_backup.sh", "backup"), "/pg_backup.sh"),
        ("pg_backup.sh 'a b'", ("pg_backup.sh", "a b"), "pg_backup.sh"),
        ("/bin/bash -c '/pg_backup.sh backup'", ("/pg_backup.sh", "backup"), "/pg_backup.sh"),
        ('sh -ec "exec /pg_backup.sh backup"', ("/pg_backup.sh", "backup"), "/pg_backup.sh"),
        ("bash -c 'bash -c /dump.sh'", ("/dump.sh",), "/dump.sh"),
        ("bash /pg_backup.sh backup", ("bash", "/pg_backup.sh", "backup"), "/pg_backup.sh"),
        ("sh -eu /pg_backup.sh", ("sh", "-eu", "/pg_backup.sh"), "/pg_backup.sh"),
    ],
)
def test_hooks_that_call_a_script(hook, command, script):
    assert command_of(hook) == command
    assert script_of(command) == script


def test_a_subject():
    assert subject() == Subject(
        service="db",
        path="pg_backup.sh",
        content=SCRIPT.encode(),
        mode=0o555,
        target="/pg_backup.sh",
        backup=("/pg_backup.sh", "backup"),
        restore=("/pg_backup.sh", "restore"),
        environment=(("POSTGRES_USER", "app"), ("POSTGRES_DB", "forum")),
        data="/var/lib/postgresql/data",
        volumes=(("data", "/var/lib/postgresql/data"),),
        backed_up=(("data", "dump.sql"),),
        secrets=("/run/secrets/db_password",),
        render=lambda *_: b"",
    )


def test_a_program_on_the_path():
    one = subject(
        ("target: /pg_backup.sh", "target: /usr/local/bin/pgb"),
        ("=/pg_backup.sh", "=pgb"),
    )
    assert (one.target, one.backup) == ("/usr/local/bin/pgb", ("pgb", "backup"))


@pytest.mark.parametrize(
    ("image", "data"),
    [
        ("postgres:18", "/var/lib/postgresql/18/docker"),
        ("pgvector/pgvector:pg18", "/var/lib/postgresql/18/docker"),
        ("postgres:${TAG:-18.1}-alpine", "/var/lib/postgresql/18/docker"),
        ("pgautoupgrade/pgautoupgrade:17-alpine", "/var/lib/postgresql/data"),
        ("docker.example/library/postgres", "/var/lib/postgresql/data"),
        ("postgis/postgis:16-3.4", "/var/lib/postgresql/data"),
    ],
)
def test_where_the_image_keeps_its_data(image, data):
    assert subject(("postgres:15-alpine", image)).data == data


def test_where_the_environment_keeps_the_data():
    assert subject(("POSTGRES_USER=app", "POSTGRES_USER=app, PGDATA=/data/pg")).data == "/data/pg"


VOLUME = "backupbot.backup.volumes.data"


@pytest.mark.parametrize(
    ("label", "backed_up"),
    [
        (f"{VOLUME}.path=a.sql, b/c.sql", ["a.sql", "b/c.sql"]),
        (f"{VOLUME}.path=/a.sql", ["a.sql"]),
        (f"{VOLUME}.path=../../etc", []),
        (f"{VOLUME}.path=dumps/", ["dumps"]),
        (f"{VOLUME}=false", []),
        (f"{VOLUME}=true", [""]),
        ("other=1", [""]),
        ("backupbot.backup.path=/var/lib/postgresql/data/x.sql,/etc", ["x.sql"]),
        ("backupbot.backup.path=/var/lib/postgresql/data/", [""]),
        ("backupbot.backup.path=/var/lib/postgresql/database", []),
        ("backupbot.backup.path=/var/lib/postgresql/data/../../x", []),
    ],
)
def test_what_labels_back_up(label, backed_up):
    one = subject((f"{VOLUME}.path=dump.sql", label))
    assert one.backed_up == tuple(("data", path) for path in backed_up)


def test_labels_of_a_volume_count_wherever_they_stand():
    moved = ("image: app:1\n", f"image: app:1\n    deploy: {{labels: ['{VOLUME}.path=x.sql']}}\n")
    one = subject((f"        - {VOLUME}.path=dump.sql\n", ""), moved)
    assert one.backed_up == (("data", "x.sql"),)


# What is not tried, and why.


def test_other_services():
    assert found(("postgres:15-alpine", "mariadb:11")) == ([], [])
    assert found(("postgres:15-alpine", "prometheuscommunity/postgres-exporter:1")) == ([], [])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ([("pre-hook", "hook")], "db: it has no backupbot.backup.pre-hook"),
        ([("post-hook", "hook")], "db: it has no backupbot.restore.post-hook"),
        (
            [("/pg_backup.sh backup", "pg_dump x > /y")],
            "db: backupbot.backup.pre-hook is no call of a script: pg_dump x > /y",
        ),
        ([("target: /pg_backup.sh", "target: /x.sh")], "no config is mounted at /pg_backup.sh"),
        ([("/pg_backup.sh restore", "/pg_restore.sh")], "no config is mounted at /pg_restore.sh"),
        ([("./pg_backup.sh", "./no.sh")], "the config pg_backup has no file"),
    ],
)
def test_what_is_no_script_to_run(changes, words):
    assert words in reason(*changes)


TEMPLATED = ("file: ./pg_backup.sh", "file: ./pg_backup.sh\n    template_driver: golang")


def test_a_go_template():
    script = 'pg_dump {{ env "POSTGRES_DB" }} {{ secret "db_password" }}\n'
    one = subject(TEMPLATED, **{"pg_backup.sh": script})
    assert re.fullmatch(rb"pg_dump forum [a-z]{32}\n", one.content)
    assert one.render({"POSTGRES_DB": "x"}, {"db_password": "y"}) == b"pg_dump x y\n"


def test_a_go_template_that_swarm_would_refuse():
    assert "function" in reason(TEMPLATED, script='{{ nosuch "x" }}\n')


@pytest.mark.parametrize(
    "line",
    [
        'pg_dump -h localhost -U app | gzip > "$PGDATA/x"',
        "psql=(psql -U app --host=db)",
        "dropdb -U app -h127.0.0.1 app",
        "export PGHOST=db",
        "pg_dump postgresql://app@db/app",
    ],
)
def test_a_script_that_would_reach_another_server(line):
    assert "says which host" in reason(script=f"#!/bin/bash\n{line}\n")


@pytest.mark.parametrize(
    "line",
    ["su postgres -c 'pg_ctl reload'", "su - postgres -c x", "gosu postgres psql", "sudo -u x y"],
)
def test_a_script_that_becomes_somebody_else(line):
    assert "another user" in reason(script=f"#!/bin/bash\n  {line}\n")


@pytest.mark.parametrize("line", ["df -h | psql -Xq", "du -h; pg_dump", "echo result", "# gosu x"])
def test_a_script_that_does_neither(line):
    assert subject(**{"pg_backup.sh": f"#!/bin/bash\n{line}\n"})
