"""The hooks for pre-commit, run by the real program in a repository of fixes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SPEC = """\
id: pin-redis
title: Pin redis
recipe: shop
why: A moving tag broke it.
ops:
  - {op: image.set, service: cache, tag: 7.4.5-alpine}  # the last one that works
"""
CLASS = """\
id: mine
title: Pin redis
why: A moving tag broke it.
applies_to:
  - {service: cache, image: redis}
ops:
  - {op: image.set, service: cache, tag: 7.4.5-alpine}
ensures:
  - {service: cache, image: "redis:7.4.5-alpine"}
"""
PARTS = ("patchkit", "fixes", "templates", "docs/share", "tests/recipes")
FILES = (".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Variables with nothing of the user's, but pip's cache and settings."""
    home = tmp_path_factory.mktemp("home")
    names = ("GIT_AUTHOR", "GIT_COMMITTER")
    who = {f"{name}_{part}": "a@example.com" for name in names for part in ("NAME", "EMAIL")}
    return {
        "PATH": os.environ["PATH"],
        "HOME": os.environ["HOME"],
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(home),
        **who,
    }


@pytest.fixture(scope="module")
def hooks(tmp_path_factory, environment):
    """A repository with what pre-commit takes from a checkout, as it is now."""
    folder = tmp_path_factory.mktemp("hooks")
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__", "_data")
        shutil.copytree(ROOT / part, folder / part, ignore=ignored, symlinks=True)
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    committed(folder, environment)
    return folder


def committed(folder, environment):
    for arguments in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-qm", "start"]):
        subprocess.run(["git", "-C", folder, *arguments], env=environment, check=True)


@pytest.fixture
def run(tmp_path, hooks, environment):
    """Run pre-commit over a repository of fixes, with hooks of the checkout."""
    head = subprocess.run(
        ["git", "-C", hooks, "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hooks}\n    rev: {head}\n    hooks:\n"
        "      - id: patchkit-validate\n      - id: patchkit-format\n"
    )

    def call(files):
        for name, text in files.items():
            (tmp_path / "fixes" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "fixes" / name).write_text(text)
        committed(tmp_path, environment)
        return subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )

    return call


def test_hooks_pass_then_format_and_refuse(run, tmp_path):
    done = run({"pin-redis.yml": SPEC, "classes/mine.yml": CLASS})
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 2

    untidy = {"pin-redis.yml": SPEC, "classes/mine.yml": CLASS}
    untidy = {name: text.replace("  - {", "- {") for name, text in untidy.items()}
    done = run({**untidy, "other.yml": "id: mine\n", "classes/wrong.yml": CLASS})
    assert done.returncode == 1
    for name in untidy:
        assert f"formatted fixes/{name}" in done.stdout
    assert 'fixes/other.yml:1:1: error: "title" is missing' in done.stdout
    assert "fixes/classes/wrong.yml:1:1: error: the fix is called mine" in done.stdout
    assert (tmp_path / "fixes" / "pin-redis.yml").read_text() == SPEC
    assert (tmp_path / "fixes" / "classes" / "mine.yml").read_text() == CLASS
