"""Whether the backup of a PostgreSQL database can be restored, whatever happens.

The script that a recipe's hooks call is run against a real server, which fails, loses its disk
and is restored. https://www.postgresql.org/docs/current/backup-dump.html
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from patchkit.recipe.model import Recipe
from patchkit.verify.judge import Check, Judge, NotAvailableError, NothingToJudgeError
from patchkit.verify.postgres.container import Container
from patchkit.verify.postgres.content import ROLES
from patchkit.verify.postgres.proofs import PROOFS
from patchkit.verify.postgres.server import Server, ServerError
from patchkit.verify.postgres.stage import Refuted, Stage
from patchkit.verify.postgres.subject import BACKUP, IMAGES, RESTORE, subjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from patchkit.verify.judge import Case
    from patchkit.verify.postgres.subject import Subject

SIZE = 200_000_000  # bytes of the dump that is to go through in constant memory
_ROOM = 200_000_000  # bytes that a server and its journal take besides


def check(case: Case, size: int = SIZE) -> Iterator[Check]:
    """Yield what holds of every database service whose hooks call a mounted script.

    Args:
        case: the fix and what it made of a recipe.
        size: of the large dump in bytes; the tests of this judge take less.
    """
    found, reasons = subjects(case.recipe)
    if not found:
        looked_for = f"no service of {IMAGES} has {BACKUP} and {RESTORE} that call a mounted script"
        raise NothingToJudgeError("; ".join(reasons) or looked_for)
    _need_room(case, size)
    known = subjects(Recipe(case.patch.base))[0] if case.tree != case.patch.base else []
    try:
        for number, subject in enumerate(found):
            for what, passed, output in _judged(case, subject, str(number), size):
                named = f"{subject.service}: {what}" if len(found) > 1 else what
                yield Check(named, passed, output, before=not passed and subject in known)
    except ServerError as error:
        if case.bench.remaining > 0:
            reason = f"PostgreSQL's server does not run here: {error}"
            raise NotAvailableError(reason, "let it run, or install another release") from error
    for reason in reasons:
        yield Check("every database's backup can be tried", passed=False, output=reason)


def _need_room(case: Case, size: int) -> None:
    needed, free = _ROOM + 6 * size, shutil.disk_usage(case.bench.folder).free
    if free < needed:
        raise NotAvailableError(
            f"{case.bench.folder.parent} has {free / 1e6:.0f} MB free of the "
            f"{needed / 1e6:.0f} MB that a server and its dumps take",
            "free some, or let TMPDIR name a folder that has them",
        )


def _judged(
    case: Case, subject: Subject, folder: str, size: int
) -> Iterator[tuple[str, bool, str]]:
    container = Container(subject, case.bench.folder / folder)
    server = Server(case.bench, container.home, owner=container.user, data=container.data)
    with server:
        server.sql(ROLES)
        stage = Stage(server, container, size)
        first = _tried(f"a backup dumps the database to {_backed_up(subject)}", _dumps, stage)
        yield first
        for proof in PROOFS if first[1] else ():
            if case.bench.remaining > 0:
                yield _tried(proof.what.format(size=size // 1_000_000), proof.prove, stage)


def _tried(what: str, prove: Callable[[Stage], None], stage: Stage) -> tuple[str, bool, str]:
    try:
        prove(stage)
    except (Refuted, ServerError) as error:
        return what, False, str(error)
    return what, True, ""


def _dumps(stage: Stage) -> None:
    """Make a dump; where the environment alone does not lead to one, in a view of the container."""
    try:
        stage.backed_up()
    except Refuted:
        if not stage.container.names_places:
            raise
        stage.container.show_places(stage.server)
        stage.backed_up()


def _backed_up(subject: Subject) -> str:
    places = [f"{path or 'the top'} of the volume {key}" for key, path in subject.backed_up]
    return " or ".join(places) or "a volume, none of which is backed up"


JUDGE = Judge(
    "postgres",
    "A backup of the database can be restored, and nothing that fails on the way loses data.",
    check,
)
