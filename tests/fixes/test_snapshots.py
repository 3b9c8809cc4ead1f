"""Every fix on its sample: the reviewed diff, twice, and on recipes that it does not fit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from unidiff import PatchSet

from patchkit import RecipeTree, Verdict, load_fix, render

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "tests" / "recipes"
SNAPSHOTS = ROOT / "tests" / "snapshots"
FIXES = sorted(path.stem for path in (ROOT / "fixes").glob("*.yml"))

# The samples of a fix besides the one that is called as its recipe.
MORE_SAMPLES = {"discourse": ("discourse-migrated",)}
# What templates make, which is reviewed whole.
MADE = {"mattermost": ("pg_backup.sh",), "gitea": ("docker-setup.sh.tmpl",)}


def samples(fix_id: str) -> tuple[str, ...]:
    return (load_fix(ROOT / "fixes" / f"{fix_id}.yml").repository, *MORE_SAMPLES.get(fix_id, ()))


CASES = [(fix_id, sample) for fix_id in FIXES for sample in samples(fix_id)]
STRANGERS = [
    (fix_id, path.name)
    for fix_id in FIXES
    for path in sorted(RECIPES.iterdir())
    if path.name not in samples(fix_id)
]


def expected_names() -> set[str]:
    diffs = {f"{fix_id}/{sample}.diff" for fix_id, sample in CASES}
    made = {f"{fix_id}/{name}" for fix_id, names in MADE.items() for name in names}
    return diffs | made


def rendered(fix_id: str, sample: str):
    fix = load_fix(ROOT / "fixes" / f"{fix_id}.yml")
    return render(fix, RecipeTree.from_dir(RECIPES / sample))


@pytest.mark.parametrize(("fix_id", "sample"), CASES)
def test_diff_is_the_reviewed_one(fix_id, sample, snapshot):
    snapshot.snapshot_dir = SNAPSHOTS / fix_id
    patch = rendered(fix_id, sample)
    assert patch.verdict is Verdict.APPLIES
    assert patch.findings == ()
    snapshot.assert_match(patch.diff(), f"{sample}.diff")


@pytest.mark.parametrize("fix_id", sorted(MADE))
def test_made_files_are_the_reviewed_ones(fix_id, snapshot):
    snapshot.snapshot_dir = SNAPSHOTS / fix_id
    tree = rendered(fix_id, samples(fix_id)[0]).tree
    for name in MADE[fix_id]:
        snapshot.assert_match(tree.text(name), name)


def test_there_is_no_snapshot_too_many():
    files = [p.relative_to(SNAPSHOTS) for p in SNAPSHOTS.rglob("*") if p.is_file()]
    found = {
        str(path) for path in files if path.parts[0] != "classes"
    }  # theirs are in tests/classes
    assert found == expected_names()


@pytest.mark.parametrize(("fix_id", "sample"), CASES)
def test_second_time_changes_nothing(fix_id, sample):
    fix = load_fix(ROOT / "fixes" / f"{fix_id}.yml")
    once = rendered(fix_id, sample)
    twice = render(fix, once.tree)
    assert twice.verdict is Verdict.FIXED
    assert twice.tree == once.tree
    assert twice.diff() == ""


@pytest.mark.parametrize(("fix_id", "stranger"), STRANGERS)
def test_recipe_that_it_does_not_fit_drifts(fix_id, stranger):
    patch = rendered(fix_id, stranger)
    assert patch.verdict is Verdict.DRIFTED
    assert patch.tree == patch.base
    assert patch.diff() == ""
    assert patch.reasons
    assert all(reason.message for reason in patch.reasons)


@pytest.mark.parametrize(("fix_id", "sample"), CASES)
def test_diff_is_read_by_others(fix_id, sample, tmp_path):
    patch = rendered(fix_id, sample)
    read = PatchSet(patch.diff())
    assert {file.path for file in read} == set(patch.tree.changed_paths(patch.base))

    folder = tmp_path / sample
    patch.base.write(folder)
    for check in (["--check"], []):
        subprocess.run(
            ["git", "apply", *check, "-"],
            cwd=folder,
            input=patch.diff().encode(),
            check=True,
            env={"GIT_CEILING_DIRECTORIES": str(tmp_path), "PATH": "/usr/bin:/bin:/usr/local/bin"},
        )
    assert RecipeTree.from_dir(folder) == patch.tree


@pytest.mark.parametrize("fix_id", FIXES)
def test_spec_says_why_and_what_was_seen(fix_id):
    fix = load_fix(ROOT / "fixes" / f"{fix_id}.yml")
    assert fix.id == fix_id
    assert fix.spec.why
    assert fix.spec.evidence
    assert fix.spec.expects
    assert fix.spec.ensures
    assert fix.spec.pr.title
    assert "yaml-language-server" in fix.text.splitlines()[0]
