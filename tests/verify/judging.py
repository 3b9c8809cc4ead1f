"""What the tests of judges share: a fix that made one tree of another, and programs on the PATH."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from patchkit import Patch, RecipeTree, Verdict, loads_fix
from patchkit.verify import Judgement, verify

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

SPEC = """\
id: it
title: Cure it
recipe: {recipe}
why: It is ill.
ops:
  - {{op: file.remove, path: ill}}
"""


def patched(
    base: RecipeTree | Mapping[str, bytes | str], tree: RecipeTree | Mapping[str, bytes | str]
) -> Patch:
    """Return what a fix would have made, had it made one tree of another."""
    before, after = (
        t if isinstance(t, RecipeTree) else RecipeTree.from_files(t) for t in (base, tree)
    )
    return Patch(Verdict.APPLIES, before, after)


def _tree(files: RecipeTree | Mapping[str, bytes | str]) -> RecipeTree:
    return files if isinstance(files, RecipeTree) else RecipeTree.from_files(files, "small")


def judged(judge: str, patch: Patch, *, recipe: str = "small", seconds: float = 60) -> Judgement:
    """Ask one judge about a patch."""
    (judgement,) = verify(loads_fix(SPEC.format(recipe=recipe)), patch, [judge], seconds=seconds)
    return judgement


def program(folder: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a Python program before all others on the PATH."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return path


def states(judgement: Judgement) -> dict[str, str]:
    """Return how each check ended, by its first words."""
    words = {True: "passed", False: "failed"}
    return {
        check.what: "failed before" if check.before else words[check.passed]
        for check in judgement.checks
    }
