"""How PyGithub asks GitHub here: bounded, tried again where that is safe, errors in GitHub's words.

PyGithub's own way sends a POST again that GitHub may have acted on, and follows a redirect without
its query; it is not used. https://docs.github.com/en/rest/using-the-rest-api
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from github.Requester import Requester

from patchkit import __version__
from patchkit.errors import ForgeError
from patchkit.forge.exchange import Line
from patchkit.forge.github_answers import judge
from patchkit.forge.once import again
from patchkit.forge.words import clean

if TYPE_CHECKING:
    from patchkit.forge.token import Token

_PAGE = 100  # items of a list an answer, the most that GitHub gives
# What is added twice to a pull request is there once.
_ADDING = ("/labels", "/assignees", "/requested_reviewers")
_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


class GitHubRequester(Requester):
    """PyGithub's way to GitHub; every object that PyGithub makes asks through it.

    Args:
        base_url: of the API.
        token: of the user; None for what everybody may read.
        timeout: seconds that an answer may take, and that a connection may stand still.
        pauses: seconds between requests, and after one that writes.

    Raises:
        UsageError: the token would cross the network unencrypted.
    """

    def __init__(
        self, base_url: str, token: Token | None, *, timeout: float, pauses: tuple[float, float]
    ) -> None:
        super().__init__(
            auth=None,  # PyGithub need not know the token
            base_url=base_url,
            timeout=0,
            user_agent=f"patchkit/{__version__}",
            per_page=_PAGE,
            verify=True,
            retry=None,
            pool_size=None,
            lazy=True,
        )
        secret = token.reveal() if token else ""
        signed = secret and f"Bearer {secret}"
        self._line = Line(base_url, signed, secret, timeout=timeout, headers=_HEADERS)
        self._token = token
        self._pauses = pauses
        self._next = 0.0  # by the monotonic clock

    def requestJsonAndCheck(self, *arguments: Any, **named: Any) -> tuple[dict[str, Any], Any]:  # noqa: N802
        """Refuse an answer that leads to another host, which PyGithub asserts."""
        try:
            return super().requestJsonAndCheck(*arguments, **named)
        except AssertionError as error:
            found = clean(str(error), self._token.reveal() if self._token else "")
        raise ForgeError(
            f"{self.hostname} sends patchkit to another place: {found}",
            hint="write the base URL into the settings that GitHub itself uses",
        )

    def requestJson(  # noqa: N802, PLR0917
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,  # noqa: ARG002  previews, all long over
        input: Any | None = None,  # noqa: A002
        cnx: object = None,  # noqa: ARG002
        follow_302_redirect: bool = False,  # noqa: ARG002
    ) -> tuple[int, dict[str, Any], str]:
        """Return status, headers and text of an answer that is JSON and no refusal.

        Raises:
            ForgeError: GitHub refuses, or cannot be reached; a PassingError that `acted` when it
                may have done what was asked.
        """
        harmless = verb != "POST" or url.endswith(_ADDING)
        return again(lambda: self._ask(verb, url, parameters, input), harmless=harmless)

    def _ask(
        self, verb: str, url: str, query: dict[str, Any] | None, body: Any | None
    ) -> tuple[int, dict[str, Any], str]:
        where = self._own(url)
        self._pause()
        try:
            status, headers, text = self._line.ask(verb, where, query or {}, body)
        finally:
            self._next = time.monotonic() + self._pauses[verb != "GET"]
        asked = f"{verb} {urlsplit(where).path}"
        found = {name.lower(): value for name, value in headers.items()}
        data = judge(status, found, text, asked=asked, host=self.hostname, token=self._token)
        paged = "per_page" in (query or {}) or "page=" in where
        if verb == "GET" and not (_is_list(data) if paged else isinstance(data, dict)):
            raise ForgeError(
                f"{self.hostname} answers {asked} with another kind of data", hint="is it a GitHub?"
            )
        return status, found, text

    def _own(self, url: str) -> str:
        """Return a URL on GitHub's own host, where alone the token goes."""
        if url.startswith("/"):
            return f"{self.base_url}{url}"
        base, parts = urlsplit(self.base_url), urlsplit(url)
        return parts._replace(scheme=base.scheme, netloc=base.netloc).geturl()

    def _pause(self) -> None:
        """Leave GitHub the time between requests that it asks for."""
        if (wait := self._next - time.monotonic()) > 0:
            time.sleep(wait)


def _is_list(data: Any) -> bool:
    """Return whether data is a page of a list, in the forms that GitHub has for one."""
    if isinstance(data, dict):
        return "total_count" in data
    return isinstance(data, list) and all(isinstance(item, dict) for item in data)
