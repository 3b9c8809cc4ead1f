"""A program on a leash: as without one, and it ends when what holds the leash is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from patchkit.git import leash
from patchkit.git.leash import leashed

SHELLS = [["/bin/sh"], ["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"]]
HOLDER = """
import sys
from patchkit.git.leash import leashed
with leashed(["sh", "-c", "trap '' TERM INT HUP; sleep 600 & echo $! $$; wait"], {}) as process:
    print(process.stdout.readline().decode(), flush=True)
    process.wait()
"""


def run(command: list[str], stdin: bytes = b"") -> tuple[int, bytes, bytes]:
    with leashed(command, {"PATH": os.environ["PATH"]}) as process:
        out, err = process.communicate(stdin, 60)
    return process.returncode, out, err


def test_as_without_one():
    said = run(["sh", "-c", 'cat; echo "$@" >&2; exit 3', "x", "a b", "$HOME;*", ""], b"given")
    assert said == (3, b"given", b"a b $HOME;* \n")


def test_a_program_that_is_missing():
    assert run(["no-such-program"])[0] == 127


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_every_shell_that_may_be_sh(shell):
    if shutil.which(shell[0]) is None:
        pytest.skip(f"install {shell[0]}")
    theirs, ours = os.pipe()
    command = [*shell, "-c", leash._WATCHED, "sh", f"/dev/fd/{theirs}", "sh", "-c", "cat; exit 4"]
    how = {"pass_fds": (theirs,), "start_new_session": True}
    done = subprocess.run(command, input=b"x", capture_output=True, check=False, **how)
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stdout, done.stderr) == (4, b"x", b"")


def test_all_of_it_ends_when_its_holder_is_killed():
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE) as holder:
        pids = [int(pid) for pid in holder.stdout.readline().split()]
        os.kill(holder.pid, signal.SIGKILL)
    assert len(pids) == 2
    end = time.monotonic() + 30
    while any(map(_runs, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    assert not any(map(_runs, pids))


def _runs(pid: int) -> bool:
    """Whether a process runs; one that has ended may still be listed."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_no_descriptor_stays_open():
    before = len(list(Path("/dev/fd").iterdir()))
    run(["true"])
    assert len(list(Path("/dev/fd").iterdir())) == before
