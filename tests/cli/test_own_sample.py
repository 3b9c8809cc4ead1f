"""Fixes of a repository of fixes, whose samples lie beside them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cli_tools import content

SPEC = """\
id: pin-redis
title: Pin redis
recipe: {recipe}
why: A moving tag brought a release that refuses the old data.
ops:
  - {{op: image.set, service: app, tag: 7.4.5-alpine}}
"""
COMPOSE = 'version: "3.8"\nservices:\n  app:\n    image: redis:7.0\n'


def own(recipe: str, home: str = "recipes") -> Path:
    """Lay a fix and its sample out."""
    Path("fixes").mkdir()
    Path("fixes/pin-redis.yml").write_text(SPEC.format(recipe=recipe))
    sample = Path(home, recipe)
    sample.mkdir(parents=True)
    (sample / "compose.yml").write_text(COMPOSE)
    (sample / ".env.sample").write_text("TYPE=shop\n")
    return sample


@pytest.mark.parametrize("many", [(), ("--jobs", "1")], ids=["one", "many"])
@pytest.mark.parametrize("recipe", ["shop", "gitea"], ids=["none is bundled", "one is bundled"])
@pytest.mark.parametrize("command", ["diff", "apply"])
def test_it_goes_first_and_is_not_written_to(patchkit, tmp_path, command, recipe, many):
    sample = own(recipe)
    before = content(sample)
    result = patchkit(command, "pin-redis", *many)
    assert result.code == 0, result.err
    assert f"the sample recipes/{recipe}" in result.err
    assert "\n+    image: redis:7.4.5-alpine\n" in result.out
    assert content(sample) == before
    written = tmp_path / ".patchkit" / "work" / recipe / "compose.yml"
    assert written.exists() == (command == "apply")


def test_where_the_settings_say(patchkit, tmp_path):
    own("shop", "samples/of-mine")
    (tmp_path / "patchkit.toml").write_text('[testing]\nsamples = "samples/of-mine"\n')
    result = patchkit("diff", "fixes/pin-redis.yml")
    assert result.err.startswith("pin-redis: applies on the sample samples/of-mine/shop")


def test_one_that_the_settings_name_for_the_fix(patchkit, tmp_path):
    own("shop").rename("recipes/shop-old")
    (tmp_path / "patchkit.toml").write_text('[testing.fixes.pin-redis]\nsamples = ["shop-old"]\n')
    assert "on the sample recipes/shop-old" in patchkit("diff", "pin-redis").err


def test_a_shipped_fix_is_for_the_bundled_one(patchkit):
    own("gitea")
    assert "on the bundled sample gitea" in patchkit("diff", "gitea").err


def test_a_fix_of_the_callers_without_a_sample(patchkit):
    shutil.rmtree(own("shop"))
    result = patchkit("diff", "pin-redis")
    assert result.code == 2
    assert "patchkit has no sample of the recipe shop" in result.err
    Path("fixes/pin-redis.yml").write_text(SPEC.format(recipe="gitea"))
    assert "on the bundled sample gitea" in patchkit("diff", "pin-redis").err


def test_a_new_fix_is_seen_on_it(patchkit):
    own("shop")
    assert patchkit("new", "shop").err.endswith("patchkit diff fixes/shop.yml\n")
    assert "on the sample recipes/shop" in patchkit("diff", "shop").err
