"""What classes find in a recipe by what it is: labels, mounts, configs and their versions."""

from __future__ import annotations

import pytest

from patchkit.recipe import find
from patchkit.recipe.model import Recipe
from patchkit.tree import RecipeTree

COMPOSE = b"""\
services:
  app:
    image: wiki:1
    volumes: [data:/data/, "./cache:/data/cache", logs:/var/log]
    deploy:
      labels: ["backupbot.backup.path=${ROOT:-/data}/pages", "a=${B}"]
  db:
    image: postgres:16
  db2:
    image: postgres:17
configs:
  half: {file: a, name: "${STACK_NAME}_half_${HALF_VERSION}"}
  bare: {file: b}
  other: {external: true}
"""
RECIPE = Recipe(RecipeTree.from_files({"compose.yml": COMPOSE}))


@pytest.mark.parametrize(
    ("path", "mount"),
    [
        ("/data", "/data"),
        ("/data/", "/data"),
        ("/data/pages/x", "/data"),
        ("/data/cache/x", "/data/cache"),  # the nearest, which hides the one above
        ("/data/cached", "/data"),
        ("/var/log/x", "/var/log"),
    ],
)
def test_a_mount_is_the_nearest_that_holds_a_path(path, mount):
    assert find.find_mount(RECIPE, "app", path) == mount


@pytest.mark.parametrize("path", ["/", "/dat", "/database", "/var", "/var/logs"])
def test_a_path_that_no_mount_holds_is_told_with_what_there_is(path):
    with pytest.raises(find.NotFound, match="logs at /var/log"):
        find.find_mount(RECIPE, "app", path)


def test_a_label_is_read_with_its_defaults():
    assert find.find_label(RECIPE, "app", "backupbot.backup.path") == "/data/pages"
    with pytest.raises(find.NotFound, match=r"no label b of app; there is backupbot"):
        find.find_label(RECIPE, "app", "b")


def test_configs_are_the_recipe_s_own():
    assert find.find_configs(RECIPE, "*") == ["half", "bare"]
    assert find.find_named_config(RECIPE, "h*") == "half"
    with pytest.raises(find.Ambiguous):
        find.find_named_config(RECIPE, "*")
    with pytest.raises(find.NotFound, match="no config x; there is half, bare"):
        find.find_configs(RECIPE, "x")


def test_the_variable_of_a_version_is_the_one_in_the_name():
    assert find.find_variable(RECIPE, "half") == "HALF_VERSION"
    with pytest.raises(find.NotFound, match=r"bare \(no name\)"):
        find.find_variable(RECIPE, "bare")


def test_services_are_found_each_and_one():
    assert find.find_services(RECIPE, image="postgres") == ["db", "db2"]
    with pytest.raises(find.Ambiguous, match="2 candidates"):
        find.find_service(RECIPE, image="postgres")
    with pytest.raises(find.NotFound, match=r"db \(postgres:16\)"):
        find.find_services(RECIPE, image="mysql")
