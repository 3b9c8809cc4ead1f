"""The fix of keycloak: the patched module gives every enrolled recipe its domain."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from cc_ci import HARNESS, fixed, importing, tree_of
from variants import sample

ZONE = "ci.example.org"
# Every recipe that is enrolled, written down a second time.
RECIPES = (
    *("bluesky-pds", "cryptpad", "custom-html", "discourse", "ghost", "gitea", "hedgedoc"),
    *("immich", "keycloak", "lasuite-docs", "lasuite-drive", "mailu", "matrix-synapse"),
    *("mattermost-lts", "mumble", "n8n", "nextcloud", "peertube", "plausible", "uptime-kuma"),
    "wordpress",
)
BEFORE = {recipe: f"warm-{recipe}.{ZONE}" for recipe in RECIPES}
AFTER = BEFORE | {"keycloak": f"warm-canon-keycloak.{ZONE}"}
LIVE = {f"warm-keycloak.{ZONE}", f"traefik.{ZONE}"}


@pytest.fixture
def harness(tmp_path):
    """Return a function that imports the modules of a harness."""

    def run(tree, read):
        folder = Path(tempfile.mkdtemp(dir=tmp_path))
        tree.write(folder)
        with importing(folder) as load:
            return read(load)

    return run


def domains(load):
    assert set(load("warm").WARM_DOMAINS.values()) == LIVE
    enrolled = load("enrolled").RECIPES
    assert len(enrolled) == len(set(enrolled)) == 21
    return {recipe: load("canonical").canonical_domain(recipe) for recipe in enrolled}


def test_before_keycloak_has_the_domain_of_the_live_provider(harness):
    found = harness(tree_of(sample(HARNESS)), domains)
    assert found == BEFORE
    assert set(found.values()) & LIVE == {f"warm-keycloak.{ZONE}"}


def test_after_one_domain_is_another_and_none_collides(harness):
    found = harness(fixed("keycloak"), domains)
    assert found == AFTER
    assert {recipe for recipe in found if found[recipe] != BEFORE[recipe]} == {"keycloak"}
    assert len(set(found.values())) == len(found)
    assert not set(found.values()) & LIVE


def test_after_keycloak_is_kept_warm(harness):
    before = harness(tree_of(sample(HARNESS)), lambda load: load("canonical").canonical_domains())
    assert "keycloak" not in before
    found = harness(fixed("keycloak"), lambda load: load("canonical").canonical_domains())
    assert found == AFTER


def test_loader_takes_the_patched_settings(harness):
    settings = harness(fixed("keycloak"), lambda load: load("meta").load("keycloak"))
    assert settings.WARM_CANONICAL is True
    assert settings.HEALTH_PATH == "/realms/master"


@pytest.mark.parametrize("live", RECIPES)
def test_recipe_that_becomes_a_live_provider_moves_as_well(live, harness):
    """It is told by WARM_DOMAINS, not by name."""
    tree = fixed("keycloak")

    def read(load):
        load("warm").WARM_DOMAINS[live] = BEFORE[live]
        return load("canonical").canonical_domain(live)

    assert harness(tree, read) == f"warm-canon-{live}.{ZONE}"
