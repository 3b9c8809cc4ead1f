"""The public Python API, as its documentation says it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import patchkit
from patchkit import PatchkitError, RecipeTree, Verdict, loads_fix, render

SPEC = """\
id: pin
title: Pin the image
recipe: app
why: A moving tag broke it.
params: {tag: "1.27"}
ops:
  - {op: image.set, service: app, tag: "{{ tag }}"}
"""
COMPOSE = b'version: "3.8"\nservices:\n  app:\n    image: nginx:latest  # for now\n'


@pytest.fixture
def tree():
    return RecipeTree.from_files({"compose.yml": COMPOSE})


def test_names_are_what_the_package_exports():
    for name in patchkit.__all__:
        assert getattr(patchkit, name) is not None
    with pytest.raises(AttributeError):
        _ = patchkit.nothing


def test_render_gives_a_patch(tree):
    patch = render(loads_fix(SPEC), tree)
    assert patch.verdict is Verdict.APPLIES
    assert patch.verdict == "applies"
    assert patch.tree.read("compose.yml") == COMPOSE.replace(b"latest", b"1.27")
    assert patch.base == tree
    assert [change.step for change in patch.changes] == ["image.set"]
    assert patch.findings == ()
    assert patch.diff() == (
        "diff --git a/compose.yml b/compose.yml\n"
        "--- a/compose.yml\n"
        "+++ b/compose.yml\n"
        "@@ -1,4 +1,4 @@\n"
        ' version: "3.8"\n'
        " services:\n"
        "   app:\n"
        "-    image: nginx:latest  # for now\n"
        "+    image: nginx:1.27  # for now\n"
    )


def test_params_take_the_place_of_defaults(tree):
    patch = render(loads_fix(SPEC), tree, {"tag": "1.28"})
    assert b"nginx:1.28" in patch.tree.read("compose.yml")


def test_second_render_is_already_fixed(tree):
    once = render(loads_fix(SPEC), tree)
    twice = render(loads_fix(SPEC), once.tree)
    assert (twice.verdict, twice.diff(), twice.tree) == ("already fixed", "", once.tree)


def test_drift_says_why():
    other = RecipeTree.from_files({"compose.yml": b"services:\n  web:\n    image: a:1\n"})
    patch = render(loads_fix(SPEC), other)
    assert patch.verdict is Verdict.DRIFTED
    assert patch.tree == other
    assert "no service 'app'" in patch.reasons[0].message


def test_errors_are_one_family(tree):
    with pytest.raises(PatchkitError, match="unknown op"):
        loads_fix(SPEC.replace("image.set", "image.sett"))
    with pytest.raises(PatchkitError, match="tagg"):
        render(loads_fix(SPEC), tree, {"tagg": "1"})


def test_tree_goes_to_a_folder_and_comes_back(tree, tmp_path):
    patch = render(loads_fix(SPEC), tree)
    patch.tree.write(tmp_path / "app")
    assert RecipeTree.from_dir(tmp_path / "app") == patch.tree


def test_same_input_gives_the_same_bytes_in_another_process():
    code = (
        "from patchkit import *; from patchkit.data import data_dir;"
        "t = RecipeTree.from_dir(data_dir('recipes') / 'discourse');"
        "print(render(load_fix('discourse'), t).diff())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(runs) == 1
