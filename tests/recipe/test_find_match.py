"""What a regular expression finds in a file, for names that nothing else tells."""

from __future__ import annotations

import re

import pytest

from patchkit import RecipeTree, Verdict, loads_fix, render
from patchkit.errors import SpecError
from patchkit.recipe.find import Ambiguous, NotFound, find_match
from patchkit.recipe.model import Recipe

FILES = {
    "src/a.py": "def domain(recipe):\n    return recipe\n\n\ndef zone(recipe):\n    pass\n",
    "src/b.py": "\n\ndef port(name):\n    pass\n",
    "logo.png": b"\x89PNG\xff\n",
}


def found(file, regex):
    files = {path: t if isinstance(t, bytes) else t.encode() for path, t in FILES.items()}
    return find_match(Recipe(RecipeTree.from_files(files)), file, regex)


@pytest.mark.parametrize(
    ("file", "regex", "expected"),
    [
        ("src/a.py", r"^def domain\((\w+)", "recipe"),
        ("src/*", r"^def port\((\w+)", "name"),
        ("*", r"^def port\((\w+)", "name"),
        ("src/a.py", r"def dom\w+", "def domain"),
        # the same each time
        ("src/a.py", r"^def \w+\((\w+)", "recipe"),
    ],
)
def test_text_of_the_group(file, regex, expected):
    assert found(file, regex) == expected


def test_nothing_matches():
    with pytest.raises(NotFound, match=r'no match of "class" in src/\*'):
        found("src/*", "class")
    with pytest.raises(NotFound, match=r"no file lib/\*"):
        found("lib/*", "class")


def test_several_things_match():
    with pytest.raises(Ambiguous, match=r"3 candidates .*: domain, zone, port") as error:
        found("src/*", r"^def (\w+)")
    assert str(error.value.problems[0].place) == "src/a.py:1:5"


SPEC = """\
id: mine
title: Mine
repository: harness
why: because
params:
  argument: {find: match, file: a.py, regex: '^def domain\\((\\w+)'%s}
ops:
  - op: text.replace
    file: a.py
    find: "return 1"
    with: "return {{ argument }}"
"""


def test_param_of_a_fix():
    tree = RecipeTree.from_files({"a.py": b"def domain(r):\n    return 1\n"})
    patch = render(loads_fix(SPEC % ""), tree)
    assert patch.tree.text("a.py") == "def domain(r):\n    return r\n"


def test_param_that_is_not_found_says_how_to_give_it():
    tree = RecipeTree.from_files({"a.py": b"def other(r):\n    return 1\n"})
    patch = render(loads_fix(SPEC % ""), tree)
    assert patch.verdict is Verdict.DRIFTED
    (reason,) = patch.reasons
    assert "no match of" in reason.message
    assert "--param argument=VALUE" in reason.hint
    patch = render(loads_fix(SPEC % ", default: recipe"), tree)
    assert patch.tree.text("a.py") == "def other(r):\n    return recipe\n"


def test_file_by_a_text_that_no_file_has():
    """A repository that is no recipe has no compose file to point at."""
    spec = SPEC.replace("{find: match, file: a.py, regex: '^def domain\\((\\w+)'%s}", "%s")
    tree = RecipeTree.from_files({"a.py": b"def other(r):\n    return 1\n"})
    patch = render(loads_fix(spec % "{find: file, text: absent, default: x}"), tree)
    assert patch.tree.text("a.py") == "def other(r):\n    return x\n"
    patch = render(loads_fix(spec % "{find: file, text: absent}"), tree)
    assert [reason.message for reason in patch.reasons] == [
        "no file that holds 'absent'; there is a.py"
    ]


def test_selectors_are_checked():
    with pytest.raises(SpecError, match='takes no "image"'):
        loads_fix(SPEC % ", image: x")
    with pytest.raises(SpecError, match='needs "regex"'):
        loads_fix(re.sub(", regex: [^%]*", "", SPEC) % "")
