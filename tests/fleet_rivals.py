"""What else could make the same change in many repositories, for the benchmark of fleets.

`git fast-import` is the floor: it is told what to write and thinks nothing. A loop of clone, edit
and commit is what people write; all-repos is the tool for it. https://github.com/asottile/all-repos
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fleet_mirrors import COMMITS, ENV, GIT, START, TIMEOUT, commit_of, imported

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fleet_mirrors import Mirror


def fast_import(mirrors: Sequence[Mirror], change: str, jobs: int) -> None:
    """Write the very objects that patchkit writes, one process a repository."""
    parent = "from refs/heads/main^0\n"
    streams = [
        commit_of(change, START + COMMITS - 1, parent, mirror.expected(change))
        for mirror in mirrors
    ]
    _each(lambda n: imported(mirrors[n], streams[n]), len(mirrors), jobs)


def clone_and_commit(mirrors: Sequence[Mirror], jobs: int) -> None:
    """Clone, edit one line and commit, one repository after the other."""
    with TemporaryDirectory() as scratch:
        _each(lambda n: _cloned(mirrors[n].folder, Path(scratch) / str(n)), len(mirrors), jobs)


def _cloned(mirror: Path, work: Path) -> None:
    _git("clone", "--quiet", "--local", mirror, work)
    file = work / "compose.yml"
    file.write_text(re.sub(TIMEOUT, r"\g<1>900", file.read_text()))
    _git("-C", work, "commit", "--quiet", "--all", "--message", "Change")
    shutil.rmtree(work)


def all_repos(mirrors: Sequence[Mirror], jobs: int) -> None:
    """Let all-repos clone the repositories, and then change the line with its fixer for sed.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    if find_spec("all_repos") is None:
        raise ModuleNotFoundError("pip install all-repos")
    with TemporaryDirectory() as scratch:
        config = _config(Path(scratch), mirrors)
        _run("all_repos.clone", "--jobs", jobs, "--config-filename", config)
        sed = (f"s/{TIMEOUT}/\\1900/", "compose.yml")
        said = _run("all_repos.sed", "-r", "--jobs", jobs, "--config-filename", config, *sed)
    made = said.count("$ git commit")
    assert made == len(mirrors), f"all-repos made {made} commits of {len(mirrors)}"


def _config(scratch: Path, mirrors: Sequence[Mirror]) -> Path:
    repositories = scratch / "repositories.json"
    repositories.write_text(json.dumps({m.folder.name: str(m.folder) for m in mirrors}))
    config = scratch / "all-repos.json"
    settings = {
        "output_dir": "clones",
        "source": "all_repos.source.json_file",
        "source_settings": {"filename": str(repositories)},
        "push": "all_repos.push.readonly",
        "push_settings": {},
    }
    config.write_text(json.dumps(settings))
    config.chmod(0o600)
    return config


def _run(module: str, *arguments: object) -> str:
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, check=True, env=ENV, stdout=-1, stderr=-2, text=True).stdout


def _git(*arguments: object) -> None:
    subprocess.run([*GIT, *map(str, arguments)], check=True, env=ENV)


def _each(work: Callable[[int], None], count: int, jobs: int) -> None:
    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, range(count)))
