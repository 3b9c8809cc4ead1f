"""The upgrade to the head moves from Bitnami's image to the official one, and loses nothing."""

from harness import lifecycle

OLD_IMAGE = "bitnamilegacy/discourse"


def test_head_runs_official_image_not_bitnamilegacy(ctx):
    images = lifecycle.services(ctx).values()
    assert not [image for image in images if OLD_IMAGE in image]
    assert [image for image in images if image.startswith("discourse/")]


def test_sidekiq_service_dropped_by_head(ctx):
    assert "sidekiq" not in lifecycle.services(ctx)


def test_topic_survives(ctx):
    titles = lifecycle.exec_in(ctx, "rails", "runner", "puts Topic.pluck(:title)", service="app")
    assert "before the upgrade" in titles
