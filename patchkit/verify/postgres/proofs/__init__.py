"""What is proved of a backup script, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.verify.postgres.proofs import bad_backups, bad_dumps, restoring, size

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.verify.postgres.stage import Stage


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that holds of a good script.

    Attributes:
        what: the same in a sentence; `{size}` is the size of the large dump.
        prove: tries it on a stage, and raises `Refuted` when it does not hold.
    """

    what: str
    prove: Callable[[Stage], None]


PROOFS = (
    Proof(
        "a restore brings back exactly what was there, while a client is connected",
        restoring.restores,
    ),
    Proof("a second restore brings the same back", restoring.restores_again),
    Proof(
        "a restore keeps owner, privileges and settings of the database itself",
        restoring.keeps_settings,
    ),
    Proof("a dump that is cut short changes nothing and fails", bad_dumps.refuses_cut_dump),
    Proof("a corrupt dump changes nothing and fails", bad_dumps.refuses_corrupt_dump),
    Proof(
        "a backup whose server stops midway fails and keeps the dump before it",
        bad_backups.survives_server,
    ),
    Proof(
        "a backup onto a full disk fails and keeps the dump before it",
        bad_backups.survives_full_disk,
    ),
    Proof("a run that fails leaves no file and no database behind", bad_backups.leaves_nothing),
    Proof("{size} MB go through in constant memory", size.takes_little_memory),
    Proof("names with quotes and capitals work", restoring.takes_any_name),
)
