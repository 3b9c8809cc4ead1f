"""What lint finds in the samples: written down by hand, after a look at each place."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchkit.lint import lint
from patchkit.tree import RecipeTree

SAMPLES = Path(__file__).parents[1] / "recipes"

EXPECTED = {
    "murmur": [
        "Caddyfile:5:23 shared-network-collision",
        "compose.yml:16:41 on-failure-restart",
        "compose.yml:25:16 moving-image-tag",
        "compose.yml:25:16 odd-image-tag",
        "compose.yml:28:13 env-without-default",
        "compose.yml:34:44 read-only-config-in-volume",
    ],
    "owncast": [
        "compose.yml:9:12 moving-image-tag",
        "compose.yml:15:9 env-without-default",
        "compose.yml:17:9 env-without-default",
        "compose.yml:23:17 read-only-config-in-volume",
        "compose.yml:42:20 on-failure-restart",
        # a job that ends by itself
        "compose.yml:53:3 no-healthcheck",
        "compose.yml:57:25 shared-network-collision",
        "compose.yml:65:20 on-failure-restart",
    ],
    "bluesky-pds": [
        # caddy, the monitor and the toolbox are on proxy too, and ask it for any stack's app
        "Caddyfile.tmpl:8:14 shared-network-collision",
        "Caddyfile.tmpl:31:24 shared-network-collision",
        "Caddyfile.tmpl:37:24 shared-network-collision",
        "compose.debug.yml:14:88 shared-network-collision",
        "compose.monitor.yml:13:32 shared-network-collision",
        "compose.yml:92:102 shared-network-collision",
        # versions of this image do have two parts
        "compose.debug.yml:11:12 moving-image-tag",
    ],
    "discourse": [
        "compose.smtpauth.yml:23:3 long-secret-name",
        # no service was ever called discourse
        "compose.yml:8:9 dangling-reference",
    ],
    "discourse-migrated": [
        "compose.smtpauth.yml:14:3 no-healthcheck",
        "compose.smtpauth.yml:14:3 orphaned-service",
        "compose.smtpauth.yml:14:3 service-without-image",
        "compose.smtpauth.yml:24:3 long-secret-name",
    ],
    "gitea": [
        "compose.lfs.yml:15:17 read-only-config-in-volume",
        "compose.yml:28:17 read-only-config-in-volume",
        # the dump of SQLite's file is made, and never loaded
        "compose.sqlite3.yml:15:9 dump-without-restore",
    ],
    "mattermost-lts": [
        "compose.postgres-tuning.yml:22:9 dump-without-restore",
        "compose.postgres-tuning.yml:24:9 hot-data-backup",
        "compose.postgres-tuning.yml:24:9 old-backup-label",
        "compose.yml:96:9 dump-without-restore",
        "compose.yml:99:9 hot-data-backup",
        "compose.yml:99:9 old-backup-label",
    ],
    "bookstack": [
        "compose.yml:23:17 read-only-config-in-volume",
        "compose.yml:43:11 old-backup-label",
        "compose.yml:65:11 dump-without-restore",
        "compose.yml:66:11 old-backup-label",
        "compose.yml:79:3 unvendored-config",
    ],
    "ghost": [
        "compose.smtp.yml:12:5 no-healthcheck",
        "compose.smtp.yml:12:5 orphaned-service",
        "compose.smtp.yml:12:5 service-without-image",
        "compose.yml:39:19 old-backup-label",
        "compose.yml:52:15 hot-data-backup",
        "compose.yml:70:15 config-version-not-vendored",
    ],
    "wikijs": [
        "compose.yml:60:9 hot-data-backup",
        "compose.yml:60:9 old-backup-label",
    ],
}


def found(tree: RecipeTree) -> list[str]:
    return [f"{finding.place} {finding.rule}" for finding in lint(tree).findings]


@pytest.mark.parametrize("recipe", EXPECTED)
def test_sample(recipe):
    assert sorted(found(RecipeTree.from_dir(SAMPLES / recipe))) == sorted(EXPECTED[recipe])


def test_every_sample_is_here():
    assert {path.parent.name for path in SAMPLES.glob("*/compose.yml")} == set(EXPECTED)


def test_service_removed_from_the_base_alone():
    """The case that taught it: sidekiq leaves compose.yml, and overlays go on speaking of it."""
    tree = RecipeTree.from_dir(SAMPLES / "discourse")
    text = tree.text("compose.yml")
    start, end = text.index("  # Runs the jobs"), text.index("  app:\n")
    anchors = "x-env: &discourse-env {A: b}\nx-restart: &restart {condition: any}\n\nservices:\n"
    text = (text[:start] + text[end:]).replace("services:\n", anchors, 1)
    after = set(found(tree.with_file("compose.yml", text))) - set(found(tree))
    assert {row for row in after if "image" in row or "orphan" in row} == {
        "compose.plugins.yml:8:3 service-without-image",
        "compose.plugins.yml:8:3 orphaned-service",
        "compose.smtpauth.yml:15:3 service-without-image",
        "compose.smtpauth.yml:15:3 orphaned-service",
    }


def test_untracked_overlays_count():
    """Every compose*.yml of the folder is deployed by somebody, whatever COMPOSE_FILE says."""
    tree = RecipeTree.from_dir(SAMPLES / "gitea")
    tree = tree.with_file("compose.mine.yml", 'version: "3.8"\nservices:\n  extra: {}\n')
    assert "compose.mine.yml:3:3 orphaned-service" in found(tree)
