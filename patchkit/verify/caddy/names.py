"""Where a host name leads that caddy dials: to a service of the stack, or to a stranger.

On each network a service answers to its own name and to its aliases there; over a network that
stacks share, so do the services of all others (Swarm docs, «service discovery»).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from patchkit.lint.rules.networks import COMMON
from patchkit.recipe import forms
from patchkit.verify.deployment import settings

if TYPE_CHECKING:
    from patchkit.recipe.model import Recipe

_OWN = "default"  # the network of services that name none


class Kind(Enum):
    """What a name leads to."""

    SERVICE = "the service {}"
    STRANGER = "another stack's {}, as the name is not unique on the network they share"
    NOBODY = "nobody, as {} joins none of its networks"
    ELSEWHERE = "a host outside of the stack"


@dataclass(frozen=True, slots=True)
class Peer:
    """What a host name leads to.

    Attributes:
        kind: to whom.
        service: the service of this stack that was meant; empty when it is none of them.
    """

    kind: Kind
    service: str = ""

    def __str__(self) -> str:
        return self.kind.value.format(self.service)


def peer(recipe: Recipe, front: str, host: str) -> Peer:
    """Return what a name leads to, seen from a service.

    A name that other stacks use too may lead to any of them; that counts as a stranger.
    """
    known = settings(recipe)
    joined = _networks(recipe, front)
    shared = {key for key, body in recipe.section("networks").items() if body.get("external")}
    meant = ""
    for service in recipe.services:
        for name, networks in _names(recipe, service, known["STACK_NAME"]).items():
            if name != host:
                continue
            meant = service
            common = networks & joined.keys()
            if common:
                is_stranger = name in COMMON and bool(common & shared)
                return Peer(Kind.STRANGER if is_stranger else Kind.SERVICE, service)
    return Peer(Kind.NOBODY if meant else Kind.ELSEWHERE, meant)


def _networks(recipe: Recipe, service: str) -> dict[str, list[str]]:
    return forms.networks(recipe.services[service]) or {_OWN: []}


def _names(recipe: Recipe, service: str, stack: str) -> dict[str, set[str]]:
    """Return every name of a service, with the networks on which it answers to it."""
    joined = _networks(recipe, service)
    own = (service, f"{stack}_{service}", f"tasks.{service}", f"tasks.{stack}_{service}")
    names = {name: set(joined) for name in own}
    for network, aliases in joined.items():
        for alias in aliases:
            names.setdefault(alias, set()).add(network)
    return names
