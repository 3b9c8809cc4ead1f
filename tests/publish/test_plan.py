"""What is planned in every state that a fix on a mirror can be in.

The table beside this file is written by hand; every combination of states must fit exactly one of
its rows.
"""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from patchkit.errors import ExitCode
from patchkit.forge import PullRequest
from patchkit.publish.plan import WRITES, Action, Facts, plan
from patchkit.rendering import Verdict

with Path(__file__).with_name("plans.tsv").open(newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t"))

YES_NO = ("yes", "no")
STATES = {
    "mirror": YES_NO,
    "verdict": tuple(map(str, Verdict)),
    "passed": YES_NO,
    "edited": YES_NO,
    "pull": (
        "none",
        "open",
        "open to another base",
        "closed by us",
        "closed by a person",
        "merged",
    ),
    "behind": YES_NO,
    "text": YES_NO,
    "unfinished": YES_NO,
    "holder": YES_NO,
    "reopen": YES_NO,
    "commented": YES_NO,
    "withdrawn": YES_NO,
}
EVERY = [dict(zip(STATES, values, strict=True)) for values in product(*STATES.values())]


def pull(kind: str) -> PullRequest | None:
    if kind == "none":
        return None
    state = kind.split(maxsplit=1)[0]
    return PullRequest(
        number=7,
        url="https://forge.example.com/pulls/7",
        title="x",
        body="",
        state=state,
        draft=False,
        base="old" if kind == "open to another base" else "main",
        head="patchkit/x",
        head_owner="recipes",
        head_sha="a",
        author="bot",
    )


def facts(state: dict[str, str]) -> Facts:
    return Facts(
        mirror=state["mirror"] == "yes",
        verdict=Verdict(state["verdict"]),
        passed=state["passed"] == "yes",
        commit="wanted",
        branch="other" if state["behind"] == "yes" else "wanted",
        editors=("ana",) if state["edited"] == "yes" else (),
        pull=pull(state["pull"]),
        closed_by_us=state["pull"] == "closed by us",
        commented=state["commented"] == "yes",
        text_differs=state["text"] == "yes",
        unfinished=state["unfinished"] == "yes",
        holder=9 if state["holder"] == "yes" else None,
        reopen=state["reopen"] == "yes",
        withdrawn=state["withdrawn"] == "yes",
    )


def fitting(state: dict[str, str]) -> list[str]:
    return [
        row["action"]
        for row in ROWS
        if all(row[name] in {"*", value} for name, value in state.items())
    ]


def test_every_combination_fits_one_row():
    wrong = [state for state in EVERY if len(fitting(state)) != 1]
    assert wrong == []


def test_every_combination():
    wrong = [
        (state, plan(facts(state)).action)
        for state in EVERY
        if [str(plan(facts(state)).action)] != fitting(state)
    ]
    assert wrong == []


def test_every_action_is_in_the_table():
    assert {row["action"] for row in ROWS} == set(map(str, Action))


def test_what_a_person_did_is_never_written_over():
    """Only a comment may follow when somebody else committed on the branch."""
    touched = {plan(facts(state)).action for state in EVERY if state["edited"] == "yes"}
    assert touched & WRITES == {Action.COMMENT}


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ({"mirror": "no"}, ExitCode.FORGE, "no such mirror"),
        ({"verdict": "drifted"}, ExitCode.REFUSED, "neither what the fix expects"),
        ({"passed": "no"}, ExitCode.REGRESSION, "lint got worse"),
        ({"edited": "yes"}, ExitCode.REFUSED, "ana committed on the branch"),
        ({"pull": "closed by a person"}, ExitCode.REFUSED, "#7 was closed"),
        ({"pull": "closed by us", "withdrawn": "yes"}, ExitCode.REFUSED, "#7 says that"),
        ({"pull": "open to another base"}, ExitCode.REFUSED, "#7 goes to old"),
        ({"holder": "yes"}, ExitCode.OK, "#9 holds the change"),
        ({}, ExitCode.OK, "nobody has proposed it"),
    ],
)
def test_reason_and_exit_code(state, code, words):
    usual = {
        **dict.fromkeys(STATES, "no"),
        "mirror": "yes",
        "verdict": "applies",
        "passed": "yes",
        "pull": "none",
    }
    made = plan(facts(usual | state))
    assert made.code is code
    assert words in made.reason


def test_a_class_that_lacks_a_value_says_which():
    planned = plan(Facts(verdict=Verdict.DRIFTED, asks=("tag",)))
    assert (planned.action, planned.reason) == (
        Action.DRIFTED,
        "it needs a value: add --param tag=VALUE",
    )
