"""Steps before the tiers of mumble."""

from harness.lifecycle import exec_in


def pre_backup(ctx):
    """Leave a file to be restored."""
    exec_in(ctx, "touch", "/data/saved", service="app")
