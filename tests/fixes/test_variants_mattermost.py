"""The fix of mattermost on recipes that nobody has seen: what it makes, and what it leaves."""

from __future__ import annotations

import copy
import re

import pytest
import yaml
from variants import (
    COMPOSE,
    Dumper,
    Texts,
    Unindented,
    added,
    as_lists,
    as_mappings,
    bom,
    commented,
    crlf,
    dumped,
    each,
    environment_as_mapping,
    fields_reversed,
    four_spaces,
    in_every_service,
    labels,
    labels_as_mapping,
    long_secrets,
    long_volumes,
    no_final_newline,
    quoted_items,
    replaced,
    resub,
    same,
    sample,
    sections_reversed,
    services_reversed,
    then,
    unquoted_items,
    view,
    without,
)

OLD = (
    "backupbot.backup.path",
    "backupbot.backup.post-hook",
    "backupbot.backup.pre-hook",
    "backupbot.restore",
    "backupbot.restore.post-hook",
)
EXTRA = """\
version: "3.8"
services:
  postgres:
    environment:
      TZ: Europe/Amsterdam
    deploy:
      labels:
        backupbot.backup.post-hook: rm -f /tmp/dump
        com.example.keep: "yes"
"""


def mended(
    files, *, db="postgres", volume="postgres_data", dump="backup.sql", home="compose.yml", own=()
):
    """Return what the compose files must say afterwards."""
    after = copy.deepcopy(view(files))
    for data in after.values():
        if "app" in data["services"]:
            said = labels(data["services"]["app"])
            said.pop(f"backupbot.backup.volumes.{volume}", None)
        if db in data["services"]:
            said = labels(data["services"][db])
            for name in OLD:
                said.pop(name, None)
            said.pop(f"backupbot.backup.volumes.{volume}", None)
    service = after[home]["services"][db]
    labels(service).update(
        {
            "backupbot.backup.pre-hook": "/pg_backup.sh backup",
            f"backupbot.backup.volumes.{volume}.path": dump,
            "backupbot.restore.post-hook": "/pg_backup.sh restore",
        }
    )
    mount = {"source": "pg_backup", "target": "/pg_backup.sh", "mode": "0555"}
    service.setdefault("configs", []).append(mount)
    after[home].setdefault("configs", {})["pg_backup"] = {
        "name": "${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}",
        "file": "pg_backup.sh",
    }
    return after


def exported(text):
    """Return `abra.sh` with one more export behind the one that it has."""
    return re.sub(
        r"^(.*_VERSION=.*?)(\r?)$", r"\1\2\nexport PG_BACKUP_VERSION=v1\2", text, flags=re.MULTILINE
    )


@pytest.fixture
def check(check_applies):
    """Check the fix on a variant of the sample; `names` are those of the function `mended`."""

    def run(variant, text=None, *, params=None, **names):
        files = variant(sample("mattermost-lts"))
        return check_applies(
            "mattermost",
            files,
            mended(files, **names),
            {"abra.sh": exported(files["abra.sh"]) if text is None else text},
            # A comment right above a label goes along, and so does `labels:` itself.
            gone=r"^ *((- )?[\"']?backupbot\.|#|labels:)",
            params=params,
            aside=("pg_backup.sh",),
        )

    return run


PLAIN = {
    "the sample": same,
    "labels as a mapping": labels_as_mapping,
    "environment as a mapping": environment_as_mapping,
    "items without quotes": each(COMPOSE)(unquoted_items),
    "items in single quotes": then(each(COMPOSE)(unquoted_items), each(COMPOSE)(quoted_items)),
    "four spaces": four_spaces,
    "comments everywhere": commented,
    "CRLF": crlf(COMPOSE),
    "CRLF in every file": crlf("*"),
    "BOM": bom(COMPOSE),
    "no final newline": no_final_newline(COMPOSE),
    "no final newline in any file": no_final_newline("*"),
    "written by a program": dumped(),
    "lists not indented": dumped(dumper=Unindented),
    "four spaces, lists indented": dumped(indent=4),
    "services in another order": dumped(services_reversed),
    "sections in another order": dumped(sections_reversed),
    "fields in another order": dumped(fields_reversed),
    "all as mappings": dumped(in_every_service(as_mappings)),
    "all as lists": dumped(in_every_service(as_lists)),
    "volumes in the long syntax": dumped(in_every_service(long_volumes)),
    "secrets in the long syntax": dumped(in_every_service(long_secrets)),
    "no README": without("README.md"),
    "no release notes": without("release/*"),
    "no COMPOSE_FILE": resub(".env.sample", (r"^.*COMPOSE_FILE.*\n", "")),
    "one compose file": without("compose.*.yml"),
    "other app service": resub(COMPOSE, (r"^  app:", "  mattermost:")),
    "enterprise edition": resub(
        COMPOSE, ("mattermost-team-edition", "mattermost-enterprise-edition")
    ),
    "another registry": resub(COMPOSE, (r"image: ", "image: registry.example.com:5000/mirror/")),
    "digests": resub(COMPOSE, (r"(image: .*)$", rf"\1@sha256:{'0f' * 32}")),
    "images with variables": resub(
        COMPOSE,
        (r"image: mattermost/(.*):(.*)$", r"image: ${MM_IMAGE:-mattermost/\1}:${MM_TAG:-\2}"),
        (r"image: postgres:(.*)$", r"image: postgres:${PG_TAG:-\1}"),
    ),
    "another overlay": added("compose.extra.yml", EXTRA),
    "backup on every service": replaced(
        "compose.yml",
        (
            '      - "backupbot.backup.pre-hook=sh',
            '      - "backupbot.backup=true"\n      - "backupbot.backup.pre-hook=sh',
        ),
    ),
    "labels of the first form": replaced(
        "compose.yml",
        (
            '      - "backupbot.backup.path=/var/lib/postgresql/data"',
            '      - "backupbot.backup.path=/tmp/backup/"\n'
            '      - "backupbot.restore=true"\n'
            "      - \"backupbot.restore.post-hook=sh -c 'psql < /tmp/backup/dump.sql'\"",
        ),
    ),
    "no labels of a backup": resub(
        COMPOSE,
        (r'^ *(- )?"?backupbot\.(backup\.p|restore).*\n', ""),
        (r"^ *labels:\n(?: *#.*\n)*(?=\n| *#|\Z)", ""),
    ),
    "labels of a backup in an overlay alone": resub(
        "compose.yml",
        (r'^ *- "backupbot\.backup\.p.*\n', ""),
        (r"^ *labels:\n(?: *#.*\n)*(?=\n| *#|\Z)", ""),
    ),
    "no deploy at all": dumped(
        lambda path, data: (
            data
            | {
                "services": {
                    name: {k: v for k, v in body.items() if name == "app" or k != "deploy"}
                    for name, body in data["services"].items()
                }
            }
        )
    ),
    "PGDATA below the volume": replaced(
        "compose.yml",
        (
            '    - "POSTGRES_DB=mattermost"',
            '    - "POSTGRES_DB=mattermost"\n    - PGDATA=/var/lib/postgresql/data/pgdata',
        ),
    ),
    "a config before": replaced(
        "compose.yml",
        (
            "    - postgres_data:/var/lib/postgresql/data\n",
            "    - postgres_data:/var/lib/postgresql/data\n    configs:\n    - app_entrypoint\n",
        ),
    ),
    "a volume in the read-write form": replaced(
        "compose.yml",
        ("- postgres_data:/var/lib/postgresql/data", "- postgres_data:/var/lib/postgresql/data:rw"),
    ),
    "no secrets file": replaced(
        "compose.yml", ("POSTGRES_PASSWORD_FILE=/run/secrets/db_password", "POSTGRES_PASSWORD=x")
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_applies(name, check):
    check(PLAIN[name])


def in_postgres_overlay(files):
    """The database is a choice of the operator, and its service stands in an overlay."""
    base = view(files)["compose.yml"]
    texts = yaml.load(files["compose.yml"], Texts)
    services = texts["services"]
    overlay = {
        "version": "3.8",
        "services": {"postgres": services.pop("postgres")},
        "volumes": {"postgres_data": texts["volumes"].pop("postgres_data")},
    }
    services["app"].pop("depends_on")
    assert base["services"]["postgres"]["image"]
    return dumped(lambda path, data: data)(
        files
        | {
            "compose.yml": yaml.dump(texts, Dumper=Dumper, sort_keys=False),
            "compose.postgres.yml": yaml.dump(overlay, Dumper=Dumper, sort_keys=False),
        }
    )


NAMED = {
    "volume pgdata": (
        resub(COMPOSE, (r"\bpostgres_data:", "pgdata:")),
        {"volume": "pgdata"},
        {},
    ),
    "volume db-data": (
        resub(COMPOSE, (r"\bpostgres_data:", "db-data:")),
        {"volume": "db-data"},
        {},
    ),
    "service db": (
        resub(COMPOSE, (r"^  postgres:", "  db:"), ("- postgres$", "- db")),
        {"db": "db"},
        {},
    ),
    "service database": (
        resub(COMPOSE, (r"^  postgres:", "  database:"), ("- postgres$", "- database")),
        {"db": "database"},
        {},
    ),
    "other mount point": (
        resub(COMPOSE, (":/var/lib/postgresql/data$", ":/srv/pg")),
        {},
        {"data_dir": "/srv/pg"},
    ),
    "a slash at the end of the mount point": (
        resub(COMPOSE, (":/var/lib/postgresql/data$", ":/var/lib/postgresql/data/")),
        {},
        {},
    ),
    "other dump name": (same, {"dump": "mattermost.sql.gz"}, {"dump": "mattermost.sql.gz"}),
    "database in an overlay": (in_postgres_overlay, {"home": "compose.postgres.yml"}, {}),
    "volume left out so far": (
        replaced(
            "compose.yml",
            (
                '      - "backupbot.backup.path=/var/lib/postgresql/data"',
                '      - "backupbot.backup.volumes.postgres_data=false"',
            ),
        ),
        {},
        {},
    ),
    "volume left out on the app so far": (
        replaced(
            "compose.yml",
            (
                "backupbot.backup.volumes.mattermost_logs=",
                "backupbot.backup.volumes.postgres_data=",
            ),
        ),
        {},
        {},
    ),
}


@pytest.mark.parametrize("name", NAMED)
def test_applies_to_other_names(name, check):
    variant, names, params = NAMED[name]
    check(variant, params=params, **names)


HOOK = "sh -c 'pg_dump -U $${POSTGRES_USER} $${POSTGRES_DB} > /var/lib/postgresql/data/dump.sql'"
BACKUP = f"""\
      labels:
      - "backupbot.backup.pre-hook={HOOK}"
      - "backupbot.backup.post-hook=rm -rf /var/lib/postgresql/data/dump.sql"
      # the dump travels with the data directory and is removed again afterwards
      - "backupbot.backup.path=/var/lib/postgresql/data"
"""
X_LABELS = f"""\
x-backup: &backup
  backupbot.backup.pre-hook: "{HOOK}"
  backupbot.backup.post-hook: "rm -f /tmp/dump.sql"
  backupbot.backup.path: "/var/lib/postgresql/data"

"""
X_DEPLOY = """\
x-deploy: &deploy
  labels:
    com.example.a: b
    backupbot.backup.path: /tmp

"""
X_SERVICE = """\
x-service: &service
  configs:
  - app_entrypoint
  tty: true

"""
OTHER = """\
  other:
    image: a:1
    deploy:
      labels: *backup

"""


def extended(extension, *pairs):
    return replaced("compose.yml", ("services:\n", f"{extension}services:\n"), *pairs)


# Each with whether the extension has users left.
ANCHORED = {
    "labels by an alias": (extended(X_LABELS, (BACKUP, "      labels: *backup\n")), False),
    "labels by a merge key": (
        extended(
            X_LABELS, (BACKUP, "      labels:\n        <<: *backup\n        com.example.a: b\n")
        ),
        False,
    ),
    "labels by an alias that others use": (
        extended(
            X_LABELS,
            (BACKUP, "      labels: *backup\n"),
            ("volumes:\n  mattermost_data:", f"{OTHER}volumes:\n  mattermost_data:"),
        ),
        True,
    ),
    "labels below a merge key": (extended(X_DEPLOY, (BACKUP, "      <<: *deploy\n")), False),
    "configs by a merge key": (
        extended(
            X_SERVICE,
            (
                "    image: postgres:15.14-alpine\n",
                "    image: postgres:15.14-alpine\n    <<: *service\n",
            ),
        ),
        False,
    ),
}


@pytest.mark.parametrize("name", ANCHORED)
def test_applies_behind_aliases(name, check_applies):
    variant, stays = ANCHORED[name]
    files = variant(sample("mattermost-lts"))
    expected = mended(files)
    for key in [key for key in expected["compose.yml"] if key.startswith("x-") and not stays]:
        del expected["compose.yml"][key]
    texts = {"abra.sh": exported(files["abra.sh"])}
    check_applies("mattermost", files, expected, texts, gone="", aside=("pg_backup.sh",))


ABRA = {
    "missing": (without("abra.sh"), "export PG_BACKUP_VERSION=v1\n"),
    "empty": (lambda files: files | {"abra.sh": ""}, "export PG_BACKUP_VERSION=v1\n"),
    "a shebang alone": (
        lambda files: files | {"abra.sh": "#!/bin/bash\n"},
        "#!/bin/bash\n\nexport PG_BACKUP_VERSION=v1\n",
    ),
    "quoted": (
        lambda files: files | {"abra.sh": 'export APP_ENTRYPOINT_VERSION="v3"\n'},
        'export APP_ENTRYPOINT_VERSION="v3"\nexport PG_BACKUP_VERSION="v1"\n',
    ),
    "CRLF": (
        lambda files: files | {"abra.sh": "export APP_ENTRYPOINT_VERSION=v3\r\n\r\nf() {\r\n}\r\n"},
        "export APP_ENTRYPOINT_VERSION=v3\r\nexport PG_BACKUP_VERSION=v1\r\n\r\nf() {\r\n}\r\n",
    ),
    "no final newline": (
        lambda files: files | {"abra.sh": "export APP_ENTRYPOINT_VERSION=v3"},
        "export APP_ENTRYPOINT_VERSION=v3\nexport PG_BACKUP_VERSION=v1",
    ),
    "several on a line": (
        lambda files: files | {"abra.sh": "export APP_ENTRYPOINT_VERSION=v3 OTHER=1\n"},
        "export APP_ENTRYPOINT_VERSION=v3 OTHER=1\nexport PG_BACKUP_VERSION=v1\n",
    ),
    "versions by default in the names": (
        then(
            resub(COMPOSE, (r"\$\{APP_ENTRYPOINT_VERSION\}", "${APP_ENTRYPOINT_VERSION:-v3}")),
            lambda files: files | {"abra.sh": "# nothing to export\n"},
        ),
        "# nothing to export\n\nexport PG_BACKUP_VERSION=v1\n",
    ),
}


@pytest.mark.parametrize("name", ABRA)
def test_exports_the_version(name, check):
    check(*ABRA[name])


DEFAULTS = {
    "names of the recipe": (same, "mattermost", "mattermost"),
    "other names": (
        replaced(
            "compose.yml",
            ("POSTGRES_USER=mattermost", "POSTGRES_USER=mm user"),
            ("POSTGRES_DB=mattermost", "POSTGRES_DB=${PG_DB:-mmdb}"),
        ),
        "mmdb",
        "'mm user'",
    ),
    "names of the operator": (
        replaced(
            "compose.yml",
            ("POSTGRES_USER=mattermost", "POSTGRES_USER"),
            ("POSTGRES_DB=mattermost", "POSTGRES_DB=${PG_DB}"),
        ),
        "mattermost",
        "mattermost",
    ),
    "no names": (
        replaced(
            "compose.yml",
            ("POSTGRES_USER=mattermost", "TZ=UTC"),
            ("POSTGRES_DB=mattermost", "LANG=C"),
        ),
        "mattermost",
        "mattermost",
    ),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_script_knows_the_database(name, check):
    variant, database, user = DEFAULTS[name]
    after = check(variant)
    assert f"\ndefault_database={database}\ndefault_user={user}\n" in after["pg_backup.sh"]


DRIFTED = {
    "no database": (
        lambda files: {p: t.replace("postgres:15.14-alpine", "mysql:8") for p, t in files.items()},
        ("no service with image 'postgres|pgautoupgrade'", "postgres (mysql:8)"),
    ),
    "image from a variable alone": (
        replaced("compose.yml", ("postgres:15.14-alpine", "${DB_IMAGE}")),
        ("postgres (${DB_IMAGE})", "--param db="),
    ),
    "two databases": (
        added(
            "compose.more.yml",
            'version: "3.8"\nservices:\n  second:\n    image: postgres:16\n',
        ),
        ("postgres, second", "--param db="),
    ),
    "volume mounted elsewhere": (
        resub(COMPOSE, (":/var/lib/postgresql/data$", ":/var/lib/postgresql")),
        (
            "no volume of postgres at /var/lib/postgresql/data",
            "postgres_data at /var/lib/postgresql",
            "--param",
        ),
    ),
    "a folder of the host": (
        resub(COMPOSE, ("- postgres_data:/var/lib", "- /srv/pg:/var/lib")),
        (
            "no volume of postgres at /var/lib/postgresql/data",
            "/srv/pg at /var/lib/postgresql/data",
        ),
    ),
    "a dump and its restore": (
        then(
            without("compose.postgres-tuning.yml"),
            replaced(
                "compose.yml",
                (
                    "backupbot.backup.path=/var/lib/postgresql/data",
                    "backupbot.restore.post-hook=/restore.sh",
                ),
                ("backupbot.backup.post-hook=rm -rf", "other=rm -rf"),
            ),
        ),
        ("backed up in another way",),
    ),
    "another pg_backup.sh": (
        added("pg_backup.sh", "#!/bin/sh\npg_dumpall\n"),
        ("pg_backup.sh is there already with another content",),
    ),
    "another config pg_backup": (
        replaced(
            "compose.yml",
            (
                "configs:\n  app_entrypoint:",
                "configs:\n  pg_backup:\n    file: dump.sh\n  app_entrypoint:",
            ),
        ),
        ("there is a config pg_backup already",),
    ),
    "another config at the place": (
        replaced(
            "compose.yml",
            (
                "    - postgres_data:/var/lib/postgresql/data\n",
                "    - postgres_data:/var/lib/postgresql/data\n    configs:\n"
                "    - source: app_entrypoint\n      target: /pg_backup.sh\n",
            ),
        ),
        ("postgres has the config app_entrypoint at /pg_backup.sh already",),
    ),
}


@pytest.mark.parametrize("name", DRIFTED)
def test_drifts(name, check_drifts):
    variant, words = DRIFTED[name]
    check_drifts("mattermost", variant(sample("mattermost-lts")), *words)
