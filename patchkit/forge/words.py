"""What a stranger's answer says, in a form that may be printed."""

from __future__ import annotations

import json
import re
import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST = 500  # characters
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def clean(text: str, token: str) -> str:
    """Return what a stranger says, safe to print: bounded, on one line, without the token."""
    text = text.replace(token, "***") if token else text
    text = _CONTROL.sub(" ", text).strip()
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def json_of(text: str) -> Any:
    """Return the data of a text that is JSON, None when it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def page_title(text: str) -> str:
    """Return the title of a page, which proxies and load balancers answer with."""
    found = re.search(r"<(title|h1)[^>]*>([^<]*)", text, re.IGNORECASE)
    return found[2].strip() if found else ""


def reason(status: int) -> str:
    """Return the words that HTTP has for a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "no reason given"


def retry_after(header: str | None) -> float | None:
    """Return the seconds of `Retry-After`, which may be a date."""
    value = (header or "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None


def without(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return each name once that is not known; forges take no heed of their case."""
    left = {name.casefold(): name for name in names}
    for name in known:
        left.pop(name.casefold(), None)
    return list(left.values())


def is_same(body: str, other: str) -> bool:
    """Return whether a forge may have made one text of the other: line ends, and what surrounds."""
    return _plain(body) == _plain(other)


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n").strip()
