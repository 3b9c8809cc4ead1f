"""Killed at any moment, by SIGKILL: the next run goes right."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_tools import git
from one_run import BRANCH, one_run
from repos import TOKEN

from patchkit.git.access import Access
from patchkit.git.mirror import mirror

if TYPE_CHECKING:
    from http_server import GitServer, Request
    from repos import Origin

PROGRAM = Path(__file__).with_name("one_run.py")


@pytest.fixture
def url(server):
    return server.url("gitea.git")


def started(url: str, cache: Path, *more: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), url, str(cache), TOKEN, *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def check(url: str, cache: Path, origin: Origin) -> None:
    """Check that the next run goes right, and leaves a clone in order."""
    sha = one_run(url, cache, TOKEN)
    assert origin.ref(f"refs/heads/{BRANCH}") == sha
    found = mirror(url, cache, access=Access(TOKEN))
    assert found.remote.branches == {"main": origin.ref("refs/heads/main"), BRANCH: sha}
    lines = git(found.folder, "for-each-ref", "--format=%(refname:lstrip=2) %(objectname)")
    assert dict(line.split() for line in lines.splitlines()) == found.remote.branches
    assert git(found.folder, "fsck", "--no-dangling") == ""
    assert sorted(path.suffix for path in cache.iterdir()) == [".git", ".lock"]
    assert list(found.folder.rglob("*.lock")) == []
    assert git(origin.bare, "fsck", "--no-dangling") == ""


REQUESTS = ["look", "greeting of fetch", "fetch", "greeting of push", "asked again", "push"]


def _nth(number: int) -> object:
    seen = []

    def when(request: Request) -> bool:
        seen.append(request)
        return len(seen) == number + 1

    return when


class TestAtARequest:
    """The request is with the server, which has not acted yet, or has."""

    @pytest.mark.parametrize("number", range(len(REQUESTS)), ids=REQUESTS)
    @pytest.mark.parametrize("goes_on", [False, True], ids=["git ends", "git goes on"])
    def test_first_run(self, url, cache, origin, *, server, number, goes_on):
        self.kill(server, url, cache, number=number, kind="hold", goes_on=goes_on)
        check(url, cache, origin)
        server.heal()
        check(url, cache, origin)

    @pytest.mark.parametrize("number", [2, 5], ids=["fetch", "push"])
    @pytest.mark.parametrize("goes_on", [False, True], ids=["git ends", "git goes on"])
    def test_a_later_run(self, url, cache, origin, *, server, number, goes_on):
        one_run(url, cache, TOKEN)
        server.heal()
        origin.force_sync({"abra.sh": "1\n"})
        self.kill(server, url, cache, number=number, kind="hold after", goes_on=goes_on)
        check(url, cache, origin)
        server.heal()
        check(url, cache, origin)

    @staticmethod
    def kill(
        server: GitServer, url: str, cache: Path, *, number: int, kind: str, goes_on: bool
    ) -> None:
        """Kill a run at a request, and see its git end; or let git go on, as without a leash."""
        fault = server.fail(kind, when=_nth(number))
        with started(url, cache, *(["0", "unleashed"] if goes_on else [])) as process:
            if not fault.reached.wait(60):
                process.kill()
                pytest.fail(process.communicate()[1])
            family = _descendants(process.pid)
            os.kill(process.pid, signal.SIGKILL)
        assert "git-remote-http" in map(_name, family) if goes_on else _all_end(family)


def _name(pid: int) -> str:
    """The name of a process; empty when it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    name, _, rest = text.partition("(")[2].rpartition(")")
    return "" if rest.split()[0] == "Z" else name


def _all_end(pids: list[int]) -> bool:
    """Whether processes are gone; they are waited for, since they end by themselves."""
    assert pids
    end = time.monotonic() + 30
    while any(map(_name, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(_name, pids))


def _descendants(pid: int) -> list[int]:
    """Every process that another one started, by Linux' /proc."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(path.parent.name)] = int(fields[1])
    found = [pid]
    for parent in found:
        found += [child for child, above in parents.items() if above == parent]
    return found[1:]


class TestAtAStep:
    """Before everything that writes to the clone, and before git is started."""

    def test_first_run(self, url, cache, origin, tmp_path):
        for step in range(1, self.steps(url, tmp_path / "whole") + 1):
            git(origin.bare, "update-ref", "-d", f"refs/heads/{BRANCH}")
            self.kill(url, cache / str(step), step)
            check(url, cache / str(step), origin)

    def test_a_later_run(self, url, cache, origin, tmp_path):
        before = one_run(url, cache, TOKEN)
        origin.force_sync({"abra.sh": "1\n"})
        shutil.copytree(cache, tmp_path / "whole")
        for step in range(1, self.steps(url, tmp_path / "whole") + 1):
            git(origin.bare, "update-ref", f"refs/heads/{BRANCH}", before)
            shutil.copytree(cache, tmp_path / str(step))
            self.kill(url, tmp_path / str(step), step)
            check(url, tmp_path / str(step), origin)

    @staticmethod
    def steps(url: str, cache: Path) -> int:
        """How many there are in a run that nobody kills."""
        with started(url, cache, "0") as process:
            out, err = process.communicate()
        assert process.returncode == 0, err
        return int(out.split()[1])

    @staticmethod
    def kill(url: str, cache: Path, step: int) -> None:
        with started(url, cache, str(step)) as process:
            process.communicate()
        assert process.returncode == -signal.SIGKILL
