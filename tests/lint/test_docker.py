"""What lint calls invalid is what Docker refuses before it fills in variables."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from corpus_docker import has_docker
from small_recipe import FILES, MARK, SMALL, changed
from test_rules import FAILS, HOLDS

from patchkit.lint import lint
from patchkit.tree import RecipeTree

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
EVERY = 4  # all 905 files take half a minute
# A variable in the path of an env file, which only an operator's folder answers.
UNLIKE = {"examples__firezone__docker-compose.yml"}

pytestmark = pytest.mark.skipif(not has_docker(), reason="the docker client is not installed")


def refused(folder: Path, *names: str) -> str:
    """Return why Docker refuses compose files; empty when it takes them."""
    files = [part for name in names for part in ("-c", name)]
    command = ["docker", "stack", "config", "--skip-interpolation", *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode else ""


def invalid(tree: RecipeTree) -> list[str]:
    found = lint(tree).result("invalid-compose").findings
    return [f"{finding.place} {finding.message}" for finding in found]


def agree(files: dict[str, str], folder: Path) -> None:
    files = {path: text.replace(MARK, "") for path, text in files.items()}
    RecipeTree.from_files(files).write(folder)
    names = sorted((p for p in files if p.endswith(".yml")), key=lambda p: (p != "compose.yml", p))
    ours, dockers = invalid(RecipeTree.from_files(files)), refused(folder, *names)
    assert bool(ours) == bool(dockers), (ours, dockers)


def test_small_recipe(tmp_path):
    agree(FILES, tmp_path)
    assert invalid(SMALL) == []


@pytest.mark.parametrize("name", [n for n, case in HOLDS.items() if case[0] == "invalid-compose"])
def test_what_holds(name, tmp_path):
    agree(changed(*HOLDS[name][1:]), tmp_path)


@pytest.mark.parametrize("name", [n for n, case in FAILS.items() if case[0] == "invalid-compose"])
def test_what_fails(name, tmp_path):
    agree(changed(*FAILS[name][1:]), tmp_path)


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of compose files at {CORPUS}")
def test_corpus():
    paths = sorted(path for path in CORPUS.rglob("*.y*ml") if path.name not in UNLIKE)
    differing = []
    for path in paths[::EVERY]:
        ours = invalid(RecipeTree.from_files({"compose.yml": path.read_bytes()}))
        dockers = refused(path.parent, path.name)
        if bool(ours) != bool(dockers):
            differing.append((path.name, ours[:1], dockers[:200]))
    assert differing == []
    assert len(paths[::EVERY]) > 200
