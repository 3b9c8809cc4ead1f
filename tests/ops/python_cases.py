"""The verbs of the python ops' tests; each checks more than the one text that a case names.

A text that changes must still be Python, keep its byte order mark and line ends, change no more
when the op is made again, and pass ruff if it did before.
"""

from __future__ import annotations

import functools
import subprocess

from ruff import find_ruff_bin

from patchkit.draft import Draft
from patchkit.edit.python.syntax import parse
from patchkit.edit.yaml import parse as parse_yaml
from patchkit.edit.yaml import styled
from patchkit.ops import Changed, Refused, Unchanged, find_op, run
from patchkit.tree import RecipeTree

NAME = "a.py"
# What ruff checks unless told otherwise, and the order of imports.
RUFF = ("--isolated", "--no-cache", "--stdin-filename", NAME)


def made(text, step, **more):
    """Return what an op makes of `a.py`, and of more files by path."""
    files = {NAME: text.encode(), **{path: body.encode() for path, body in more.items()}}
    values = styled(parse_yaml(step, "fix.yml").root)
    values.setdefault("file", NAME) if "files" not in values else None
    op = find_op(values["op"])
    draft = Draft(RecipeTree.from_files(files))
    outcome = run(op, draft, op.model.model_validate(values))
    return outcome, draft.tree


def noop(text, step, **more):
    """Check that an op leaves a text as it is, and says so."""
    outcome, tree = made(text, step, **more)
    assert isinstance(outcome, Unchanged), outcome
    assert tree.text(NAME) == text


def changes(before, step, after, *, judge=True, **more):
    """Check that an op makes one text of another; `judge`: whether ruff knows all it needs."""
    outcome, tree = made(before, step, **more)
    assert isinstance(outcome, Changed), outcome
    assert tree.text(NAME) == after
    parse(after.removeprefix("\ufeff"))
    assert before.startswith("\ufeff") == after.startswith("\ufeff")
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")
    again, _ = made(after, step, **more)
    assert isinstance(again, Unchanged), again
    if judge and not ruff_says(before):
        assert ruff_says(after) == ""
    return outcome


def refused(text, step, *words, line=None, **more):
    """Check that an op is refused with these words, at this line, and changes nothing."""
    outcome, tree = made(text, step, **more)
    assert isinstance(outcome, Refused), outcome
    assert tree.text(NAME) == text
    problem = outcome.problem
    said = f"{problem.message}\n{problem.hint}"
    assert [word for word in words if word not in said] == [], said
    assert problem.hint
    assert line is None or (problem.place.path, problem.place.line) == (NAME, line)
    return outcome


@functools.cache
def ruff_says(text):
    """Return what ruff has against a text: its order of imports, and its format."""
    lint = _ruff("check", "--select", "E4,E7,E9,I", "--output-format", "concise", text=text)
    layout = _ruff("format", "--check", text=text)
    return "" if lint.returncode == layout.returncode == 0 else lint.stdout + layout.stdout


def _ruff(*arguments, text):
    return subprocess.run(
        [find_ruff_bin(), *arguments, *RUFF, "-"],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
