"""What Gitea's answers say: data, a refusal in its words with the next step, or a passing fault.

https://docs.gitea.com/development/api-usage
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from patchkit.errors import ForgeError
from patchkit.forge.exchange import moved
from patchkit.forge.once import LONGEST_WAIT, PassingError
from patchkit.forge.token import variables
from patchkit.forge.words import clean, json_of, page_title, reason, retry_after

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.forge.exchange import Exchanged
    from patchkit.forge.token import Token


def judged(answer: Exchanged, *, asked: str, base: str, token: Token | None) -> Any:
    """Return the data of an answer, or raise what is wrong with it.

    Args:
        answer: status, headers and text.
        asked: method and path.
        base: where the forge's pages are.
        token: what was sent, and must not be told.

    Raises:
        ForgeError: a refusal; a PassingError when it may be another one at the next try.
    """
    status, headers, text = answer
    host, writes = urlsplit(base).netloc, not asked.startswith("GET ")
    words = clean(_words(text) or page_title(text) or reason(status), _secret(token))
    message = f"{host} answers {asked} with {status}: {words}"
    if is_passing(status):
        acted = writes and status != HTTPStatus.TOO_MANY_REQUESTS
        raise _passing(message, status, headers, acted=acted)
    if status >= HTTPStatus.BAD_REQUEST:
        raise ForgeError(message, status=status, hint=_hint(status, base, token))
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        raise moved(f"{host} sends {asked} on", headers, status, _secret(token))
    data = json_of(text)
    if data is not None or text.strip() == "null" or status == HTTPStatus.NO_CONTENT:
        return data
    message = f"{host} answers {asked} with what is no JSON: {clean(text, _secret(token))[:80]!r}"
    hint = f"is {base} a Gitea or Forgejo? Ask it: curl {base}/api/v1/version"
    raise PassingError(message, status=status, hint=hint, acted=writes)


def _secret(token: Token | None) -> str:
    """Return what must not be told; it stands in no local name, which some tracebacks show."""
    return token.reveal() if token else ""


def is_passing(status: int) -> bool:
    """Return whether an answer may be another one at the next try."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _words(text: str) -> str:
    """Return the forge's message, with the errors that some versions add."""
    data = json_of(text)
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors")
    more = "; ".join(map(str, errors)) if isinstance(errors, list) else ""
    return ": ".join(part for part in (str(data.get("message") or ""), more) if part)


def _passing(message: str, status: int, headers: Mapping[str, str], *, acted: bool) -> PassingError:
    wait = retry_after(headers.get("retry-after"))
    hint = "run it again later"
    if wait is not None and wait > LONGEST_WAIT:
        hint = f"it asks to wait for {wait:.0f} seconds: run it again after that"
    return PassingError(message, status=status, hint=hint, acted=acted, wait=wait)


def _hint(status: int, base: str, token: Token | None) -> str:
    page = f"{base}/user/settings/applications"
    match status:
        case HTTPStatus.UNAUTHORIZED if token is None:
            name = variables(base, "gitea")[0]
            return f"make a token at {page} and put it into {name}"
        case HTTPStatus.UNAUTHORIZED:
            return f"the token comes from {token and token.source}: make another one at {page}"
        case HTTPStatus.FORBIDDEN:
            return (
                "the token's user needs write access to the repository, and the token the scopes "
                "write:repository and write:issue"
            )
        case HTTPStatus.NOT_FOUND:
            return "it does not exist, or the token may not see it"
        case HTTPStatus.LOCKED:
            return "the repository is archived: nothing can be changed in it"
    return ""
