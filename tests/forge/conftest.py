"""GitHub for tests: a running emulate, the door before it, and GitHub's own description."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import fetched
import pytest
import real_gitea as real
import stamina
from gitea_description import GiteaDescription
from gitea_recordings import of_forgejo
from gitea_tools import WatchedGitea, World, furnish
from github_description import Description
from github_standin import Door, Emulate, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")


def _fetch(fetch: Callable[[], T]) -> T:
    try:
        return fetch()
    except fetched.CannotFetchError as error:
        pytest.skip(f"cannot be fetched for this test: {error}")


@pytest.fixture(scope="session")
def recorded() -> None:
    """The recordings of PyGithub and ogr are there."""
    _fetch(lambda: (fetched.recordings("pygithub"), fetched.recordings("ogr")))


@pytest.fixture(scope="session")
def description() -> Description:
    """GitHub's description of its API."""
    return _fetch(lambda: Description(fetched.openapi(), fetched.graphql_schema()))


@pytest.fixture(scope="session")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulate]:
    """A running emulate."""
    program: Path = _fetch(fetched.emulate)
    with running(program, tmp_path_factory.mktemp("emulate")) as it:
        yield it


@pytest.fixture
def door(emulate: Emulate, description: Description) -> Iterator[Door]:
    """The door before emulate."""
    with Door(emulate=emulate, check=description.check) as it:
        yield it


@pytest.fixture
def repo(emulate: Emulate) -> str:
    """The name of a repository of its own."""
    return emulate.repository()


@pytest.fixture
def impatient() -> Iterator[None]:
    """Try again without waiting."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture(scope="session")
def gitea_description() -> GiteaDescription:
    """Forgejo's description of its API."""
    return GiteaDescription(_fetch(fetched.swagger))


@pytest.fixture(scope="session")
def real_forgejo() -> list[tuple[str, str, int, Any]]:
    """What a real Forgejo answered: method, path, status and data."""
    return _fetch(of_forgejo)


@contextmanager
def _standin(flavour: str, folder: Path, description: GiteaDescription) -> Iterator[World]:
    """A watched stand-in of Gitea or Forgejo; three items a page."""
    with WatchedGitea(flavour=flavour, description=description, most=3) as server:
        yield furnish(server, folder)


@pytest.fixture(params=["gitea", "forgejo"])
def world(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    gitea_description: GiteaDescription,
    impatient: None,
) -> Iterator[World]:
    """A stand-in of Gitea, and of Forgejo."""
    with _standin(request.param, tmp_path, gitea_description) as it:
        yield it


@pytest.fixture(scope="session")
def real_gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[real.RealWorld]:
    """A running Gitea."""
    with real.running(tmp_path_factory.mktemp("gitea")) as it:
        yield it


@pytest.fixture(params=["gitea", "forgejo", *(["real"] if real.PROGRAM else [])])
def anywhere(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    gitea_description: GiteaDescription,
    impatient: None,
) -> Iterator[World]:
    """A stand-in, and a real Gitea where `PATCHKIT_GITEA` names one."""
    if request.param == "real":
        yield real.anew(request.getfixturevalue("real_gitea"))
        return
    with _standin(request.param, tmp_path, gitea_description) as it:
        yield it
