"""python.argument: the calls that are meant, over many files, and no others."""

from __future__ import annotations

import pytest
from python_cases import changes, made, noop, refused

from patchkit.ops import Changed, Refused, Unchanged

LONG = "a" * 33


def step(value="'\"pds\"'", rest="", call="exec"):
    what = f"value: {value}\n" if value else "remove: true\n"
    return f"op: python.argument\ncall: '{call}'\nname: service\n{what}{rest}"


WAS = "was: '\"app\"'\ncount: any\n"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        pytest.param("exec(1, service='pds')\n", step(), id="has it"),
        pytest.param("exec(1, service='pds')\nexec(2)\n", step(rest=WAS), id="no other was"),
        pytest.param("exec(1)\n", step(None), id="lacks it"),
        pytest.param("exec(**a, service='pds')\n", step(), id="beside **"),
    ],
)
def test_leaves_what_is_so(text, made):
    noop(text, made)


@pytest.mark.parametrize(
    ("before", "made", "after"),
    [
        pytest.param(
            "exec(1, service='app')\nexec(2, service='db')\nexec(3)\n",
            step(rest=WAS),
            "exec(1, service='pds')\nexec(2, service='db')\nexec(3)\n",
            id="only where it was",
        ),
        pytest.param(
            "x.exec(1)\ny.z.exec(2, service='db')\nf(exec)\n",
            step(rest="count: 2\n"),
            "x.exec(1, service='pds')\ny.z.exec(2, service='pds')\nf(exec)\n",
            id="every call, by its last name",
        ),
        pytest.param(
            "x.exec(1)\nexec(2)\n",
            step(call="x.exec"),
            'x.exec(1, service="pds")\nexec(2)\n',
            id="by its dotted name",
        ),
        pytest.param(
            "f(1)\ng(service=2)\n",
            step("3", "was: 2\n", call="*"),
            "f(1)\ng(service=3)\n",
            id="any call",
        ),
        pytest.param(
            "def g():\n    exec(1)\n\n\nexec(2)\n",
            step("3", "function: g\n"),
            "def g():\n    exec(1, service=3)\n\n\nexec(2)\n",
            id="in a function",
        ),
        pytest.param("exec()\n", step("1"), "exec(service=1)\n", id="no argument yet"),
        pytest.param("exec(1,)\n", step("1"), "exec(1, service=1,)\n", id="comma behind the last"),
        pytest.param(
            "exec(\n)\n", step("1"), "exec(\n    service=1,\n)\n", id="empty, on two lines"
        ),
        pytest.param(
            "exec(\n    a,  # c\n    b,\n)\n",
            step("1"),
            "exec(\n    a,  # c\n    b,\n    service=1,\n)\n",
            id="one a line",
        ),
        pytest.param(
            "exec(a,  # c\n     b)\n", step("1"), "exec(a,  # c\n     b, service=1)\n", id="hanging"
        ),
        pytest.param(
            "exec(a,\r\n     b)\r\n",
            step("|\n  f(\n      1,\n  )"),
            "exec(a,\r\n     b, service=f(\r\n         1,\r\n     ))\r\n",
            id="of many lines, CRLF",
        ),
        pytest.param(
            f"x = exec({LONG}, {LONG})\n",
            step(),
            f'x = exec(\n    {LONG}, {LONG}, service="pds"\n)\n',
            id="too long for its line",
        ),
        pytest.param(
            f"x = exec(\n    {LONG}, {LONG}, {'b' * 10}\n)\n",
            step(),
            f'x = exec(\n    {LONG},\n    {LONG},\n    {"b" * 10},\n    service="pds",\n)\n',
            id="too long for the line between the brackets",
        ),
        pytest.param(
            f"@exec({LONG}, {LONG})\ndef f(): ...\n",
            step(),
            f'@exec(\n    {LONG}, {LONG}, service="pds"\n)\ndef f(): ...\n',
            id="too long for the line of a decorator",
        ),
        pytest.param(
            "exec(a, service=1, b=2)\n", step(None), "exec(a, b=2)\n", id="removed, midst"
        ),
        pytest.param("exec(a, service=1)\n", step(None), "exec(a)\n", id="removed, last"),
        pytest.param("exec(service=1)\n", step(None), "exec()\n", id="removed, only one"),
        pytest.param("exec(\n    service=1\n)\n", step(None), "exec()\n", id="removed, on lines"),
        pytest.param(
            "exec(\n    a,\n    service=1,  # c\n)\n",
            step(None),
            "exec(\n    a,\n)\n",
            id="removed, with its line",
        ),
        pytest.param(
            "exec(exec(1))\n",
            step("2", "count: 2\n"),
            "exec(exec(1, service=2), service=2)\n",
            id="a call in a call",
        ),
        pytest.param(
            "exec(1, service=exec(2))\n",
            step("3", "count: 2\n"),
            "exec(1, service=3)\n",
            id="a call in what goes",
        ),
        pytest.param(
            "@exec(1)\nclass C: ...\n",
            step("2"),
            "@exec(1, service=2)\nclass C: ...\n",
            id="decorator",
        ),
        pytest.param(
            's = "exec(1)"\nexec(2)  # exec(3)\n',
            step("4"),
            's = "exec(1)"\nexec(2, service=4)  # exec(3)\n',
            id="no text",
        ),
    ],
)
def test_edits_calls(before, made, after):
    changes(before, made, after)


@pytest.mark.parametrize(
    ("text", "made", "words", "line"),
    [
        pytest.param("a()\nexec(*a)\n", step(), ("*a may give service",), 2, id="star"),
        pytest.param("exec(1, **k)\n", step(), ("**k may give service",), 1, id="two stars"),
        pytest.param("exec(x for x in y)\n", step(), ("brackets of its own",), 1, id="generator"),
        pytest.param('f"{exec(1)}"\n', step(), ("inside an f-string",), 1, id="f-string"),
        pytest.param(
            "exec(1)\nexec(2)\n", step(), ("2 such calls", "a.py:1:1, a.py:2:1"), 1, id="two"
        ),
        pytest.param("execs(1)\n", step(), ("no call 'exec'", "mean execs?"), None, id="near"),
        pytest.param(
            "exec(1, service='ap')\n", step(rest=WAS), ("service='ap' at a.py:1:1",), None, id="was"
        ),
        pytest.param("exec(1)\n", step(rest="function: g\n"), ("no name g",), None, id="nowhere"),
        pytest.param("class C(exec, service=1): ...\n", step(), ("no call",), None, id="no call"),
    ],
)
def test_is_refused(text, made, words, line):
    refused(text, made, *words, line=line)


FILES = {
    "t/pds/ops.py": "exec(1, service='app')\n",
    "t/pds/custom/test_a.py": 'exec(2, service="app")\n',
    "t/pds/none.py": "pass\n",
    "t/pds/notes.txt": 'exec(3, service="app")\n',
    "t/other/ops.py": 'exec(4, service="app")\n',
}


def test_edits_the_files_that_fit():
    outcome, tree = made("", step(rest=f"{WAS}files: t/pds/**/*.py\n"), **FILES)
    assert isinstance(outcome, Changed)
    assert "t/pds/custom/test_a.py:1:1" in outcome.message
    after = FILES | {
        "t/pds/ops.py": "exec(1, service='pds')\n",
        "t/pds/custom/test_a.py": 'exec(2, service="pds")\n',
    }
    assert {path: tree.text(path) for path in FILES} == after
    again, _ = made("", step(rest=f"{WAS}files: t/pds/**/*.py\n"), **after)
    assert isinstance(again, Unchanged)


def test_counts_over_all_files():
    outcome, tree = made("", step(rest="count: 1\nfiles: t/**/*.py\n"), **FILES)
    assert isinstance(outcome, Refused)
    assert "3 such calls of exec, not 1" in outcome.problem.message
    assert tree.text("t/pds/ops.py") == FILES["t/pds/ops.py"]


def test_one_file_that_is_broken_stops_all():
    files = FILES | {"t/pds/z.py": "def f(:\n"}
    outcome, tree = made("", step(rest=f"{WAS}files: t/pds/**/*.py\n"), **files)
    assert isinstance(outcome, Refused)
    assert str(outcome.problem.place) == "t/pds/z.py:1:7"
    assert {path: tree.text(path) for path in files} == files


def test_files_that_lack_the_function_stay_as_they_are():
    files = FILES | {"t/pds/ops.py": "def f():\n    exec(1)\n"}
    outcome, tree = made("", step(rest="function: f\nfiles: t/pds/**/*.py\n"), **files)
    assert isinstance(outcome, Changed)
    assert tree.text("t/pds/ops.py") == 'def f():\n    exec(1, service="pds")\n'
    assert tree.text("t/pds/custom/test_a.py") == FILES["t/pds/custom/test_a.py"]


def test_no_file_fits():
    outcome, _ = made("", step(rest="files: x/**/*.py\n"), **FILES)
    assert isinstance(outcome, Refused)
    assert "no file fits x/**/*.py" in outcome.problem.message


def test_optional_does_nothing_where_there_is_no_call():
    noop("run(1)\n", step(rest="optional: true\n"))
