"""One request to a server on loopback, as a visitor of a domain makes it."""

from __future__ import annotations

import http.client
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor gets.

    Attributes:
        status: the HTTP status; 0 without an answer.
        error: why there is none.
        has_certificate: whether a certificate for the domain was shown.
    """

    status: int
    error: str = ""
    has_certificate: bool = False


def visit(port: int, domain: str, path: str, authority: Path | None) -> Answer:
    """Return what a domain answers on a port of loopback.

    Args:
        port: where its server listens.
        domain: the host name, also for SNI.
        path: path and query.
        authority: the root certificate that is trusted; None for plain HTTP.
    """
    secure = False
    try:
        with socket.create_connection(("127.0.0.1", port), _SECONDS) as plain:
            if authority is None:
                return _answer(plain, domain, path, has_certificate=False)
            context = ssl.create_default_context(cafile=str(authority))
            with context.wrap_socket(plain, server_hostname=domain) as wrapped:
                secure = True
                return _answer(wrapped, domain, path, has_certificate=True)
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, str(error) or type(error).__name__, secure)


def _answer(connected: socket.socket, domain: str, path: str, *, has_certificate: bool) -> Answer:
    connection = http.client.HTTPConnection(domain)
    connection.sock = connected
    connection.request("GET", path, headers={"Host": domain, "Connection": "close"})
    return Answer(connection.getresponse().status, has_certificate=has_certificate)
