"""Every command's `--help` shows examples, and each does what it is there to show."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import manual
import pytest
from cli_tools import ROOT, SAMPLES, git

COMMANDS = manual.commands()
EXAMPLES = [
    (name, line)
    for name, command in COMMANDS.items()
    for line in manual.taken_apart(command).examples
]
# What asks a forge, whatever is named; and what asks it in an example with a URL.
NEEDS_NETWORK = {"pr", "status", "withdraw"}
CAN_NEED_NETWORK = {"lint", "scan"}
# Examples that end with another code: the sample has a defect; no judge is on the path.
CODES = {
    "patchkit lint --in ~/recipes/gitea": 4,
    "patchkit lint --recipe gitea --format json": 4,
    "patchkit lint --recipes ~/recipes --format sarif": 4,
    "patchkit verify bluesky-pds --require all": 1,
}


def is_local(name: str, line: str) -> bool:
    return name not in NEEDS_NETWORK and "://" not in line


LOCAL = [(name, line) for name, line in EXAMPLES if is_local(name, line)]


@pytest.fixture
def place(tmp_path):
    """A home with a checkout of fixes, and recipes of their own beside it; with `patchkit`."""
    home = tmp_path
    (home / "bin").mkdir()
    (home / "bin" / "patchkit").write_text(f'#!/bin/sh\nexec {sys.executable} -m patchkit "$@"\n')
    (home / "bin" / "patchkit").chmod(0o755)
    for program in ("bash", "git"):
        (home / "bin" / program).symlink_to(shutil.which(program))
    for recipe in ("gitea", "mattermost-lts"):
        folder = home / "recipes" / recipe
        shutil.copytree(SAMPLES / recipe, folder)
        git(folder, "init", "-q")
        text = (folder / "README.md").read_text()
        for readme in (f"{text}\nMore.\n", text):
            (folder / "README.md").write_text(readme)
            git(folder, "add", "-A")
            git(folder, "commit", "-qm", "start")
    shutil.copytree(ROOT / "fixes", home / "my-fixes")
    here = home / "here"
    shutil.copytree(ROOT / "fixes", here / "fixes")
    shutil.copytree(ROOT / "tests" / "snapshots", here / "snapshots")
    listed = "# checkouts of our own\n../recipes/gitea\n../recipes/mattermost-lts\n"
    (here / "recipes.txt").write_text(listed)
    project = (ROOT / "pyproject.toml").read_text()
    tables = re.findall(r"(?m)^\[tool\.patchkit\.(testing\.fixes\.(?:[^\n]+\n)+)", project)
    (here / "patchkit.toml").write_text("".join(f"[{table}" for table in tables))
    return here


@pytest.mark.parametrize("name", COMMANDS)
def test_help_shows_examples(patchkit, name):
    shown = patchkit(name, "--help").out
    lines = manual.taken_apart(COMMANDS[name]).examples
    assert lines, "write an example"
    for line in lines:
        assert line in shown
        assert re.search(rf"\bpatchkit {name}\b", line)
    assert max(map(len, shown.splitlines())) <= 80


def test_help_of_all_shows_what_can_be_typed(patchkit):
    shown = patchkit("--help").out
    typed = [line.split() for line in manual.taken_apart(manual.cli).examples]
    assert {words[1] for words in typed} <= COMMANDS.keys()
    assert all(f"\n  {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize(("name", "line"), LOCAL, ids=[line for _, line in LOCAL])
def test_examples_run(name, line, place):
    done = subprocess.run(
        [place.parent / "bin" / "bash", "-ec", line],
        cwd=place,
        env={"PATH": str(place.parent / "bin"), "HOME": str(place.parent), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == CODES.get(line, 0), done.stderr + done.stdout


def test_what_is_not_run_needs_the_network():
    left = {name for name, line in EXAMPLES if not is_local(name, line)}
    assert left == NEEDS_NETWORK | CAN_NEED_NETWORK


def test_help_of_all_is_told_in_whole_sentences(patchkit):
    assert "..." not in patchkit("--help").out.partition("\nCommands:\n")[2]


def test_a_command_that_is_misspelt(patchkit):
    result = patchkit("aply")
    assert result.code == 2
    assert "No such command 'aply'. Did you mean 'apply'?" in result.err
    assert "Did you mean" not in patchkit("zzzzz").err


def test_quiet_alone_is_about_no_recipes(patchkit):
    """Paths stay as they are, where one fix goes to one recipe."""
    assert patchkit("diff", "gitea", "--quiet").out == patchkit("diff", "gitea").out


def test_options_for_many_recipes_stand_apart(patchkit):
    one, _, many = patchkit("diff", "--help").out.partition("\nOptions for many recipes:\n")
    assert "--in DIR" in one
    assert "--recipes" not in one.partition("\nOptions:\n")[2]
    assert [line.split()[0] for line in many.splitlines() if line.startswith("  --")][:2] == [
        "--recipes",
        "--list",
    ]
