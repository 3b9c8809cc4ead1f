"""Rules about backups: the labels that backup-bot-two reads.

https://git.coopcloud.tech/coop-cloud/backup-bot-two
"""

from __future__ import annotations

import posixpath
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.lint.subject import named
from patchkit.recipe.forms import config_refs, mounts, secret_refs
from patchkit.recipe.interpolate import interpolate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint.nodes import Entry, Part
    from patchkit.lint.subject import Subject

_SWITCH = "backupbot.backup"
_OLD_PATH = "backupbot.backup.path"
_OLD_RESTORE = "backupbot.restore"
_HOOK = re.compile(r"backupbot\.(?:backup|restore)\.(?:pre|post)-hook")
_RESTORE = re.compile(r"backupbot\.restore\.(?:pre|post)-hook")
_DUMP_HOOK = "backupbot.backup.pre-hook"
_DUMP = re.compile(r"dump|backup|export|\.sql\b|\.backup\b|>", re.IGNORECASE)
_VOLUME = re.compile(r"backupbot\.backup\.volumes\.(?P<volume>.+?)(?P<path>\.path)?")
_SCRIPT = re.compile(r"(?:(?:/bin/)?(?:ba|da)?sh[ \t]+(?:-[a-z]+[ \t]+)*)?(?P<path>/[\w./-]+)")
# Where images keep programs of their own.
_OF_IMAGE = ("/usr/", "/bin/", "/sbin/", "/opt/", "/var/www/", "/app/")
# Where a server keeps files that are a database only as long as nobody copies them.
_HOT = re.compile(
    r"/var/lib/postgres(?:ql)?(?:/\d+)?(?:/(?:data|main|docker))?|/var/lib/mysql|/data/db"
    r"|/bitnami/(?:postgresql|mariadb|mysql|mongodb)"
)


@rule("dump-without-restore", Severity.ERROR, cure="labels.set")
def dump_without_restore(subject: Subject) -> Iterator[Hit]:
    """A hook writes a dump, and no hook of the service loads it on restore.

    Why: a restore puts the dump back as a file and leaves the data as it is. That is found out
    on the day when the backup is needed.

    Bad:
        - backupbot.backup.pre-hook=/pg_backup.sh backup

    Good:
        - backupbot.backup.pre-hook=/pg_backup.sh backup
        - backupbot.restore.post-hook=/pg_backup.sh restore

    Fix: add a `backupbot.restore.post-hook` that loads the dump, also over a live database.
    """
    for part in subject.services:
        if any(map(_RESTORE.fullmatch, subject.labels.get(part.name, {}))):
            continue
        for label in _labels(part):
            if label.name == _DUMP_HOOK and _DUMP.search(label.value or ""):
                yield Hit(label.place, f"{part.name} writes a dump that no restore hook loads")


@rule("hot-data-backup", Severity.ERROR, cure="labels.set")
def hot_data_backup(subject: Subject) -> Iterator[Hit]:
    """The files of a running database server are archived as they lie.

    Why: they are torn between two writes. Put back under a running server they are ignored, or
    the server does not start with them.

    Bad:
        - backupbot.backup.path=/var/lib/postgresql/data

    Good:
        - backupbot.backup.pre-hook=/pg_backup.sh backup
        - backupbot.backup.volumes.postgres.path=backup.sql.gz
        - backupbot.restore.post-hook=/pg_backup.sh restore

    Fix: dump the database in a pre-hook, and back up only the dump with
    `backupbot.backup.volumes.<volume>.path`.
    """
    if not _switched(subject):
        return
    every = [name for labels in subject.labels.values() for name in labels]
    chosen = {m["volume"] for m in map(_VOLUME.fullmatch, every) if m}
    for part in subject.services:
        paths = [label for label in _labels(part) if label.name == _OLD_PATH]
        for label in paths:
            if any(_is_hot(path) for path in (label.value or "").split(",")):
                yield Hit(label.place, f"{part.name} archives the files of a running database")
        if _OLD_PATH in subject.labels.get(part.name, {}):
            continue
        for volume in part.volumes():
            if _is_hot(volume.target) and volume.source not in chosen:
                message = f"the volume {volume.source} is archived while its database runs"
                yield Hit(volume.place, message)


@rule("two-backup-switches", Severity.WARN, cure="labels.unset")
def two_backup_switches(subject: Subject) -> Iterator[Hit]:
    """More than one service switches the backup on.

    Why: the switch counts for the whole stack. Whoever turns off the one that they see is
    still backed up, and the other way round.

    Bad:
        app:      backupbot.backup=true
        db:       backupbot.backup=true

    Good:
        app:      backupbot.backup=true

    Fix: leave the switch on `app` only; hooks may stay where they are.
    """
    on = [name for name in subject.merged if _is_on(subject.labels[name].get(_SWITCH))]
    keeper = "app" if "app" in on else next(iter(on), "")
    for part in subject.services:
        if part.name in on and part.name != keeper:
            for label in _labels(part):
                if label.name == _SWITCH:
                    message = f"{part.name} switches on the backup, as {keeper} does"
                    yield Hit(label.place, message)


@rule("hook-without-switch", Severity.ERROR, cure="labels.set")
def hook_without_switch(subject: Subject) -> Iterator[Hit]:
    """There are backup hooks, and no service switches the backup on.

    Why: nothing is backed up, and the labels look as if it were.

    Bad:
        db:       backupbot.backup.pre-hook=/pg_backup.sh backup

    Good:
        app:      backupbot.backup=true
        db:       backupbot.backup.pre-hook=/pg_backup.sh backup

    Fix: add `backupbot.backup=true` to the deploy labels of `app`.
    """
    if any(_SWITCH in labels for labels in subject.labels.values()):
        return
    for part in subject.services:
        for label in _labels(part):
            if _HOOK.fullmatch(label.name):
                yield Hit(label.place, f"this hook of {part.name} never runs")


@rule("unknown-backup-volume", Severity.ERROR, cure="labels.set")
def unknown_backup_volume(subject: Subject) -> Iterator[Hit]:
    """A backup label speaks of a volume that the recipe does not have.

    Why: the label says nothing then: what should be left out is archived, what should be
    chosen is not.

    Bad:
        - backupbot.backup.volumes.db.path=backup.sql     # the volume is called postgres

    Good:
        - backupbot.backup.volumes.postgres.path=backup.sql

    Fix: write the Compose key of the volume.
    """
    known = set(subject.recipe.section("volumes"))
    for part in subject.services:
        for label in _labels(part):
            match = _VOLUME.fullmatch(label.name)
            if match and match["volume"] not in known and "$" not in match["volume"]:
                near = get_close_matches(match["volume"], known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"there is {named(known)}"
                yield Hit(label.place, f"there is no volume {match['volume']}", hint)


@rule("hook-script-not-mounted", Severity.ERROR, cure="config.add")
def hook_script_not_mounted(subject: Subject) -> Iterator[Hit]:
    """A hook calls a script that the service does not mount.

    Why: the hook fails in every backup, which goes on without the dump.

    Bad:
        db:
          deploy:
            labels:
              - backupbot.backup.pre-hook=/pg_backup.sh backup

    Good:
        db:
          configs:
            - source: pg_backup
              target: /pg_backup.sh
              mode: 0555

    Fix: mount the script as a config of this service, at the path that the hook calls.
    """
    for part in subject.services:
        for label in _labels(part):
            script = _SCRIPT.match(label.value or "") if _HOOK.fullmatch(label.name) else None
            if script and _is_missing(subject, part.name, script["path"]):
                message = f"{part.name} does not mount {script['path']}, which this hook calls"
                yield Hit(label.place, message)


@rule("old-backup-label", Severity.WARN, cure="labels.unset")
def old_backup_label(subject: Subject) -> Iterator[Hit]:
    """A backup label has a form that is no longer part of the current one.

    Why: backup-bot-two passes over it, and backs up more or less than the recipe says.

    Bad:
        - backupbot.backup.path=/var/lib/postgresql/data
        - backupbot.restore=true

    Good:
        - backupbot.backup.volumes.postgres.path=backup.sql
        - backupbot.restore.post-hook=/pg_backup.sh restore

    Fix: choose paths with `backupbot.backup.volumes.<volume>.path`, relative to the volume, and
    cut out the bare `backupbot.restore`.
    """
    for part in subject.services:
        for label in _labels(part):
            if label.name in (_OLD_PATH, _OLD_RESTORE):
                yield Hit(label.place, f"{label.name} is an old form")


def _labels(part: Part) -> Iterator[Entry]:
    yield from part.entries("deploy", "labels")
    yield from part.entries("labels")


def _is_on(value: str | None) -> bool:
    return interpolate(value or "").strip().lower() == "true"


def _switched(subject: Subject) -> bool:
    return any(_is_on(labels.get(_SWITCH)) for labels in subject.labels.values())


def _is_hot(path: str) -> bool:
    return _HOT.fullmatch(interpolate(path).strip().rstrip("/")) is not None


def _is_missing(subject: Subject, service: str, path: str) -> bool:
    """Whether a script lies neither in a mount of the service nor where images have their own."""
    body = subject.merged.get(service, {})
    files = {ref.target for ref in (*config_refs(body), *secret_refs(body))}
    folders = [interpolate(mount.target).rstrip("/") for mount in mounts(body)]
    path = posixpath.normpath(path)
    mounted = path in files or any(path.startswith(f"{folder}/") for folder in folders)
    return path.endswith(".sh") and not mounted and not path.startswith(_OF_IMAGE)
