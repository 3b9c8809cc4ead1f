"""A forge with the mirror of gitea, and the command line in this process."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest
import stamina
from dashboard import Dashboard
from world import TOKEN, World

from patchkit.cli.boundary import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Result(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A forge on loopback with the mirror of gitea, and settings that name it."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "PATCHKIT_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PATCHKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATCHKIT_TOKEN", TOKEN)
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with World(tmp_path / "srv") as running, stamina.set_testing(True, attempts=4, cap=True):
        running.add("gitea")
        (here / "patchkit.toml").write_text(
            f'mirror = "{running.url()}"\nforge = "gitea"\nauthor = "Bot <bot@example.com>"\n'
        )
        yield running


@pytest.fixture
def pr(world: World, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Result]:
    """Run `patchkit pr` on the mirror of gitea, judged by lint alone."""

    def call(*arguments: object) -> Result:
        capfdbinary.readouterr()
        named = arguments if any(str(a).startswith("--recipe") for a in arguments) else ()
        words = named or ("--recipe", "gitea", *arguments)
        code = run(["pr", "--no-verify", *map(str, words)])
        out, err = capfdbinary.readouterr()
        return Result(int(code), out.decode(), err.decode())

    return call


@pytest.fixture
def patchkit(world: World, capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Result]:
    """Run any command in the folder with the settings."""

    def call(*arguments: object) -> Result:
        capfdbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        out, err = capfdbinary.readouterr()
        return Result(int(code), out.decode(), err.decode())

    return call


@pytest.fixture
def results(world: World, tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard of CI, which the settings name."""
    with Dashboard() as dashboard:
        settings = tmp_path / "here" / "patchkit.toml"
        where = f"{dashboard.url}/runs/{{run}}/results.json"
        settings.write_text(f'{settings.read_text()}results = "{where}"\n')
        yield dashboard
