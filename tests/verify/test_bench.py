"""The bench runs real programs: bounded in time and output, without the user's environment."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from patchkit.tree import RecipeTree
from patchkit.verify.bench import MAX_OUTPUT, Bench
from patchkit.verify.judge import NotAvailableError


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path, 60)


def python(bench: Bench, code: str, **options):
    return bench.run(sys.executable, "-c", code, **options)


def ends(pid: int) -> bool:
    """Whether a process has ended, or does soon; one that nobody has waited for yet has."""
    for _ in range(1000):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        threading.Event().wait(0.01)
    return False


def test_how_it_ended(bench):
    ran = python(bench, "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")
    assert (ran.code, ran.ok) == (3, False)
    assert sorted(ran.output.split()) == ["err", "out"]


def test_what_it_reads(bench):
    assert python(bench, "print(input()[::-1])", stdin=b"abc\n").output == "cba\n"


def test_a_program_that_does_not_read(bench):
    assert python(bench, "pass", stdin=b"x" * 1_000_000).ok


def test_no_token_reaches_it(bench, monkeypatch):
    monkeypatch.setenv("FORGE_TOKEN", "hunter2")
    seen = python(bench, "import os; print(sorted(os.environ))").output
    assert seen.strip() == str(["HOME", "LC_ALL", "PATH", "TMPDIR"])


def test_its_output_is_bounded(bench):
    ran = python(bench, "import sys; sys.stdout.write('x' * 10_000_000)")
    assert ran.ok
    assert len(ran.output) == MAX_OUTPUT


def test_its_time_is_bounded(bench):
    ran = python(bench, "import time; print('up', flush=True); time.sleep(600)", seconds=0.5)
    assert ran.code is None


def test_the_time_of_the_judge_bounds_it(tmp_path):
    assert python(Bench(tmp_path, 0.5), "import time; time.sleep(600)").code is None


def test_what_it_started_ends_with_it(bench):
    code = "import subprocess as s; print(s.Popen(['sleep', '600'], stdout=s.DEVNULL).pid)"
    pid = int(python(bench, code).output)
    assert ends(pid)


def test_a_server_ends_on_leaving(bench):
    code = "import time, os; print(os.getpid(), flush=True); time.sleep(600)"
    with bench.started(sys.executable, "-c", code) as server:
        while not server.output.strip():
            threading.Event().wait(0.01)
        assert server.running
    assert ends(int(server.output))


def test_a_server_that_will_not_end_is_made_to(bench, monkeypatch):
    monkeypatch.setattr("patchkit.verify.program._GRACE", 0.2)
    code = (
        "import signal, time, os; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(os.getpid(), flush=True); time.sleep(600)"
    )
    with bench.started(sys.executable, "-c", code) as server:
        while not server.output.strip():
            threading.Event().wait(0.01)
    assert ends(int(server.output))


def test_how_a_server_is_asked_to_end(bench):
    code = (
        "import signal, time; signal.signal(signal.SIGQUIT, lambda *_: exit(print('asked')));"
        "print('up', flush=True); time.sleep(600)"
    )
    with bench.started(sys.executable, "-c", code, stop=signal.SIGQUIT) as server:
        while not server.output.strip():
            threading.Event().wait(0.01)
    assert server.output.split() == ["up", "asked"]
    assert server.process.returncode == 0


def test_a_conversation(bench):
    code = "for line in iter(input, 'bye'): print(line[::-1], flush=True)"
    with bench.started(sys.executable, "-c", code, stdin=None) as program:
        for word in ("abc", "def"):
            program.send(f"{word}\n".encode())
            while word[::-1] not in program.output:
                threading.Event().wait(0.01)
        program.send(b"bye\n")
        assert program.wait(30) == 0


def test_another_command_line_is_shown(bench):
    bench.run(sys.executable, "-c", "pass", shown=("/opt/judge", "it"))
    assert bench.ran == ["judge it"]


def test_command_lines_are_kept_once_each(bench):
    for _ in range(2):
        bench.run("/bin/echo", "a b", bench.folder / "x")
    assert bench.ran == ["echo 'a b' x"]


def test_find_in_the_path_first(bench, tmp_path, monkeypatch):
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        program = tmp_path / folder / "lintling"
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "first"))
    folders = [tmp_path / "second"]
    assert bench.find("lintling", install="", folders=folders) == str(tmp_path / "first/lintling")
    monkeypatch.setenv("PATH", "")
    assert bench.find("lintling", install="", folders=folders) == str(tmp_path / "second/lintling")


def test_find_nothing(bench):
    with pytest.raises(NotAvailableError, match="no-such-program is not installed") as raised:
        bench.find("no-such-program", install="install it")
    assert raised.value.hint == "install it"


def test_lay(bench):
    tree = RecipeTree.from_files({"a/b.sh": "#!/bin/sh\n"}).with_mode("a/b.sh", 0o100755)
    folder = bench.lay(tree)
    assert (folder / "a" / "b.sh").read_text() == "#!/bin/sh\n"
    assert os.access(folder / "a" / "b.sh", os.X_OK)


def test_a_process_that_left_the_group_holds_nobody_up(bench, monkeypatch):
    """Its output goes on, and nobody waits for it."""
    monkeypatch.setattr("patchkit.verify.program._GRACE", 0.2)
    code = "import subprocess as s; print(s.Popen(['sleep', '600'], start_new_session=True).pid)"
    pid = int(python(bench, code).output)
    assert Path(f"/proc/{pid}").exists()
    os.kill(pid, signal.SIGKILL)


def test_a_terminal(bench):
    code = (
        "import os, sys; print(all(os.isatty(n) for n in range(3)), os.get_terminal_size());"
        "print(repr(sys.stdin.read())); print('last', file=sys.stderr)"
    )
    ran = python(bench, code, terminal=True)
    assert ran.ok
    assert ran.output.splitlines() == [
        "True os.terminal_size(columns=300, lines=100)",
        "''",
        "last",
    ]


def test_a_terminal_without_end(bench):
    code = "import time; print('up', flush=True); time.sleep(600)"
    ran = python(bench, code, terminal=True, seconds=1)
    assert (ran.code, ran.output) == (None, "up\n")
