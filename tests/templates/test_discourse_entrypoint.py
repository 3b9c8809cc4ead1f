"""The entrypoint that fixes/discourse.yml adds, run for real: variables out of files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from patchkit.spec.templates import render_file

TEMPLATES = Path(__file__).parents[2] / "templates"
SHELLS = [shell for shell in ("sh", "bash", "dash", "busybox") if shutil.which(shell)]
NAMES = ("discourse_entrypoint.sh.j2", "discourse_file_variables.sh.j2")

# Prints a variable, and `unset` where there is none, each in one line.
PRINT = """\
import os, sys
for name in sys.argv[1:]:
    print(name, repr(os.environ[name]) if name in os.environ else "unset")
"""


def rendered(name):
    return render_file(name, {}, [TEMPLATES])


@pytest.fixture(params=SHELLS)
def start(request, tmp_path):
    """Start the entrypoint by a shell, and return what the program behind it sees."""
    script = tmp_path / "entrypoint.sh"
    script.write_text(rendered("discourse_entrypoint.sh.j2"))
    command = [request.param, *(["sh"] if request.param == "busybox" else []), str(script)]

    def run(variables, *names, program=None):
        done = subprocess.run(
            [*command, *(program or [sys.executable, "-c", PRINT, *names])],
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture
def secret(tmp_path):
    def write(text, name="secret"):
        (tmp_path / name).write_bytes(text.encode())
        return str(tmp_path / name)

    return write


def test_starts_the_command_with_its_arguments(start):
    program = ["printf", "%s|", "a b", "$HOME", "it's", 'a "b"', ""]
    assert start({}, program=program) == (0, 'a b|$HOME|it\'s|a "b"||', "")


def test_gives_back_what_the_command_gives(start):
    assert start({}, program=["sh", "-c", "exit 7"])[0] == 7


def test_other_variables_stay(start):
    variables = {"DISCOURSE_HOSTNAME": "a b", "SMTP_FILE": "/x", "MY_DISCOURSE_X_FILE": "/y"}
    assert start(variables, *variables) == (
        0,
        "DISCOURSE_HOSTNAME 'a b'\nSMTP_FILE '/x'\nMY_DISCOURSE_X_FILE '/y'\n",
        "",
    )


VALUES = {
    "plain": "s3cret",
    "blanks": "  two words ",
    "quotes": 'it\'s "quoted" `so`',
    "dollars": "$HOME ${PATH} $(touch hacked) $$",
    "backslashes": "a\\nb\\\\c",
    "percent and globs": "100% * ? [a] ~",
    "several lines": "first\n\nthird",
    "a line like a variable": "first\nDISCOURSE_OTHER_FILE=/etc/hostname\nlast",
    "equals signs": "a=b==",
    "umlauts": "pässwörd",
    "nothing": "",
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_variable_gets_what_the_file_holds(start, secret, value):
    variables = {"DISCOURSE_DB_PASSWORD_FILE": secret(value)}
    names = ("DISCOURSE_DB_PASSWORD", "DISCOURSE_DB_PASSWORD_FILE", "DISCOURSE_OTHER")
    assert start(variables, *names)[1].splitlines() == [
        f"DISCOURSE_DB_PASSWORD {value!r}",
        "DISCOURSE_DB_PASSWORD_FILE unset",
        "DISCOURSE_OTHER unset",
    ]


def test_last_newlines_of_a_file_are_no_part_of_the_value(start, secret):
    variables = {"DISCOURSE_X_FILE": secret("s3cret\n\n")}
    assert start(variables, "DISCOURSE_X")[1] == "DISCOURSE_X 's3cret'\n"


def test_file_wins_over_the_variable(start, secret):
    variables = {"DISCOURSE_X_FILE": secret("file"), "DISCOURSE_X": "variable"}
    assert start(variables, "DISCOURSE_X")[1] == "DISCOURSE_X 'file'\n"


def test_each_variable_has_its_file(start, secret):
    variables = {
        "DISCOURSE_DB_PASSWORD_FILE": secret("one", "a b"),
        "DISCOURSE_SMTP_PASSWORD_FILE": secret("two", "$x"),
        "DISCOURSE_S3_KEY2_FILE": secret("three", "it's"),
    }
    names = ("DISCOURSE_DB_PASSWORD", "DISCOURSE_SMTP_PASSWORD", "DISCOURSE_S3_KEY2")
    assert start(variables, *names)[1] == (
        "DISCOURSE_DB_PASSWORD 'one'\nDISCOURSE_SMTP_PASSWORD 'two'\nDISCOURSE_S3_KEY2 'three'\n"
    )


def test_value_of_another_variable_names_no_file(start, secret):
    """The list of variables that `env` prints shows values of several lines as lines."""
    variables = {
        "DISCOURSE_NOTE": "a\nDISCOURSE_X_FILE=/etc/passwd\nb",
        "DISCOURSE_Y_FILE": secret("y"),
    }
    assert start(variables, "DISCOURSE_X", "DISCOURSE_Y", "DISCOURSE_NOTE") == (
        0,
        "DISCOURSE_X unset\nDISCOURSE_Y 'y'\n"
        "DISCOURSE_NOTE 'a\\nDISCOURSE_X_FILE=/etc/passwd\\nb'\n",
        "",
    )


def test_name_that_holds_nothing_is_passed_over(start):
    variables = {"DISCOURSE_X_FILE": ""}
    assert start(variables, "DISCOURSE_X") == (0, "DISCOURSE_X unset\n", "")


def test_file_that_is_not_there_stops_the_start(start, tmp_path):
    code, out, error = start({"DISCOURSE_X_FILE": str(tmp_path / "none")}, "DISCOURSE_X")
    assert code != 0
    assert out == ""
    assert "none" in error


@pytest.mark.parametrize("shell", [shell for shell in SHELLS if shell != "busybox"])
def test_lines_work_within_a_strict_script_of_a_recipe(shell, secret, tmp_path):
    options = "-eu" if shell != "bash" else "-euo pipefail"
    script = tmp_path / "own.sh"
    lines = rendered("discourse_file_variables.sh.j2")
    script.write_text(f'set {options}\n{lines}\nexec printf %s "$DISCOURSE_X"\n')
    done = subprocess.run(
        [shell, str(script)],
        env={"PATH": os.environ["PATH"], "DISCOURSE_X_FILE": secret("a b")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a b"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dialect", ["sh", "bash", "dash"])
def test_is_clean_to_shellcheck(name, dialect):
    text = rendered(name)
    if not text.startswith("#!"):
        text = f"#!/bin/{dialect}\n{text}"
    judged = subprocess.run(
        ["shellcheck", "-s", dialect, "-"], input=text, capture_output=True, text=True, check=False
    )
    assert judged.stdout == ""
    assert judged.returncode == 0


def test_holds_nothing_that_a_template_of_swarm_would_fill_in():
    """A recipe's script may be a Go template."""
    assert all("{{" not in rendered(name) for name in NAMES)
