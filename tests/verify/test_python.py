"""ruff and Python's compiler as judges of the Python that a fix wrote."""

from __future__ import annotations

import shutil
import sys

import pytest
from cases import judged_as_is, states

from patchkit import RecipeTree
from patchkit.verify import State

CLEAN = '''\
"""A probe."""

WARM = True


def ready(port):
    return port == 64738
'''
SETTINGS = '[tool.ruff]\nline-length = 40\n\n[tool.ruff.lint]\nextend-select = ["E501"]\n'
PATH = "tests/mumble/recipe_meta.py"


def judged(base, files):
    before, after = map(RecipeTree.from_files, (base, files))
    return judged_as_is("python", after, before)


def ends(before, after, **more):
    """Judge a file before and after a fix; the states of its three checks, in short."""
    base = {PATH: before} if before is not None else {"README.md": "x"}
    judgement = judged(base | more, {PATH: after, **more})
    known = {
        f"{PATH} compiles": "compiles",
        f"ruff finds nothing in {PATH}": "clean",
        f"{PATH} is as ruff formats it": "tidy",
    }
    return {known.get(what, what): state for what, state in states(judgement).items()}, judgement


def all_pass(**other):
    return dict.fromkeys(("compiles", "clean", "tidy"), "passed") | other


@pytest.mark.parametrize(
    "files",
    [{"compose.yml": "a: b\n"}, {"recipe.py.tmpl": "x = 1\n", "run": "#!/bin/sh\n"}],
)
def test_nothing_to_judge(files):
    judgement = judged({PATH: CLEAN}, files | {PATH: CLEAN})
    assert judgement.state is State.NOTHING
    assert judgement.reason == "no Python file was added or changed"


def test_without_ruff(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    judgement = judged({}, {PATH: CLEAN})
    assert (judgement.state, judgement.hint) == (State.NOT_AVAILABLE, "pip install ruff")


@pytest.mark.parametrize("before", [None, "WARM = False\n"], ids=["added", "changed"])
def test_clean(before):
    found, judgement = ends(before, CLEAN)
    assert found == all_pass()
    assert judgement.state is State.PASSED
    assert all(line.split()[0].endswith(("ruff", "python", "python3")) for line in judgement.ran)


def test_a_file_that_stays_is_not_looked_at():
    base = {PATH: CLEAN, "old.py": "import os\nx = (1"}
    judgement = judged(base, base | {PATH: CLEAN + "\n\nA = 1\n"})
    assert judgement.state is State.PASSED
    assert not any("old.py" in check.what for check in judgement.checks)


def test_a_script_is_known_by_its_first_line():
    files = {"bin/probe": "#!/usr/bin/env python3\nimport os\n"}
    judgement = judged({}, files)
    assert states(judgement)["ruff finds nothing in bin/probe"] == "failed"


def test_finding():
    found, judgement = ends(CLEAN, CLEAN.replace("WARM", "import os\n\nWARM"))
    assert found == all_pass(clean="failed")
    (failure,) = judgement.failures
    assert failure.output == f"{PATH}:3:8: F401 `os` imported but unused"
    assert (str(failure.place), failure.place.text) == (f"{PATH}:3:8", "import os")


def test_finding_that_was_there_before():
    old = CLEAN.replace("WARM", "import os\n\nWARM")
    found, judgement = ends(old, old.replace('"""A probe."""\n', '"""A probe.\n\nMore.\n"""\n'))
    assert found == all_pass(clean="failed before")
    assert judgement.state is State.PASSED


def test_finding_beside_an_old_one():
    """The same words a second time are new; only what is new is shown."""
    old = CLEAN.replace("WARM = True", "WARM = gone")
    found, judgement = ends(old, old.replace("gone", "gone\nOTHER = gone"))
    assert found == all_pass(clean="failed")
    assert judgement.failures[0].output == f"{PATH}:4:9: F821 Undefined name `gone`"


def test_format():
    found, judgement = ends(CLEAN, CLEAN.replace("WARM = True", "WARM=True"))
    assert found == all_pass(tidy="failed")
    assert "-WARM=True\n+WARM = True" in judgement.failures[0].output


def test_format_that_was_off_before():
    old = CLEAN.replace("WARM = True", "WARM=True")
    assert ends(old, old.replace("64738", "64739"))[0] == all_pass(tidy="failed before")


def test_what_python_cannot_read():
    found, judgement = ends(CLEAN, "x = (1\n")
    assert found == dict.fromkeys(all_pass(), "failed")
    assert "SyntaxError" in judgement.checks[0].output


def test_what_ruff_takes_and_python_does_not():
    """ruff parses it; only the compiler knows that there is no loop."""
    found, _ = ends(CLEAN, '"""A probe."""\n\nnonlocal_ = 1\n\n\ndef f():\n    nonlocal nowhere\n')
    assert found["compiles"] == "failed"


def test_nothing_is_executed(tmp_path):
    mark = tmp_path / "mark"
    found, _ = ends(None, f'"""A probe."""\n\nopen({str(mark)!r}, "w").close()\n')
    assert found["compiles"] == "passed"
    assert not mark.exists()


# By the repository's own settings.


@pytest.mark.parametrize("name", ["pyproject.toml", "ruff.toml", ".ruff.toml"])
def test_settings_of_the_repository_count(name):
    text = SETTINGS if name == "pyproject.toml" else SETTINGS.replace("tool.ruff.", "")
    text = text.replace("[tool.ruff]\n", "") if name != "pyproject.toml" else text
    line = "\n\n# a comment that is longer than forty letters\n"
    found, judgement = ends(CLEAN, CLEAN + line, **{name: text})
    assert found == all_pass(clean="failed")
    assert "E501 Line too long (45 > 40)" in judgement.failures[0].output
    assert ends(CLEAN, CLEAN + line)[0] == all_pass()


def test_files_that_the_settings_leave_out():
    settings = '[tool.ruff]\nextend-exclude = ["tests"]\n'
    assert ends(CLEAN, "import os\nx=1\n", **{"pyproject.toml": settings})[0] == all_pass()


def test_settings_that_would_mend_the_file_do_not():
    settings = "[tool.ruff]\nfix = true\n[tool.ruff.lint]\nunfixable = []\n"
    found, _ = ends(CLEAN, f"import os\n\n{CLEAN}", **{"pyproject.toml": settings})
    assert found["clean"] == "failed"


def test_settings_around_the_scratch_folder_are_nobodys(tmp_path, monkeypatch):
    (tmp_path / "ruff.toml").write_text("line-length = 10\n")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert ends(None, CLEAN)[0] == all_pass()


def test_another_ruff_is_wanted():
    settings = '[tool.ruff]\nrequired-version = "==0.1.0"\n'
    files = {"pyproject.toml": settings}
    judgement = judged(files, files | {PATH: CLEAN})
    assert judgement.state is State.NOT_AVAILABLE
    assert judgement.hint == "pip install 'ruff==0.1.0'"


def test_settings_that_the_fix_breaks():
    wrong = {"pyproject.toml": "[tool.ruff]\nline-lenght = 10\n"}
    judgement = judged({PATH: CLEAN}, {PATH: CLEAN + "\nA = 1\n", **wrong})
    assert states(judgement) == {
        f"{PATH} compiles": "passed",
        "ruff takes its settings in the repository": "failed",
    }
    assert "line-lenght" in judgement.failures[0].output


def test_settings_that_were_broken_before():
    wrong = {"pyproject.toml": "[tool.ruff]\nline-lenght = 10\n"}
    found, judgement = ends(CLEAN, CLEAN + "\nA = 1\n", **wrong)
    assert found["ruff takes its settings in the repository"] == "failed before"
    assert judgement.state is State.PASSED


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"\0", b"# coding: nothing\n", b"x = 1\r\ny = (\r\n", b"("*3000],
    ids=["no UTF-8", "NUL", "an unknown coding", "CRLF", "deep"],
)  # fmt: skip
def test_odd_files_are_findings(content):
    found, judgement = ends(None, content)
    assert found["compiles"] == "failed"
    assert judgement.state is State.FAILED
    assert judgement.checks[0].output


def test_ruff_is_here():
    """Else the judge is not available, and what is above tells nothing."""
    assert shutil.which("ruff") or shutil.which("ruff", path=str(sys.prefix) + "/bin")
