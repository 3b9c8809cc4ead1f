"""What GitHub's answers say: a refusal in its words with the next step, or a fault that passes.

https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api and
https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from patchkit.errors import ForgeError
from patchkit.forge.exchange import moved
from patchkit.forge.once import LONGEST_WAIT, PassingError
from patchkit.forge.words import clean, json_of, page_title, reason, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.forge.token import Token

_RATE_LIMIT = re.compile(
    r"rate limit|abuse detection|retry your request again later|wait a few minutes", re.IGNORECASE
)
_TROUBLE = "GitHub has trouble: see https://www.githubstatus.com, then run it again"
_YEAR = 365 * 86400.0
_MINUTE = 60.0  # GitHub's own advice where it names no time


def judge(
    status: int,
    headers: Mapping[str, str],
    text: str,
    *,
    asked: str,
    host: str,
    token: Token | None,
) -> Any:
    """Return the data of an answer, or raise what is wrong with it.

    Args:
        status: its HTTP status.
        headers: with names in small letters.
        text: its body.
        asked: method and path.
        host: who answers.
        token: what was sent, and must not be told.

    Raises:
        ForgeError: a refusal; a PassingError when it may be another one at the next try.
    """
    data, writes = json_of(text), not asked.startswith("GET ")
    words = _clean(_words(data) or page_title(text) or reason(status), token)
    message = f"{host} answers {asked} with {status}: {words}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        wait = retry_after(headers.get("retry-after"))
        raise PassingError(message, status=status, hint=_TROUBLE, acted=writes, wait=wait)
    if status >= HTTPStatus.BAD_REQUEST:
        if _is_limited(status, headers, words):
            raise _limited(message, status, headers)
        raise ForgeError(message, status=status, hint=_hint(status, headers, host, token))
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise moved(f"{host} sends {asked} on", headers, status, token.reveal() if token else "")
    if data is None and status != HTTPStatus.NO_CONTENT:
        message = f"{host} answers {asked} with what is no JSON: {_clean(text, token)[:80]!r}"
        hint = f"is {host} a GitHub? Ask its API for /meta"
        raise PassingError(message, status=status, hint=hint, acted=writes)
    if asked.endswith("/graphql") and isinstance(data, dict) and "errors" in data:
        raise _graphql(data["errors"], f"{host} refuses {asked}: {words}")
    return data


def _clean(text: str, token: Token | None) -> str:
    # No name holds the secret where an error is raised: a traceback may show what names hold.
    return clean(text, token.reveal() if token else "")


def _words(data: Any) -> str:
    """Return GitHub's words: its message, and each error of a validation spelt out."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    spelt = [_spelt(error) for error in errors] if isinstance(errors, list) else []
    return ": ".join(part for part in (str(data.get("message") or ""), "; ".join(spelt)) if part)


def _spelt(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    if error.get("message"):
        return str(error["message"])
    where = ".".join(str(error[key]) for key in ("resource", "field") if error.get(key))
    return f"{where} {str(error.get('code') or 'is wrong').replace('_', ' ')}".strip()


def _is_limited(status: int, headers: Mapping[str, str], words: str) -> bool:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    return status == HTTPStatus.FORBIDDEN and (
        "retry-after" in headers
        or headers.get("x-ratelimit-remaining") == "0"
        or bool(_RATE_LIMIT.search(words))
    )


def _limited(message: str, status: int, headers: Mapping[str, str]) -> ForgeError:
    wait = retry_after(headers.get("retry-after"))
    if wait is None:
        wait = _until_reset(headers)
    if wait > LONGEST_WAIT:
        when = datetime.fromtimestamp(time.time() + min(wait, _YEAR), UTC)
        return ForgeError(
            message, status=status, hint=f"run it again after {when:%Y-%m-%d %H:%M:%S} UTC"
        )
    return PassingError(message, status=status, hint="run it again in a minute", wait=wait)


def _until_reset(headers: Mapping[str, str]) -> float:
    reset = str(headers.get("x-ratelimit-reset", ""))
    if headers.get("x-ratelimit-remaining") != "0" or not reset.isdecimal():
        return _MINUTE
    return max(0.0, float(reset) + 1 - time.time())


def _graphql(errors: Any, message: str) -> ForgeError:
    kinds = {str(error.get("type")) for error in errors if isinstance(error, dict)}
    if "RATE_LIMITED" in kinds:
        return PassingError(message, hint="run it again in a minute", wait=_MINUTE)
    return ForgeError(message, status=HTTPStatus.OK, hint="see whether the token may write pulls")


def _hint(status: int, headers: Mapping[str, str], host: str, token: Token | None) -> str:
    match status:
        case HTTPStatus.UNAUTHORIZED if token is None:
            return f"make a token for {host} and put it into PATCHKIT_TOKEN or GITHUB_TOKEN"
        case HTTPStatus.UNAUTHORIZED:
            where = token and token.source
            return f"the token comes from {where}: it is wrong, revoked or expired; make another"
        case HTTPStatus.FORBIDDEN:
            return _clean(_missing_right(headers), token)
        case HTTPStatus.NOT_FOUND:
            return "it does not exist, or the token may not see it"
    return ""


def _missing_right(headers: Mapping[str, str]) -> str:
    if sso := re.search(r"url=(\S+)", headers.get("x-github-sso", "")):
        return f"the organisation wants the token authorised: {sso[1]}"
    if needed := headers.get("x-accepted-github-permissions"):
        return f"the token needs the permission {needed}"
    if needed := headers.get("x-accepted-oauth-scopes"):
        has = headers.get("x-oauth-scopes") or "none"
        return f"the token needs one of the scopes {needed}; it has {has}"
    return "the token's user lacks the right, or the token lacks the scope (repo)"
