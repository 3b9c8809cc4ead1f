"""python.add: a function or class at its place, with the blank lines that ruff wants."""

from __future__ import annotations

import pytest
from python_cases import changes, noop, refused

TEXT = '''\
"""What it is."""

LIMIT = 3


@cache
def first():
    return 1
    # the end


# about the second
class Second:
    """A class."""

    x = 1

    @property
    def one(self):
        return 1

    def two(self):
        return 2


if __name__ == "__main__":
    first()
'''
CODE = "def new():\n    return 0"
NEW = f"{CODE}\n"
METHOD = "    def new():\n        return 0\n"


def step(rest="", code=CODE):
    return "op: python.add\ncode: |\n" + "".join(f"  {line}\n" for line in code.split("\n")) + rest


@pytest.mark.parametrize(
    ("text", "made"),
    [
        pytest.param(TEXT, step(code="@cache\ndef first( ):\n    return 1"), id="function"),
        pytest.param(TEXT, step("after: Second.one\n", "def two(self):\n  return 2"), id="method"),
    ],
)
def test_leaves_what_is_so(text, made):
    noop(text, made)


@pytest.mark.parametrize(
    ("made", "old", "new"),
    [
        pytest.param(step(), "\n\nif __", f"\n\n{NEW}\n\nif __", id="end, before the main guard"),
        pytest.param(step("after: first\n"), "# the end\n", f"# the end\n\n\n{NEW}", id="after"),
        pytest.param(
            step("before: first\n"), "@cache\n", f"{NEW}\n\n@cache\n", id="before decorators"
        ),
        pytest.param(
            step("before: Second\n"), "# about", f"{NEW}\n\n# about", id="before its comment"
        ),
        pytest.param(step("after: LIMIT\n"), "= 3\n", f"= 3\n\n\n{NEW}", id="after a constant"),
        pytest.param(
            step("after: Second.two\n"), "return 2\n", f"return 2\n\n{METHOD}", id="method"
        ),
        pytest.param(
            step("before: Second.x\n"), "    x = 1\n", f"{METHOD}\n    x = 1\n", id="before a field"
        ),
        pytest.param(
            step("before: Second.one\n"),
            "    @prop",
            f"{METHOD}\n    @prop",
            id="before a property",
        ),
        pytest.param(
            step("after: LIMIT\n", "# why\n@cache\nclass New:\n    pass"),
            "= 3\n",
            "= 3\n\n\n# why\n@cache\nclass New:\n    pass\n",
            id="a class, with decorator and comment",
        ),
    ],
)
def test_adds_at_the_place(made, old, new):
    for eol in ("\n", "\r\n"):
        before = TEXT.replace("\n", eol)
        assert before.count(old.replace("\n", eol)) == 1
        changes(before, made, before.replace(old.replace("\n", eol), new.replace("\n", eol)))


@pytest.mark.parametrize(
    ("before", "made", "after"),
    [
        pytest.param("", step(), NEW, id="empty file"),
        pytest.param("x = 1", step(), f"x = 1\n\n\n{CODE}", id="no final newline"),
        pytest.param("import os\n", step(), f"import os\n\n\n{NEW}", id="behind imports"),
        pytest.param(
            "def f():\n\treturn 1\n",
            step(code="def g():\n  if x:\n    return 1"),
            "def f():\n\treturn 1\n\n\ndef g():\n\tif x:\n\t\treturn 1\n",
            id="tabs",
        ),
        pytest.param(
            "@overload\ndef f(): ...\n@overload\ndef f(): ...\ndef f(): ...\n",
            step("before: f\n"),
            f"{NEW}\n\n@overload\ndef f(): ...\n@overload\ndef f(): ...\ndef f(): ...\n",
            id="before overloads",
        ),
        pytest.param(
            "#!/bin/python\n\n# c\ndef f(): ...\n",
            step("before: f\n"),
            f"#!/bin/python\n\n\n{NEW}\n\n# c\ndef f(): ...\n",
            id="before the first, with its comment",
        ),
        pytest.param(
            "class C:\n    pass\n", step("after: C\n"), f"class C:\n    pass\n\n\n{NEW}", id="class"
        ),
    ],
)
def test_adds_to_what_is_written_otherwise(before, made, after):
    changes(before, made, after)


@pytest.mark.parametrize(
    ("text", "made", "words", "line"),
    [
        pytest.param("def new(): ...\n", step(), ("new is there already",), 1, id="another"),
        pytest.param("x = 1\nnew = 2\n", step(), ("new is there already",), 2, id="a value"),
        pytest.param(
            "", step(code="x = 1"), ("not one function or class",), None, id="no function"
        ),
        pytest.param("", step(code=f"{CODE}\nx = 1"), ("not one function",), None, id="more"),
        pytest.param("def fo(): ...\n", step("after: f\n"), ("no name f",), None, id="no place"),
        pytest.param(
            "def f(): ...\n", step("after: f.x\n"), ("f is no class",), 1, id="in a function"
        ),
        pytest.param(
            "class C: x = 1\n", step("after: C.x\n"), ("shares its line",), 1, id="one line"
        ),
        pytest.param(
            "if x:\n    def new(): ...\nelse:\n    def new(): ...\n",
            step(),
            ("2 times",),
            2,
            id="twice",
        ),
    ],
)
def test_is_refused(text, made, words, line):
    refused(text, made, *words, line=line)
