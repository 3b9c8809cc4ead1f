"""The command line in this process, on a scratch recipe."""

from __future__ import annotations

import shutil
from typing import NamedTuple

import pytest
from cli_tools import SAMPLES, git

from patchkit.cli.boundary import run


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def patchkit(capfdbinary, tmp_path, monkeypatch):
    """Run the command line in an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def call(*arguments: object) -> Result:
        capfdbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Result(int(code), out.decode(errors="surrogateescape"), err.decode())

    return call


@pytest.fixture
def recipe(tmp_path):
    """A copy of the mattermost sample."""
    target = tmp_path / "mattermost-lts"
    shutil.copytree(SAMPLES / "mattermost-lts", target)
    return target


@pytest.fixture
def checkout(recipe):
    """The copy as a git checkout with one commit."""
    git(recipe, "init", "-q")
    git(recipe, "add", "-A")
    git(recipe, "commit", "-qm", "start")
    return recipe
