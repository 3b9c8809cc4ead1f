"""The wheel and the sdist: what they hold, that they are the same twice, and that they install."""

from __future__ import annotations

import email
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import manual
import pytest

import patchkit

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
UV = (sys.executable, "-m", "uv", "--quiet", "--no-config")
PIPX = (sys.executable, "-m", "pipx")
NAME = f"patchkit-{patchkit.__version__}"


def run(*command, **options):
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=300, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def dist(tmp_path_factory):
    """The folder with the sdist, and the wheel that is built from it."""
    out = tmp_path_factory.mktemp("dist")
    run(*UV, "build", "--out-dir", out, ROOT)
    return out


@pytest.fixture(scope="session")
def wheel(dist):
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def sdist(dist):
    (found,) = dist.glob("*.tar.gz")
    return found


@pytest.fixture(scope="session")
def metadata(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return email.message_from_bytes(archive.read(f"{NAME}.dist-info/METADATA"))


def test_wheel_carries_what_the_product_needs(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (*ROOT.glob("fixes/**/*.yml"), *ROOT.glob("templates/*.j2")):
        assert f"patchkit/_data/{path.relative_to(ROOT)}" in names
    for path in (p for p in (ROOT / "tests" / "recipes").rglob("*") if p.is_file()):
        relative = path.relative_to(ROOT / "tests" / "recipes")
        assert f"patchkit/_data/recipes/{relative}" in names
    for path in (p for p in (ROOT / "docs" / "share").rglob("*") if p.is_file()):
        assert f"{NAME}.data/data/{path.relative_to(ROOT / 'docs')}" in names
    assert {"patchkit/py.typed", f"{NAME}.dist-info/licenses/LICENSE"} <= names


def test_wheel_carries_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {
        "patchkit",
        f"{NAME}.dist-info",
        f"{NAME}.data",
    }
    tracked = run("git", "-C", ROOT, "ls-files", "-co", "--exclude-standard").splitlines()
    homes = {"fixes/": "fixes/", "templates/": "templates/", "recipes/": "tests/recipes/"}
    for name in names:
        inside = name.removeprefix("patchkit/_data/")
        if inside != name:
            home = next(home for home in homes if inside.startswith(home))
            assert homes[home] + inside.removeprefix(home) in tracked
        elif name.startswith("patchkit/"):
            assert name in tracked


def test_sdist_carries_what_a_build_and_its_tests_need(sdist):
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("LICENSE", "README.md", "pyproject.toml", "tests/test_package.py", "docs/share"):
        assert any(found == name or found.startswith(f"{name}/") for found in names), name
    assert not [n for n in names if "__pycache__" in n or n.startswith((".venv", ".git/"))]


def test_the_same_bytes_come_out_twice(sdist, wheel, tmp_path):
    """From the sdist, elsewhere, with other times and rights of its files; and from the tree."""
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "src", filter="data")
    (source,) = (tmp_path / "src").iterdir()
    for path in (p for p in source.rglob("*") if p.is_file()):
        path.chmod(path.stat().st_mode & ~0o022)
        os.utime(path, (1_000_000_000, 1_000_000_000))
    run(*UV, "build", "--out-dir", tmp_path / "again", source)
    for first in (sdist, wheel):
        assert (tmp_path / "again" / first.name).read_bytes() == first.read_bytes()


def test_metadata(metadata):
    assert metadata["Version"] == patchkit.__version__
    assert metadata["License-Expression"] == "MIT"
    assert metadata["License-File"] == "LICENSE"
    assert metadata["Requires-Python"] == PROJECT["requires-python"]
    assert metadata["Description-Content-Type"] == "text/markdown"
    classifiers = metadata.get_all("Classifier")
    assert "Framework :: Pytest" in classifiers
    assert "Environment :: Console" in classifiers
    assert set(map(needed, PROJECT["dependencies"])) <= set(
        map(needed, metadata.get_all("Requires-Dist"))
    )


def needed(requirement):
    """Return the name that a requirement begins with, as registries spell it."""
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", requirement)[0]).lower()


def test_the_version_stands_in_one_place():
    assert "version" in PROJECT["dynamic"]
    files = run(
        "git", "-C", ROOT, "grep", "-lF", f'"{patchkit.__version__}"', "--", "*.py", "*.toml"
    )
    assert "patchkit/__init__.py" in files.split()
    assert "pyproject.toml" not in files.split()


def test_the_lowest_versions_can_be_had_for_the_newest_python(tmp_path):
    """A lower bound without a wheel for it would be built, or fail to be, at the user's."""
    newest = max(
        (line.rpartition(" ")[2] for line in PROJECT["classifiers"] if ":: 3." in line),
        key=lambda version: int(version.partition(".")[2]),
    )
    options = ["--resolution", "lowest-direct", "--only-binary", ":all:", "--all-extras"]
    options += ["--python-version", newest, "--no-header", "--no-annotate"]
    found = run(*UV, "pip", "compile", *options, ROOT / "pyproject.toml")
    lowest = dict(re.findall(r"(?m)^(\S+?)==(\S+)", found))
    extras = [need for extra in PROJECT["optional-dependencies"].values() for need in extra]
    for text in (*PROJECT["dependencies"], *extras):
        bound = text.partition(">=")[2].split(",")[0]
        had = lowest[needed(text)]
        assert had == bound or had.startswith(f"{bound}."), f"{text}: {had} is the lowest there is"


def environment(home):
    """Variables of a user who has nothing yet, except for the caches of downloads."""
    caches = {"UV_CACHE_DIR": run(sys.executable, "-m", "uv", "cache", "dir").strip()}
    pip = {k: v for k, v in os.environ.items() if k.startswith(("PIP_", "UV_", "SSL_"))}
    pip["PIP_CACHE_DIR"] = run(sys.executable, "-m", "pip", "cache", "dir").strip()
    tools = {
        "UV_TOOL_DIR": str(home / "tools"),
        "UV_TOOL_BIN_DIR": str(home / "bin"),
        "PIPX_HOME": str(home / "pipx"),
        "PIPX_BIN_DIR": str(home / "bin"),
        "PIPX_MAN_DIR": str(home / "man"),
    }
    return {"PATH": f"{home / 'bin'}:/usr/bin:/bin", "HOME": str(home), **caches, **pip, **tools}


INSTALL = {"uv": (*UV, "tool", "install", "--python", sys.executable), "pipx": (*PIPX, "install")}


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
@pytest.mark.parametrize("program", INSTALL)
def test_it_installs_and_does_the_main_job_from_any_folder(program, kind, tmp_path, request):
    env = environment(tmp_path)
    run(*INSTALL[program], request.getfixturevalue(kind), env=env)
    here = tmp_path / "here"
    here.mkdir()
    out = run(tmp_path / "bin" / "patchkit", "apply", "fixes/mattermost.yml", cwd=here, env=env)
    expected = ROOT / "tests" / "snapshots" / "mattermost" / "mattermost-lts.diff"
    assert out == expected.read_text()
    assert (here / ".patchkit/work/mattermost-lts/pg_backup.sh").exists()
    assert list(tmp_path.rglob("share/bash-completion/completions/patchkit"))
    if program == "pipx":
        assert (tmp_path / "man" / "man1" / "patchkit.1").exists()


# What each command does in an empty folder, with no extra and without the network.
CALLS = {
    "apply": (["gitea"], 0),
    "completion": (["fish"], 0),
    "diff": (["gitea"], 0),
    "explain": (["labels.set"], 0),
    "format": (["--check", "spec.yml"], 0),
    "lint": (["--recipe", "mattermost-lts"], 4),
    "list": ([], 0),
    "new": (["mine"], 0),
    "pr": (["gitea", "--dry-run"], 2),
    "record": (["--in", "."], 2),
    "report": (["gitea"], 0),
    "scan": (["--all"], 2),
    "schema": ([], 0),
    "status": (["gitea"], 2),
    "test": (["gitea", "--only", "valid", "--only", "applies", "--only", "drift"], 0),
    "verify": (["gitea", "--only", "python"], 0),
    "withdraw": (["gitea", "--why", "x", "--dry-run"], 2),
}


@pytest.fixture(scope="session")
def plain(wheel, tmp_path_factory):
    """The folder of programs of an environment with the wheel, no extras, and pytest beside it."""
    home = tmp_path_factory.mktemp("plain")
    run(*UV, "venv", "--python", sys.executable, home / "venv")
    python = home / "venv" / "bin" / "python"
    run(*UV, "pip", "install", "--python", python, wheel, "pytest", env=environment(home))
    return python.parent


def test_every_command_is_called():
    assert CALLS.keys() == manual.commands().keys()


@pytest.mark.parametrize("command", CALLS)
def test_commands_run_without_extras(command, plain, tmp_path):
    arguments, code = CALLS[command]
    (tmp_path / "spec.yml").write_text("id: x\n")
    done = subprocess.run(
        [plain / "patchkit", command, *arguments],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_pytest_finds_the_plugin_of_an_installed_wheel(plain, tmp_path):
    (tmp_path / "fixes").mkdir()
    shutil.copy(ROOT / "fixes" / "gitea.yml", tmp_path / "fixes")
    env = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    run(plain / "pytest", "fixes", "--snapshot-update", "-q", cwd=tmp_path, env=env)
    expected = (ROOT / "tests" / "snapshots" / "gitea" / "gitea.diff").read_text()
    assert (tmp_path / "snapshots" / "gitea" / "gitea.diff").read_text() == expected
