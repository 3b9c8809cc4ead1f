"""A handshake with a Mumble server, as far as tests need it.

A real server speaks TLS, and the payload of its frames is Protocol Buffers. This sample sends the
same frames (a type of two bytes, a length of four, the payload) over plain TCP, with plain text as
payload, and goes through the same steps.
"""

import socket
import struct
import time

PORT = 64738
TIMEOUT = 5.0
ATTEMPTS = 3
VERSION, AUTHENTICATE, REJECT, SERVER_SYNC, CHANNEL_STATE = 0, 2, 4, 5, 7


class HandshakeError(Exception):
    """The server ended the handshake, or said something else."""


def handshake(host: str, port: int = PORT) -> list[str]:
    """Log in once, and return the channels that the server has."""
    channels = []
    with socket.create_connection((host, port), timeout=TIMEOUT) as connection:
        connection.sendall(frame(VERSION, "1.5.0") + frame(AUTHENTICATE, "ci"))
        while True:
            kind, text = read_frame(connection)
            if kind == REJECT:
                raise HandshakeError(f"rejected: {text}")
            if kind == SERVER_SYNC:
                return channels
            if kind == CHANNEL_STATE:
                channels.append(text)


def retry_handshake(
    host: str, port: int = PORT, *, attempts: int = ATTEMPTS, pause: float = 1.0
) -> list[str]:
    """Log in, and try again if that fails."""
    for _ in range(attempts - 1):
        try:
            return handshake(host, port)
        except (OSError, HandshakeError):
            time.sleep(pause)
    return handshake(host, port)


def frame(kind: int, text: str) -> bytes:
    """Return a frame as it is sent."""
    payload = text.encode()
    return struct.pack(">HI", kind, len(payload)) + payload


def read_frame(connection: socket.socket) -> tuple[int, str]:
    """Return type and payload of the next frame."""
    kind, length = struct.unpack(">HI", read_exactly(connection, 6))
    return kind, read_exactly(connection, length).decode()


def read_exactly(connection: socket.socket, length: int) -> bytes:
    """Return so many bytes, however they arrive."""
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise HandshakeError("the server hung up")
        data += part
    return data
