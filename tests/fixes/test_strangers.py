"""The fixes on recipes of others: nothing is changed, and a sentence says what is missing."""

from __future__ import annotations

import pytest
from variants import ROOT

from patchkit import RecipeTree, Verdict, load_fix, render

FIXES = sorted(path.stem for path in (ROOT / "fixes").glob("*.yml"))
# Real recipes, where the machine has some.
STRANGERS = sorted(path.parent for path in ROOT.parent.glob("shared/recipes/*/compose.yml"))

LOOKS_FOR = {
    "bluesky-pds": "no service with image 'pds'",
    "bluesky-pds-alias": "no service with image 'pds'",
    "discourse": "expected a service sidekiq (there is",
    "gitea": "no service with image 'gitea'",
    "mattermost": "no service with image 'mattermost*'",
}


def drifted(fix_id, tree):
    patch = render(load_fix(ROOT / "fixes" / f"{fix_id}.yml"), tree)
    assert patch.verdict is Verdict.DRIFTED
    assert patch.tree == patch.base
    assert patch.diff() == ""
    return patch.reasons


@pytest.mark.parametrize("fix_id", LOOKS_FOR)
@pytest.mark.parametrize("folder", STRANGERS, ids=lambda path: path.name)
def test_real_recipe_drifts(fix_id, folder):
    reasons = drifted(fix_id, RecipeTree.from_dir(folder))
    (first,) = [reason for reason in reasons if LOOKS_FOR[fix_id] in reason.message]
    # It says where to look, and what is there instead.
    assert first.place is not None
    assert first.place.line > 0
    assert "(" in first.message


SMALL = """\
services:
  app:
    image: nginx:1.27
"""


@pytest.mark.parametrize("fix_id", FIXES)
@pytest.mark.parametrize(
    "files",
    [
        {"compose.yml": SMALL},
        {"compose.yml": SMALL, "README.md": "# discourse, gitea, mattermost, pds, caddy\n"},
        {"compose.yml": "version: '3.8'\n"},
        {"compose.yml": ""},
        {"compose.yml": "services: {}\n", "abra.sh": "", ".env.sample": ""},
        {"README.md": "no compose file\n"},
        {},
    ],
)
def test_small_recipe_drifts(fix_id, files):
    reasons = drifted(fix_id, RecipeTree.from_files({p: t.encode() for p, t in files.items()}))
    assert all(reason.message for reason in reasons)
