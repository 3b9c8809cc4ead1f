"""Real git on this machine, with nothing of the user's settings and no waiting."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import stamina
from http_server import GitServer
from repos import TOKEN, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture(scope="session")
def _first_origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    return Origin(tmp_path_factory.mktemp("first") / "srv", "gitea.git")


@pytest.fixture
def origin(tmp_path: Path, _first_origin: Origin) -> Origin:
    """A recipe's repository with one commit on main."""
    return _first_origin.copied(tmp_path / "srv")


@pytest.fixture
def server(origin: Origin) -> Iterator[GitServer]:
    """A server of it, which everybody may read, and who has the token may push to."""
    with GitServer(origin.root, tokens={TOKEN: {"gitea.git": "write"}}) as running:
        yield running


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"
