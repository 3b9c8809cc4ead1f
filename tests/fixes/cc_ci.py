"""The harness `cc-ci` as a folder: written, imported, and judged by its own tests and by ruff."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import subprocess
import sys

from variants import ROOT, sample

from patchkit import RecipeTree, load_fix, render

HARNESS = "cc-ci"


def tree_of(files):
    return RecipeTree.from_files({path: text.encode() for path, text in files.items()})


def fixed(*fix_ids, files=None):
    """Return the sample, or another harness, with these fixes made one after another."""
    tree = tree_of(files or sample(HARNESS))
    for fix_id in fix_ids:
        tree = render(load_fix(ROOT / "fixes" / f"{fix_id}.yml"), tree).tree
    return tree


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


def check_ruff(folder):
    """Check that a harness is clean and formatted by its own settings."""
    for arguments in (("check", "--no-cache", "."), ("format", "--check", "--no-cache", ".")):
        done = run_python(folder, "-m", "ruff", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


def check_unit_tests(folder):
    """Check that the harness's own tests pass."""
    done = run_python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
