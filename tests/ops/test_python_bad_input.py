"""Python files as they should not be: each is edited rightly, or refused with its line."""

from __future__ import annotations

import sys

import pytest
from python_cases import NAME, changes, refused

from patchkit import loads_fix, render
from patchkit.draft import Draft
from patchkit.edit.python.source import MAX_CHARACTERS
from patchkit.errors import SpecError
from patchkit.ops import Refused, find_op, run
from patchkit.rendering import Verdict
from patchkit.tree import RecipeTree

ASSIGN = "op: python.assign\nname: A\nvalue: 2\n"


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        pytest.param("A = 1\ndef f(:\n", ("invalid syntax", "mend the file"), 2, id="syntax error"),
        pytest.param("A = 1\nx = '\n", ("unterminated string",), 2, id="open string"),
        pytest.param("A = 1\n  b = 2\n", ("unexpected indent",), 2, id="indentation"),
        pytest.param(
            "if x:\n\ta = 1\n        b = 2\nA = 1\n", ("inconsistent use of tabs",), 3, id="tabs"
        ),
        pytest.param("A = 1\nreturn 2\n", ("'return' outside function",), 2, id="stray return"),
        pytest.param("x = 1\rA = 1\r", ("carriage return stands alone",), 1, id="old Mac"),
        pytest.param("A = 1\nx = '\r'\n", ("carriage return",), 2, id="half a line end"),
        pytest.param(f"A = {'(' * 300}1{')' * 300}\n", ("too many nested",), 1, id="deep"),
        pytest.param(f"A = {'-' * 60_000}1\n", ("cannot read this",), None, id="very deep"),
        pytest.param(f"A = {'1 + ' * 3000}1\n", ("nested too deeply",), None, id="long chain"),
        pytest.param(f"A = {'1 and ' * 60_000}1\n", ("nested too deeply",), None, id="many ands"),
        pytest.param(f"import a{'.a' * 20_000}\nA = 1\n", ("nested too deeply",), None, id="dots"),
        pytest.param(
            f"A = 1\n#{'x' * MAX_CHARACTERS}\n", ("more than is edited",), None, id="large"
        ),
        pytest.param("\x0cA = 1\n", ("without loss", "form feed"), None, id="form feed first"),
        pytest.param(
            "# -*- coding: latin-1 -*-\nA = 'é'\n", ("encoding is latin-1",), 1, id="encoding"
        ),
        pytest.param(
            "#!/bin/python\n# vim: set fileencoding=cp1252 :\nA = 'é'\n",
            ("encoding is cp1252", "save it as UTF-8"),
            2,
            id="encoding in the second line",
        ),
    ],
)
def test_refused(text, words, line):
    refused(text, ASSIGN, *words, line=line)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# coding: latin-1\nA = 1\n", "# coding: latin-1\nA = 2\n", id="plain letters"
        ),
        pytest.param("# coding: utf-8\nA = 'é'\n", "# coding: utf-8\nA = 2\n", id="UTF-8, said"),
        pytest.param("é = 'ü' + '😀'; A = 1\n", "é = 'ü' + '😀'; A = 2\n", id="letters before it"),
        pytest.param("x = 1\n\x0c\nA = 1\n", "x = 1\n\x0c\nA = 2\n", id="form feed between"),
        pytest.param("x = '\\d'\nA = 1\n", "x = '\\d'\nA = 2\n", id="odd escape"),
        pytest.param("A = 1\n\n\n\n\n", "A = 2\n\n\n\n\n", id="blank lines at the end"),
        pytest.param("A = 1   \n", "A = 2   \n", id="trailing blanks"),
        pytest.param(
            "x = 1\r\nA = 1\ny = 2\r\n", "x = 1\r\nA = 2\ny = 2\r\n", id="mixed line ends"
        ),
        pytest.param(
            "match = 1\ncase = 2\ntype = 3\nA = 1\n",
            "match = 1\ncase = 2\ntype = 3\nA = 2\n",
            id="soft keywords",
        ),
    ],
)
def test_edited(before, after):
    changes(before, ASSIGN, after, judge=False) if "mixed" not in before and before.count(
        "\r\n"
    ) in {0, before.count("\n")} else _changes_mixed(before, after)


def _changes_mixed(before, after):
    op = find_op("python.assign")
    draft = Draft(RecipeTree.from_files({NAME: before.encode()}))
    step = {"op": op.name, "file": NAME, "name": "A", "value": "2"}
    run(op, draft, op.model.model_validate(step))
    assert draft.tree.read(NAME) == after.encode()


def _outcome(data, op="python.assign", **step):
    draft = Draft(RecipeTree.from_files({NAME: data}))
    values = {"op": op, "file": NAME, "name": "A", "value": "2"} | step
    found = find_op(op)
    return run(found, draft, found.model.model_validate(values))


def test_bytes_that_are_no_utf8():
    outcome = _outcome(b"# coding: latin-1\nA = '\xe9'\n")
    assert isinstance(outcome, Refused)
    assert (outcome.problem.place.line, "not UTF-8" in outcome.problem.message) == (2, True)


def test_binary_file():
    outcome = _outcome(b"A = 1\n\x00")
    assert isinstance(outcome, Refused)
    assert "binary" in outcome.problem.message


def test_no_such_file():
    outcome = _outcome(b"A = 1\n", file="b.py")
    assert isinstance(outcome, Refused)
    assert "no file 'b.py'; did you mean a.py?" in outcome.problem.message


NEW_SYNTAX = 'x = f"{y["a"]}"\nA = 1\n'


def test_syntax_of_a_newer_python():
    if sys.version_info >= (3, 12):
        changes(NEW_SYNTAX, ASSIGN, NEW_SYNTAX.replace("A = 1", "A = 2"))
    else:
        said = refused(NEW_SYNTAX, ASSIGN, "Python 3.11 cannot read this", line=1)
        assert "for a newer Python" in said.problem.hint


FIX = """\
id: f
title: t
repository: cc-ci
why: w
params:
  value: {value}
ops:
  - op: python.assign
    file: a.py
    name: A
    value: "{{{{ value }}}}"
"""


@pytest.mark.parametrize(
    ("value", "found"),
    [("'\"é\"'", 'A = "é"'), ("7", "A = 7"), ("true", "A = True"), ("'[1]'", "A = [1]")],
)
def test_value_from_a_template(value, found):
    patch = render(loads_fix(FIX.format(value=value)), RecipeTree.from_files({"a.py": "A = 1\n"}))
    assert patch.verdict is Verdict.APPLIES
    assert patch.tree.text("a.py") == f"{found}\n"


@pytest.mark.parametrize("value", ["'1 +'", "'a = 1'", "'import os'", "'a), (b'", "'x)(y'", "''"])
def test_value_from_a_template_that_is_no_expression(value):
    with pytest.raises(SpecError, match="not a Python expression"):
        render(loads_fix(FIX.format(value=value)), RecipeTree.from_files({"a.py": "A = 1\n"}))


@pytest.mark.parametrize(
    ("op", "word"),
    [
        ("{op: python.assign, file: a.py, name: A, value: '1 +'}", "not a Python expression"),
        ("{op: python.assign, file: a.py, name: 'A B', value: 1}", "must match"),
        (
            "{op: python.assign, file: a.py, name: A, value: 1, key: k, after: B}",
            "goes with neither",
        ),
        ("{op: python.insert, file: a.py, at: end, code: 'def f('}", "not Python code"),
        ("{op: python.insert, file: a.py, at: end, code: ''}", "no statement"),
        ("{op: python.insert, file: a.py, code: 'x()'}", 'one of "before", "after" and "at"'),
        ("{op: python.insert, file: a.py, before: 'if x', code: 'x()'}", "not Python code"),
        ("{op: python.insert, file: a.py, at: end}", 'either "code" or "template"'),
        ("{op: python.replace, file: a.py, match: x}", '"match" and "by" go together'),
        ("{op: python.replace, file: a.py, body: x}", 'need "function"'),
        ("{op: python.replace, file: a.py, body: x, returns: y, function: f}", "one of"),
        ("{op: python.argument, file: a.py, call: f, name: x}", 'either "value" or "remove'),
        ("{op: python.argument, call: f, name: x, value: 1}", 'either "file" or "files"'),
        ("{op: python.argument, file: a.py, call: f, name: 'x y', value: 1}", "must match"),
        ("{op: python.import, file: a.py, add: x = 1}", "not an import statement"),
        ("{op: python.import, file: a.py, add: 'import a; import b'}", "not an import"),
        ("{op: python.import, file: a.py}", 'either "add" or "drop"'),
        ("{op: python.add, file: a.py, after: f}", 'either "code" or "template"'),
        ("{op: python.add, file: a.py, code: 'x = 1', after: f, before: g}", "does not go with"),
        ("{op: python.insert, file: a.py, at: end, code: x, count: 0}", "at least 1"),
    ],
)
def test_spec_that_is_wrong(op, word):
    text = FIX.partition("params:")[0] + f"ops:\n  - {op}\n"
    with pytest.raises(SpecError, match="step 1") as caught:
        loads_fix(text)
    assert word in str(caught.value)
