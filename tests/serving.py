"""HTTP servers of tests: each waits for connections alone, and ends as soon as it is told to.

`socketserver` looks whether it shall end once in a while, which costs every test that runs beside
a server, and the end of each. A socket that is shut down is an event instead; where a system has
none for it, the next look ends the server.
"""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from socketserver import BaseServer

_LOOK = 0.5  # seconds between looks


@contextmanager
def serving(server: BaseServer) -> Iterator[None]:
    """Let a server answer until the end, when its socket is closed."""
    thread = threading.Thread(target=server.serve_forever, args=(_LOOK,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        with suppress(OSError):
            server.socket.shutdown(socket.SHUT_RDWR)
        server.shutdown()
        thread.join()
        server.server_close()
