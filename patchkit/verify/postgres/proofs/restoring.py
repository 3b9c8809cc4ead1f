"""A restore brings back what was there when the backup was made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.verify.postgres.content import DAMAGE
from patchkit.verify.postgres.server import identifier
from patchkit.verify.postgres.stage import same, succeeded

if TYPE_CHECKING:
    from patchkit.verify.postgres.stage import Stage

ODD_USER = 'My "odd" User\''
ODD_DATABASE = 'My "odd" Db\''
_SETTINGS = """
REVOKE CONNECT ON DATABASE {name} FROM PUBLIC;
GRANT CONNECT, CREATE ON DATABASE {name} TO reader;
ALTER DATABASE {name} SET lock_timeout = '9s';
ALTER ROLE reader IN DATABASE {name} SET work_mem = '7MB';
COMMENT ON DATABASE {name} IS 'ours';
"""


def restores(stage: Stage) -> None:
    """Damage the database, and restore it while a client is connected."""
    stage.backed_up()
    _same_after_damage(stage)


def restores_again(stage: Stage) -> None:
    """Do so once more with the same dump."""
    _same_after_damage(stage)


def keeps_settings(stage: Stage) -> None:
    """Restore a database on which something is set that no dump of its content holds."""
    stage.sql(_SETTINGS.format(name=identifier(stage.database)))
    before = stage.server.facts(stage.database)
    _damage_and_restore(stage)
    same("what is set on the database", before, stage.server.facts(stage.database))


def takes_any_name(stage: Stage) -> None:
    """Restore a database whose name and whose user's name need quoting everywhere."""
    stage.sweep()
    stage.server.sql(f"CREATE ROLE {identifier(ODD_USER)} SUPERUSER LOGIN")
    stage.container.rename(ODD_USER, ODD_DATABASE)
    restores(stage)


def _same_after_damage(stage: Stage) -> None:
    before = stage.state()
    _damage_and_restore(stage)
    same("the database", before, stage.state())


def _damage_and_restore(stage: Stage) -> None:
    stage.sql(DAMAGE)
    with stage.server.client(stage.database):
        succeeded("the restore", stage.restore())
