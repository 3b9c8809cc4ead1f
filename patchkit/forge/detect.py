"""Which forge is behind a URL, and the way to it.

The host's name says it, or the server is asked, without a token and for a few bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, get_args

from patchkit.errors import ForgeError, UsageError
from patchkit.forge.address import Address
from patchkit.forge.protocol import Kind

if TYPE_CHECKING:
    from patchkit.forge.protocol import Forge
    from patchkit.forge.token import Token

_KINDS = get_args(Kind)
_SECONDS = 10.0  # that a server may take to say what it is
# Forgejo names the Gitea that its API goes by: 14.0.2+gitea-1.22.0.
_FORGEJO = "+gitea"


def connect(
    url: str, *, kind: str | None = None, token: Token | None = None, api: str | None = None
) -> Forge:
    """Return the repository behind a mirror's URL, as the user of a token sees it.

    Args:
        url: what git takes.
        kind: `gitea`, `forgejo` or `github`; found out when it is not said.
        token: see `find_token`.
        api: the base URL of the API; where the forge has it by default.

    Raises:
        UsageError: the URL or the kind is wrong.
        ForgeError: the server cannot be asked what it is, or is none that patchkit knows.
    """
    return reach(Address.parse(url), kind=kind, token=token, api=api)


def reach(
    address: Address,
    *,
    kind: str | None = None,
    token: Token | None = None,
    api: str | None = None,
) -> Forge:
    """Return the forge at an address, whose repository may have no name; else as `connect`.

    Raises:
        UsageError: the kind is wrong.
        ForgeError: the server cannot be asked what it is, or is none that patchkit knows.
    """
    kind = detect(address) if kind is None else kind
    if kind not in _KINDS:
        raise UsageError(f"{kind!r} is no forge", hint=f"write one of {', '.join(_KINDS)}")
    if kind == "github":
        from patchkit.forge.github import GitHub, api_url  # noqa: PLC0415  it takes its time

        return GitHub(address.owner, address.name, token, base_url=api or api_url(address.base))
    from patchkit.forge.gitea import Gitea  # noqa: PLC0415
    from patchkit.forge.http import Http  # noqa: PLC0415

    base = api.removesuffix("/api/v1") if api else address.base
    return Gitea(Http(base, token), address.owner, address.name, kind=kind)


def detect(address: Address) -> Kind:
    """Return what kind of forge a repository lies on.

    Raises:
        ForgeError: the server cannot be asked, or is none that patchkit knows.
    """
    if address.host == "github.com" or address.host.endswith(".ghe.com"):
        return "github"
    return _gitea(address.base) or _github(address.base) or _unknown(address.base)


def _gitea(base: str) -> Kind | None:
    """Return the kind of Gitea by its version; one that tells it to members alone says so."""
    data = _asked(base, "api/v1", "version")
    version = data.get("version")
    if isinstance(version, str):
        return "forgejo" if _FORGEJO in version else "gitea"
    return "gitea" if str(data.get("url", "")).endswith("/api/swagger") else None


def _github(base: str) -> Kind | None:
    """Return GitHub for an Enterprise server; one in private mode names GitHub's documentation."""
    data = _asked(base, "api/v3", "meta")
    known = "verifiable_password_authentication" in data
    return "github" if known or "github.com" in str(data.get("documentation_url")) else None


def _asked(base: str, api: str, where: str) -> dict[str, Any]:
    from patchkit.forge.http import Http  # noqa: PLC0415  requests takes its time

    data = Http(base, None, api=api, timeout=_SECONDS).probe(where)
    return data if isinstance(data, dict) else {}


def _unknown(base: str) -> NoReturn:
    raise ForgeError(
        f"{base} answers neither as a Gitea or Forgejo (/api/v1/version) nor as a GitHub "
        "(/api/v3/meta)",
        hint=f"see whether the URL is right, or say which it is: {', '.join(_KINDS)}",
    )
