"""The harness's part in the fix of bluesky-pds: its calls name the PDS by its new name."""

from __future__ import annotations

import ast

from cc_ci import HARNESS, fixed
from variants import changed_lines, sample

OWN = "tests/bluesky-pds/"


def services(files):
    """Return path and value of every `service=` of a call, in order."""
    return [
        (path, keyword.value.value)
        for path, text in sorted(files.items())
        if path.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "service" and isinstance(keyword.value, ast.Constant)
    ]


def texts(tree):
    return {path: tree.text(path) for path in tree.paths()}


def test_before_every_recipe_calls_app():
    found = services(sample(HARNESS))
    assert {value for _, value in found} == {"app"}
    assert len([path for path, _ in found if path.startswith(OWN)]) == 5
    others = {path.split("/")[1] for path, _ in found if not path.startswith(OWN)}
    assert others == {"discourse", "gitea", "keycloak", "mumble"}


def test_after_bluesky_alone_calls_pds():
    before = services(sample(HARNESS))
    assert services(texts(fixed("bluesky-pds-harness"))) == [
        (path, "pds" if path.startswith(OWN) else "app") for path, _ in before
    ]


def test_nothing_else_is_changed():
    before, after = sample(HARNESS), texts(fixed("bluesky-pds-harness"))
    assert before.keys() == after.keys()
    changed = {path for path in before if before[path] != after[path]}
    assert {path.removeprefix(OWN) for path in changed} == {
        "custom/test_records.py",
        "ops.py",
        "test_restore.py",
    }
    for path in changed:
        gone, new = changed_lines(before[path], after[path])
        assert new == [line.replace('service="app"', 'service="pds"') for line in gone]
