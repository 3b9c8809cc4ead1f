"""The sample of the harness is sound, before every fix and after it, and after all together."""

from __future__ import annotations

import pytest
from cc_ci import FIXES, HARNESS, fixed, ruff_says, run_python, texts, tree_of, write
from variants import sample

from patchkit import Verdict, load_fix, render

STATES = [(), *((fix_id,) for fix_id in FIXES), FIXES]


@pytest.mark.parametrize("fix_ids", STATES, ids="+".join)
def test_own_tests_and_ruff(fix_ids, tmp_path):
    folder = write(texts(fixed(*fix_ids)), tmp_path / HARNESS)
    assert ruff_says(folder) == []
    done = run_python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout
    assert " 34 passed" in f" {done.stdout.splitlines()[-1]}"


def test_ruff_says_what_is_wrong(tmp_path):
    """Else silence would say nothing."""
    files = sample(HARNESS)
    path = "runner/harness/canonical.py"
    folder = write(files | {path: f"import os\n{files[path]}x = 'y'\n"}, tmp_path / HARNESS)
    said = "\n".join(ruff_says(folder))
    assert f"{path}: F401" in said
    assert f"+++ {path}" in said


def test_order_of_the_fixes_makes_no_difference():
    assert len({fixed(*FIXES), fixed(*reversed(FIXES))}) == 1


def test_all_together_are_fixed():
    tree = fixed(*FIXES)
    for fix_id in FIXES:
        patch = render(load_fix(fix_id), tree)
        assert (patch.verdict, patch.diff()) == (Verdict.FIXED, "")


def test_sample_is_no_recipe():
    tree = tree_of(sample(HARNESS))
    assert not [path for path in tree.paths() if path.endswith((".yml", ".yaml"))]
