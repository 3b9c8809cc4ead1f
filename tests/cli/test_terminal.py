"""How `apply` reads on a terminal of 80 columns, without colour, and in a pipe."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading

import pytest
from cli_tools import ROOT, SAMPLES

from patchkit.cli.telling import fitted

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
PATH = os.environ["PATH"]


@pytest.fixture
def terminal(tmp_path):
    """Run patchkit with standard output and error on terminals of their own."""

    def run(*arguments, columns=80, **env):
        ends = [pty.openpty() for _ in range(2)]
        for _, end in ends:
            fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 2000, columns, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "patchkit", *map(str, arguments)],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=ends[0][1],
            stderr=ends[1][1],
            env={"PATH": PATH, "HOME": str(tmp_path), "TERM": "xterm", "PYTHONPATH": str(ROOT)}
            | env,
        )
        for _, end in ends:
            os.close(end)
        texts = ["", ""]
        readers = [
            threading.Thread(target=lambda i=i, end=end: texts.__setitem__(i, read(end)))
            for i, (end, _) in enumerate(ends)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(60)
        return process.wait(60), *texts

    return run


def read(end):
    """Return what comes out of a terminal until nobody holds it any more."""
    parts = []
    while True:
        try:
            part = os.read(end, 65536)
        except OSError:
            part = b""
        if not part:
            os.close(end)
            return b"".join(parts).decode().replace("\r\n", "\n")
        parts.append(part)


def test_a_terminal_of_80_columns(terminal):
    code, out, err = terminal("apply", "discourse", COLUMNS="80")
    assert code == 0, err
    assert max(map(len, err.splitlines())) <= 80
    assert "  environment.rename: renamed DISCOURSE_HOST, DISCOURSE_ENABLE_HTTPS,\n      " in err
    assert "\x1b[32m+" in out
    expected = (ROOT / "tests" / "snapshots" / "discourse" / "discourse.diff").read_text()
    assert ESCAPE.sub("", out) == expected


def test_a_terminal_without_colour(terminal):
    code, out, err = terminal("apply", "mattermost", NO_COLOR="1", COLUMNS="80")
    assert code == 0, err
    assert "\x1b" not in out + err
    assert out == (ROOT / "tests" / "snapshots" / "mattermost" / "mattermost-lts.diff").read_text()


@pytest.mark.parametrize(
    ("options", "term", "is_told"), [((), "xterm", True), (("--quiet",), "xterm", False)]
)
def test_a_terminal_shows_what_goes_on(terminal, options, term, is_told):
    code, out, err = terminal("verify", "gitea", "--only", "caddy", *options, TERM=term)
    assert code == 0, err
    assert ("gitea: caddy judges" in err) is is_told
    assert "judges" not in out
    assert ("\x1b" in err) is is_told


def test_a_dumb_terminal_gets_plain_lines(terminal):
    code, out, err = terminal("verify", "gitea", "--only", "caddy", TERM="dumb")
    assert code == 0, err
    assert "\x1b" not in out + err
    assert "judges" not in err


def test_an_error_on_a_terminal_has_its_line_whole_and_a_caret_below(terminal):
    code, out, err = terminal("apply", "gitea", "--in", SAMPLES / "discourse", COLUMNS="80")
    assert (code, out) == (3, "")
    assert "\n  3 | services:\n    | ^\n  help: if you know which is meant, add --param" in err
    assert max(map(len, err.replace(str(SAMPLES), "").splitlines())) <= 80


def test_a_pipe_gets_a_line_for_each_thing(patchkit):
    result = patchkit("apply", "discourse")
    (line,) = (row for row in result.err.splitlines() if "environment.rename" in row)
    assert line.endswith("DISCOURSE_SMTP_AUTH of app")
    assert "\x1b" not in result.out + result.err
    assert result.out.startswith("diff --git ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short\n", "short\n"),
        ("  step: one two three", "  step: one two\n      three"),
        ("  help: averyveryverylongword x", "  help:\n      averyveryverylongword\n      x"),
        ("  12 | a line of a file that is long", "  12 | a line of a file that is long"),
        ("     |                   ^", "     |                   ^"),
        ("  help: look there: git fetch x", "  help: look\n      there:\n      git fetch x"),
        ("op.a  one two three four", "op.a  one two\n      three four"),
    ],
)
def test_lines_are_broken_between_words(text, expected):
    assert fitted(text, 16) == expected
