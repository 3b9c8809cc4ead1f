"""The README and the pages say what is so."""

from __future__ import annotations

import re

import pytest
from shown import PAGES
from write_docs import ROOT, TABLES, with_tables

from patchkit import RecipeTree, Verdict, loads_fix, render
from patchkit.errors import ExitCode
from patchkit.publish.plan import Action

README = (ROOT / "README.md").read_text(encoding="utf-8")
PULLS = (ROOT / "docs" / "pages" / "pull-requests.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_tables_are_the_codes_own(page):
    text = page.read_text(encoding="utf-8")
    assert with_tables(text) == text, "python tests/write_docs.py writes it"


def test_every_table_is_shown():
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert {name for name in TABLES if f"<!-- {name} -->" in text} == TABLES.keys()


def test_every_plan_is_there():
    table = PULLS.partition("<!-- plans -->")[2].partition("<!-- end -->")[0]
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
