"""A token for a remote, and how git is told it: by its credential protocol.

It stands in the environment of the git process alone: in no argument, URL or file. Helpers of
the user are not asked meanwhile, since git would have them keep the token; and a server that
sends git elsewhere gets nothing. https://git-scm.com/docs/gitcredentials
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from patchkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_USERNAME = "PATCHKIT_GIT_USERNAME"
_TOKEN = "PATCHKIT_GIT_TOKEN"  # noqa: S105  the variable's name
# Git runs it by its own shell; nothing in it comes from outside.
_HELPER = (
    '!f() { test "$1" = get && '
    f'printf "username=%s\\npassword=%s\\n" "${_USERNAME}" "${_TOKEN}"; }}; f'
)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_PRINTABLE = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Access:
    """What a user may do on a remote.

    Args:
        token: of the forge; as the password of HTTPS. SSH has keys of its own.
        username: GitHub and Gitea go by the token, and take any.

    Raises:
        UsageError: the token is none.
    """

    token: str = field(repr=False)
    username: str = "x-access-token"

    def __post_init__(self) -> None:
        if not _PRINTABLE.fullmatch(self.token) or not _PRINTABLE.fullmatch(self.username):
            raise UsageError(
                "the token is empty, or holds a space, a line end or no ASCII",
                hint="copy it from the forge again, without what stands around it",
            )

    def arguments(self, url: str) -> tuple[str, ...]:
        """Return what git is told on its command line, which has no secret in it.

        Raises:
            UsageError: the token would cross the network unencrypted.
        """
        origin = _origin(url)
        if not origin:
            return ()
        return ("-c", "credential.helper=", "-c", f"credential.{origin}.helper={_HELPER}")

    def environment(self, url: str) -> dict[str, str]:
        """Return what the environment of git gets."""
        if not _origin(url):
            return {}
        # Without an ASKPASS a wrong token ends in an error, not in a window that asks for one.
        return {_USERNAME: self.username, _TOKEN: self.token, "GIT_ASKPASS": ""}

    def redacted(self, text: str) -> str:
        """Return a text without the token in any form that git and curl give it."""
        for secret in self._forms():
            text = text.replace(secret, "***")
        return text

    def _forms(self) -> Iterator[str]:
        pair = f"{self.username}:{self.token}".encode()
        yield base64.b64encode(pair).decode()
        yield self.token
        yield quote(self.token, safe="")


def _origin(url: str) -> str:
    """Return scheme and host of a URL of HTTP, nothing for others."""
    parts = urlsplit(url)
    if parts.scheme.lower() not in ("http", "https"):
        return ""
    host = parts.netloc.rpartition("@")[2]
    if not _HOST.fullmatch(host):
        raise UsageError(f"{host!r} is no host", hint="write https://host/org/recipe.git")
    if parts.scheme.lower() == "http" and parts.hostname not in _LOOPBACK:
        raise UsageError(
            f"http shows the token to everybody between here and {host}",
            hint=f"write https://{host}{parts.path}",
        )
    return f"{parts.scheme.lower()}://{host}"
