"""The file that `--resume` reads: readable after a kill at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from patchkit.errors import WriteRefused
from patchkit.fleet.state import State

KEYS = [f"{number:032x}" for number in range(5)]


def kept(path, *keys: str) -> None:
    with State(path, is_resumed=False) as state:
        for key in keys:
            state.add(key)
        assert state.trouble == ""


def read(path) -> set[str]:
    with State(path, is_resumed=True) as state:
        return set(state.done)


def test_what_succeeded_is_remembered(tmp_path):
    kept(tmp_path / "sub" / "apply", *KEYS)
    assert read(tmp_path / "sub" / "apply") == set(KEYS)


def test_a_new_run_begins_anew(tmp_path):
    kept(tmp_path / "apply", *KEYS)
    kept(tmp_path / "apply", KEYS[0])
    assert read(tmp_path / "apply") == {KEYS[0]}


def test_a_new_run_that_comes_to_nothing_leaves_the_old_one(tmp_path):
    kept(tmp_path / "apply", *KEYS)
    with State(tmp_path / "apply", is_resumed=False):
        pass
    assert read(tmp_path / "apply") == set(KEYS)


def test_a_new_run_in_which_nothing_succeeds_forgets_the_old_one(tmp_path):
    kept(tmp_path / "apply", *KEYS)
    with State(tmp_path / "apply", is_resumed=False) as state:
        state.begin()
    assert read(tmp_path / "apply") == set()


def test_a_resumed_run_adds(tmp_path):
    kept(tmp_path / "apply", *KEYS[:2])
    with State(tmp_path / "apply", is_resumed=True) as state:
        state.add(KEYS[3])
    assert read(tmp_path / "apply") == {*KEYS[:2], KEYS[3]}


def test_a_file_cut_off_anywhere_loses_the_last_line_at_most(tmp_path):
    kept(tmp_path / "apply", *KEYS)
    whole = (tmp_path / "apply").read_bytes()
    first = whole.index(b"\n") + 1
    for length in range(len(whole) + 1):
        (tmp_path / "cut").write_bytes(whole[:length])
        assert read(tmp_path / "cut") == set(KEYS[: max(0, length - first + 1) // 33])


def test_a_line_after_one_that_was_cut_off_counts(tmp_path):
    kept(tmp_path / "apply", *KEYS[:2])
    with (tmp_path / "apply").open("ab") as file:
        file.write(KEYS[2][:7].encode())
    with State(tmp_path / "apply", is_resumed=True) as state:
        state.add(KEYS[3])
    assert read(tmp_path / "apply") == {*KEYS[:2], KEYS[3]}


@pytest.mark.parametrize("content", [b"", b"\0\xff\n", b"another program's\n" + KEYS[0].encode()])
def test_what_is_none_of_its_own_counts_for_nothing(tmp_path, content):
    (tmp_path / "apply").write_bytes(content)
    assert read(tmp_path / "apply") == set()


def test_where_nothing_can_be_written_the_run_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    with State(tmp_path / "file" / "apply", is_resumed=False) as state:
        state.add(KEYS[0])
    assert "file/apply cannot be written" in state.trouble


def test_what_cannot_be_read_is_told(tmp_path):
    (tmp_path / "apply").mkdir()
    with pytest.raises(WriteRefused, match="cannot be read"):
        State(tmp_path / "apply", is_resumed=True)


def test_a_process_killed_while_it_writes(tmp_path):
    path = tmp_path / "apply"
    script = (
        "import sys; from pathlib import Path; from patchkit.fleet.state import State\n"
        "with State(Path(sys.argv[1]), is_resumed=True) as state:\n"
        "    for n in range(10**9):\n"
        "        state.add(f'{n:032x}')\n"
        "        print(n, flush=True)\n"
    )
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", script, path], stdout=subprocess.PIPE, text=True
        )
        told = [int(process.stdout.readline()) for _ in range(50)]
        os.kill(process.pid, signal.SIGKILL)
        told += map(int, process.stdout.read().split())
        process.wait()
        process.stdout.close()
        assert {f"{n:032x}" for n in told} <= read(path)
