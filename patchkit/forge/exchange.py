"""One request and its answer over HTTP: bounded in time and size, led nowhere else.

Redirects are not followed, so that a token reaches no host but its own, and `.netrc` is not read,
which would take the token's place. https://requests.readthedocs.io
"""

from __future__ import annotations

import re
import ssl
import time
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from patchkit import __version__
from patchkit.errors import ForgeError, UsageError
from patchkit.forge.once import PassingError
from patchkit.forge.quiet import QuietAdapter
from patchkit.forge.words import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

Exchanged: TypeAlias = "tuple[int, Mapping[str, str], str]"
"""Status, headers whatever their case, and text."""

_MOST = 32 * 2**20  # bytes of an answer
_CHUNK = 2**16
_CONNECT = 10.0  # seconds
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Made before a byte was sent: the forge has not seen the request.
_UNSENT = (NewConnectionError, ConnectTimeoutError)


class Line:
    """Requests to one server.

    Args:
        base: where its pages are, for messages.
        authorization: the header's value; empty for nobody's.
        secret: what of it must not be told.
        timeout: seconds that an answer may take, and that a connection may stand still.
        headers: what the forge wants beside the usual ones.

    Raises:
        UsageError: the secret would cross the network unencrypted.
    """

    def __init__(
        self,
        base: str,
        authorization: str,
        secret: str,
        *,
        timeout: float,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        _check_encrypted(base, secret)
        self._base, self._authorization, self._secret = base, authorization, secret
        self._timeout = timeout
        self._session = requests.Session()
        self._session.auth = self._sign
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, QuietAdapter())
        self._session.headers["User-Agent"] = f"patchkit/{__version__}"
        self._session.headers["Accept"] = "application/json"
        self._session.headers.update(headers or {})

    def ask(self, method: str, url: str, query: Mapping[str, object], body: Any) -> Exchanged:
        """Return what a server answers.

        Raises:
            ForgeError: it gives no answer; a PassingError that `acted` when it may have done what
                was asked.
        """
        try:
            return self._exchange(method, url, query, body)
        except requests.RequestException as error:
            fault = self._unanswered(error, f"{method} {urlsplit(url).path}")
        # Outside of the handler: what went wrong below holds the headers of the request.
        raise fault

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._authorization:
            request.headers["Authorization"] = self._authorization
        return request

    def _exchange(self, method: str, url: str, query: Mapping[str, object], body: Any) -> Exchanged:
        end = time.monotonic() + self._timeout
        with self._session.request(
            method,
            url,
            params={name: str(value) for name, value in query.items()},
            json=body,
            timeout=(min(_CONNECT, self._timeout), self._timeout),
            allow_redirects=False,
            stream=True,
        ) as response:
            text = _bounded(response, end).decode("utf-8", "replace")
            return response.status_code, response.headers, text

    def _unanswered(self, error: requests.RequestException, asked: str) -> ForgeError:
        why = clean(_words(error), self._secret) or type(error).__name__
        message = f"{urlsplit(self._base).netloc} does not answer {asked}: {why}"
        cause = _cause(error)
        if isinstance(cause, ssl.SSLCertVerificationError):
            hint = "if its certificate is your own, name its authority in REQUESTS_CA_BUNDLE"
            return ForgeError(message, hint=hint)
        hint = f"see whether {self._base} can be reached from here, then run it again"
        acted = not asked.startswith("GET ") and not isinstance(cause, _UNSENT)
        return PassingError(message, hint=hint, acted=acted)


def moved(message: str, headers: Mapping[str, str], status: int, secret: str) -> ForgeError:
    """Refuse to follow: another host must not get the token, another name has other pulls."""
    where = clean(headers.get("location", "nowhere"), secret)
    hint = "if the forge or the repository has a new name, write that into the settings"
    return ForgeError(f"{message} to {where}", status=status, hint=hint)


def _check_encrypted(base: str, secret: str) -> None:
    parts = urlsplit(base)
    if secret and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise UsageError(
            f"http shows the token to everybody between here and {parts.netloc}",
            hint=f"write https://{parts.netloc}{parts.path}",
        )


def _words(error: BaseException) -> str:
    """Return what went wrong, without the names of the classes that wrap it."""
    inner = _cause(error)
    words = str(inner if isinstance(inner, Exception) else error)
    return re.sub(r"^\w+\(.*?\): ", "", words)


def _cause(error: BaseException) -> object:
    """Return what lies below the wrappers of requests and urllib3."""
    inner = error.args[0] if error.args else None
    if isinstance(inner, MaxRetryError):
        inner = inner.reason
    below = inner.args[0] if isinstance(inner, Exception) and inner.args else None
    return below if isinstance(below, ssl.SSLError) else inner


def _bounded(response: requests.Response, end: float) -> bytes:
    body = b""
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > _MOST:
            raise requests.exceptions.ContentDecodingError("the answer has no end")
        if time.monotonic() > end:
            raise requests.exceptions.ReadTimeout("the answer takes too long")
    return body
