"""Reads mirrors: as git itself may, else with the token of the forge that the settings name.

The token is found where the mirror is read, by the settings and the environment of that process,
and never travels with a job. It goes to no forge that the settings do not name.
"""

from __future__ import annotations

from threading import Lock
from urllib.parse import urlsplit

from patchkit.errors import ForgeError, GitError, Place, UsageError
from patchkit.forge import Address, detect, find_token
from patchkit.git.access import Access
from patchkit.git.faults import RemoteError
from patchkit.git.mirror import Mirror, mirror
from patchkit.settings import Settings, profiles, settings_for

_KNOWN: dict[str, Access] = {}  # by the forge: which of them ask for a token
_LOCK = Lock()  # a program that gives the token may ask its user, once


def read_mirror(url: str, recipe: str) -> Mirror:
    """Return a mirror as it is now, also one that not everybody may read.

    Args:
        url: where git finds it.
        recipe: its name, whose settings hold.

    Raises:
        UsageError: the URL is wrong, a token is none or would cross the network unencrypted.
        SettingsError: the settings are wrong.
        GitError: as of `mirror`.
    """
    forge = _forge(url)
    known = _KNOWN.get(forge)
    try:
        return mirror(url, access=known)
    except RemoteError as error:
        if error.reason != "denied" or not forge:
            raise
        access = _access(url, forge, recipe, known)
        if access is None:
            raise _denied(error, forge) from None
        if access == known:
            raise
    return mirror(url, access=access)


def _forge(url: str) -> str:
    """Return where the forge of a URL of HTTP has its pages; nothing where there can be none."""
    try:
        is_http = urlsplit(url).scheme.lower() in {"http", "https"}
        return Address.parse(url).base if is_http else ""
    except (UsageError, ValueError):
        return ""


def _access(url: str, forge: str, recipe: str, refused: Access | None) -> Access | None:
    """Return the token for a forge, as `pr` finds it; None where the settings name it not."""
    with _LOCK:
        known = _KNOWN.get(forge)
        if known is not None and known != refused:
            return known
        settings = _naming(forge, recipe)
        if settings is None:
            return None
        kind = settings.forge or _kind(url)
        token = find_token(forge, kind, command=settings.token_command or ())
        if token is None:
            return None
        _KNOWN[forge] = Access(token.reveal())
        return _KNOWN[forge]


def _naming(forge: str, recipe: str) -> Settings | None:
    """Return the settings, of whatever profile, whose mirror of a recipe is on a forge."""
    for profile in (None, *profiles()):
        settings = settings_for(recipe, profile=profile)
        named = settings.mirror_of(recipe)
        if named and _pages(named) == forge:
            return settings
    return None


def _pages(url: str) -> str:
    try:
        return Address.parse(url).base
    except UsageError:
        return ""


def _kind(url: str) -> str:
    try:
        return detect(Address.parse(url))
    except ForgeError:
        return ""  # a server of git alone has no variables of its own


def _denied(error: RemoteError, forge: str) -> GitError:
    problem = error.problems[0]
    return GitError(
        problem.message,
        place=problem.place or Place(forge),
        hint=f"name {forge} in the settings as mirror =, and give the token as for patchkit pr: in"
        " PATCHKIT_TOKEN, by token_command or by git's credential helper",
    )
