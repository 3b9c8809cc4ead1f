"""Lint gives findings, whatever a recipe is."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patchkit.edit.yaml import parse
from patchkit.edit.yaml.nodes import walk
from patchkit.lint import lint
from patchkit.report.lint_json import lint_json
from patchkit.report.lint_text import lint_text
from patchkit.report.sarif import lint_sarif
from patchkit.tree import RecipeTree

HERE = Path(__file__).parent
RECIPES = sorted(path.parent for path in (HERE.parent / "recipes").glob("*/compose.yml"))
SAMPLES = [RecipeTree.from_dir(path) for path in RECIPES]
# What steers a terminal.
CONTROL = re.compile(r"[^\n -~\xa0-\U0010ffff]")
CORPUS = HERE.parents[2] / "shared" / "corpus"
# What people and merges leave behind, and what YAML takes for something else.
PIECES = [
    "",
    "\n",
    ":",
    "- ",
    "  ",
    "null",
    "true",
    "[a, b]",
    "{a: b}",
    "*a",
    "&a ",
    "<<: ",
    "0o17",
    "${X}",
    "$",
    '"',
    "'",
    "#",
    "|\n",
    "\t",
    "\r",
    "\ufeff",
    "services:",
    "deploy:",
    "labels:",
    "---\n",
    "# patchkit: allow",
]


def check(tree: RecipeTree) -> None:
    report = lint(tree, base=SAMPLES[0], tags={"1.0.0+1": False})
    assert all(finding.place.path and finding.message for finding in report.findings)
    assert not CONTROL.search(lint_text("it", report))
    assert json.loads(lint_json({"it": report}))
    assert json.loads(lint_sarif({"it": report}))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_mutations_of_samples(data):
    tree = data.draw(st.sampled_from(SAMPLES))
    names = [p for p in tree.paths() if p.endswith((".yml", ".sh", ".sample")) or p == "README.md"]
    path = data.draw(st.sampled_from(names))
    text = tree.text(path)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 80)))
        text = text[:start] + data.draw(st.sampled_from(PIECES)) + text[end:]
    check(tree.with_file(path, text))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_nodes_of_another_kind(data):
    """Any value of a compose file may be a list, a mapping, a number or nothing."""
    tree = data.draw(st.sampled_from(SAMPLES))
    path = data.draw(st.sampled_from([p for p in tree.paths() if p.endswith(".yml")]))
    text = tree.text(path)
    node = data.draw(st.sampled_from(walk(parse(text).root)))
    new = data.draw(st.sampled_from(["", "[a, {b: c}]", "{a: [b], c: null}", "3", "'x'", "~"]))
    check(tree.with_file(path, text[: node.start] + new + text[node.end :]))


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), min_size=1, max_size=5))
def test_lines_moved_in_a_sample(moves):
    tree = SAMPLES[3]
    lines = tree.text("compose.yml").split("\n")
    for source, place in moves:
        lines.insert(place % len(lines), lines.pop(source % len(lines)))
    check(tree.with_file("compose.yml", "\n".join(lines)))


@settings(deadline=None, max_examples=100)
@given(
    st.binary(max_size=200), st.sampled_from(["compose.yml", ".env.sample", "abra.sh", "README.md"])
)
def test_bytes(content, path):
    check(SAMPLES[1].with_file(path, content))


def test_shapes():
    folder = HERE.parent / "edit"
    for path in sorted(folder.rglob("*.y*ml")):
        check(RecipeTree.from_files({"compose.yml": path.read_bytes()}))


@pytest.mark.skipif(not CORPUS.is_dir(), reason=f"no corpus of compose files at {CORPUS}")
def test_corpus():
    number = 0
    for folder, _, names in os.walk(CORPUS):
        for name in names:
            content = Path(folder, name).read_bytes()
            check(RecipeTree.from_files({"compose.yml": content, ".env.sample": "A=b\n"}))
            number += 1
    assert number > 900
