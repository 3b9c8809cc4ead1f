"""Clients can log in."""

from harness import mumble


def test_handshake_completes_with_channel_presence(ctx):
    probe = ctx.meta.READY_PROBE(ctx)
    channels = mumble.retry_handshake(probe["tcp_host"], probe["tcp_port"])
    assert "Root" in channels
