"""How PyGithub asks GitHub here: bounded, tried again where that is safe, errors in GitHub's words.

PyGithub's own retries send a POST again that GitHub may have acted on, and its redirects forget
the query: both are off. https://docs.github.com/en/rest/using-the-rest-api
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests
from github.Auth import Token
from github.Requester import Requester
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from patchkit import __version__
from patchkit.errors import ForgeError
from patchkit.forge.github_answers import judge
from patchkit.forge.once import PassingError, again
from patchkit.forge.words import clean

if TYPE_CHECKING:
    from collections.abc import ItemsView

PAGE = 100  # items of a list an answer, the most that GitHub gives
_VERSION = "2022-11-28"  # of GitHub's API
_MOST = 32 * 2**20  # bytes of an answer
_CHUNK = 2**16
# Made before a byte was sent: GitHub has not seen the request.
_UNSENT = (NewConnectionError, ConnectTimeoutError)


class GitHubRequester(Requester):
    """PyGithub's way to GitHub; every object that PyGithub makes asks through it.

    Args:
        base_url: of the API.
        token: of the user; none for what everybody may read.
        timeout: seconds that an answer may take, and that a connection may stand still.
        pauses: seconds between requests, and between writes.
    """

    def __init__(
        self, base_url: str, token: str, *, timeout: float, pauses: tuple[float, float]
    ) -> None:
        super().__init__(
            auth=Token(token) if token else None,
            base_url=base_url,
            timeout=int(timeout) or 1,
            user_agent=f"patchkit/{__version__}",
            per_page=PAGE,
            verify=True,
            retry=None,
            pool_size=None,
            seconds_between_requests=pauses[0],
            seconds_between_writes=pauses[1],
            lazy=True,
            api_version=_VERSION,
        )
        self._token = token
        self._line = _Line(base_url, timeout)

    def requestJsonAndCheck(self, *arguments: Any, **named: Any) -> tuple[dict[str, Any], Any]:  # noqa: N802
        """Refuse an answer that leads to another host, which PyGithub asserts."""
        try:
            return super().requestJsonAndCheck(*arguments, **named)
        except AssertionError as error:
            found = clean(str(error), self._token)
        raise ForgeError(
            f"{self.hostname} sends patchkit to another place: {found}",
            hint="write the base URL into the settings that GitHub itself uses",
        )

    def requestJson(  # noqa: N802, PLR0917
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None = None,
        headers: dict[str, Any] | None = None,
        input: Any | None = None,  # noqa: A002
        cnx: object = None,  # noqa: ARG002  PyGithub's own connections are not used
        follow_302_redirect: bool = False,  # noqa: ARG002
    ) -> tuple[int, dict[str, Any], str]:
        """Return status, headers and text of an answer that is JSON and no refusal.

        Raises:
            ForgeError: GitHub refuses, or cannot be reached; a PassingError that `acted` when it
                may have done what was asked.
        """
        return again(
            lambda: self._ask(verb, url, parameters, headers, input), harmless=verb != "POST"
        )

    def _ask(
        self,
        verb: str,
        url: str,
        parameters: dict[str, Any] | None,
        headers: dict[str, Any] | None,
        body: Any | None,
    ) -> tuple[int, dict[str, Any], str]:
        asked = f"{verb} {urlsplit(url).path}"
        try:
            line = cast("Any", self._line)
            answer = super().requestJson(verb, url, parameters, dict(headers or {}), body, line)
        except requests.RequestException as error:
            fault = self._unanswered(error, asked, acted=verb != "GET")
        else:
            judge(*answer, asked=asked, host=self.hostname, token=self._token)
            return answer
        # Outside of the handler: what went wrong below holds the headers of the request.
        raise fault

    def _unanswered(
        self, error: requests.RequestException, asked: str, *, acted: bool
    ) -> ForgeError:
        why = clean(str(error), self._token) or type(error).__name__
        message = f"{self.hostname} does not answer {asked}: {why}"
        match error:
            case requests.TooManyRedirects():
                return _moved(f"{self.hostname} sends {asked} on to {why}", error)
            case requests.exceptions.SSLError():
                hint = "if its certificate is your own, name its authority in REQUESTS_CA_BUNDLE"
                return ForgeError(message, hint=hint)
            case ValueError():  # a URL or a header that cannot be sent at all
                return ForgeError(message, hint="look at base URL and token in the settings")
        hint = f"see whether {self.base_url} can be reached from here, then run it again"
        return PassingError(message, hint=hint, acted=acted and not _unsent(error))


def _moved(message: str, error: requests.TooManyRedirects) -> ForgeError:
    """Refuse to follow: under its new name heads have another owner, and pulls are not found."""
    status = None if error.response is None else error.response.status_code
    hint = "if the repository has a new name or owner, write that into the settings"
    return ForgeError(message, status=status, hint=hint)


def _unsent(error: requests.RequestException) -> bool:
    cause = error.args[0] if error.args else None
    return isinstance(cause.reason if isinstance(cause, MaxRetryError) else cause, _UNSENT)


@dataclass
class _Answer:
    """An answer in the form that PyGithub reads."""

    status: int
    headers: dict[str, str]
    body: bytes

    def getheaders(self) -> ItemsView[str, str]:
        return self.headers.items()

    def read(self) -> str:
        return self.body.decode("utf-8", "replace")


class _Line:
    """The connection that PyGithub asks through: it follows nowhere, and has an end."""

    def __init__(self, base_url: str, timeout: float) -> None:
        parts = urlsplit(base_url)
        self.host = parts.hostname
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._timeout = timeout
        self._session = requests.Session()
        self._session.auth = lambda request: request  # or else .netrc would take the token's place

    def request(
        self, verb: str, url: str, body: str | None, headers: dict[str, str], _stream: bool
    ) -> None:
        self._asked = verb, f"{self._origin}{url}"
        self._body = body
        self._headers = headers

    def getresponse(self) -> _Answer:
        end = time.monotonic() + self._timeout
        with self._session.request(
            *self._asked,
            data=self._body,
            headers=self._headers,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.is_redirect:
                raise requests.TooManyRedirects(response.headers["location"], response=response)
            headers = {name.lower(): value for name, value in response.headers.items()}
            return _Answer(response.status_code, headers, _bounded(response, end))


def _bounded(response: requests.Response, end: float) -> bytes:
    body = b""
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > _MOST:
            raise requests.exceptions.ContentDecodingError("the answer has no end")
        if time.monotonic() > end:
            raise requests.exceptions.ReadTimeout("the answer takes too long")
    return body
