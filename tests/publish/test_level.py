"""What a run of CI came to, as its document says it in one form or another."""

from __future__ import annotations

import pytest
from dashboard import run_of

from patchkit.publish.level import CI, Answer
from patchkit.publish.results import Results, Rung, read_results, results_url
from patchkit.report.ci_text import ci_text

PATTERN = "https://ci.example.com/runs/{run}/results.json"
LINT = {"lint": {"rules_failed": ["R011", "R014"]}}


@pytest.mark.parametrize(
    ("target", "run"),
    [
        ("https://ci.example.com/runs/17", "17"),
        ("https://ci.example.com/runs/17/", "17"),
        ("https://ci.example.com/runs/17/log?x=3#4", "17"),
        ("https://ci.example.com/runs/m-17.b", "m-17.b"),
        ("https://drone.example.com/org/gitea/17", "17"),
        ("https://drone.example.com/org/gitea/17?tab=log", "17"),
    ],
)
def test_run_of_a_status(target, run):
    assert results_url(PATTERN, target) == f"https://ci.example.com/runs/{run}/results.json"


@pytest.mark.parametrize(
    "target",
    [
        pytest.param("", id="no URL"),
        pytest.param("https://ci.example.com/", id="the front page"),
        pytest.param("https://ci.example.com/runs/../secret", id="a path that leads elsewhere"),
        pytest.param("https://ci.example.com/17/steps", id="a number that is not the last"),
    ],
)
def test_status_that_names_no_run(target):
    assert results_url(PATTERN, target) is None


@pytest.mark.parametrize(
    "data",
    [
        run_of(4, lint="fail") | LINT,
        run_of(4, lint="fail") | {"rules_failed": ["R011", "R014"]},
        {
            "level": "4",
            "rungs": [
                {"name": "install", "result": "pass"},
                {"rung": "lint", "status": "fail"},
            ],
        }
        | LINT,
        {
            "level": 4,
            "rungs": {
                "install": {"state": "pass"},
                "lint": {"state": "fail", "rules_failed": ["R011", "R014"]},
            },
        },
    ],
)
def test_forms_of_one_document(data):
    read = read_results(data)
    assert read.level == 4
    assert read.failed == (Rung("lint", "fail"),)
    assert read.rules == ("R011", "R014")


@pytest.mark.parametrize(
    "data",
    [None, [], "5", {}, *({"level": x} for x in (None, 6, -1, True, "full", [5], 4.5))],
)
def test_level_that_is_not_plainly_said(data):
    assert read_results(data).level is None


@pytest.mark.parametrize(
    "rungs", [None, 3, "lint", [None], [{"name": 3, "state": "fail"}], {"lint": "maybe"}]
)
def test_rungs_that_say_nothing(rungs):
    assert read_results({"level": 3, "rungs": rungs}) == Results(3)


def test_words_of_a_stranger_are_safe_to_print():
    read = read_results({"level": 1, "rungs": {"a\x1b[31m\nb": "fail"}, "rules_failed": ["R\x00"]})
    assert read.rungs == (Rung("a [31m b", "fail"),)
    assert read.rules == ("R",)


def test_document_without_an_end_is_cut():
    many = {"level": 0, "rungs": {str(n): "fail" for n in range(500)}, "rules_failed": ["R"] * 500}
    read = read_results(many)
    assert (len(read.rungs), len(read.rules)) == (20, 20)


@pytest.mark.parametrize(
    ("answer", "green", "text"),
    [
        (Answer(CI.SUCCESS), True, "success (level not known)"),
        (
            Answer(CI.SUCCESS, unread="no answer"),
            False,
            "success (level not known: no answer)",
        ),
        (Answer(CI.SUCCESS, results=Results(5)), True, "success, level 5"),
        (
            Answer(CI.SUCCESS, results=read_results(run_of(4, lint="fail") | LINT)),
            False,
            "success, level 4: lint fail; lint rules failed: R011, R014",
        ),
        (
            Answer(CI.SUCCESS, results=read_results(run_of(2, backup="unver", functional="skip"))),
            False,
            "success, level 2: backup/restore unver, functional skip",
        ),
        (Answer(CI.SUCCESS, results=Results(3)), False, "success, level 3"),
        (Answer(CI.FAILURE, results=Results(5)), False, "failure, level 5"),
        (Answer(CI.ERROR), False, "error"),
        (Answer(CI.PENDING), False, "pending"),
        (Answer(CI.NO_ANSWER), False, "no answer yet"),
        (Answer(CI.NO_ANSWER, enrolled=False), False, "not enrolled?"),
        (Answer(CI.NOT_ASKED), False, "not asked"),
    ],
)
def test_green_and_words(answer, green, text):
    assert (answer.is_green, ci_text(answer)) == (green, text)
