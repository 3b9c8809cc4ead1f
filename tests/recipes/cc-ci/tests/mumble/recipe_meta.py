"""Mumble: voice chat, which speaks a protocol of its own and serves no pages."""

HEALTH_PATH = None
SCREENSHOT = False


def READY_PROBE(ctx):
    """Wait for the port of the control channel."""
    return {"tcp_host": ctx.domain, "tcp_port": 64738, "stable": 3}
