"""Waiting for a recipe, and looking into it."""

import socket

import pytest
from harness import lifecycle


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0), backlog=8) as server:
        yield server.getsockname()[1]


def test_port_that_takes_connections_is_ready(port):
    lifecycle.wait_ready({"tcp_host": "127.0.0.1", "tcp_port": port, "stable": 3}, pause=0)


def test_port_that_takes_none_is_not(port, monkeypatch):
    monkeypatch.setattr(lifecycle, "accepts", lambda host, port: False)
    with pytest.raises(lifecycle.NotReadyError, match="did not take 1 connections"):
        lifecycle.wait_ready({"tcp_host": "127.0.0.1", "tcp_port": port}, tries=2, pause=0)


def test_connections_count_in_a_row(port, monkeypatch):
    answers = iter([True, True, False, True, True, True])
    monkeypatch.setattr(lifecycle, "accepts", lambda host, port: next(answers))
    lifecycle.wait_ready({"tcp_host": "127.0.0.1", "tcp_port": port, "stable": 3}, pause=0)
    assert next(answers, None) is None
