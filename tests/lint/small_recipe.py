"""A recipe in which every rule holds, and the two verbs of the rules' tests.

A case changes words of it. `§` stands before each place that must be found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.lint import RULES, State, lint
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from patchkit.lint import Report

MARK = "§"
COMPOSE = """\
version: "3.8"

services:
  app:
    image: gitea/gitea:1.24.6-rootless
    depends_on:
      - db
    environment:
      - DOMAIN
      - TITLE=${TITLE:-Git}
      - HOST=${STACK_NAME}_db
    secrets:
      - db_password
    configs:
      - source: app_ini
        target: /app.ini.tmpl
    volumes:
      - config:/etc/gitea
    networks:
      - proxy
      - internal
    healthcheck:
      test: ["CMD", "true"]
      start_period: 2m
    deploy:
      restart_policy:
        condition: any
      labels:
        - traefik.enable=true
        - backupbot.backup=${ENABLE_BACKUPS:-true}
  db:
    image: postgres:16.10-alpine
    configs:
      - source: pg_backup
        target: /pg_backup.sh
        mode: 0555
    volumes:
      - postgres:/var/lib/postgresql/data
    networks: [internal]
    healthcheck:
      test: pg_isready
    deploy:
      labels:
        backupbot.backup.pre-hook: /pg_backup.sh backup
        backupbot.backup.volumes.postgres.path: backup.sql
        backupbot.restore.post-hook: /pg_backup.sh restore

volumes:
  config:
  postgres:

networks:
  proxy:
    external: true
  internal:

secrets:
  db_password:
    external: true
    name: ${STACK_NAME}_db_password_${SECRET_DB_PASSWORD_VERSION}

configs:
  app_ini:
    name: ${STACK_NAME}_app_ini_${APP_INI_VERSION}
    file: app.ini.tmpl
  pg_backup:
    name: ${STACK_NAME}_pg_backup_${PG_BACKUP_VERSION}
    file: pg_backup.sh
"""
OVERLAY = """\
version: "3.8"

services:
  app:
    environment:
      - MAIL=true
"""
README = """\
# Small

<!-- metadata -->

* **Category**: Apps
* **Image**: gitea
* **Healthcheck**: Yes
* **Backups**: Yes
* **Email**: No
* **SSO**: N/A

<!-- endmetadata -->
"""
FILES = {
    "compose.yml": COMPOSE,
    "compose.mail.yml": OVERLAY,
    ".env.sample": "TYPE=small\nDOMAIN=small.example.com\n#TITLE=Git\n",
    "abra.sh": "export APP_INI_VERSION=v1\nexport PG_BACKUP_VERSION=v2\n",
    "app.ini.tmpl": "[server]\n",
    "pg_backup.sh": "#!/bin/sh\n",
    "README.md": README,
}
SMALL = RecipeTree.from_files(FILES, "small")


def changed(path: str, old: str, new: str) -> dict[str, str]:
    """Return the small recipe's files with words of one replaced, or with a new file."""
    text = FILES.get(path, "")
    assert old in text, f"{path} does not hold {old!r}"
    return FILES | {path: text.replace(old, new, 1) if old else new}


def check_holds(rule: str, files: dict[str, str], **known: object) -> Report:
    """Check that a rule finds nothing."""
    report = lint(RecipeTree.from_files(files, "small"), **known)
    assert report.result(rule).findings == ()
    assert report.result(rule).state is State.HOLDS
    return report


def check_fails(rule: str, files: dict[str, str], **known: object) -> Report:
    """Check that a rule fails at every mark, and nowhere else."""
    wanted = [place for path, text in files.items() for place in _marks(path, text)]
    clean = {path: text.replace(MARK, "") for path, text in files.items()}
    report = lint(RecipeTree.from_files(clean, "small"), **known)
    result = report.result(rule)
    assert sorted(str(f.place) for f in result.findings) == sorted(wanted)
    assert result.state is State.FAILS
    for finding in result.findings:
        assert finding.place.text == _line(clean, finding.place)
        assert finding.why
        assert finding.hint
        assert finding.severity is next(r.severity for r in RULES if r.name == rule)
    return report


def _marks(path: str, text: str) -> list[str]:
    places = []
    for number, line in enumerate(text.split("\n"), start=1):
        parts = line.split(MARK)[:-1]
        column = 1
        for part in parts:
            column += len(part)
            places.append(f"{path}:{number}:{column}")
    return places


def _line(files: dict[str, str], place: object) -> str:
    lines = files.get(place.path, "").split("\n")
    return lines[place.line - 1].rstrip("\r")
