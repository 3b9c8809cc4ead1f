"""Every class on its samples, by its table: what it makes, and where it must keep still.

`tables/<class>.yml` says which samples it applies to (each with a reviewed diff), which are fixed
already, which have drifted and in which words, and which are not of its kind; `cases` are samples
with other texts in them, as `{file: {old: new}}`, and files besides.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from class_judge import wrong

from patchkit import RecipeTree, Verdict, load_fix, render
from patchkit.lint import find_rule

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "tests" / "recipes"
SNAPSHOTS = ROOT / "tests" / "snapshots" / "classes"
TABLES = {
    path.stem: yaml.safe_load(path.read_text())
    for path in sorted((Path(__file__).parent / "tables").glob("*.yml"))
}
NAMES = sorted(path.stem for path in (ROOT / "fixes" / "classes").glob("*.yml"))
SAMPLES = sorted(path.name for path in RECIPES.iterdir())


def cases(key):
    return [(name, sample) for name, table in TABLES.items() for sample in table.get(key) or ()]


def edited(key):
    return [
        pytest.param(name, i, id=f"{name}-{case['id']}")
        for name, table in TABLES.items()
        for i, case in enumerate(table["cases"])
        if key in case
    ]


def the_class(name):
    return load_fix(ROOT / "fixes" / "classes" / f"{name}.yml")


def rendered(name, sample):
    table = TABLES[name]
    params = (table.get("params") or {}).get(sample)
    return render(the_class(name), RecipeTree.from_dir(RECIPES / sample), params), params


def test_every_class_has_a_table():
    assert sorted(TABLES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_a_page_needs(name):
    fix = the_class(name)
    assert (fix.id, fix.is_class, fix.name) == (name, True, f"classes/{name}")
    assert fix.spec.evidence
    assert all(param.description for param in fix.spec.params.values())
    assert all(c.because for c in (*fix.spec.applies_to, *fix.spec.expects))
    assert all(find_rule(rule) for rule in fix.spec.cures)
    table = TABLES[name]
    assert len(table["applies"]) >= 2
    assert table["not_this_kind"]
    assert edited("says") or table.get("drifted")


@pytest.mark.parametrize(("name", "sample"), cases("applies"))
def test_it_applies(name, sample, snapshot):
    patch, params = rendered(name, sample)
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    assert wrong(the_class(name), patch, params) == []
    snapshot.snapshot_dir = SNAPSHOTS / name
    snapshot.assert_match(patch.diff(), f"{sample}.diff")


STILL = {
    "fixed": Verdict.FIXED,
    "drifted": Verdict.DRIFTED,
    "not_this_kind": Verdict.OTHER,
}


@pytest.mark.parametrize(
    ("name", "sample", "key"), [(*case, key) for key in STILL for case in cases(key)]
)
def test_it_keeps_still(name, sample, key):
    patch, _ = rendered(name, sample)
    assert (patch.verdict, patch.diff()) == (STILL[key], "")
    if key == "drifted":
        check_says(patch, TABLES[name]["drifted"][sample])
    else:
        assert all(reason.message for reason in patch.reasons)


@pytest.mark.parametrize(("name", "number"), edited("edits"))
def test_a_sample_with_other_texts(name, number):
    case = TABLES[name]["cases"][number]
    added = {path: text.encode() for path, text in case.get("adds", {}).items()}
    edited = _edited(RECIPES / case["sample"], case["edits"])
    tree = RecipeTree.from_files({**edited, **added})
    fix, params = the_class(name), case.get("params")
    patch = render(fix, tree, params)
    assert str(patch.verdict) == case["verdict"], patch.reasons
    check_says(patch, case.get("says", ""))
    if patch.verdict is Verdict.APPLIES:
        assert wrong(fix, patch, params) == []
        made = {path: patch.tree.read(path).decode() for path in patch.tree.paths()}
        for path, words in case.get("holds", {}).items():
            assert words in made[path]
    else:
        assert patch.diff() == ""


def check_says(patch, words):
    said = "\n".join(f"{reason.message}\n{reason.hint}" for reason in patch.reasons)
    assert words in said, said


def _edited(folder, edits):
    files = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    for path, texts in edits.items():
        for old, new in texts.items():
            assert old in files[path], old
            files[path] = files[path].replace(old, new)
    return {path: text.encode() for path, text in files.items()}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sample", SAMPLES)
def test_what_it_changes_anywhere_is_what_it_ensures(name, sample):
    patch, params = rendered(name, sample)
    if patch.verdict is Verdict.APPLIES:
        assert wrong(the_class(name), patch, params) == []
    else:
        assert patch.diff() == ""
        assert patch.reasons or patch.verdict is Verdict.FIXED


def test_there_is_no_snapshot_too_many():
    found = {str(path.relative_to(SNAPSHOTS)) for path in SNAPSHOTS.rglob("*.diff")}
    assert found == {f"{name}/{sample}.diff" for name, sample in cases("applies")}
