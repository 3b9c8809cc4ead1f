"""Steps before the tiers of bluesky-pds."""

from harness.lifecycle import exec_in


def pre_backup(ctx):
    """Leave an account to be restored."""
    create_account(ctx, "saved")


def pre_restore(ctx):
    """Lose the account."""
    exec_in(ctx, "goat", "pds", "admin", "account", "takedown", "saved", service="app")


def create_account(ctx, name):
    """Make an account on the PDS itself."""
    exec_in(
        ctx,
        *("goat", "pds", "admin", "account", "create"),
        *("--handle", f"{name}.{ctx.domain}", "--password", "from-the-tests"),
        service="app",  # the PDS, not the proxy before it
    )
