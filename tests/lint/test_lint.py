"""The report, comments that allow a finding, and recipes that cannot be read."""

from __future__ import annotations

import pytest
from small_recipe import FILES, SMALL, changed

from patchkit.lint import RULES, State, find_rule, lint
from patchkit.tree import RecipeTree

RULE = "on-failure-restart"
C = "compose.yml"


def judged(new: str) -> object:
    files = changed(C, "        condition: any\n", new)
    return lint(RecipeTree.from_files(files)).result(RULE)


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("        condition: on-failure\n", id="no comment"),
        pytest.param(
            "        condition: on-failure  # patchkit: allow moving-image-tag a job\n",
            id="another rule",
        ),
        pytest.param(
            "        # patchkit: allow on-failure-restart a job\n\n        condition: on-failure\n",
            id="a blank line between",
        ),
        pytest.param(
            "        # patchkit: allow on-failure-restart a job\n        delay: 5s\n"
            "        condition: on-failure\n",
            id="above another line",
        ),
        pytest.param(
            "        condition: on-failure\n        # patchkit: allow on-failure-restart a job\n",
            id="below",
        ),
    ],
)
def test_comment_that_allows_nothing(new):
    result = judged(new)
    assert result.state is State.FAILS
    assert result.allowed == ()


@pytest.mark.parametrize(
    "new",
    [
        pytest.param(
            "        condition: on-failure  # patchkit: allow on-failure-restart a job\n", id="on"
        ),
        pytest.param(
            "        # patchkit: allow on-failure-restart a job\n        condition: on-failure\n",
            id="above",
        ),
        pytest.param(
            "        # patchkit: allow on-failure-restart a job\n        # it ends by itself\n"
            "        condition: on-failure\n",
            id="in a block of comments above",
        ),
    ],
)
def test_comment_that_allows(new):
    result = judged(new)
    assert result.state is State.HOLDS
    assert [allowed.reason for allowed in result.allowed] == ["a job"]


def test_comment_without_a_reason():
    result = judged("        condition: on-failure  # patchkit: allow on-failure-restart\n")
    assert result.state is State.FAILS
    assert "gives no reason" in result.findings[0].hint


def test_comment_by_abras_number():
    files = changed(C, "postgres:16.10-alpine", "postgres  # patchkit: allow R003 local build")
    report = lint(RecipeTree.from_files(files))
    assert report.result("untagged-image").state is State.HOLDS
    assert report.result("unstable-tag").state is State.FAILS


def test_what_abra_stops_at_is_never_allowed():
    files = changed(C, "2m", "${X}  # patchkit: allow invalid-compose why not")
    assert lint(RecipeTree.from_files(files)).result("invalid-compose").state is State.FAILS


def test_passed_with_warnings_only():
    assert lint(SMALL).passed
    assert lint(RecipeTree.from_files(changed(C, "condition: any", "condition: on-failure"))).passed
    assert not lint(RecipeTree.from_files(changed(C, "- db\n", "- base\n"))).passed


UNREADABLE = {
    "broken": (C, "services: [", "compose.yml:1"),
    "binary": (C, b"\0\1\2", "compose.yml:1"),
    "not UTF-8": (C, b"version: \xff", "compose.yml:1"),
    "too large": (C, b"#" * (6 * 1024 * 1024), "compose.yml"),
    "an alias inside its anchor": (C, "services: &a\n  app: *a\n", "compose.yml:2:8"),
    "an alias of nothing": (C, "services: *a\n", "compose.yml:1:11"),
    "a list": (C, "- a\n", "compose.yml:1:1"),
    "a merge of a text": (C, "services:\n  app:\n    <<: x\n", "compose.yml:3:5"),
    "settings that are binary": (".env.sample", b"A=\0", ".env.sample:1"),
}


@pytest.mark.parametrize(("path", "content", "place"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable(path, content, place):
    """One fatal finding with its place, and nothing else is judged."""
    report = lint(RecipeTree.from_files({**FILES, path: content}))
    (finding,) = report.findings
    assert finding.rule == "invalid-compose"
    assert str(finding.place).startswith(place)
    assert finding.message
    others = [r.state for r in report.results if r.rule.name != "invalid-compose"]
    assert set(others) == {State.NOT_JUDGED}


def test_a_base_that_is_broken_is_none():
    """A change that repairs a file is judged as it is."""
    report = lint(SMALL, base=RecipeTree.from_files({**FILES, C: "services: ["}))
    assert report.passed
    assert report.result("stale-config-version").state is State.NOT_JUDGED


ODD = {
    "a service is null": "services:\n  app:\n",
    "a service is a list": "services:\n  app: [a]\n",
    "services are a text": "services: all\n",
    "labels are a number": "services:\n  app:\n    image: a\n    deploy: {labels: 3}\n",
    "a label is a list": "services:\n  app:\n    deploy: {labels: {a: [b]}}\n",
    "a merge of incompatible types": "services:\n  app:\n    deploy: [a]\n    networks: 3\n",
    "sections are lists": "configs: [a]\nsecrets: 1\nnetworks: x\nvolumes: [b]\n",
    "a text": "hello\n",
    "nothing": "",
    "lists of numbers": "services:\n  app: {configs: [1, [2]], volumes: [{}]}\n",
    "definitions of numbers": "configs: {a: 1}\nsecrets: {a: {file: [x]}}\n",
}


@pytest.mark.parametrize("overlay", ODD.values(), ids=ODD)
def test_odd(overlay):
    """Docker's own check of types gives findings with places."""
    report = lint(RecipeTree.from_files({**FILES, "compose.odd.yml": overlay}))
    found = report.result("invalid-compose").findings
    assert found
    assert {f.place.path for f in found} == {"compose.odd.yml"}
    assert all(f.place.line for f in found)


def test_find_rule():
    assert find_rule("orphaned-service").name == "orphaned-service"
    assert find_rule("r011").name == "service-without-image"
    assert find_rule("R016") is None
    assert find_rule("") is None
    assert len({rule.name for rule in RULES}) == len(RULES)
