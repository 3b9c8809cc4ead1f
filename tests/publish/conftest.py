"""A forge with the mirror of gitea, and the command line in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dashboard import Dashboard
from lifecycle import Result
from stages import Stages, at_home, furnished
from world import World

from patchkit.cli.boundary import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A forge on loopback with the mirror of gitea, and settings that name it."""
    with at_home(tmp_path), World(tmp_path / "srv") as running:
        yield furnished(running, tmp_path)


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """What is ready for each command of a pull request's life."""
    with Stages(tmp_path_factory.mktemp("stages")) as ready:
        yield ready


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
