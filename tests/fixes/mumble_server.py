"""A Mumble server on loopback that is not well at first, in ways that are counted and not timed.

It speaks the frames of https://mumble-protocol.readthedocs.io without TLS, as the sample does.
The clock of its clients is the server's: their pauses are `pause`, which counts and sleeps never.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading

HOST = "127.0.0.1"
VERSION, AUTHENTICATE, REJECT, SERVER_SYNC, CHANNEL_STATE = 0, 2, 4, 5, 7
# Nothing of this is waited for, unless something is wrong.
LONG = 30


def frame(kind, payload=b""):
    return struct.pack(">HI", kind, len(payload)) + payload


WELCOME = frame(VERSION, b"1.5.0") + frame(CHANNEL_STATE, b"Root") + frame(SERVER_SYNC)


class Server:
    """A server that is well; others say what is wrong with them.

    Attributes:
        connections: how many it has taken, those that said nothing included.
        handshakes: how many of them were answered to the end.
        pauses: how many its clients have made.
    """

    def __init__(self):
        self.connections = self.handshakes = self.pauses = 0
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self.listening = socket.socket()
        self.listening.bind((HOST, 0))
        self.port = self.listening.getsockname()[1]
        self.start()

    def start(self):
        self.listening.listen(128)
        self.accept()

    def pause(self, _seconds):
        """What clients do instead of sleeping."""
        with self.changed:
            self.pauses += 1
            self.changed.notify_all()

    def patience(self):
        """Return the seconds that a client should wait for an answer: long if there will be one."""
        return LONG if self.is_well() else 0.05

    def is_well(self):
        return True

    def treat(self, connection, _number):
        """Do with a connection what the server does; number 1 is the first."""
        self.answer(connection)

    def answer(self, connection, *, step=1000):
        """Answer a handshake, `step` bytes at a time; return whether there was one."""
        if not (read_frame(connection) and read_frame(connection)):
            return False
        self.count("handshakes")
        for start in range(0, len(WELCOME), step):
            connection.sendall(WELCOME[start : start + step])
        return True

    def count(self, name, by=1):
        with self.changed:
            setattr(self, name, getattr(self, name) + by)
            self.changed.notify_all()
            return getattr(self, name)

    def wait_until(self, condition):
        with self.changed:
            assert self.changed.wait_for(lambda: condition() or self.closing.is_set(), LONG)

    def close(self):
        self.closing.set()
        with self.changed:
            self.changed.notify_all()
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)  # else a thread waits in accept for ever
        self.listening.close()

    def accept(self):
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while not self.closing.is_set():
                connection, _ = self.listening.accept()
                number = self.count("connections")
                threading.Thread(target=self._treat, args=(connection, number), daemon=True).start()

    def _treat(self, connection, number):
        with connection, contextlib.suppress(OSError):
            self.treat(connection, number)


def read_frame(connection):
    """Return type and payload of the next frame, None at the end of the connection."""
    head = read_exactly(connection, 6)
    if head is None:
        return None
    kind, length = struct.unpack(">HI", head)
    return kind, read_exactly(connection, length)


def read_exactly(connection, length):
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            return None
        data += part
    return data


class AcceptsLate(Server):
    """Listens after 3 pauses, so that the system takes connections, and looks at them after 12."""

    def start(self):
        pass

    def pause(self, seconds):
        super().pause(seconds)
        if self.pauses == 3:
            self.listening.listen(128)
        if self.pauses == 12:
            self.accept()

    def is_well(self):
        return self.pauses >= 12


class DropsTheFirst(Server):
    """Hangs up on the first 10 connections, and on 5 more after the first handshake."""

    left = 5

    def treat(self, connection, number):
        relapsed = self.handshakes == 1 and self.left > 0
        if relapsed:
            self.count("left", -1)
        if number > 10 and not relapsed:
            self.answer(connection)


class AnswersSlowly(Server):
    """Leaves the first 8 connections without an answer; others get theirs byte by byte."""

    def is_well(self):
        return self.connections >= 8

    def treat(self, connection, number):
        if number > 8:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.answer(connection, step=1)
        else:
            read_exactly(connection, 10_000)


class IsCrowded(Server):
    """Has 51 seats, all taken by clients that talk; after 6 pauses one of them leaves.

    The other 50 go on while a handshake is answered.
    """

    seats = 51
    users = 0

    def __init__(self):
        super().__init__()
        self.leaving = threading.Event()
        for number in range(self.seats):
            threading.Thread(target=self._talk, args=(number,), daemon=True).start()
        self.wait_until(lambda: self.users == self.seats)

    def pause(self, seconds):
        super().pause(seconds)
        if self.pauses >= 6:
            self.leaving.set()
            self.wait_until(lambda: self.users < self.seats)

    def treat(self, connection, _number):
        if self.count("users") > self.seats:
            self.count("users", -1)
            connection.sendall(frame(REJECT, b"full"))
            read_exactly(connection, 10_000)
            return
        try:
            while self.answer(connection):
                pass
        finally:
            self.count("users", -1)

    def _talk(self, number):
        """Take a seat, and use it until the server closes; the first one leaves before."""
        with contextlib.suppress(OSError), socket.create_connection((HOST, self.port)) as mine:
            while not (number == 0 and self.leaving.is_set()):
                mine.sendall(frame(VERSION, b"1.5.0") + frame(AUTHENTICATE, b"talker"))
                while (read_frame(mine) or (SERVER_SYNC,))[0] != SERVER_SYNC:
                    pass
                if self.closing.wait(0.01):
                    break
