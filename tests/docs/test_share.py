"""The manual's pages and the completions of shells: made from today's commands, and they work."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import manual
import pytest
from write_docs import ROOT, completions, share

SHARE = ROOT / "docs" / "share"
PAGES = sorted((SHARE / "man" / "man1").iterdir())
# The completions are click's own scripts, as the locked release of it writes them.
CLICK = re.search(r"(?m)^click==(\S+)", (ROOT / "requirements-lock.txt").read_text())[1]


def needs(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on this machine: apt-get install {package}")
    return found


def test_files_are_what_the_script_writes():
    made = share()
    if importlib.metadata.version("click") != CLICK:
        made |= {name: (SHARE / name).read_text() for name in completions()}
    found = {str(p.relative_to(SHARE)): p.read_text() for p in SHARE.rglob("*") if p.is_file()}
    assert found == made, "run `python tests/write_docs.py`"


def test_every_command_has_a_page():
    names = {f"patchkit-{name}.1" for name in manual.commands()} | {"patchkit.1"}
    assert {path.name for path in PAGES} == names


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_pages_have_no_mistake(page):
    lint = [needs("mandoc", "mandoc"), "-Tlint", "-Wwarning", page]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    # A page has no date: the day of a release is not known when it is written.
    said = [line for line in done.stdout.splitlines() if "missing date" not in line]
    assert said == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_pages_show_what_help_says(page):
    command = [needs("mandoc", "mandoc"), "-Tascii", page]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    text = re.sub(r".\x08", "", shown)
    name = page.stem.partition("-")[2]
    told = manual.taken_apart(manual.commands()[name] if name else manual.cli)
    flowing = [line for line in text.splitlines() if line.strip() not in told.examples]
    assert max(map(len, flowing)) <= 80
    for part in (told.title, *told.examples):
        assert " ".join(part.split()) in " ".join(text.split())


@pytest.fixture
def path(tmp_path):
    """A search path with `patchkit`."""
    (tmp_path / "bin").mkdir()
    shim = tmp_path / "bin" / "patchkit"
    shim.write_text(f'#!/bin/sh\nexec {sys.executable} -m patchkit "$@"\n')
    shim.chmod(0o755)
    return f"{tmp_path / 'bin'}:{os.environ['PATH']}"


BASH = """
. {file}
COMP_WORDS=(patchkit {words}) COMP_CWORD={number}
_patchkit_completion patchkit
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# compadd and _describe work within zsh's line editor alone: here they print what they get.
ZSH = """
fpath=({folder} $fpath)
compdef() {{ }}
_describe() {{ print -l -- ${{(P)3}} }}
compadd() {{ print -l -- "${{@[-1]}}" ${{(P)@[-1]}} }}
autoload -U _patchkit
words=(patchkit {words}) CURRENT={number}
_patchkit
"""
FISH = "source {file}; complete -C 'patchkit {words}'"


def completed(shell, words, path):
    """Return what a shell offers for words after `patchkit`."""
    program = needs(shell, shell)
    files = {Path(name).parts[0]: SHARE / name for name in completions()}
    script, file = {
        "bash": (BASH, files["bash-completion"]),
        "zsh": (ZSH, files["zsh"]),
        "fish": (FISH, files["fish"]),
    }[shell]
    number = len(words.split(" ")) + (shell == "zsh")
    text = script.format(file=file, folder=file.parent, words=words, number=number)
    plain = {"bash": ["--norc"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [program, *plain, "-c", text],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={"PATH": path, "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )
    return {re.split(r"[\t:]", line)[0] for line in done.stdout.splitlines()}, done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "offered", "others"),
    [("ap", {"apply"}, {"diff"}), ("explain labels.s", {"labels.set"}, {"labels.unset"})],
)
def test_shells_complete(shell, words, offered, others, path):
    found, said = completed(shell, words, path)
    assert offered <= found, said
    assert not others & found


def test_zsh_finds_its_file_by_the_first_line():
    assert (
        (SHARE / "zsh" / "site-functions" / "_patchkit")
        .read_text()
        .startswith("#compdef patchkit\n")
    )
