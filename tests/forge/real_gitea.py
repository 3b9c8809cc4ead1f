"""A real Gitea on loopback, for who has one: `PATCHKIT_GITEA=/path/to/gitea pytest tests/forge`.

`PATCHKIT_GITEA_STATIC` names the folder of its templates when the program was built without them.
It keeps everything in a temporary folder, and ends with the tests.
"""

from __future__ import annotations

import base64
import getpass
import itertools
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gitea_tools import ALICE, BOB, BOT, ORG, RECIPE, World, bare, commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAM = os.environ.get("PATCHKIT_GITEA", "")
_STATIC = os.environ.get("PATCHKIT_GITEA_STATIC", "")
_NUMBERS = itertools.count(1)
_PASSWORD = "pa55-0f-nobody"
_SETTINGS = """
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
RUN_USER = {user}
RUN_MODE = prod
WORK_PATH = {folder}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://localhost:{port}/
APP_DATA_PATH = {folder}/data
DISABLE_SSH = true
OFFLINE_MODE = true
{static}
[database]
DB_TYPE = sqlite3
PATH = {folder}/gitea.db
[repository]
ROOT = {folder}/repositories
[api]
MAX_RESPONSE_ITEMS = 3
[security]
INSTALL_LOCK = true
SECRET_KEY = x
INTERNAL_TOKEN = eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJuYmYiOjE1NTg5MTY5MTV9.x
[oauth2]
ENABLE = false
JWT_SECRET = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
[log]
LEVEL = Warn
[indexer]
ISSUE_INDEXER_TYPE = db
"""


@dataclass
class RealWorld(World):
    """As a stand-in's, but branches are pushed by git, and forks are made by the API."""

    owner: str = ORG
    pusher: str = ALICE

    def branch(self, name: str, text: str = "x: 1\n", *, path: str = "compose.yml") -> str:
        made = commit(self.repo, name, path, text)
        push(self, f"+refs/heads/{name}")
        return made

    def fork(self, login: str) -> World:
        self.api(login, "POST", f"{self.there}/forks", {})
        return replace(self, owner=login, pusher=login)


def push(world: RealWorld, *refs: str) -> None:
    pair = f"{world.pusher}:{world.tokens[world.pusher]}".encode()
    env = os.environ | {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {base64.b64encode(pair).decode()}",
    }
    url = f"{world.url}/{world.owner}/{world.name}.git"
    command = ["git", "-C", str(world.repo), "push", "-q", url, *refs]
    subprocess.run(command, check=True, env=env, capture_output=True, timeout=60)


@contextmanager
def running(folder: Path) -> Iterator[RealWorld]:
    """Start the program with one repository and its people."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = folder / "app.ini"
    static = f"STATIC_ROOT_PATH = {_STATIC}" if _STATIC else ""
    words = {"user": getpass.getuser(), "folder": folder, "port": port, "static": static}
    settings.write_text(_SETTINGS.format(**words))
    program = (PROGRAM, "--config", str(settings), "--work-path", str(folder))
    _run(*program, "migrate")
    root = ("--username", "root", "--password", _PASSWORD, "--email", "root@example.org")
    _run(*program, "admin", "user", "create", *root, "--admin", "--must-change-password=false")
    with (folder / "log").open("w") as log:
        server = subprocess.Popen([*program, "web"], stdout=log, stderr=log)
        try:
            yield _furnished(f"http://localhost:{port}", folder)
        finally:
            server.terminate()
            server.wait(20)


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _furnished(url: str, folder: Path) -> RealWorld:
    _wait_until(lambda: _is_up(url))
    for login in (BOT, ALICE, BOB):
        who = {"username": login, "email": f"{login}@example.org", "password": _PASSWORD}
        _as(url, "root", "POST", "admin/users", who | {"must_change_password": False})
    _as(url, "root", "POST", "orgs", {"username": ORG})
    tokens = {login: _token(url, login) for login in ("root", BOT, ALICE, BOB)}
    return RealWorld(url, tokens, folder)


def anew(world: RealWorld) -> RealWorld:
    """Return the world of a new repository on the same server."""
    name = f"{RECIPE}-{next(_NUMBERS)}"
    world.api("root", "POST", f"orgs/{ORG}/repos", {"name": name, "default_branch": "main"})
    for login in (BOT, ALICE):
        where = f"repos/{ORG}/{name}/collaborators/{login}"
        world.api("root", "PUT", where, {"permission": "write"})
    new = replace(world, repo=bare(world.repo / f"{name}.git"), name=name)
    push(new, "refs/heads/main")
    _wait_until(lambda: not new.api(BOT, "GET", new.there)["empty"])
    return new


def _token(url: str, login: str) -> str:
    form = {"name": "tests", "scopes": ["all"]}
    return _as(url, login, "POST", f"users/{login}/tokens", form)["sha1"]


def _as(url: str, login: str, method: str, where: str, body: Any) -> Any:
    request = urllib.request.Request(f"{url}/api/v1/{where}", json.dumps(body).encode())
    pair = base64.b64encode(f"{login}:{_PASSWORD}".encode()).decode()
    request.add_header("Authorization", f"Basic {pair}")
    request.add_header("Content-Type", "application/json")
    request.method = method
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def _wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, "the real Gitea takes too long"
        time.sleep(0.1)


def _is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/api/v1/version", timeout=5).close()
    except (urllib.error.URLError, ConnectionError):
        return False
    return True
