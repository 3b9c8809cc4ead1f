"""python.replace: code found by what it says, wherever it is code."""

from __future__ import annotations

import pytest
from python_cases import changes, noop, refused

CANONICAL = '''\
from harness import warm


def canonical_domain(recipe):
    """Return the domain of a recipe's canonical stack."""
    # the same as the warm one
    return warm.stable_domain(recipe)


def retry_handshake(host, *, budget=30):
    """Shake hands: stable_domain(recipe)."""
    return "warm.stable_domain(recipe)"
'''
NEW = """\
    # a provider has its own
    if recipe in warm.WARM_DOMAINS:
        return warm.canon(recipe)
    return warm.stable_domain(recipe)
"""


def step(match, by, rest=""):
    return f"op: python.replace\nmatch: {block(match)}by: {block(by)}{rest}"


def whole(kind, code, function="canonical_domain"):
    return f"op: python.replace\nfunction: {function}\n{kind}: {block(code)}"


def block(code):
    return "|\n" + "".join(f"  {line}\n" for line in code.strip("\n").split("\n"))


@pytest.mark.parametrize(
    ("text", "made"),
    [
        pytest.param(CANONICAL, step("warm.stabel(x)", "warm.stable_domain( recipe )"), id="there"),
        pytest.param("x = w(a)\n", step("a", "w(a)"), id="the old one is a part of the new"),
        pytest.param("def f():\n    a()\n    b()\n", step("x()", "a()\nb()"), id="statements"),
        pytest.param(
            "def f():\n    a()\n    b()\n", step("a()", "a()\nb()"), id="the first of the new ones"
        ),
        pytest.param(CANONICAL, whole("body", "return warm.stable_domain(recipe)"), id="body"),
        pytest.param(CANONICAL, whole("returns", "warm.stable_domain(recipe)"), id="return"),
    ],
)
def test_leaves_what_is_so(text, made):
    noop(text, made)


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        pytest.param(
            step("warm.stable_domain(...)", "warm.canon(recipe)"),
            "return warm.stable_domain(recipe)",
            "return warm.canon(recipe)",
            id="a call, and no string that says the same",
        ),
        pytest.param(
            step("return warm.stable_domain(...)", "x = warm.canon(recipe)\nreturn x"),
            "return warm.stable_domain(recipe)",
            "x = warm.canon(recipe)\n    return x",
            id="a statement by two",
        ),
        pytest.param(
            whole("returns", 'f"canon-{recipe}"'),
            "return warm.stable_domain(recipe)",
            'return f"canon-{recipe}"',
            id="what is returned",
        ),
        pytest.param(
            whole("body", NEW.replace("\n    ", "\n").removeprefix("    ")),
            "    # the same as the warm one\n    return warm.stable_domain(recipe)\n",
            NEW,
            id="a body, with its comments; the docstring stays",
        ),
        pytest.param(
            whole("body", '"""Say.\n\nMore.\n"""\nreturn 1'),
            '    """Return the domain of a recipe\'s canonical stack."""\n'
            "    # the same as the warm one\n    return warm.stable_domain(recipe)\n",
            '    """Say.\n\n    More.\n    """\n    return 1\n',
            id="a body with a docstring of its own",
        ),
        pytest.param(
            step("30", "120", "function: retry_handshake\n"),
            "budget=30",
            "budget=120",
            id="default",
        ),
    ],
)
def test_replaces_the_code(made, old, new):
    for eol in ("\n", "\r\n"):
        before = CANONICAL.replace("\n", eol)
        assert before.count(old.replace("\n", eol)) == 1
        changes(before, made, before.replace(old.replace("\n", eol), new.replace("\n", eol)))


@pytest.mark.parametrize(
    ("before", "made", "after"),
    [
        pytest.param("x = a and b\n", step("b", "c or d"), "x = a and (c or d)\n", id="brackets"),
        pytest.param("x = (a + b) * 2\n", step("a + b", "c"), "x = c * 2\n", id="brackets go"),
        pytest.param(
            "x = (a or b) and c\n", step("a or b", "d or e"), "x = (d or e) and c\n", id="they stay"
        ),
        pytest.param("x = -a**2\n", step("a", "b + c"), "x = -(b + c)**2\n", id="power"),
        pytest.param(
            "x = f('a')\n", step('f("a")', 'f("b")'), 'x = f("b")\n', id="quotes do not count"
        ),
        pytest.param("x = 'a'\n", step('"a"', '"b"'), "x = 'b'\n", id="a string in its quotes"),
        pytest.param('x = """a\nb"""\n', step('"a\\nb"', '"c"'), 'x = "c"\n', id="of many lines"),
        pytest.param("f(a)\n", step("f(...)", "g(a)"), "g(a)\n", id="a whole statement"),
        pytest.param("a(); b()\n", step("a()", "c()"), "c(); b()\n", id="between semicolons"),
        pytest.param("if x: a()\n", step("a()", "c()"), "if x: c()\n", id="in a one-line block"),
        pytest.param("a()\nb()  # c\n", step("a()\nb()", "c()"), "c()  # c\n", id="two statements"),
        pytest.param(
            "for i in x:\n\ta()\n",
            step("a()", "if i:\n    a(i)"),
            "for i in x:\n\tif i:\n\t\ta(i)\n",
            id="a block, in tabs",
        ),
        pytest.param(
            "x: app = 1\n\n\n@app\ndef f(a: app = app) -> app: ...\n",
            step("app", "pds", "count: 5\n"),
            "x: pds = 1\n\n\n@pds\ndef f(a: pds = pds) -> pds: ...\n",
            id="annotations, decorators and defaults",
        ),
        pytest.param(
            "import a\n\na.b = a.c\na = f(a=1)\ndef g(a): pass\n",
            step("a", "q", "count: 2\n"),
            "import a\n\nq.b = q.c\na = f(a=1)\ndef g(a): pass\n",
            id="no names of imports, arguments and targets",
        ),
        pytest.param(
            "if (n := g(1)) > 2:\n    pass\n",
            step("g(...)", "h()"),
            "if (n := h()) > 2:\n    pass\n",
            id="walrus",
        ),
        pytest.param(
            "match p:\n    case A.b:\n        pass\n",
            step("A.b", "A.c"),
            "match p:\n    case A.c:\n        pass\n",
            id="case",
        ),
        pytest.param(
            "r(h, p, budget=5)\n",
            step("r(..., budget=5)", "r(h, p, budget=50)"),
            "r(h, p, budget=50)\n",
            id="any arguments",
        ),
        pytest.param(
            "@d\ndef f(x):\n    return a\n",
            step("@d\ndef f(x):\n    return a", "def f(x):\n    return b"),
            "def f(x):\n    return b\n",
            id="a decorated function",
        ),
        pytest.param(
            "class C:\n\tdef f(self): return 1  # c\n",
            whole("body", "return 2", "C.f"),
            "class C:\n\tdef f(self):  # c\n\t\treturn 2\n",
            id="the body of a one-line method",
        ),
        pytest.param(
            "def f(): return 1",
            whole("body", "return 2", "f"),
            "def f():\n    return 2",
            id="no newline",
        ),
        pytest.param(
            'def f():\n    """Doc."""\n',
            whole("body", "return 2", "f"),
            'def f():\n    """Doc."""\n    return 2\n',
            id="the body of a function that has but a docstring",
        ),
        pytest.param(
            "def f():\n    a()\n    # foot\n\n\n# g\nx = 1\n",
            whole("body", "b()", "f"),
            "def f():\n    b()\n\n\n# g\nx = 1\n",
            id="with the comment at its end",
        ),
        pytest.param(
            "def f():\n    return\n",
            whole("returns", "1", "f"),
            "def f():\n    return 1\n",
            id="return nothing",
        ),
        pytest.param(
            f"x = call_it(aaaaaaaaaaaaaaaaaaaaaaaaaaaa, {'b' * 30}, c)\n",
            step("c", "ddddddddddddddddd"),
            f"x = call_it(\n    aaaaaaaaaaaaaaaaaaaaaaaaaaaa, {'b' * 30}, ddddddddddddddddd\n)\n",
            id="too long for its line",
        ),
        pytest.param(
            f"x = call_it(\n    aaaaaaaaaaaaaaaaaaaaaaaaaaaa, {'b' * 30}, ddddddddddddddddd\n)\n",
            step("ddddddddddddddddd", "c"),
            f"x = call_it(aaaaaaaaaaaaaaaaaaaaaaaaaaaa, {'b' * 30}, c)\n",
            id="short enough for one line",
        ),
    ],
)
def test_replaces_what_is_written_otherwise(before, made, after):
    changes(before, made, after)


@pytest.mark.parametrize(
    ("text", "made", "words", "line"),
    [
        pytest.param(
            "x = a\ny = a\n",
            step("a", "b"),
            ("2 matches of `a`, not 1: at lines 1 and 2",),
            1,
            id="two",
        ),
        pytest.param(
            "x = a\ny = w(a)\n", step("a", "w(a)", "count: 2\n"), ("1 of 2",), 1, id="half done"
        ),
        pytest.param(
            "x = fo(1)\n", step("foo(1)", "b"), ("nearest: a.py:1 `fo(1)`",), None, id="near"
        ),
        pytest.param(
            "x = 'a'\n# a\n", step("a", "b"), ("no match of `a`",), None, id="string, comment"
        ),
        pytest.param('x = f"{a}"\n', step("a", "b"), ("inside an f-string",), 1, id="f-string"),
        pytest.param("x[a, b]\n", step("x[a]", "y"), ("no match", "x[a, b]"), None, id="more"),
        pytest.param(
            "a(); b()\n", step("a()", "c()\nd()"), ("shares its line",), 1, id="semicolon"
        ),
        pytest.param(
            "for x in y: a()\n", step("a()", "if z:\n  a()"), ("shares",), 1, id="one line"
        ),
        pytest.param(
            "def f():\n    if x:\n        return 1\n    return 2\n",
            whole("returns", "3", "f"),
            ("2 return statements, at lines 3 and 4", "match: return"),
            3,
            id="two returns",
        ),
        pytest.param(
            "def f(): ...\n", whole("returns", "3", "f"), ("0 return",), 1, id="no return"
        ),
        pytest.param("x = a\n", step("a", "await b"), ("outside",), 1, id="await"),
        pytest.param("del a\n", step("a", "f()"), ("no Python",), 1, id="no target"),
    ],
)
def test_is_refused(text, made, words, line):
    refused(text, made, *words, line=line)
