"""Where fixes are proposed: each recipe's mirror, found by the settings and read once a command."""

from __future__ import annotations

import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from patchkit.cli.patience import tell_retries
from patchkit.errors import PatchkitError, UsageError
from patchkit.forge import Address, connect, detect, find_token
from patchkit.git.access import Access
from patchkit.git.author import Author, identity
from patchkit.git.mirror import mirror
from patchkit.git.remote import Remote, look
from patchkit.publish.target import Target
from patchkit.settings import profiles, settings_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.forge import Forge, Repository, Token
    from patchkit.settings import Settings

T = TypeVar("T")

_OWNER = re.compile(r"(?<=[/:])[^/:]+/(?=[^/]+/?$)")


class Site(NamedTuple):
    """A mirror on its forge, as the token's user sees it."""

    forge: Forge
    repository: Repository
    access: Access


class Targets:
    """The mirrors that a command is about, each read once; so is what cannot be read.

    Args:
        url: of the one mirror; what the settings say by default.
        profile: of the settings.
        fork: the owner of the fork that branches are pushed to.
    """

    def __init__(
        self, *, url: str | None = None, profile: str | None = None, fork: str | None = None
    ) -> None:
        self.profile, self.fork = profile, fork
        self._url = url
        self._sites: dict[str, Site | PatchkitError | None] = {}
        self._targets: dict[str, Target | PatchkitError | None] = {}
        tell_retries()

    def target(
        self, recipe: str, profile: str | None = None, url: str | None = None
    ) -> Target | None:
        """Return a recipe's mirror, None when there is none or the token's user may not see it.

        Args:
            recipe: its name.
            profile: of the settings; the one that the command line names by default.
            url: the mirror's; what the command line or the settings say by default.

        Raises:
            UsageError: no setting names a mirror, or no token is found.
            PatchkitError: the forge or the mirror cannot be read.
        """
        name, at = profile or self.profile, url or self._url
        key = f"{name}/{recipe}/{at}"
        return _once(self._targets, key, lambda: self._target(recipe, name, at))

    def everywhere(self, recipe: str) -> list[str | None]:
        """Return the profiles that name mirrors of a recipe, one for each mirror.

        It is one where the command line names a mirror or a profile.
        """
        if self._url or self.profile:
            return [self.profile]
        found: dict[str, str | None] = {}
        for profile in (None, *profiles()):
            url = settings_for(recipe, profile=profile).mirror_of(recipe)
            if url or profile is None:
                found.setdefault(url or "", profile)
        return list(found.values())

    def site(self, url: str, settings: Settings) -> Site | None:
        """Return a mirror on its forge, None when there is none; errors as of `target`."""
        return _once(self._sites, url, lambda: _site(url, settings))

    def _target(self, recipe: str, profile: str | None, url: str | None) -> Target | None:
        settings = settings_for(recipe, profile=profile)
        where = url or settings.mirror_of(recipe)
        if not where:
            raise UsageError(
                f"no setting names a mirror of {recipe}",
                hint="say where it is: --mirror URL, or mirror = in patchkit.toml",
            )
        if (site := self.site(where, settings)) is None:
            return None
        read = mirror(where, access=site.access)
        author = Author.parse(settings.author) if settings.author else identity(read.folder)
        target = Target(
            read,
            site.forge,
            site.repository,
            settings,
            author,
            tuple(site.forge.pulls()),
            upstream=settings.upstream_of(recipe) or "",
        )
        is_own = not self.fork or self.fork.casefold() == site.repository.owner.casefold()
        return target if is_own else self._forked(target, site.access, self.fork or "")

    def _forked(self, target: Target, access: Access, owner: str) -> Target:
        """Return a target whose branches are on the fork that somebody has, or is to have."""
        url = _OWNER.sub(lambda _: f"{owner}/", target.mirror.remote.url)
        fork, mirrored = self.site(url, target.settings), target.repository
        if fork is None:
            empty = Remote(url, mirrored.default_branch, {}, {}, {}, access)
            return replace(target, fork=empty, fork_owner=owner, lacks_fork=True)
        original = f"{mirrored.owner}/{mirrored.name}"
        if original.casefold() not in map(str.casefold, fork.repository.parents):
            raise UsageError(
                f"{owner}/{fork.repository.name} is no fork of {original}",
                hint="name another owner: --fork OWNER",
            )
        read = look(url, access, Path(tempfile.gettempdir()))
        return replace(target, fork=read, fork_owner=owner)


def _once(known: dict[str, T | PatchkitError], key: str, read: Callable[[], T]) -> T:
    """Return what reading gives, or raise what it raises, the second time as the first."""
    if key not in known:
        try:
            known[key] = read()
        except PatchkitError as error:
            known[key] = error
    found = known[key]
    if isinstance(found, PatchkitError):
        raise found
    return found


def _site(url: str, settings: Settings) -> Site | None:
    address = Address.parse(url)
    kind = settings.forge or detect(address)
    token = _token(address, kind, settings)
    forge = connect(url, kind=kind, token=token, api=settings.api)
    repository = forge.repository()
    return None if repository is None else Site(forge, repository, Access(token.reveal()))


def _token(address: Address, kind: str, settings: Settings) -> Token:
    token = find_token(address.base, kind, command=settings.token_command or ())
    if token is not None:
        return token
    raise UsageError(
        f"there is no token for {address.base}",
        hint="put one into PATCHKIT_TOKEN, name a token_command in the settings, or let git's"
        " credential helper know it",
    )
