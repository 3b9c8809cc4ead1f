"""Where fixes are proposed: each recipe's mirror, found by the settings and read now."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from patchkit.cli.patience import tell_retries
from patchkit.errors import UsageError
from patchkit.forge import Address, connect, detect, find_token
from patchkit.git.access import Access
from patchkit.git.author import Author, identity
from patchkit.git.mirror import mirror
from patchkit.git.remote import look
from patchkit.publish.target import Target
from patchkit.settings import settings_for

if TYPE_CHECKING:
    from patchkit.forge import Token
    from patchkit.git.remote import Remote
    from patchkit.settings import Settings


def target(
    recipe: str, *, url: str | None = None, profile: str | None = None, fork: str | None = None
) -> Target | None:
    """Return the mirror of a recipe, None when there is none or the token's user may not see it.

    Args:
        recipe: its name.
        url: the mirror's; what the settings say by default.
        profile: of the settings.
        fork: the owner of the fork that branches are pushed to.

    Raises:
        UsageError: no setting names a mirror, or no token is found.
        PatchkitError: the forge or the mirror cannot be read.
    """
    tell_retries()
    settings = settings_for(recipe, profile=profile)
    where = url or settings.mirror_of(recipe)
    if not where:
        raise UsageError(
            f"no setting names a mirror of {recipe}",
            hint="say where it is: --mirror URL, or mirror = in patchkit.toml",
        )
    address = Address.parse(where)
    kind = settings.forge or detect(address)
    token = _token(address, kind, settings)
    forge = connect(where, kind=kind, token=token)
    repository = forge.repository()
    if repository is None:
        return None
    access = Access(token.reveal())
    read = mirror(where, access=access)
    author = Author.parse(settings.author) if settings.author else identity(read.folder)
    return Target(
        read,
        forge,
        repository,
        settings,
        author,
        upstream=settings.upstream_of(recipe) or "",
        fork=_fork(where, fork, access) if fork else None,
        fork_owner=fork or "",
    )


def _token(address: Address, kind: str, settings: Settings) -> Token:
    token = find_token(address.base, kind, command=settings.token_command or ())
    if token is not None:
        return token
    raise UsageError(
        f"there is no token for {address.base}",
        hint="put one into PATCHKIT_TOKEN, name a token_command in the settings, or let git's"
        " credential helper know it",
    )


def _fork(url: str, owner: str, access: Access) -> Remote:
    """Return the fork of a mirror that somebody has, of the same name."""
    parts = urlsplit(url)
    *above, _, name = parts.path.split("/")
    there = urlunsplit(parts._replace(path="/".join((*above, owner, name))))
    return look(there, access, Path(tempfile.gettempdir()))
