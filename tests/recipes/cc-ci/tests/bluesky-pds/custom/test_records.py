"""The PDS serves the records of its accounts."""

from harness.lifecycle import exec_in

SERVICE_TYPE = "AtprotoPersonalDataServer"


def test_pds_describes_itself(ctx):
    described = exec_in(ctx, "goat", "pds", "describe", ctx.base_url, service="app")
    assert SERVICE_TYPE in described


def test_feed_is_empty_at_first(ctx):
    assert exec_in(ctx, "goat", "ls", f"probe.{ctx.domain}", service="app") == ""
