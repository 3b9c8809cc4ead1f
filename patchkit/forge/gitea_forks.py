"""Forks of Gitea: of a user's own, or an organisation's that the user may make repositories in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.forge import gitea_objects as read
from patchkit.forge.http import path
from patchkit.forge.once import once

if TYPE_CHECKING:
    from patchkit.forge.http import Http
    from patchkit.forge.protocol import Repository


def fork(http: Http, owner: str, name: str, *, into: str, me: str) -> Repository:
    """Return the fork of a repository, which is made when it is not there.

    Args:
        http: the forge.
        owner: of the repository.
        name: its own, which the fork gets too.
        into: the owner of the fork.
        me: the token's user.

    Raises:
        ForgeError: the user may not, or `into` has another repository of that name.
    """
    form = {} if into.casefold() == me.casefold() else {"organization": into}

    def there() -> Repository | None:
        try:
            return read.repository(http.get(path("repos", into, name)).data)
        except ForgeError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def act() -> Repository:
        where = path("repos", owner, name, "forks")
        return read.repository(http.send("POST", where, form, harmless=False))

    try:
        return once(there, act)
    except ForgeError as error:
        found = there() if error.status == HTTPStatus.CONFLICT else None
        if found is None:
            raise
        return found
