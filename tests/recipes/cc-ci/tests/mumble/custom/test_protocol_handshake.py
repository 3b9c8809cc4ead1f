"""Clients can log in."""

from harness import mumble


def test_handshake_completes_with_channel_presence(ctx):
    channels = mumble.retry_handshake(ctx.domain)
    assert "Root" in channels
