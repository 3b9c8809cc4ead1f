"""Where the commands of a page run: fixes, recipes at path/to, and mirrors on a forge on loopback.

CI answers at once there, no real time passes, and git is the only program: the judges of `verify`
have tests of their own, and are «not available» here.
"""

from __future__ import annotations

import os
import shutil
from contextlib import chdir, contextmanager
from typing import TYPE_CHECKING
from unittest import mock

import stamina
from cli_tools import SAMPLES, git
from dashboard import Dashboard, run_of, say
from shown import ROOT
from world import TOKEN, World

from patchkit.cli import waiting
from patchkit.publish.wait import Clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RECIPES = ("gitea", "mattermost-lts", "bluesky-pds", "discourse")
# What a page shows to make lint worse.
_NO_CHECK = """\
id: no-check
title: Let the app start without a check
recipe: mattermost-lts
why: To show what lint says of it.
ops:
  - {op: service.unset, service: app, fields: [healthcheck]}
"""
_SETTINGS = """\
mirror = "{mirror}"
forge = "gitea"
author = "Ana <ana@example.com>"
results = "{results}/runs/{{run}}/results.json"
"""


@contextmanager
def stage(folder: Path) -> Iterator[Path]:
    """Make a folder the current one, with all that pages speak of.

    Args:
        folder: an empty one.
    """
    here = folder / "here"
    shutil.copytree(ROOT / "fixes", here / "fixes")
    (here / "no-check.yml").write_text(_NO_CHECK)
    for recipe in RECIPES:  # pages show recipes alone there
        _repository(here / "path" / "to" / recipe, recipe)
    environment = _environment(folder)
    with (
        mock.patch.dict(os.environ, environment, clear=True),
        chdir(here),
        Dashboard() as dashboard,
        World(folder / "srv") as world,
        stamina.set_testing(True, attempts=4, cap=True),
    ):
        for recipe in (*RECIPES, "cc-ci"):
            world.add(recipe)
        dashboard.runs["17"] = run_of(5)
        settings = _SETTINGS.format(mirror=world.url(), results=dashboard.url)
        (here / "patchkit.toml").write_text(settings)
        with mock.patch.object(waiting, "CLOCK", _clock(world)):
            yield here


def _clock(world: World) -> Clock:
    """Return a clock on which no real time passes, and CI answers whenever somebody waits."""
    passed = [0.0]

    def sleep(seconds: float) -> None:
        passed.append(seconds)
        for pull in world.pulls("gitea"):
            say(world, "success", sha=pull.head_sha())

    return Clock(lambda: sum(passed), sleep)


def _environment(folder: Path) -> dict[str, str]:
    home, programs = folder / "home", folder / "bin"
    home.mkdir()
    programs.mkdir()
    (programs / "git").symlink_to(str(shutil.which("git")))
    return {
        "PATH": str(programs),
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATCHKIT_CACHE": str(folder / "cache"),
        "PATCHKIT_TOKEN": TOKEN,
    }


def _repository(folder: Path, recipe: str) -> None:
    shutil.copytree(SAMPLES / recipe, folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "The recipe as it is")
