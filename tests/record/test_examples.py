"""What every op does can be recorded again: byte for byte, and mostly as the op that did it."""

from __future__ import annotations

from pathlib import Path

import pytest
from record_steps import AROUND, fix_of, steps

from patchkit.edit.yaml import parse, styled
from patchkit.fixes import load_fix
from patchkit.ops import OP_NAMES, find_op
from patchkit.recipe.model import Recipe
from patchkit.record import Head, record
from patchkit.rendering import Verdict, render
from patchkit.tree import RecipeTree

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "recipes"
FIXES = sorted((ROOT / "fixes").glob("*.yml"))
# What says more about the same edit.
BETTER = {
    "yaml.set": "service.set",
    "yaml.unset": "config.remove",
    "yaml.remove": "config.remove",
    # An edit does not show that a default is meant only as long as nothing else gives a value.
    "environment.default": "environment.set",
}
COMPOSE = """\
services:
  app:
    image: nginx:1.27
    environment:
      - DOMAIN
      - DB_HOST=db
    configs:
      - source: app_conf
        target: /etc/app.conf
    secrets:
      - db_pw
    volumes:
      - data:/data
    networks:
      - proxy
    deploy:
      labels:
        - "traefik.enable=true"
        - "backupbot.backup=true"
    depends_on:
      - db
  db:
    image: "postgres:16"
    environment:
      POSTGRES_DB: app
    healthcheck:
      test: ["CMD", "pg_isready"]
      interval: 30s

configs:
  app_conf:
    name: ${STACK_NAME}_app_conf_${APP_CONF_VERSION}
    file: app.conf

secrets:
  db_pw:
    external: true
    name: ${STACK_NAME}_db_pw_${SECRET_DB_PW_VERSION}

volumes:
  data:

networks:
  proxy:
    external: true
"""
RECIPE = RecipeTree.from_files(
    {
        **AROUND,
        ".env.sample": AROUND[".env.sample"] + "SECRET_DB_PW_VERSION=v1\n",
        "abra.sh": "export APP_CONF_VERSION=v1\n",
        "app.conf": "host = db\n",
        "compose.yml": COMPOSE,
    }
)
STEPS = list(steps(Recipe(RECIPE)))


def _recorded(tree, patch, head):
    """Record what a patch did, and check that the recording does it too, and once."""
    recorded = record(tree, patch.tree, head)
    assert recorded.exact, recorded.text + recorded.beyond
    assert render(recorded.fix, tree).tree == patch.tree
    again = render(recorded.fix, patch.tree)
    assert (again.verdict, again.tree) == (Verdict.FIXED, patch.tree), again.reasons
    return recorded


@pytest.mark.parametrize("name", OP_NAMES)
def test_example_of_an_op_comes_back_as_the_op(name):
    example = find_op(name).example
    tree = RecipeTree.from_files(example.before)
    step = styled(parse(example.step, "fix.yml").root)
    recipe = "compose.yml" in example.before or not name.startswith(("file", "ini", "python", "te"))
    head = Head("x", "x", "recipe" if recipe else "repository")
    patch = render(fix_of(step, head.kind), tree)
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    assert _recorded(tree, patch, head).ops == (BETTER.get(name, name),)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: f"{step['op']}")
def test_steps_of_a_recipe_come_back_byte_for_byte(step):
    patch = render(fix_of(step), RECIPE)
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    recorded = _recorded(RECIPE, patch, Head("x", "x"))
    assert recorded.ops == (step["op"],) or step["op"].startswith(("yaml.", "service.unset"))


@pytest.mark.parametrize("path", FIXES, ids=lambda path: path.stem)
def test_shipped_fix_comes_back_byte_for_byte(path):
    fix = load_fix(path)
    tree = RecipeTree.from_dir(SAMPLES / fix.repository)
    recorded = _recorded(tree, render(fix, tree), Head(fix.id, fix.repository, fix.kind))
    families = {op["op"].partition(".")[0] for op in fix.spec.ops}
    assert families & {op.partition(".")[0] for op in recorded.ops}


@pytest.mark.parametrize(
    ("name", "ops"),
    [
        ("bluesky-pds", ("service.rename", "service.rename", "labels.move")),
        ("bluesky-pds-alias", ("network.alias",)),
        ("mattermost", ("config.add", "labels.set", "labels.unset")),
        ("gitea", ("config.retarget", "text.insert")),
        ("mumble", ("python.import", "python.assign", "python.assign", "python.insert")),
    ],
)
def test_shipped_fix_comes_back_in_few_ops(name, ops):
    fix = load_fix(ROOT / "fixes" / f"{name}.yml")
    tree = RecipeTree.from_dir(SAMPLES / fix.repository)
    recorded = record(tree, render(fix, tree).tree, Head(fix.id, fix.repository, fix.kind))
    assert recorded.ops == ops


def test_migrated_discourse_comes_back_as_one_removal():
    fix = load_fix(ROOT / "fixes" / "discourse.yml")
    tree = RecipeTree.from_dir(SAMPLES / "discourse-migrated")
    recorded = record(tree, render(fix, tree).tree, Head("discourse", "discourse"))
    assert recorded.ops == ("service.remove",)
