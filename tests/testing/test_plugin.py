"""`pytest fixes/` in a repository of fixes: what is collected, told, and written."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

SPEC = """\
id: pin-redis
title: Pin redis
recipe: shop
why: A moving tag broke it.
expects:
  - {service: cache, image: "redis:latest"}
ops:
  - {op: image.set, service: cache, tag: 7.4.5-alpine}
ensures:
  - {service: cache, image: "redis:7.4.5-alpine"}
"""
COMPOSE = """\
version: "3.8"
services:
  app:
    image: example/shop:1.0
  cache:
    image: redis:latest
"""
CASES = ["valid", *(f"{c}[shop]" for c in ("applies", "snapshot", "second-run", "lint", "drift"))]
# A checkout on a path has no entry points; an installed one is found by pytest itself.
INSTALLED = any(point.name == "patchkit" for point in entry_points(group="pytest11"))
LOAD = () if INSTALLED else ("-p", "patchkit.testing.plugin")


@pytest.fixture
def own(tmp_path):
    """A repository of fixes: one spec, its recipe, and other YAML beside them."""
    files = {
        "fixes/pin-redis.yml": SPEC,
        "fixes/schema.json": "{}",
        "recipes/shop/compose.yml": COMPOSE,
        "other/notes.yml": "no: spec\n",
        "pytest.ini": "[pytest]\nfilterwarnings = error\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def run(folder, *arguments, options=("-p", "no:cacheprovider", "-p", "no:randomly")):
    """Run pytest as an author would, in the author's folder."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "CI"))}
    command = (sys.executable, "-m", "pytest", *LOAD, *options, *arguments)
    return subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def results(done):
    """Return how each case ended, as `-rA` tells it."""
    rows = [line.split() for line in done.stdout.splitlines()]
    ended = [row for row in rows if row[:1] in (["PASSED"], ["FAILED"])]
    return {row[1].partition("::")[2]: row[0] for row in ended}


def test_update_then_pass_then_a_change_is_shown(own):
    first = run(own, "fixes", "-rA")
    assert results(first) == dict.fromkeys(CASES, "PASSED") | {"snapshot[shop]": "FAILED"}
    assert "fixes/pin-redis.yml:7:1: error: no diff was reviewed" in first.stdout
    assert "Traceback" not in first.stdout

    assert run(own, "fixes", "--snapshot-update").returncode == 0
    reviewed = own / "snapshots" / "pin-redis" / "shop.diff"
    assert "+    image: redis:7.4.5-alpine\n" in reviewed.read_text()

    (own / "fixes" / "pin-redis.yml").write_text(SPEC.replace("7.4.5", "7.4.6"))
    last = run(own, "fixes", "-rA")
    assert results(last) == dict.fromkeys(CASES, "PASSED") | {"snapshot[shop]": "FAILED"}
    assert "\n-+    image: redis:7.4.5-alpine\n++    image: redis:7.4.6-alpine\n" in last.stdout


@pytest.mark.parametrize(
    "options",
    [("-p", "no:snapshot"), ("-p", "no:pytest-snapshot", "-p", "xdist", "-n", "2")],
    ids=["without pytest-snapshot", "on two cores"],
)
def test_beside_other_plugins(own, options):
    done = run(own, "fixes", "-rA", "--snapshot-update", options=options)
    assert (own / "snapshots" / "pin-redis" / "shop.diff").exists()
    assert results(done) == dict.fromkeys(CASES, "PASSED"), done.stdout + done.stderr


@pytest.mark.parametrize("first", ["patchkit.testing.plugin", "other_snapshots"])
def test_an_option_that_another_plugin_has_too(own, first):
    """Whichever is loaded first; what the other one does with its option stays its own."""
    (own / "other_snapshots.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.getgroup('snapshot').addoption('--snapshot-update', action='store_true',\n"
        "                                          dest='theirs')\n"
        "def pytest_terminal_summary(terminalreporter, config):\n"
        "    terminalreporter.write_line(f'theirs: {config.option.theirs}')\n"
    )
    plugins = dict.fromkeys((first, "patchkit.testing.plugin", "other_snapshots"))
    loaded = [part for name in plugins for part in ("-p", name)]
    command = (
        "-c",
        f"import pytest, sys; sys.path.insert(0, {str(own)!r}); sys.exit(pytest.main())",
    )
    done = subprocess.run(
        [sys.executable, *command, *loaded, "fixes", "--snapshot-update"],
        cwd=own,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "theirs: True" in done.stdout
    assert (own / "snapshots" / "pin-redis" / "shop.diff").exists()


def test_only_specs_are_collected(own):
    done = run(own, "--collect-only", "-q")
    found = [line for line in done.stdout.splitlines() if "::" in line]
    assert found == [f"fixes/pin-redis.yml::{case}" for case in CASES]


def test_a_file_that_is_named_is_tried_wherever_it_lies(own):
    (own / "other" / "pin-redis.yml").write_text(SPEC)
    done = run(own, "other/pin-redis.yml", "-rA")
    assert results(done)["applies[shop]"] == "PASSED"


def test_a_setting_tells_which_files_are_specs(own):
    (own / "other" / "pin-redis.yml").write_text(SPEC)
    (own / "pytest.ini").write_text("[pytest]\npatchkit_fixes = other/pin-*.yml\n")
    done = run(own, "--collect-only", "-q")
    assert f"other/pin-redis.yml::{CASES[0]}" in done.stdout
    assert "fixes/pin-redis.yml" not in done.stdout


def test_a_spec_that_cannot_be_read_is_one_failed_test(own):
    (own / "fixes" / "pin-redis.yml").write_text(SPEC.replace("title", "titel"))
    done = run(own, "fixes", "-rA")
    assert results(done) == {"valid": "FAILED"}
    assert 'fixes/pin-redis.yml:2:1: error: unknown key "titel"' in done.stdout


def test_nothing_is_imported_where_there_is_no_spec():
    code = (
        "import sys, pytest, patchkit.testing.plugin;"
        "heavy = {'pydantic', 'yaml', 'jinja2', 'click', 'pygit2'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
