"""A restore brings accounts back."""

from harness import lifecycle


def test_account_is_back(ctx):
    accounts = lifecycle.exec_in(ctx, "goat", "pds", "admin", "account", "list", service="app")
    assert f"saved.{ctx.domain}" in accounts
