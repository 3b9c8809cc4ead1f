"""Where a repository lies: out of the URL that git takes, in any of its forms.

https://git-scm.com/docs/git-clone#_git_urls
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from patchkit.errors import UsageError

# user@host:path, with the port of SSH left to its settings
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\]):(?P<path>[^\s:]+)")
_HOST = re.compile(r"[A-Za-z0-9._-]+(?::\d+)?|\[[0-9A-Fa-f:]+\](?::\d+)?")
# What GitHub, Gitea and Forgejo allow in a name; no dots that would lead out of a path.
_NAME = re.compile(r"(?!\.+$)[A-Za-z0-9._-]{1,100}")
_HTTP = ("http", "https")
_SSH = ("ssh", "git+ssh", "ssh+git", "git")
_ALIASES = {"www.github.com": "github.com", "ssh.github.com": "github.com"}
_PARTS = 2  # owner and name


@dataclass(frozen=True, slots=True)
class Address:
    """A repository on a forge.

    Attributes:
        base: where the forge's pages are, without a user and a closing slash: `https://host`.
        owner: the user or organisation.
        name: the repository's own name.
    """

    base: str
    owner: str
    name: str

    @property
    def host(self) -> str:
        """The host, with a port that is not the usual one."""
        return urlsplit(self.base).netloc

    @classmethod
    def parse(cls, url: str) -> Address:
        """Return where a mirror's URL points; one of SSH is taken to have its pages at HTTPS.

        Raises:
            UsageError: there can be no forge behind it, or it names no repository.
        """
        scheme, host, path = _split(url)
        parts = [unquote(part) for part in path.removesuffix("/").split("/") if part]
        if len(parts) < _PARTS or not _HOST.fullmatch(host):
            raise _unusable(url)
        *above, owner, name = parts
        name = name.removesuffix(".git")
        if not all(_NAME.fullmatch(part) for part in (*above, owner, name)):
            raise _unusable(url)
        host = _ALIASES.get(host.lower(), host.lower())
        return cls("/".join((f"{scheme}://{host}", *above)), owner, name)

    @classmethod
    def of_owner(cls, url: str) -> Address:
        """Return where the URL of an organisation or user points; its repository has no name.

        Raises:
            UsageError: there can be no forge behind it, or it names nobody.
        """
        try:
            found = cls.parse(f"{url.rstrip('/')}/-")
        except UsageError:
            raise UsageError(
                f"{_shown(url)!r} names no organisation on a forge",
                hint="write https://host/organisation",
            ) from None
        return cls(found.base, found.owner, "")


def _split(url: str) -> tuple[str, str, str]:
    """Return scheme and host of the pages, and the repository's path."""
    if "://" not in url:
        if found := _SCP.fullmatch(url):
            return "https", found["host"], found["path"]
        raise _unusable(url)
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  reading it checks it
    except ValueError:
        raise _unusable(url) from None
    if parts.query or parts.fragment:
        raise _unusable(url)
    host = parts.netloc.rpartition("@")[2]
    scheme = parts.scheme.lower()
    if scheme in _SSH:
        return "https", re.sub(r":\d+$", "", host), parts.path
    if scheme not in _HTTP:
        raise _unusable(url)
    usual = {"http": ":80", "https": ":443"}[scheme]
    return scheme, host.removesuffix(usual), parts.path


def _unusable(url: str) -> UsageError:
    return UsageError(
        f"{_shown(url)!r} names no repository on a forge",
        hint="write https://host/owner/recipe.git or git@host:owner/recipe.git",
    )


def _shown(url: str) -> str:
    return re.sub(r"(?<=://)[^/@\s]*@", "", url)
