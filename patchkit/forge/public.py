"""JSON that a server shows to everybody, such as the results of a run of CI: no token is sent.

The address may come from a stranger's answer: the answer is bounded, and no redirect is followed.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from patchkit.errors import ForgeError
from patchkit.forge.exchange import Line, moved
from patchkit.forge.gitea_answers import is_passing
from patchkit.forge.once import PassingError, again
from patchkit.forge.words import clean, json_of, reason, retry_after

_SECONDS = 20.0
_MOST = 2**20  # characters


def public_json(url: str, *, timeout: float = _SECONDS) -> Any:
    """Return the data of a JSON document, asked for again while its faults may pass.

    Args:
        url: of HTTP or HTTPS.
        timeout: seconds that an answer may take.

    Raises:
        ForgeError: there is none, or it cannot be read.
    """
    return again(lambda: _asked(url, timeout), harmless=True)


def _asked(url: str, timeout: float) -> Any:
    status, headers, text = Line(url, "", "", timeout=timeout).ask("GET", url, {}, None)
    message = f"{urlsplit(url).netloc} answers GET {urlsplit(url).path} with {status}"
    if is_passing(status):
        wait = retry_after(headers.get("retry-after"))
        raise PassingError(f"{message}: {reason(status)}", status=status, wait=wait)
    if status >= HTTPStatus.BAD_REQUEST:
        raise ForgeError(f"{message}: {reason(status)}", status=status)
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise moved(message, headers, status, "")
    if len(text) > _MOST:
        raise ForgeError(f"{message} and more than {_MOST:,} characters", status=status)
    data = json_of(text)
    if data is None:
        raise ForgeError(f"{message} and no JSON: {clean(text, '')[:80]!r}", status=status)
    return data
