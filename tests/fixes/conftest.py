"""How tests apply a fix to a recipe of texts, and what must hold of every recipe it fits."""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

import pytest
from variants import changed_lines, check_docker, check_style, pruned, view

from patchkit import RecipeTree, Verdict, load_fix, render

ROOT = Path(__file__).parents[2]


@functools.cache
def _fix(fix_id):
    return load_fix(ROOT / "fixes" / f"{fix_id}.yml")


def _rendered(fix_id, files, params):
    fix = _fix(fix_id)
    tree = RecipeTree.from_files({path: text.encode() for path, text in files.items()})
    return fix, render(fix, tree, params)


@pytest.fixture
def check_applies(tmp_path):
    """Check that a fix applies and makes what is expected, and nothing besides.

    `expected` is the view of the compose files afterwards; `texts` the other files that differ,
    whole, None for one that is gone. Files that may differ in a way that another test looks at
    are named in `aside`. Every line that goes away matches `gone`. Returns the files afterwards.
    """

    def check(fix_id, files, expected, texts, *, gone, params=None, aside=()):
        fix, patch = _rendered(fix_id, files, params)
        assert patch.verdict is Verdict.APPLIES, patch.reasons
        assert patch.findings == ()
        after = {path: patch.tree.read(path).decode() for path in patch.tree.paths()}
        assert _lines(view(after)) == _lines(expected)
        others = {path: text for path, text in files.items() if path not in expected}
        wanted = {path: text for path, text in (others | texts).items() if text is not None}
        assert _without(after, *expected, *aside) == _without(wanted, *aside)
        check_style(files, after)
        for path in files.keys() & after.keys():
            lines, new = changed_lines(files[path], after[path])
            lost = [line for line in lines if line not in new and not re.search(gone, line)]
            assert lost == [], path
        again = render(fix, patch.tree, params)
        assert again.verdict is Verdict.FIXED, again.changes or again.reasons
        assert again.diff() == ""
        check_docker(after, tmp_path)
        return after

    return check


def _lines(data):
    """Return data as lines, since those of a difference are easy to read."""
    return json.dumps(pruned(data), indent=1, sort_keys=True).split("\n")


def _without(files, *paths):
    return {path: text for path, text in files.items() if path not in paths}


@pytest.fixture
def check_drifts():
    """Check that a fix finds a recipe drifted, says so in these words, and changes nothing."""

    def check(fix_id, files, *words, params=None):
        _, patch = _rendered(fix_id, files, params)
        assert patch.verdict is Verdict.DRIFTED, patch.diff()[:500]
        assert patch.tree == patch.base
        said = "\n".join(f"{reason.message}\n{reason.hint}" for reason in patch.reasons)
        assert [word for word in words if word not in said] == [], said
        return patch

    return check


@pytest.fixture
def rendered():
    """Return what a fix makes of a recipe."""

    def run(fix_id, files, params=None):
        return _rendered(fix_id, files, params)[1]

    return run
