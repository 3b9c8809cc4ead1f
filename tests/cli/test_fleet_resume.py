"""Runs over many recipes that end before their end, and what `--resume` does afterwards."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys

import pytest
from cli_tools import git
from fleet_tools import COMPOSE, PIN, PINNED, recipe

NUMBER = 60


@pytest.fixture
def fleet(tmp_path):
    """Many recipes to fix, the third of them drifted."""
    (tmp_path / "pin.yml").write_text(PIN)
    names = [f"r{number:03}/cache" for number in range(NUMBER)]
    for number, name in enumerate(names):
        recipe(tmp_path / name, COMPOSE.replace("app", "web") if number == 2 else COMPOSE)
    (tmp_path / "list").write_text("\n".join(names))
    return tmp_path


def begun(fleet, *arguments: str, **how) -> subprocess.Popen:
    command = [sys.executable, "-m", "patchkit", *arguments, "--list", "list"]
    return subprocess.Popen(
        command,
        cwd=fleet,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **how,
    )


def written(fleet) -> int:
    files = fleet.glob("r*/cache/compose.yml")
    return sum(file.read_text() == PINNED for file in files)


def rest(patchkit, total: int) -> str:
    result = patchkit("apply", "pin.yml", "--list", "list", "--resume", "--quiet")
    assert result.code == 3
    return result.err.splitlines()[-1]


def test_only_what_did_not_succeed_runs_again(patchkit, fleet):
    wanted = ("--list", "list", "--limit", "4")
    assert patchkit("apply", "pin.yml", *wanted).code == 3
    (fleet / "r002/cache/compose.yml").write_text(COMPOSE)
    result = patchkit("apply", "pin.yml", *wanted, "--resume")
    assert [line.split(": ")[0] for line in result.err.splitlines()[:2]] == [
        "1/4 r002/cache",
        "2/4 r004/cache",
    ]
    assert f"4 done: 4 applied; 3 succeeded before; {NUMBER - 7} not run" in result.err
    assert result.code == 0


def test_a_changed_fix_runs_again_and_so_does_another_command(patchkit, fleet):
    wanted = ("--list", "list", "--limit", "2")
    patchkit("apply", "pin.yml", *wanted)
    assert "1/2 r000/cache" in patchkit("diff", "pin.yml", *wanted, "--resume").err
    (fleet / "pin.yml").write_text(PIN + "# other words\n")
    assert "1/2 r000/cache" in patchkit("apply", "pin.yml", *wanted, "--resume").err
    assert "1/2 r002/cache" in patchkit("apply", "pin.yml", *wanted, "--resume").err


def test_a_new_run_forgets_the_old_one(patchkit, fleet):
    wanted = ("--list", "list", "--limit", "2", "--jobs", "1")
    patchkit("diff", "pin.yml", *wanted)
    assert "1/2 r000/cache" in patchkit("diff", "pin.yml", *wanted).err


def test_nothing_left(patchkit, fleet):
    wanted = ("--list", "list", "--only", "r00[01]/*")
    patchkit("diff", "pin.yml", *wanted)
    result = patchkit("diff", "pin.yml", *wanted, "--resume", "--format", "json")
    assert (result.code, result.out) == (0, "[]\n")
    assert result.err == "nothing was done; 2 succeeded before\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_fail_fast(patchkit, fleet, jobs):
    result = patchkit("apply", "pin.yml", "--list", "list", "--fail-fast", "--jobs", jobs)
    assert result.code == 3
    assert "stopped at the first that did not go well: --fail-fast" in result.err
    assert f"3 done: 2 applied, 1 drifted; {NUMBER - 3} not run" in result.err
    assert written(fleet) == 2


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("whom", [os.kill, os.killpg], ids=["process", "group"])
def test_ctrl_c_stops_with_a_summary(patchkit, fleet, jobs, whom):
    process = begun(fleet, "apply", "pin.yml", "--format", "json", "--jobs", jobs)
    told = [process.stderr.readline() for _ in range(10)]
    whom(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "interrupted; nothing is half written" in err
    done = int(re.search(r"^(\d+) done: ", err, re.MULTILINE)[1])
    assert len(told) <= done < NUMBER
    assert f"; {NUMBER - done} not run" in err
    assert written(fleet) in {done - 1, done}  # one of them drifted; one may be written, not told
    assert len(json.loads(out)) in {done, done + 1}
    left = rest(patchkit, NUMBER)
    assert re.search(rf"; ({done - 1}) succeeded before", left)
    assert written(fleet) == NUMBER - 1


def test_a_kill_at_any_moment_is_resumed(patchkit, fleet):
    process = begun(fleet, "apply", "pin.yml", "--format", "stat", "--jobs", "2")
    told = [process.stderr.readline() for _ in range(20)]
    process.kill()
    _, err = process.communicate(timeout=60)  # workers that stay would keep it open
    told += err.splitlines()
    left = rest(patchkit, NUMBER)
    before = int(re.search(r"(\d+) succeeded before", left)[1])
    assert len(told) - 3 <= before < NUMBER
    assert written(fleet) == NUMBER - 1


def test_a_bar_with_rate_and_names_on_a_terminal(fleet):
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "patchkit", "diff", "pin.yml", "--list", "list"]
    with os.fdopen(follower, "w") as terminal:
        process = subprocess.Popen(
            [*command, "--only", "r00*", "--jobs", "1"],
            cwd=fleet,
            stdout=subprocess.PIPE,
            stderr=terminal,
            env=os.environ | {"TERM": "xterm", "COLUMNS": "100"},
        )
    seen = b""
    while chunk := _read(leader):
        seen += chunk
    process.communicate(timeout=30)
    os.close(leader)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())
    assert "10/10" in text
    assert "cache pin" in text
    assert "3/10 r002/cache: pin: drifted" in text
    assert "1/10 r000/cache" not in text  # what went well is told by the bar
    assert "10 done: 9 applies, 1 drifted" in text


def _read(handle: int) -> bytes:
    try:
        return os.read(handle, 65536)
    except OSError:  # the other end is closed
        return b""


@pytest.mark.skipif(not shutil.which("bwrap"), reason="install bubblewrap: it makes a small disk")
def test_a_full_disk_is_a_line_a_recipe(tmp_path):
    (tmp_path / "big.yml").write_text(
        "id: big\ntitle: Big\nrecipe: cache\nwhy: To fill the disk.\n"
        "ops:\n  - {op: file.add, path: big, text: \"{{ 'x' * 700000 }}\"}\n"
    )
    names = [f"r{number}/cache" for number in range(4)]
    for name in names:
        recipe(tmp_path / "from" / name)
    (tmp_path / "list").write_text("\n".join(f"/small/{name}" for name in names))
    script = (
        f"cp -r {tmp_path}/from/. /small && cd /small && {sys.executable} -m patchkit apply "
        f"{tmp_path}/big.yml --list {tmp_path}/list --format stat; code=$?; "
        "ls -d /small/*/cache/big /small/*/cache/.patchkit*; exit $code"
    )
    command = ["bwrap", "--dev-bind", "/", "/", "--size", str(2 * 2**20), "--tmpfs", "/small"]
    done = subprocess.run(
        [*command, "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if "setting up" in done.stderr or "bwrap:" in done.stderr:
        pytest.skip("bubblewrap may not make a disk here: let it use namespaces")
    assert done.returncode == 3, done.stderr
    assert "No space left on device" in done.stderr
    assert re.search(r"4 done: 2 applied, 2 failed", done.stderr)
    assert done.stdout.split()[-2:] == ["/small/r0/cache/big", "/small/r1/cache/big"]


def test_a_mirror_that_vanishes_is_a_line(patchkit, fleet, monkeypatch):
    monkeypatch.setenv("PATCHKIT_CACHE", str(fleet / "clones"))
    for number in (0, 1):
        folder = fleet / f"r{number:03}/cache"
        git(folder, "init", "-qb", "main")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", "start")
    urls = [(fleet / f"r{number:03}/cache").as_uri() for number in (0, 1)]
    (fleet / "urls").write_text("\n".join(urls))
    assert patchkit("diff", "pin.yml", "--list", "urls").code == 0
    shutil.rmtree(fleet / "r000")
    result = patchkit("diff", "pin.yml", "--list", "urls")
    assert result.code == 5
    assert f"  {urls[0]}: pin: failed: git ls-remote failed" in result.err
    assert "2 done: 1 failed, 1 applies" in result.err
