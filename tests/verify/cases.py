"""What the tests of judges share: a fix on a tree, judged."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from patchkit import RecipeTree, load_fix, render
from patchkit.rendering import Patch, Verdict
from patchkit.verify import verify

if TYPE_CHECKING:
    import pytest

    from patchkit.verify import Judgement

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests" / "recipes"


def sample(name: str) -> RecipeTree:
    """Return a bundled sample recipe."""
    return RecipeTree.from_dir(SAMPLES / name)


def judged(judge: str, fix: str, tree: RecipeTree, **options: float) -> Judgement:
    """Return what a judge says of a shipped fix on a recipe."""
    spec = load_fix(ROOT / "fixes" / f"{fix}.yml")
    return next(iter(verify(spec, render(spec, tree), [judge], **options)))


def judged_as_is(
    judge: str, tree: RecipeTree, base: RecipeTree | None = None, **options: float
) -> Judgement:
    """Return what a judge says of a recipe, as if a fix had made it of `base`."""
    spec = load_fix(ROOT / "fixes" / "mattermost.yml")
    before = tree if base is None else base
    verdict = Verdict.FIXED if tree == before else Verdict.APPLIES
    return next(iter(verify(spec, Patch(verdict, before, tree), [judge], **options)))


def states(judgement: Judgement) -> dict[str, str]:
    """Return how each check ended, by what it is about."""
    words = {True: "passed", False: "failed"}
    return {c.what: "failed before" if c.before else words[c.passed] for c in judgement.checks}


def put_on_path(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a Python program before all others on the PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!{sys.executable}\n{text}")
    (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
