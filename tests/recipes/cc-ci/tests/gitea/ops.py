"""Steps before the tiers of gitea."""

from harness.lifecycle import exec_in


def pre_upgrade(ctx):
    """Leave a user to be found afterwards."""
    exec_in(ctx, "gitea", "admin", "user", "create", "--username", "upgraded", service="app")


def pre_backup(ctx):
    """Leave a user to be restored."""
    exec_in(ctx, "gitea", "admin", "user", "create", "--username", "saved", service="app")
