"""python.insert: statements at their place, in the file's own indentation."""

from __future__ import annotations

import pytest
from python_cases import changes, noop, refused

OPS = '''\
from harness import abra


def pre_backup(ctx):
    """Leave a mark."""
    # the mark
    ctx.exec("touch /mark")
    if ctx.op:
        ctx.log("done")
        return
    ctx.wait()


def later():
    def inner():
        abra.run()

    return inner
'''


def step(rest, code="ctx.ready()", function="pre_backup"):
    lines = "".join(f"  {line}\n" for line in code.split("\n"))
    where = f"function: {function}\n" if function else ""
    return f"op: python.insert\n{where}{rest}\ncode: |\n{lines}"


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(step("at: start", "ctx.exec('touch /mark')"), id="start"),
        pytest.param(step("at: end", "ctx.wait()"), id="end"),
        pytest.param(
            step("before: ctx.wait()", "if ctx.op:\n  ctx.log('done')\n  return"), id="before"
        ),
        pytest.param(step("after: 'if ctx.op:'", "ctx.wait( )"), id="after"),
        pytest.param(step("at: start", "from harness import abra", ""), id="start of the file"),
    ],
)
def test_leaves_what_is_so(made):
    noop(OPS, made)


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        pytest.param(
            step("at: start"), '."""\n', '."""\n    ctx.ready()\n', id="start, behind the docstring"
        ),
        pytest.param(step("at: end"), "wait()\n", "wait()\n    ctx.ready()\n", id="end"),
        pytest.param(
            step("before: ctx.exec(...)"),
            "    # the mark\n",
            "    ctx.ready()\n    # the mark\n",
            id="before, and before its comment",
        ),
        pytest.param(
            step('after: ctx.exec("touch /mark")'),
            'mark")\n',
            'mark")\n    ctx.ready()\n',
            id="after",
        ),
        pytest.param(
            step("after: 'if ctx.op:'"),
            "        return\n",
            "        return\n    ctx.ready()\n",
            id="after a block, by its head",
        ),
        pytest.param(
            step("before: return"),
            "        return\n",
            "        ctx.ready()\n        return\n",
            id="in an inner block",
        ),
        pytest.param(
            step("before: abra.run()", function="later.inner"),
            "        abra.run()\n",
            "        ctx.ready()\n        abra.run()\n",
            id="in an inner function",
        ),
        pytest.param(
            step("at: end", "# why\nfor x in ctx:\n  x()\n\n  # then\n  y()"),
            "wait()\n",
            "wait()\n    # why\n    for x in ctx:\n        x()\n\n        # then\n        y()\n",
            id="with comments, its steps those of the file",
        ),
        pytest.param(
            step("at: start", 's = """\nx\n  y"""\nctx.say(s)'),
            '."""\n',
            '."""\n    s = """\nx\n  y"""\n    ctx.say(s)\n',
            id="a string keeps its lines",
        ),
        pytest.param(
            step("at: start", 'def inner():\n    """Do.\n\n    More.\n    """'),
            '."""\n',
            '."""\n\n    def inner():\n        """Do.\n\n        More.\n        """\n\n',
            id="a docstring moves along",
        ),
        pytest.param(
            step("after: from harness import abra", "abra.check()", ""),
            "abra\n\n\ndef pre",
            "abra\n\nabra.check()\n\n\ndef pre",
            id="top level of the file",
        ),
        pytest.param(
            step("at: end", "later()", ""),
            "    return inner\n",
            "    return inner\n\n\nlater()\n",
            id="end of the file",
        ),
    ],
)
def test_inserts_at_the_place(made, old, new):
    for eol in ("\n", "\r\n"):
        before = OPS.replace("\n", eol)
        assert before.count(old.replace("\n", eol)) == 1
        changes(before, made, before.replace(old.replace("\n", eol), new.replace("\n", eol)))


@pytest.mark.parametrize(
    ("before", "made", "after"),
    [
        pytest.param(
            "def f(): return 1  # c\n",
            step("at: start", "x()", "f"),
            "def f():\n    x()\n    return 1  # c\n",
            id="one-line function",
        ),
        pytest.param(
            "def f(): x = 1; y = 2",
            step("at: end", "x()", "f"),
            "def f():\n    x = 1; y = 2\n    x()",
            id="end of a one-line function, no final newline",
        ),
        pytest.param(
            'async def f():\n\t"""Doc."""\n\n\tawait x\n',
            step("at: start", "if a:\n    await b", "f"),
            'async def f():\n\t"""Doc."""\n\tif a:\n\t\tawait b\n\n\tawait x\n',
            id="async, in tabs",
        ),
        pytest.param(
            "def f():\n    a()\n    # foot\n\n\n# g\ndef g(): ...\n",
            step("at: end", "x()", "f"),
            "def f():\n    a()\n    x()\n    # foot\n\n\n# g\ndef g(): ...\n",
            id="before a comment at the end",
        ),
        pytest.param(
            "@overload\ndef f(x: int): ...\n@overload\ndef f(x: str): ...\ndef f(x):\n    a()\n",
            step("at: start", "x()", "f"),
            "@overload\ndef f(x: int): ...\n@overload\ndef f(x: str): ...\n"
            "def f(x):\n    x()\n    a()\n",
            id="the implementation of overloads",
        ),
        pytest.param(
            "def f():\n    for i in x:\n        a()\n    else:\n        b()\n    c()\n",
            step("after: 'for i in x:'", "x()", "f"),
            "def f():\n    for i in x:\n        a()\n    else:\n        b()\n    x()\n    c()\n",
            id="after a loop with an else",
        ),
        pytest.param(
            "def f():\n    match x:\n        case 1:\n            a()\n",
            step("before: a()", "x()", "f"),
            "def f():\n    match x:\n        case 1:\n            x()\n            a()\n",
            id="in a case",
        ),
        pytest.param(
            "def f():\n    a()\n    a()\n",
            step("before: a()\ncount: 2", "x()", "f"),
            "def f():\n    x()\n    a()\n    x()\n    a()\n",
            id="twice",
        ),
        pytest.param(
            "if x:\n    @d\n    def f() -> int:\n        a()\n",
            step("at: start", "x()", "f"),
            "if x:\n    @d\n    def f() -> int:\n        x()\n        a()\n",
            id="decorated, annotated, under a condition",
        ),
        pytest.param(
            '"""D."""\n\nfrom __future__ import annotations\n',
            step("at: start", "x()", ""),
            '"""D."""\n\nfrom __future__ import annotations\n\nx()\n',
            id="start of a file, behind what must come first",
        ),
    ],
)
def test_inserts_into_what_is_written_otherwise(before, made, after):
    changes(before, made, after)


@pytest.mark.parametrize(
    ("text", "made", "words", "line"),
    [
        pytest.param(OPS, step("at: end", function="later"), ("never run",), 18, id="dead end"),
        pytest.param(OPS, step("after: return"), ("never run",), 10, id="dead place"),
        pytest.param(
            OPS, step("before: ctx.exec(1)"), ('a.py:7 `ctx.exec("touch /mark")`',), None, id="near"
        ),
        pytest.param(
            OPS,
            step("before: abra.run()", function="later"),
            ("no match", "a.py:16"),
            None,
            id="as near",
        ),
        pytest.param(
            OPS, step("before: ctx.log(...)\ncount: 2"), ("1 match of", "not 2"), 9, id="count"
        ),
        pytest.param(
            OPS, step("at: start", function="pre_bakup"), ("mean pre_backup?",), None, id="name"
        ),
        pytest.param(
            "class C: ...\n", step("at: start", function="C"), ("C is a class",), 1, id="class"
        ),
        pytest.param("A = 1\n", step("at: start", function="A"), ("no function",), 1, id="value"),
        pytest.param(
            "def f():\n    a(); b()\n",
            step("before: b()", "x()", "f"),
            ("shares its line",),
            2,
            id=";",
        ),
        pytest.param(
            "def f():\n    if x: b()\n",
            step("before: b()", "x()", "f"),
            ("shares",),
            2,
            id="one line",
        ),
        pytest.param(
            "def f():\n    a()\n    a()\n",
            step("before: a()", "x()", "f"),
            ("lines 2 and 3",),
            2,
            id="two",
        ),
        pytest.param(
            "def f():\n    x()\n    a()\n    a()\n",
            step("before: a()\ncount: 2", "x()", "f"),
            ("stand already at 1 of 2",),
            4,
            id="half done",
        ),
        pytest.param(
            "try:\n    def f(): ...\nexcept E:\n    def f(): ...\n",
            step("at: start", "x()", "f"),
            ("f is defined 2 times, at lines 2 and 4",),
            2,
            id="two functions",
        ),
        pytest.param(
            "def f(): ...\n", step("at: start", "await x", "f"), ("await",), 1, id="await"
        ),
        pytest.param("x()\n", step("at: start", "return 1", ""), ("return",), 1, id="return"),
    ],
)
def test_is_refused(text, made, words, line):
    refused(text, made, *words, line=line)
