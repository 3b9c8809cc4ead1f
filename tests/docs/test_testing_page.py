"""The page about testing fixes: its commands and its settings, as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
import yaml

from patchkit.testing.layout import Layout
from patchkit.testing.suite import CHECKS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "pages" / "testing-fixes.md").read_text()
COMMANDS = re.search(r"```bash\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
FILES = {
    "fixes/pin-redis.yml": "id: pin-redis\ntitle: Pin redis\nrecipe: shop\nwhy: It moved.\n"
    'expects:\n  - {service: cache, image: "redis:latest"}\n'
    "ops:\n  - {op: image.set, service: cache, tag: 7.4.5-alpine}\n"
    'ensures:\n  - {service: cache, image: "redis:7.4.5-alpine"}\n',
    "recipes/shop/compose.yml": 'version: "3.8"\nservices:\n  app: {image: "shop:1"}\n'
    "  cache:\n    image: redis:latest\n",
    "drift/pin-redis/newer/compose.yml": 'version: "3.8"\nservices:\n  app: {image: "shop:1"}\n'
    "  cache:\n    image: redis:8\n",
}


@pytest.fixture
def own(tmp_path):
    """The repository that the page draws, and a folder of programs beside it."""
    for name, text in FILES.items():
        (tmp_path / "own" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "own" / name).write_text(text)
    found = any(point.name == "patchkit" for point in entry_points(group="pytest11"))
    load = "" if found else "-p patchkit.testing.plugin"
    (tmp_path / "bin").mkdir()
    for name, options in {"patchkit": "", "pytest": load}.items():
        (tmp_path / "bin" / name).write_text(
            f'#!/bin/sh\nexec {sys.executable} -m {name} {options} "$@"\n'
        )
        (tmp_path / "bin" / name).chmod(0o755)
    return tmp_path / "own"


def test_commands_end_well(own):
    assert len(COMMANDS) == 5
    env = os.environ | {"PATH": f"{own.parent / 'bin'}:{os.environ['PATH']}"}
    for command in COMMANDS:
        done = subprocess.run(
            command.split(), cwd=own, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, command + done.stdout + done.stderr
    drawn = re.findall(r"(?m)^    ((?:fixes|recipes|snapshots|drift)/\S*)", PAGE)
    assert all((own / name).exists() for name in drawn)


def test_settings_are_read(own):
    (own / "patchkit.toml").write_text(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1])
    layout = Layout.of(own / "fixes" / "pin-redis.yml")
    assert layout.snapshot("pin-redis", "shop") == own / "tests/snapshots/pin-redis/shop.diff"
    assert layout.of_fix("pin-redis").samples == ["shop", "shop-old"]
    assert layout.of_fix("pin-redis").params == {"tag": "7.4.5"}


def test_every_check_is_in_the_table():
    assert tuple(re.findall(r"(?m)^\| `([\w-]+)` \|", PAGE)) == CHECKS


def test_hooks_are_those_that_there_are():
    config = yaml.safe_load(re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1])
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert [hook["id"] for hook in config["repos"][0]["hooks"]] == [hook["id"] for hook in hooks]
