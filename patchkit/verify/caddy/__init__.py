"""Whether caddy takes the Caddyfile of a recipe, and whom it reaches with it.

First caddy itself validates the rendered file. Where it hands requests on to services of the
stack it then runs on loopback between stand-ins, so that a name which may lead to another stack
is seen to. A failure is «before» when the base had it: the same complaint, or the same routes to
the same peers. https://caddyserver.com/docs/command-line
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from patchkit.errors import RecipeError
from patchkit.recipe.model import Recipe
from patchkit.verify.caddy.caddyfile import fronts, site
from patchkit.verify.caddy.checks import observed
from patchkit.verify.caddy.live import NotRunningError, dialled, staged
from patchkit.verify.caddy.names import Peer, peer
from patchkit.verify.caddy.probes import probes
from patchkit.verify.caddy.program import INSTALL, Caddy, Taken
from patchkit.verify.deployment import settings
from patchkit.verify.judge import Check, Judge, NothingToJudgeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from patchkit.recipe.forms import FileRef
    from patchkit.verify.caddy.adapted import Config
    from patchkit.verify.judge import Case

_TRIES = 3  # another program may take a port between choosing and using it


@dataclass(frozen=True)
class _Look:
    """What caddy makes of a Caddyfile of a recipe.

    Attributes:
        path: the file.
        taken: what caddy says of it.
        peers: to whom each host leads that it dials.
        caddy: the program, for a run; None when there is nothing to run.
    """

    path: str
    taken: Taken
    peers: Mapping[str, Peer]
    caddy: Caddy | None = None

    def is_as_before(self, other: _Look | None) -> bool:
        """Return whether caddy would do the same with another one."""
        if other is None:
            return False
        return (self.taken.config, dict(self.peers)) == (other.taken.config, dict(other.peers))


class _Looking:
    """Looks at the Caddyfiles of a recipe."""

    def __init__(self, case: Case, recipe: Recipe, name: str) -> None:
        self.case, self.recipe, self.name = case, recipe, name
        self.fronts = {name: ref for name, ref in fronts(recipe).items() if ref}

    def look(self, service: str, ref: FileRef) -> _Look:
        """Ask caddy about the Caddyfile of a service."""
        try:
            found = site(self.recipe, service, ref)
        except RecipeError as error:
            said = error.problems[0].message
            return _Look(ref.source, Taken(None, ok=False, said=said, place=error.place), {})
        if found.outside:
            raise NothingToJudgeError(f"{found.path} imports {found.outside} of the container")
        program = self.case.bench.find("caddy", install=INSTALL)
        caddy = Caddy(program, self.case.bench, self.recipe, found, f"{self.name}-{service}")
        taken = caddy.take()
        dials = dialled(taken.config) if taken.config else []
        peers = {host: peer(self.recipe, service, host) for host in dials}
        return _Look(found.path, taken, peers, caddy)

    def like(self, look: _Look) -> _Look | None:
        """Return what corresponds to the look at another recipe: the same file, or the only one."""
        try:
            looks = [self.look(service, ref) for service, ref in self.fronts.items()]
        except NothingToJudgeError:
            return None
        same = [found for found in looks if found.path == look.path]
        return next(iter(same), looks[0] if len(looks) == 1 else None)


def _check(case: Case) -> Iterator[Check]:
    """Look at the Caddyfile of each service that runs caddy."""
    head = _Looking(case, case.recipe, "head")
    if not head.fronts:
        raise NothingToJudgeError("no service runs caddy with a Caddyfile of the recipe")
    changes = case.tree != case.patch.base
    base = _Looking(case, Recipe(case.patch.base), "base") if changes else None
    for service, ref in head.fronts.items():
        look = head.look(service, ref)
        yield _taken(look, service, base)
        if look.taken.ok and any(found.service for found in look.peers.values()):
            yield from _live(look, settings(case.recipe)["DOMAIN"], base)


def _taken(look: _Look, service: str, base: _Looking | None) -> Check:
    what = f"caddy takes {look.path} as the service {service} gets it"
    if look.taken.ok:
        return Check(what, passed=True)
    old = base.like(look) if base else None
    is_old = old is not None and _bare(old.taken.said) == _bare(look.taken.said)
    return Check(what, passed=False, output=look.taken.said, place=look.taken.place, before=is_old)


def _bare(said: str) -> str:
    """Return a complaint without the numbers of its lines."""
    return re.sub(r"\d+", "", said)


def _live(look: _Look, domain: str, base: _Looking | None) -> Iterator[Check]:
    assert look.caddy is not None  # noqa: S101  caddy has taken it
    assert look.taken.config is not None  # noqa: S101
    checks = _run(look.caddy, look.taken.config, look.peers, domain)
    failed = any(not check.passed for check in checks)
    is_old = failed and base is not None and look.is_as_before(base.like(look))
    for check in checks:
        yield replace(check, before=is_old and not check.passed)


def _run(caddy: Caddy, config: Config, peers: Mapping[str, Peer], domain: str) -> list[Check]:
    for attempt in range(1, _TRIES + 1):
        try:
            with staged(caddy, config, peers) as stage:
                return list(observed(stage, probes(config, domain)))
        except NotRunningError as error:
            said = str(error)
            if "address already in use" not in said or attempt == _TRIES:
                break
    return [Check("caddy runs on loopback", passed=False, output=said)]


JUDGE = Judge(
    "caddy",
    "Caddy takes the rendered Caddyfile, and reaches no other stack with it.",
    _check,
)
