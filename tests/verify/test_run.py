"""Who is asked, and what becomes of what judges yield and raise."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from cases import ROOT, sample

from patchkit import load_fix, loads_fix, render
from patchkit.errors import EditRefused, Place
from patchkit.verify import JUDGES, Check, Judge, State, chosen, find_judge, verify
from patchkit.verify.judge import NotAvailableError, NothingToJudgeError

FIX = load_fix(ROOT / "fixes" / "mattermost.yml")
PATCH = render(FIX, sample("mattermost-lts"))


@pytest.fixture
def ask(monkeypatch):
    """Ask one judge, made of a function."""

    def asked(check, **options):
        judge = Judge("compose", "A stand-in.", check)
        monkeypatch.setattr("patchkit.verify.run.find_judge", lambda _: judge)
        return next(iter(verify(FIX, PATCH, ["compose"], **options)))

    return asked


@pytest.mark.parametrize("name", JUDGES)
def test_every_judge_is_there(name):
    judge = find_judge(name)
    assert judge.name == name
    assert judge.about.endswith(".")


def test_a_spec_chooses(monkeypatch):
    monkeypatch.setattr("patchkit.verify.run.which", lambda _: None)
    assert chosen(FIX) == ("compose", "shellcheck", "postgres")


def test_a_spec_that_chooses_nothing_has_them_all():
    text = "id: x\ntitle: x\nrecipe: x\nwhy: x\nops: [{op: file.remove, path: x}]\n"
    assert chosen(loads_fix(text)) == JUDGES


def test_abra_is_asked_where_it_is(monkeypatch):
    monkeypatch.setattr("patchkit.verify.run.which", lambda name: f"/bin/{name}")
    assert chosen(FIX) == ("compose", "shellcheck", "postgres", "abra")


def test_passed(ask):
    assert ask(lambda _: [Check("a", passed=True)]).state is State.PASSED


def test_one_check_that_fails(ask):
    judgement = ask(lambda _: [Check("a", passed=True), Check("b", passed=False)])
    assert judgement.state is State.FAILED
    assert [check.what for check in judgement.failures] == ["b"]


def test_what_failed_before_does_not_fail(ask):
    judgement = ask(lambda _: [Check("a", passed=False, before=True)])
    assert (judgement.state, judgement.failures) == (State.PASSED, ())


def test_a_judge_that_tried_nothing_has_not_passed(ask):
    assert ask(lambda _: []).state is State.FAILED


def test_not_available(ask):
    def check(_):
        raise NotAvailableError("x is not installed", "install x")

    judgement = ask(check)
    assert judgement.state is State.NOT_AVAILABLE
    assert (judgement.reason, judgement.hint) == ("x is not installed", "install x")


def test_nothing_to_judge(ask):
    def check(_):
        raise NothingToJudgeError("no service runs caddy")

    judgement = ask(check)
    assert (judgement.state, judgement.reason) == (State.NOTHING, "no service runs caddy")


def test_a_recipe_that_a_judge_cannot_read(ask):
    def check(_):
        yield Check("a", passed=True)
        raise EditRefused("broken", place=Place("compose.yml", 3))

    judgement = ask(check)
    assert judgement.state is State.FAILED
    assert [(c.what, str(c.place)) for c in judgement.failures] == [("broken", "compose.yml:3")]


def test_time_is_up(ask):
    def check(case):
        yield Check("it slept", passed=case.bench.run("sleep", "600").ok)

    judgement = ask(check, seconds=0.5)
    assert judgement.state is State.FAILED
    assert judgement.failures[-1].what == "the judge ended within its time"


def test_the_scratch_folder_goes(ask):
    seen = []

    def check(case):
        seen.append(case.bench.folder)
        case.bench.lay(case.tree)
        yield Check("a", passed=True)

    ask(check)
    assert seen
    assert not Path(seen[0]).exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end(ask, number):
    seen = []

    def check(case):
        with case.bench.started("sleep", "600") as program:
            seen.extend([program, case.bench.folder])
            signal.raise_signal(number)
        yield Check("a", passed=True)

    with pytest.raises(SystemExit) as raised:
        ask(check)
    assert raised.value.code == 128 + number
    assert not seen[0].running
    assert not seen[1].exists()
    assert signal.getsignal(number) is signal.SIG_DFL


def test_what_a_fix_touched(ask):
    def check(case):
        yield Check(" ".join(case.touched), passed=True)

    assert ask(check).checks[0].what == (
        "abra.sh compose.postgres-tuning.yml compose.yml pg_backup.sh"
    )
