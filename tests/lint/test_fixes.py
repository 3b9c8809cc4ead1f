"""Every shipped fix makes no rule worse, and better those that it is meant to cure."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from patchkit import RecipeTree, load_fix, render
from patchkit.lint import lint

ROOT = Path(__file__).parents[2]
CURED = {
    "bluesky-pds": {"shared-network-collision": 6},
    "bluesky-pds-alias": {"shared-network-collision": 6},
    "discourse": {"dangling-reference": 1},
    "gitea": {"read-only-config-in-volume": 2},
    "mattermost": {"dump-without-restore": 2, "hot-data-backup": 2, "old-backup-label": 2},
}


def rules(tree: RecipeTree, base: RecipeTree) -> Counter[str]:
    return Counter(finding.rule for finding in lint(tree, base=base).findings)


@pytest.mark.parametrize("name", CURED)
def test_fix(name):
    fix = load_fix(str(ROOT / "fixes" / f"{name}.yml"))
    tree = RecipeTree.from_dir(ROOT / "tests" / "recipes" / fix.repository)
    before, after = rules(tree, tree), rules(render(fix, tree).tree, tree)
    assert after - before == {}
    assert before - after == CURED[name]


def test_every_fix_of_a_recipe_is_here():
    fixes = [load_fix(path) for path in (ROOT / "fixes").glob("*.yml")]
    assert {fix.id for fix in fixes if fix.for_recipe} == set(CURED)
