"""The handshake, with a server that says what a test wants."""

import socket
import threading

import pytest
from harness import mumble


@pytest.fixture
def server():
    """Return a function that starts a server which says the given bytes, one after another."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve(*answers):
            def run():
                for answer in answers:
                    connection, _ = listening.accept()
                    with connection:
                        mumble.read_frame(connection)
                        mumble.read_frame(connection)
                        connection.sendall(answer)

            thread = threading.Thread(target=run, daemon=True)
            thread.start()
            return listening.getsockname()[1]

        yield serve


ACCEPTED = (
    mumble.frame(mumble.VERSION, "1.5.0")
    + mumble.frame(mumble.CHANNEL_STATE, "Root")
    + mumble.frame(mumble.SERVER_SYNC, "")
)


def test_channels_of_the_server(server):
    assert mumble.handshake("127.0.0.1", server(ACCEPTED)) == ["Root"]


def test_server_that_rejects(server):
    port = server(mumble.frame(mumble.REJECT, "full"))
    with pytest.raises(mumble.HandshakeError, match="rejected: full"):
        mumble.handshake("127.0.0.1", port)


def test_server_that_hangs_up(server):
    with pytest.raises(mumble.HandshakeError, match="hung up"):
        mumble.handshake("127.0.0.1", server(ACCEPTED[:9]))


def test_tries_again(server):
    port = server(b"", ACCEPTED)
    assert mumble.retry_handshake("127.0.0.1", port, pause=0) == ["Root"]


def test_gives_up(server):
    port = server(b"", b"")
    with pytest.raises(mumble.HandshakeError):
        mumble.retry_handshake("127.0.0.1", port, attempts=2, pause=0)
