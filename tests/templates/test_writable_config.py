"""The lines that put a config into a volume, run by real shells."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from patchkit.data import data_dir
from patchkit.spec.templates import render_text

SHELLS = [
    pytest.param((shell,), marks=pytest.mark.skipif(not shutil.which(shell), reason=f"no {shell}"))
    for shell in ("dash", "bash")
]
SHELLS.append(
    pytest.param(
        ("busybox", "sh"),
        marks=pytest.mark.skipif(not shutil.which("busybox"), reason="install busybox"),
    )
)


@pytest.fixture(params=SHELLS, ids=lambda words: words[0])
def start(request, tmp_path):
    """Start the entrypoint; return its exit code, and whether the program was reached."""
    config, volume = tmp_path / "the recipe's" / "a b.ini", tmp_path / "data"
    config.parent.mkdir()
    volume.mkdir()
    template = (data_dir("templates") / "writable_config.sh.j2").read_text()
    values = {"source": str(config), "target": str(volume / "a b.ini")}
    script = tmp_path / "entrypoint.sh"
    script.write_text(f"#!/bin/sh\nset -eu\n{render_text(template, values)}\necho reached\n")

    def call():
        done = subprocess.run(
            [*request.param, str(script)], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout, done.stderr

    call.config, call.target = config, volume / "a b.ini"
    return call


def test_first_start(start):
    start.config.write_text("port = 1\n")
    start.config.chmod(0o444)
    assert start() == (0, "reached\n", "")
    assert start.target.read_text() == "port = 1\n"
    assert start.target.stat().st_mode & stat.S_IWUSR
    assert sorted(p.name for p in start.target.parent.iterdir()) == ["a b.ini", "a b.ini.recipe"]


def test_the_mount_of_before_left_an_empty_file(start):
    start.target.touch()
    start.config.write_text("port = 1\n")
    assert start()[0] == 0
    assert start.target.read_text() == "port = 1\n"


def test_what_the_program_saves_survives(start):
    start.config.write_text("port = 1\n")
    start()
    start.target.write_text("port = 1\nsecret = x\n")
    assert start()[0] == 0
    assert start.target.read_text() == "port = 1\nsecret = x\n"


def test_a_new_content_of_the_recipe_wins(start):
    start.config.write_text("port = 1\n")
    start()
    start.target.write_text("port = 1\nsecret = x\n")
    start.config.write_text("port = 2\n")
    assert start()[0] == 0
    assert start.target.read_text() == "port = 2\n"


def test_a_line_break_at_the_end_is_a_difference(start):
    start.config.write_text("port = 1")
    start()
    start.config.write_text("port = 1\n\n")
    start()
    assert start.target.read_text() == "port = 1\n\n"


def test_no_config_is_an_error(start):
    code, out, err = start()
    assert (code, out) == (1, "")
    assert "the config could not be put in place" in err


@pytest.mark.skipif(os.getuid() != 0, reason="only root may give files away")
def test_who_owns_the_folder_owns_the_file(start):
    os.chown(start.target.parent, 1234, 1235)
    start.config.write_text("port = 1\n")
    assert start()[0] == 0
    for path in (start.target, Path(f"{start.target}.recipe")):
        assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)
