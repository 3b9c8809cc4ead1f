"""A rule about names on a network that all stacks of a server share.

Every service answers to its own name on each network that it joins (Swarm, «service discovery»).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.finding import Severity
from patchkit.lint.rule import Hit, rule
from patchkit.recipe import forms
from patchkit.recipe.model import ENV_SAMPLE, Recipe
from patchkit.recipe.references import references
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from patchkit.lint.subject import Subject
    from patchkit.recipe.references import Reference

# What services of other recipes are called as well.
COMMON = frozenset(
    (
        *("api", "app", "backend", "cache", "caddy", "cron", "database", "db", "elasticsearch"),
        *("frontend", "mail", "mariadb", "memcached", "mongo", "mongodb", "mysql", "nginx"),
        *("postgres", "postgresql", "proxy", "rabbitmq", "redis", "server", "smtp", "web"),
        *("worker", "www"),
    )
)


@rule("shared-network-collision", Severity.ERROR, cure="service.rename")
def shared_network_collision(subject: Subject) -> Iterator[Hit]:
    """Peers reach a service by a bare name that other stacks on the shared network use too.

    Why: `proxy` is one network for every stack of the server. A peer that asks it for `app` may
    be sent to a stranger's `app`: pages of another site, or none at all.

    Bad:
        caddy:
          command: caddy reverse-proxy --to app:3000
          networks: [proxy, internal]
        app:
          networks: [proxy, internal]

    Good:
        caddy:
          command: caddy reverse-proxy --to pds:3000
          networks: [proxy, internal]
        pds:
          networks: [proxy, internal]

    Fix: give the service a name of its own, or reach it as `${STACK_NAME}_<service>`.
    """
    shared = {
        key for key, body in subject.recipe.section("networks").items() if body.get("external")
    }
    joined = {name: set(forms.networks(body)) & shared for name, body in subject.merged.items()}
    read = _read_by_services(subject)
    for name in subject.merged.keys() & COMMON:
        peers = {peer for peer, nets in joined.items() if nets & joined[name] and peer != name}
        if not peers:
            continue
        for reference in references(read, name):
            if reference.form == "host" and _users(subject, reference) & peers:
                message = f"over the shared network {name} may be another stack's {name}"
                yield Hit(reference.place, message)


def _read_by_services(subject: Subject) -> Recipe:
    """Return the recipe without what only people read."""
    recipe = subject.recipe
    paths = {*recipe.compose_paths, *(c.file for c in subject.configs.values()), ENV_SAMPLE}
    entries = {path: entry for path, entry in recipe.tree.entries.items() if path in paths}
    return Recipe(RecipeTree(entries, recipe.tree.name))


def _users(subject: Subject, reference: Reference) -> set[str]:
    """Return the services that read the text in which a reference stands."""
    path, start = reference.file, reference.start
    if path in subject.recipe.compose_paths:
        return {
            part.name
            for part in subject.services
            if part.document.path == path and part.body and part.body.start <= start < part.body.end
        }
    keys = {key for key, config in subject.configs.items() if config.file == path}
    return {
        name
        for name, body in subject.merged.items()
        if keys & {ref.source for ref in forms.config_refs(body)}
    }
