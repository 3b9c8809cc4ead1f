"""Who closed a pull request of Gitea, and when it was opened again: its timeline tells it.

Gitea has one from 1.17 on.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from patchkit.errors import ForgeError
from patchkit.forge import gitea_objects as read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from patchkit.forge.gitea_objects import Event
    from patchkit.forge.http import Http


def closer(http: Http, issue: str) -> str | None:
    """Return the login of whoever closed an issue last; None when nobody knows."""
    found = [event for event in _events(http, issue) if event.kind == "close"]
    return found[-1].login or None if found else None


def opened_again(http: Http, issue: str) -> datetime | None:
    """Return when an issue was opened again last; None when it never was, or nobody knows."""
    found = [event.created for event in _events(http, issue) if event.kind == "reopen"]
    return found[-1] if found else None


def _events(http: Http, issue: str) -> Iterator[Event]:
    try:
        # Its count is that of a page, after what the user may not see was left out.
        yield from map(read.event, http.pages(f"{issue}/timeline", counted=False))
    except ForgeError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
