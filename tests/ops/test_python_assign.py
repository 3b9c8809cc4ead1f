"""python.assign: one value, where it stands, and all else byte for byte."""

from __future__ import annotations

import pytest
from python_cases import changes, noop, refused

META = """\
\"\"\"What the harness knows of the recipe.\"\"\"

HEALTH_PATH = "/health"  # answers 200
DEPLOY_TIMEOUT: int = 600
EXTRA_ENV = {
    "LOGLEVEL": "info",
}


def READY_PROBE(ctx):
    return {"tcp_host": ctx.domain}
"""


def step(name, value, rest=""):
    return f"op: python.assign\nname: {name}\nvalue: {value}\n{rest}"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        pytest.param(META, step("DEPLOY_TIMEOUT", "600"), id="same"),
        pytest.param(META, step("HEALTH_PATH", "\"'/health'\""), id="other quotes"),
        pytest.param("A = (1,)\n", step("A", "'( 1, )'"), id="other blanks"),
        pytest.param("A = 16\n", step("A", "'0x10'"), id="the same number, spelt otherwise"),
        pytest.param('A = "a" "b"\n', step("A", "'\"ab\"'"), id="the same text, in two pieces"),
        pytest.param("A = True\n", step("A", "true"), id="a truth value as YAML spells it"),
        pytest.param(META, step("EXTRA_ENV", "'\"info\"'", "key: LOGLEVEL\n"), id="entry"),
    ],
)
def test_leaves_what_is_so(text, made):
    noop(text, made)


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        pytest.param(step("DEPLOY_TIMEOUT", "900"), "600", "900", id="annotated"),
        pytest.param(step("HEALTH_PATH", "\"'/up'\""), '"/health"', '"/up"', id="in its quotes"),
        pytest.param(
            step("EXTRA_ENV", "'\"debug\"'", "key: LOGLEVEL\n"), '"info"', '"debug"', id="entry"
        ),
        pytest.param(
            step("EXTRA_ENV", "1", "key: SIZE\n"),
            '"info",\n',
            '"info",\n    "SIZE": 1,\n',
            id="new entry",
        ),
        pytest.param(
            step("EXTRA_ENV", "1", "key: 8\n"),
            '"info",\n',
            '"info",\n    8: 1,\n',
            id="new entry under a number",
        ),
        pytest.param(
            step("WARM_CANONICAL", "true"),
            "}\n\n\ndef",
            "}\nWARM_CANONICAL = True\n\n\ndef",
            id="new, behind the last constant",
        ),
        pytest.param(
            step("WARM_CANONICAL", "true", "after: HEALTH_PATH\n"),
            "200\n",
            "200\nWARM_CANONICAL = True\n",
            id="new, behind a name",
        ),
        pytest.param(
            step("WARM_CANONICAL", "true", "before: DEPLOY_TIMEOUT\n"),
            "200\n",
            "200\nWARM_CANONICAL = True\n",
            id="new, before a name",
        ),
        pytest.param(
            step("PROBES", "'[READY_PROBE]'"),
            "ctx.domain}\n",
            "ctx.domain}\n\n\nPROBES = [READY_PROBE]\n",
            id="new, behind what its value uses",
        ),
        pytest.param(
            step("READY_PROBE", "64738", "key: tcp_port\n"),
            "ctx.domain}",
            'ctx.domain, "tcp_port": 64738}',
            id="entry of what a function returns",
        ),
        pytest.param(
            step("EXTRA_ENV", '"{\\n    \\"A\\": 1,\\n}"'),
            '"LOGLEVEL": "info"',
            '"A": 1',
            id="over several lines",
        ),
    ],
)
def test_sets_one_value(made, old, new):
    for eol in ("\n", "\r\n"):
        for mark in ("", "\ufeff"):
            before = mark + META.replace("\n", eol)
            assert before.count(old.replace("\n", eol)) == 1
            changes(before, made, before.replace(old.replace("\n", eol), new.replace("\n", eol)))


@pytest.mark.parametrize(
    ("before", "made", "after"),
    [
        pytest.param("A = 1", step("A", "2"), "A = 2", id="no final newline"),
        pytest.param("A = 1", step("B", "2"), "A = 1\nB = 2", id="new, no final newline"),
        pytest.param("", step("A", "1"), "A = 1\n", id="empty file"),
        pytest.param("# only\n", step("A", "1"), "# only\nA = 1\n", id="only a comment"),
        pytest.param(
            '"""Doc."""\n', step("A", "1"), '"""Doc."""\n\nA = 1\n', id="only a docstring"
        ),
        pytest.param(
            "#!/usr/bin/env python3\nimport os\n\nos.sync()\n",
            step("A", "1"),
            "#!/usr/bin/env python3\nimport os\n\nA = 1\n\nos.sync()\n",
            id="behind the imports",
        ),
        pytest.param("A: int\n", step("A", "1"), "A: int = 1\n", id="annotated, without a value"),
        pytest.param("A = 1; B = 2  # c\n", step("B", "3"), "A = 1; B = 3  # c\n", id="semicolon"),
        pytest.param("A = (\n    1\n)  # c\n", step("A", "2"), "A = 2  # c\n", id="in brackets"),
        pytest.param("A = 1 \\\n    + 2\n", step("A", "3"), "A = 3\n", id="continued line"),
        pytest.param(
            "# fmt: off\nA   =   1\n# fmt: on\n",
            step("A", "2"),
            "# fmt: off\nA   =   2\n# fmt: on\n",
            id="where formatters are off",
        ),
        pytest.param(
            'B = """\nA = 1\n"""\n',
            step("A", "2"),
            'B = """\nA = 1\n"""\nA = 2\n',
            id="in a string",
        ),
        pytest.param(
            "class C:\n\tx = 'a'\n\n\tdef f(self): ...\n",
            step("C.y", '"{\\n    1: 2,\\n}"'),
            "class C:\n\tx = 'a'\n\ty = {\n\t\t1: 2,\n\t}\n\n\tdef f(self): ...\n",
            id="of a class, in tabs",
        ),
        pytest.param(
            'class C:\n    """Doc."""\n\n    def f(self): ...\n',
            step("C.x", "1"),
            'class C:\n    """Doc."""\n\n    x = 1\n\n    def f(self): ...\n',
            id="of a class with a docstring",
        ),
        pytest.param("class C: x = 1\n", step("C.x", "2"), "class C: x = 2\n", id="one-line class"),
        pytest.param("D = {}\n", step("D", "1", "key: a\n"), 'D = {"a": 1}\n', id="empty dict"),
        pytest.param(
            "D = {'a': 'b'}\n",
            step("D", "'\"d\"'", "key: c\n"),
            "D = {'a': 'b', 'c': 'd'}\n",
            id="entry in the quotes of the others",
        ),
        pytest.param(
            "D = {\n    'a': 1  # one\n}\n",
            step("D", "2", "key: b\n"),
            "D = {\n    'a': 1,  # one\n    'b': 2,\n}\n",
            id="entry behind one without a comma",
        ),
        pytest.param(
            "D = {\n    # none yet\n}\n",
            step("D", "1", "key: a\n"),
            'D = {\n    # none yet\n    "a": 1,\n}\n',
            id="entry of a dict that holds a comment",
        ),
        pytest.param(
            "D = {**x}\n", step("D", "1", "key: a\n"), 'D = {**x, "a": 1}\n', id="entry behind **"
        ),
        pytest.param(
            f'NAMES = ["{"a" * 30}", "{"b" * 30}"]\n',
            step("NAMES", f'\'["{"a" * 30}", "{"b" * 50}"]\''),
            f'NAMES = [\n    "{"a" * 30}",\n    "{"b" * 50}",\n]\n',
            id="too long for its line",
        ),
    ],
)
def test_sets_what_is_written_otherwise(before, made, after):
    changes(before, made, after)


@pytest.mark.parametrize(
    ("text", "made", "words", "line"),
    [
        pytest.param("A = 1\nA = 2\n", step("A", "3"), ("2 times", "lines 1 and 2"), 1, id="twice"),
        pytest.param(
            "A = 1\nif x:\n    A = 2\n",
            step("A", "3"),
            ("2 times, at lines 1 and 3",),
            1,
            id="once more",
        ),
        pytest.param("if x:\n    A = 2\n", step("A", "3"), ("under a condition",), 2, id="if"),
        pytest.param("with x as A:\n    pass\n", step("A", "3"), ("condition",), 1, id="with"),
        pytest.param("A = B = 1\n", step("A", "3"), ("together with others",), 1, id="chain"),
        pytest.param("A, B = 1, 2\n", step("A", "3"), ("together with others",), 1, id="tuple"),
        pytest.param("A += 1\n", step("A", "3"), ("no plain assignment",), 1, id="augmented"),
        pytest.param("import os as A\n", step("A", "3"), ("no plain",), 1, id="import"),
        pytest.param("def A(): ...\n", step("A", "3"), ("no plain",), 1, id="function"),
        pytest.param("f(A := 1)\n", step("A", "3"), ("no plain",), 1, id="walrus"),
        pytest.param("class C: pass\n", step("C.A", "3"), ("shares its line",), 1, id="no block"),
        pytest.param("def f(): ...\n", step("f.A", "3"), ("f is no class",), 1, id="no class"),
        pytest.param(
            "class Cat: ...\n", step("Cats.A", "3"), ("no name Cats", "mean Cat"), None, id="none"
        ),
        pytest.param(
            "A = 1\n", step("B", "3", "after: AA\n"), ("no name AA", "mean A?"), None, id="place"
        ),
        pytest.param(
            "A = 1\n", step("A", "3", "key: k\n"), ("no dict in braces",), 1, id="no dict"
        ),
        pytest.param("A = dict(k=1)\n", step("A", "3", "key: k\n"), ("no dict",), 1, id="called"),
        pytest.param(
            "A = {'k': 1, **x}\n", step("A", "3", "key: k\n"), ("may win",), 1, id="spread later"
        ),
        pytest.param(
            "A = {'k': 1, 'k': 2}\n", step("A", "3", "key: k\n"), ("may win",), 1, id="key twice"
        ),
    ],
)
def test_is_refused(text, made, words, line):
    refused(text, made, *words, line=line)
