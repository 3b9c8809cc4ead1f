"""The master realm works."""

from harness.lifecycle import exec_in


def test_admin_sees_the_master_realm(ctx):
    exec_in(ctx, "kcadm.sh", "config", "credentials", "--realm", "master", service="app")
    assert "master" in exec_in(ctx, "kcadm.sh", "get", "realms", service="app")
