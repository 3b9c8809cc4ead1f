"""The README says what is so."""

from __future__ import annotations

import re

from write_docs import ROOT, readme

from patchkit import RecipeTree, Verdict, loads_fix, render
from patchkit.errors import ExitCode
from patchkit.publish.plan import Action

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_tables_are_the_codes_own():
    assert readme() == README


def test_every_plan_is_there():
    table = README.partition("<!-- plans -->")[2].partition("<!-- end -->")[0]
    assert re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[1:] == [str(a) for a in Action]


def test_exit_codes_are_all_there():
    table = README.partition("## Exit codes")[2].partition("\n## ")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)} == set(ExitCode)


def test_example_of_a_fix_works():
    text = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)[1]
    compose = "services:\n  app:\n    image: gitea/gitea:1\n  cache:\n    image: redis:latest\n"
    patch = render(loads_fix(text), RecipeTree.from_files({"compose.yml": compose}))
    assert patch.verdict is Verdict.APPLIES
    assert patch.tree.text("compose.yml") == compose.replace("latest", "7.4.5-alpine")


def test_no_placeholder_is_left():
    assert not re.findall(r"\b[A-Z]+_RESULT\b", README)
