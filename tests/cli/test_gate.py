"""`apply` and `diff` fail when a fix makes a recipe worse, and say which change did it."""

from __future__ import annotations

import json
import shutil

import pytest
from cli_tools import SAMPLES, content

# What a migration once did: the service goes from the base, and an overlay goes on naming it.
HALF = """\
id: half
title: Drop sidekiq from the base alone
recipe: discourse
why: The official image needs no sidekiq.
ops:
  - op: labels.set
    service: app
    labels: {coop-cloud.note: "1"}
  - op: yaml.unset
    path: services.sidekiq
"""
ALLOWED = (
    HALF
    + """\
allow:
  - {rule: R011, reason: nobody deploys the overlay}
  - {rule: orphaned-service, reason: nobody deploys the overlay}
"""
)
PLACE = "compose.smtpauth.yml:15:3"


@pytest.fixture
def discourse(tmp_path):
    """The sample, with nothing that takes its settings from the block of sidekiq."""
    folder = tmp_path / "discourse"
    shutil.copytree(SAMPLES / "discourse", folder)
    compose = folder / "compose.yml"
    text = compose.read_text().replace("      <<: *discourse-env\n", "      A: b\n")
    compose.write_text(text.replace("*restart", "{condition: any}"))
    return folder


@pytest.fixture
def half(tmp_path):
    path = tmp_path / "half.yml"
    path.write_text(HALF)
    return path


@pytest.mark.parametrize("command", ["diff", "apply"])
def test_half_a_migration_fails_at_the_overlay(patchkit, discourse, half, command):
    before = content(discourse)
    result = patchkit(command, half, "--in", discourse)
    assert result.code == 4
    assert f"{PLACE}: lint got worse [R011 service-without-image]" in result.err
    assert f"{PLACE}: lint got worse [orphaned-service]" in result.err
    assert "  15 |   sidekiq:\n     |   ^" in result.err
    assert "since: yaml.unset (" in result.err
    assert "half.yml:9:5): removed services.sidekiq in compose.yml" in result.err
    assert content(discourse) == before


def test_the_diff_is_shown_all_the_same(patchkit, discourse, half):
    assert "-  sidekiq:\n" in patchkit("diff", half, "--in", discourse).out


@pytest.mark.parametrize("sample", ["discourse", "discourse-migrated"])
def test_the_whole_migration_passes(patchkit, sample):
    result = patchkit("diff", "fixes/discourse.yml", "--in", SAMPLES / sample)
    assert result.code == 0
    assert "got worse" not in result.err
    assert "lint got better: " in result.err


def test_allowed_with_a_reason(patchkit, discourse, half):
    half.write_text(ALLOWED)
    result = patchkit("diff", half, "--in", discourse)
    assert f"{PLACE}: allowed [R011 service-without-image]" in result.err
    assert "nobody deploys the overlay" in result.err
    assert "got worse [R011" not in result.err


def test_allow_needs_a_reason(patchkit, half):
    half.write_text(HALF + "allow:\n  - {rule: R011}\n")
    result = patchkit("diff", half)
    assert result.code == 2
    assert 'half.yml:12:5: error: allow 1: "reason" is missing' in result.err


def test_allow_names_a_rule(patchkit, half):
    half.write_text(HALF + "allow:\n  - {rule: orphan-service, reason: x}\n")
    result = patchkit("diff", half)
    assert result.code == 2
    assert 'unknown rule "orphan-service" (did you mean "orphaned-service"?)' in result.err
    assert "half.yml:12:12" in result.err


def test_json(patchkit, discourse, half):
    result = patchkit("diff", half, "--in", discourse, "--format", "json")
    lint = json.loads(result.out)[0]["lint"]
    assert {(w["ref"], w["rule"], w["path"], w["line"]) for w in lint["worse"]} >= {
        ("R011", "service-without-image", "compose.smtpauth.yml", 15),
        (None, "orphaned-service", "compose.smtpauth.yml", 15),
    }
    assert {(w["since"]["step"], w["since"]["line"]) for w in lint["worse"]} == {("yaml.unset", 9)}
    # The one reference that was wrong before stood in the block that went.
    assert [(b["rule"], b["line"]) for b in lint["better"]] == [("dangling-reference", 8)]


def test_check_tells_a_regression_from_a_change(patchkit, discourse, half):
    assert patchkit("diff", half, "--in", discourse, "--check").code == 4
