"""What judges, the forge and CI say in two words, for the line of a fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from patchkit.errors import ExitCode
from patchkit.verify import State

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from patchkit.verify import Judgement


class Pill(NamedTuple):
    """A few words: `good`, `bad`, `open` for what is to be looked at, or `plain`."""

    kind: str
    text: str


def pills(
    judgements: Sequence[Judgement] | None, row: Mapping[str, Any] | None
) -> tuple[Pill, ...]:
    """Return what was found out about a fix, as far as anybody was asked.

    Args:
        judgements: what real programs said; None when they were not asked.
        row: the pull request and CI as `row_json` has them; None when the forge was not asked.
    """
    return (*_judged(judgements or ()), *([_standing(row)] if row else []))


def _judged(judgements: Sequence[Judgement]) -> Iterator[Pill]:
    """Yield what judges say together: only what all of them could try is verified."""
    states = [judgement.state for judgement in judgements]
    failed, passed = states.count(State.FAILED), states.count(State.PASSED)
    if failed:
        yield Pill("bad", f"{failed} judge{'s' * (failed != 1)} failed")
    elif State.NOT_AVAILABLE in states:
        yield Pill("open", "verified in part" if passed else "not verified")
    elif passed:
        yield Pill("good", "verified")


def _standing(row: Mapping[str, Any]) -> Pill:
    pull, ci, error = row["pull"], row["ci"], row["error"]
    if error:
        return Pill("plain", "PR not asked") if is_unset(row) else Pill("bad", "PR not read")
    if not pull:
        return Pill("plain", "no PR")
    head = f"#{pull['number']} {pull['state']}"
    if not ci:
        return Pill("plain", head)
    level = ci["state"] if ci["level"] is None else f"level {ci['level']}"
    return Pill(ci_kind(ci), f"{head}, CI {level}")


def ci_kind(ci: Mapping[str, Any]) -> str:
    """Return how good it is what CI says: green alone is not full marks."""
    if ci["green"]:
        return "good"
    return "bad" if ci["state"] in {"success", "failure", "error"} else "plain"


def is_unset(row: Mapping[str, Any]) -> bool:
    """Whether the forge was not asked, since no settings say where, or with which token."""
    return bool(row["error"]) and row["error"]["code"] == ExitCode.USAGE
