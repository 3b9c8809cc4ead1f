"""Properties of the Python editor: right or refused, and nothing else touched.

The files are this project's own, and texts made of odd pieces; `tests/corpus_python.py` judges.
"""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest
from corpus_python import BAD, DEFINITION, NEW, check_text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruff import find_ruff_bin

from patchkit.edit.python.add import add
from patchkit.edit.python.assign import assign
from patchkit.edit.python.code import statements_of
from patchkit.edit.python.imports import add_import
from patchkit.edit.python.insert import insert
from patchkit.edit.python.source import read
from patchkit.edit.python.structure import fits, same, walk

ROOT = Path(__file__).parents[2]
FILES = sorted(
    path
    for folder in ("patchkit", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if path.stat().st_size and "recipes" not in path.parts
)


def bounded(examples: int) -> settings:
    slow = [HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow)


def as_is(text: str) -> str:
    return text


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


def marked(text: str) -> str:
    return f"\ufeff{text}"


def cut(text: str) -> str:
    return text.rstrip("\n")


@bounded(8)
@given(st.sampled_from(FILES), st.sampled_from([as_is, windows, marked, cut]))
def test_every_edit_of_the_projects_files_is_right_or_refused(path, spelt):
    report = check_text(path.name, spelt(path.read_text(encoding="utf-8")), most=1)
    assert [note for note in report.notes if note.split(":")[0] in BAD] == []
    assert sum(n for (_, outcome), n in report.counts.items() if outcome == "ok") > 3


# --- texts made of odd pieces ------------------------------------------------------------------

HEADS = [
    "",
    '"""Doc."""\n',
    "#!/usr/bin/python\n# licence\n",
    "from __future__ import annotations\n",
]
# Parted by lines of two percent signs.
LINES = r'''
import os, sys
%%
from a import (
    b,  # why
    c
)
%%
A = 1; B = 2  # both
%%
C: dict[str, int] = {'k': 1}
%%
x = ['a' 'b',
     "c", # hanging
     ]
%%
y = (yield_ :=
     1)
%%
z = a \
    + b
%%
# fmt: off
w   =   [1,2]
# fmt: on
%%
def one(): return call(1)
%%
def two(a, *, b=call(2)) -> int:
	return a < b
%%
@deco(call(3),
      k=1)
async def three():
  """Doc."""
  await call(4)
  # foot
%%
class C3(Base, metaclass=M):
    """Doc.

    More.
    """
    k = call(5)

    @property
    def four(self): pass

    def five(self):
        if self.k == 1: return
        call(6)
%%
if a == b:
    def six():
        pass
elif call(7):
    pass
else:
    call(8, *args)
%%
try:
    call(9)
except* E as e:
    raise
finally:
    pass
%%
match call(10):
    case {'k': 1, **rest} if rest != {}:
        pass
    case _: pass
%%
text = f"""{call(11)}
  {x!r:>{w}} = \
"""
%%
with call(12) as f, \
     call(13): pass
%%
for i in range(3): call(i), i
%%
lambda: (call(14),)
%%
del A, B
%%



%%
%%
# a comment
%%
if True:
    # only a comment above

    pass
    # and below
%%
async def seven():
    async with a as b: call(15)
    return [i async for i in b if i > 2]
'''.lstrip("\n").split("%%\n")
TEXTS = st.builds(
    lambda head, lines: head + "".join(lines),
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(LINES), max_size=6),
)


@bounded(60)
@given(TEXTS, st.sampled_from([as_is, windows, marked, cut]))
def test_every_edit_of_an_odd_text_is_right_or_refused(text, spelt):
    report = check_text("odd.py", spelt(text), most=3)
    assert [note for note in report.notes if note.split(":")[0] in BAD] == []


# --- ruff --------------------------------------------------------------------------------------


@bounded(6)
@given(st.sampled_from(FILES), st.randoms(use_true_random=False))
def test_what_comes_in_is_laid_out_as_ruff_does(path, random):
    text = path.read_text(encoding="utf-8")
    source = read(text, path.name, 100)
    names = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    name = random.choice(names) if names else None
    texts = [assign(source, NEW.upper(), "1"), add(source, DEFINITION)]
    texts.append(add_import(source, f"import {NEW}", first_party={"patchkit"}))
    if name:
        texts.append(insert(source, f"{NEW}()", function=name, at="start"))
        texts += [add(source, DEFINITION, after=name), add(source, DEFINITION, before=name)]
    for made in texts:
        assert ruff("format", "--check", made) == ruff("format", "--check", text)
        assert ruff("check", "--select=I", made) == ruff("check", "--select=I", text)


def ruff(*arguments: str) -> int:
    *options, text = arguments
    done = subprocess.run(
        [find_ruff_bin(), *options, "--config", ROOT / "pyproject.toml", "-"],
        input=text.encode(),
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    return done.returncode


# --- structure ---------------------------------------------------------------------------------

EXPRESSIONS = st.sampled_from(
    ["a", "f(a, *b, k=1)", "'x'", "1 + 2", "(a, b)", "[a for a in b]", "a.b[c:d, ...]", "f'{a!r}'"]
)


@given(EXPRESSIONS, EXPRESSIONS)
def test_code_is_the_same_when_python_says_so(one, other):
    first, second = statements_of(one), statements_of(other)
    expected = ast.dump(ast.parse(one)) == ast.dump(ast.parse(other))
    assert same(list(first.body), list(second.body)) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("f( a ,b)", "f(a, b,)", True),
        ("'a' \"b\"", '"ab"', True),
        ("(a)", "a", True),
        ("x[a]", "x[a,]", False),
        ("b'a'", "'a'", False),
        ("1", "1.0", False),
        ("1", "True", False),
        ("f'{a}'", "f'{a=}'", False),
        ("f'{a}'", 'F"{ a }"', True),
        ("a if b else c", "a if c else b", False),
        ("if a: b", "if a:\n  b", True),
        ("a; b", "a\nb", True),
        ("if a:\n  b\nelif c:\n  d", "if a:\n  b\nelse:\n  if c:\n    d", False),
        ("async def f(): ...", "def f(): ...", False),
        ("def f(a, *, b): ...", "def f(a, b): ...", False),
        ("from . import a", "from .. import a", False),
        ("not a in b", "a not in b", False),
    ],
)
def test_same(one, other, expected):
    assert same(list(statements_of(one).body), list(statements_of(other).body)) is expected


@pytest.mark.parametrize(
    ("pattern", "code", "expected"),
    [
        ("f(...)", "f()", True),
        ("f(...)", "f(a, *b, **c)", True),
        ("f(..., k=1)", "f(a, b, k=1)", True),
        ("f(..., k=1)", "f(k=1)", True),
        ("f(..., k=1)", "f(k=1, j=2)", False),
        ("f(..., b, ...)", "f(a, b, c)", True),
        ("f(..., b, ...)", "f(a, c)", False),
        ("f(k=...)", "f(k=g(1))", True),
        ("...", "a.b", True),
        ("x = ...", "x = y = 1", False),
        ("[..., a]", "[1, 2, a]", True),
        ("if ...: ...", "if a:\n  b\n  c", True),
        ("if ...: ...", "if a:\n  b\nelse:\n  c", False),
        ("def f(): ...", "def f():\n  return 1", True),
        ("a[...]", "a[1:2]", False),
    ],
)
def test_dots_stand_for_anything(pattern, code, expected):
    assert fits(list(statements_of(pattern).body), list(statements_of(code).body)) is expected


@pytest.mark.parametrize("path", FILES[::60], ids=lambda path: path.name)
def test_walk_finds_what_python_finds_where_it_finds_it(path):
    source = read(path.read_text(encoding="utf-8"), path.name)
    spans = {(type(node).__name__, source.span(node)) for node in walk(source.module)}
    assert [found for found in called(source) if found not in spans] == []


def called(source):
    """Yield calls and functions with their spans; f-strings tell none before Python 3.12."""
    todo = [source.tree]
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Call, ast.FunctionDef)):
            start = source.offset_of(node.lineno, node.col_offset)
            end = source.offset_of(node.end_lineno, node.end_col_offset)
            yield type(node).__name__, (start, end)
        if not isinstance(node, ast.JoinedStr):
            todo += ast.iter_child_nodes(node)
