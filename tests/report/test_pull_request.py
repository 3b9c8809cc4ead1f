"""What a pull request says of a fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from patchkit import RecipeTree, check, load_fix, loads_fix, render
from patchkit.report.pull_request import code, judged_lines, pull_request_page
from patchkit.verify import Check, Judgement, State

ROOT = Path(__file__).parents[2]
SPEC = """\
id: greet
title: Greet
recipe: x
why: Nobody is **greeted**.
params: {word: hello}
ops:
  - {op: file.add, path: "a`b", text: x}
pr:
  title: "Say {{ word }}"
  body: ["It says {{ word }}."]
"""


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("a``b`c", "```a``b`c```"),
        ("`a`", "`` `a` ``"),
        ("a\nb", "`a b`"),
        ("@ana <b>", "`@ana <b>`"),
    ],
)
def test_code(text, span):
    assert code(text) == span


def page(spec: str = SPEC, judged: str = "", companions=()):
    fix = loads_fix(spec)
    tree = RecipeTree.from_files({"compose.yml": "services: {app: {image: 'a:1.0.0'}}\n"})
    patch = render(fix, tree)
    return pull_request_page(
        fix, patch, check(fix, patch), version="1.2", judged=judged, companions=companions
    )


def test_parameters_are_filled_in():
    assert page().title == "Say hello"
    assert "It says hello." in page().body


def test_title_of_the_fix_where_the_spec_has_no_other():
    assert page(SPEC.partition("pr:")[0]).title == "Greet"


def test_parts():
    judgements = [
        Judgement("compose", State.PASSED, (Check("a", passed=True),)),
        Judgement("abra", State.NOT_AVAILABLE, reason="abra is not installed"),
    ]
    lines = page(judged=judged_lines(judgements), companions=["[other](u)"]).body.splitlines()
    assert lines[0] == "Nobody is **greeted**."
    assert "- ``a`b`` added, +1 -0" in lines
    assert "- compose: 1 of 1 checks passed" in lines
    assert "- abra: not available (abra is not installed)" in lines
    assert "- [other](u)" in lines
    assert "### Evidence" not in lines
    assert lines[-1].startswith("`patchkit apply fixes/greet.yml`, patchkit 1.2.")


def test_lint_is_counted():
    fix = load_fix(ROOT / "fixes" / "mattermost.yml")
    patch = render(fix, RecipeTree.from_dir(ROOT / "tests" / "recipes" / "mattermost-lts"))
    body = pull_request_page(fix, patch, check(fix, patch), version="1.2").body
    assert "- lint: 6 findings before, 0 after; no rule got worse" in body
    assert "- `dump-without-restore`: 2 findings less" in body
    assert fix.digest in body


def test_long_lists_are_cut():
    adds = "".join(f"  - {{op: file.add, path: f{i}, text: x}}\n" for i in range(200))
    body = page(SPEC.replace('  - {op: file.add, path: "a`b", text: x}\n', adds)).body
    assert body.count("added, +1 -0") == 60
    assert "- … and 140 more" in body
