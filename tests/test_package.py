"""The wheel: built, installed elsewhere, run from an empty folder."""

from __future__ import annotations

import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", out, ROOT], check=True
    )
    (found,) = out.glob("patchkit-*.whl")
    return found


def test_wheel_carries_what_the_product_needs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (*ROOT.glob("fixes/*.yml"), *ROOT.glob("templates/*.j2")):
        assert f"patchkit/_data/{path.relative_to(ROOT)}" in names
    for path in (p for p in (ROOT / "tests" / "recipes").rglob("*") if p.is_file()):
        relative = path.relative_to(ROOT / "tests" / "recipes")
        assert f"patchkit/_data/recipes/{relative}" in names
    assert "patchkit/py.typed" in names


def test_installed_wheel_runs_the_main_job_from_any_folder(wheel, tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "-q", wheel], check=True)
    here = tmp_path / "here"
    here.mkdir()
    done = subprocess.run(
        [tmp_path / "venv" / "bin" / "patchkit", "apply", "fixes/mattermost.yml"],
        cwd=here,
        check=True,
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
    )
    expected = ROOT / "tests" / "snapshots" / "mattermost" / "mattermost-lts.diff"
    assert done.stdout == expected.read_text()
    assert (here / ".patchkit/work/mattermost-lts/pg_backup.sh").exists()
