"""The mirrors that an organisation has on its forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from patchkit.cli.patience import tell_retries
from patchkit.errors import UsageError
from patchkit.fleet.source import Source
from patchkit.forge import Address, detect, find_token, reach
from patchkit.settings import settings_for

if TYPE_CHECKING:
    from patchkit.forge import Repository


def mirrors_of(url: str) -> list[Source]:
    """Return the repositories of an organisation or user, by name; what is left out is told.

    Archived ones and those without commits are left out. A token is taken where one is found.

    Args:
        url: of its page: `https://host/organisation`.

    Raises:
        UsageError: the URL names nobody, or there is nothing to read.
        ForgeError: the forge cannot be read.
    """
    tell_retries()
    address = Address.of_owner(url)
    settings = settings_for("")
    kind = settings.forge or detect(address)
    token = find_token(address.base, kind, command=settings.token_command or ())
    forge = reach(address, kind=kind, token=token, api=settings.api)
    every = sorted(forge.repositories(), key=lambda repository: repository.name)
    left_out = [f"{r.name} ({why})" for r in every if (why := _unread(r))]
    if left_out:
        click.echo(f"left out: {', '.join(left_out)}", err=True)
    found = [Source("mirror", _clone_url(r, url), r.name) for r in every if not _unread(r)]
    if not found:
        raise UsageError(
            f"{address.owner} has no repository that can be read",
            hint=f"see {address.base}/{address.owner}, and whether the token may see it",
        )
    return found


def _unread(repository: Repository) -> str:
    if repository.archived:
        return "archived"
    return "empty" if repository.empty else ""


def _clone_url(repository: Repository, url: str) -> str:
    """Return where git finds a repository: below the URL that was given, not where a proxy says."""
    return f"{url.rstrip('/')}/{repository.name}.git"
