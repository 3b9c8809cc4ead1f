"""What a run of CI came to: its level, its rungs, and the rules of lint that failed.

The document is a stranger's: what it lacks or says in a form of its own is left out, and only a
level that is plainly said counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from patchkit.forge.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = 5  # the level of a run in which everything passed
_STATES = frozenset({"pass", "fail", "skip", "unver"})
_RUN = re.compile(r"/runs/([A-Za-z0-9][A-Za-z0-9._-]*)|/([0-9]+)/?(?=[?#]|$)")
_MOST = 20  # rungs, and rules


class Rung(NamedTuple):
    """One step of a run: its name, and `pass`, `fail`, `skip` or `unver`."""

    name: str
    state: str


class Results(NamedTuple):
    """What a run came to.

    Attributes:
        level: 0 to 5; None when it says none.
        rungs: in the order of the document.
        rules: the rules of lint that failed.
    """

    level: int | None
    rungs: tuple[Rung, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Rung, ...]:
        """What keeps the run from the full level: rungs that fail, else those that do not pass."""
        failed = tuple(rung for rung in self.rungs if rung.state == "fail")
        return failed or tuple(rung for rung in self.rungs if rung.state != "pass")


def results_url(pattern: str, target: str) -> str | None:
    """Return where the results of a run are; None when the status's URL names no run.

    Args:
        pattern: a URL with `{run}` in it.
        target: the status's own URL: `…/runs/123`, or one that ends with a number.
    """
    found = _RUN.search(target)
    return pattern.replace("{run}", found[1] or found[2]) if found else None


def read_results(data: Any) -> Results:
    """Return what a document of results says."""
    if not isinstance(data, dict):
        return Results(None)
    rungs = tuple(_rungs(data.get("rungs")))[:_MOST]
    return Results(_level(data.get("level")), rungs, tuple(_rules(data))[:_MOST])


def _level(said: Any) -> int | None:
    text = str(said)
    return int(text) if re.fullmatch("[0-5]", text) else None


def _rungs(said: Any) -> Iterator[Rung]:
    """Yield the rungs of a mapping by name, or of a list of them."""
    pairs = said.items() if isinstance(said, dict) else [(None, item) for item in _list(said)]
    for key, item in pairs:
        entry = item if isinstance(item, dict) else {"state": item}
        name = key or entry.get("name") or entry.get("rung")
        state = entry.get("state") or entry.get("status") or entry.get("result")
        if isinstance(name, str) and state in _STATES:
            yield Rung(clean(name, ""), str(state))


def _rules(data: dict[str, Any]) -> Iterator[str]:
    """Yield the rules that failed, wherever lint's part of the document says them."""
    rungs = data.get("rungs")
    inner = rungs.get("lint") if isinstance(rungs, dict) else None
    for part in (data, data.get("lint"), inner):
        if isinstance(part, dict) and (failed := _list(part.get("rules_failed"))):
            yield from (clean(rule, "") for rule in failed if isinstance(rule, str))
            return


def _list(said: Any) -> list[Any]:
    return said if isinstance(said, list) else []
