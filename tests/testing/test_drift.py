"""What is taken away from a sample: each thing that the fix looks for, and it alone."""

from __future__ import annotations

import pytest

from patchkit import RecipeTree, Verdict, load_fix, loads_fix, render
from patchkit.data import data_dir
from patchkit.recipe.find import labels
from patchkit.recipe.model import Recipe
from patchkit.testing import drift

HEAD = "id: x\ntitle: X\nrecipe: shop\nwhy: X.\n"
OPS = "ops:\n  - {op: file.add, path: new, text: new}\n"
FILES = {
    "compose.yml": """\
version: "3.8"
services:
  app:
    image: example/shop:1.0
    environment: [MODE=web, LEVEL=1]
    networks: [inner]
    volumes: ["data:/data"]
    configs: [{source: entry, target: /entry.sh}]
    depends_on: [db]
    deploy:
      labels: [a=1, b=2]
  db:
    image: postgres:16
networks: {inner: {}}
volumes: {data: {}}
configs: {entry: {file: entry.sh}}
""",
    "compose.more.yml": "services:\n  app:\n    deploy:\n      labels: [a=3]\n",
    "entry.sh": "#!/bin/sh\nexec shop\n",
}


def taken(spec):
    fix = loads_fix(HEAD + spec + OPS)
    patch = render(fix, RecipeTree.from_files(FILES))
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    stranger, *rest = drift.strangers(fix, patch)
    assert "stranger" in Recipe(stranger.tree).services
    return rest


@pytest.mark.parametrize(
    ("condition", "lost"),
    [
        ("{service: db}", lambda r: "db" not in r.services),
        ("{service: app, image: example/shop}", lambda r: "image" not in r.services["app"]),
        ("{service: app, label: a}", lambda r: labels(r.services["app"]) == {"b": "2"}),
        (
            "{service: app, environment: MODE, value: web}",
            lambda r: r.services["app"]["environment"] == {"LEVEL": "1"},
        ),
        ("{service: app, config_at: /entry.sh}", lambda r: "configs" not in r.services["app"]),
        ("{service: app, volume_at: /data}", lambda r: "volumes" not in r.services["app"]),
        ("{service: app, depends_on: db}", lambda r: "depends_on" not in r.services["app"]),
        ("{service: app, network: inner}", lambda r: "networks" not in r.services["app"]),
        ("{service: app, field: deploy.labels}", lambda r: "deploy" not in r.services["app"]),
        ("{volume: data}", lambda r: not r.section("volumes")),
        ("{file: entry.sh}", lambda r: "entry.sh" not in r.tree),
        ("{file: entry.sh, text: shop}", lambda r: r.tree.text("entry.sh").endswith("exec \n")),
        (
            "{files: '*.sh', matches: 'exec \\w+'}",
            lambda r: r.tree.text("entry.sh") == "#!/bin/sh\n\n",
        ),
        (
            "{any: [{service: db}, {service: app, label: b}]}",
            lambda r: "db" not in r.services and "b" not in labels(r.services["app"]),
        ),
    ],
)
def test_what_is_expected_is_taken_away(condition, lost):
    (gone,) = taken(f"expects:\n  - {condition}\n")
    recipe = Recipe(gone.tree)
    assert lost(recipe), recipe.merged
    assert gone.place.line == 6
    assert "app" in recipe.services


@pytest.mark.parametrize(
    "condition",
    ["{service: other, absent: true}", "{text: nothing, files: '*', absent: true}"],
)
def test_what_is_not_there_cannot_be_taken_away(condition):
    assert taken(f"expects:\n  - {condition}\n") == []


def test_what_a_param_finds_is_taken_away():
    spec = "params:\n  db: {find: service, image: postgres}\n  s: {find: file, config: entry}\n"
    db, script = taken(spec)
    assert list(Recipe(db.tree).services) == ["app"]
    assert "entry.sh" not in script.tree
    assert (db.place.line, script.place.line) == (6, 7)


def test_what_a_param_can_do_without_stays():
    assert taken("params:\n  db: {find: service, image: postgres, optional: true}\n") == []


@pytest.mark.parametrize("fix_id", ["mattermost", "gitea", "discourse", "bluesky-pds", "keycloak"])
def test_shipped_fixes_have_something_to_lose(fix_id):
    fix = load_fix(fix_id)
    patch = render(fix, RecipeTree.from_dir(data_dir("recipes") / fix.repository))
    assert len(list(drift.strangers(fix, patch))) > 1
