"""The harness `cc-ci` as a folder: written, imported, and judged by its own tests and by ruff."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from ruff import find_ruff_bin
from variants import ROOT, check_style, sample

from patchkit import RecipeTree, Verdict, load_fix, render

HARNESS = "cc-ci"
FIXES = ("keycloak", "mumble", "discourse-harness", "bluesky-pds-harness")


def tree_of(files):
    return RecipeTree.from_files({path: text.encode() for path, text in files.items()})


@functools.cache
def fixed(*fix_ids):
    """Return the sample with these fixes made one after another."""
    tree = tree_of(sample(HARNESS))
    for fix_id in fix_ids:
        tree = render(load_fix(ROOT / "fixes" / f"{fix_id}.yml"), tree).tree
    return tree


def patched(fix_id, files, params=None):
    """Return the files that a fix makes of a harness, to which it must apply, once and cleanly."""
    fix = load_fix(ROOT / "fixes" / f"{fix_id}.yml")
    patch = render(fix, tree_of(files), params)
    assert patch.verdict is Verdict.APPLIES, patch.reasons
    again = render(fix, patch.tree, params)
    assert again.verdict is Verdict.FIXED, again.reasons or again.changes
    assert again.diff() == ""
    after = texts(patch.tree)
    check_style(files, after)
    return after


def texts(tree):
    return {path: tree.read(path).decode() for path in tree.paths()}


def write(files, folder):
    tree_of(files).write(folder)
    return folder


@contextlib.contextmanager
def importing(folder):
    """Give a function that imports modules of the harness in a folder, while this lasts."""
    sys.path.insert(0, str(folder / "runner"))
    importlib.invalidate_caches()
    try:
        yield lambda name: importlib.import_module(f"harness.{name}")
    finally:
        sys.path.remove(str(folder / "runner"))
        for name in [name for name in sys.modules if name.partition(".")[0] == "harness"]:
            del sys.modules[name]


def module_of(path):
    """Return a file of the harness that is in no package as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run_python(folder, *arguments, path="", **variables):
    """Run one of Python's programs in the folder of a harness, as its own CI does."""
    return subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env={"PATH": f"{path}:{os.environ['PATH']}", "HOME": str(folder.parent), **variables},
    )


def ruff_says(folder):
    """Return what ruff has against a harness, by its own settings: each once, and no lines."""
    said = ""
    for arguments in (("check", "--output-format=concise"), ("format", "--diff")):
        done = subprocess.run(
            [find_ruff_bin(), *arguments, "--no-cache", "."],
            cwd=folder,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode in {0, 1}, done.stderr
        said += done.stdout
    lines = [re.sub(r":\d+:\d+:", ":", line) for line in said.splitlines()]
    return sorted({line for line in lines if re.match(r"\S+\.py:|\+\+\+ ", line)})


def formatted(files):
    """Lay a harness out by its own settings: a variant for those that have other ones."""
    with tempfile.TemporaryDirectory() as folder:
        write(files, Path(folder))
        subprocess.run([find_ruff_bin(), "format", "--no-cache", "-q", "."], cwd=folder, check=True)
        return {path: Path(folder, path).read_bytes().decode() for path in files}
