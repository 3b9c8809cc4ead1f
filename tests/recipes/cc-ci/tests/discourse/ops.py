"""Steps before the tiers of discourse."""

from harness.lifecycle import exec_in


def pre_upgrade(ctx):
    """Leave a topic to be found afterwards."""
    exec_in(ctx, "rails", "runner", "Topic.create!(title: 'before the upgrade')", service="app")
