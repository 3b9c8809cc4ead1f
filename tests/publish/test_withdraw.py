"""`patchkit withdraw`: closed with the reason, once, and not proposed again by itself."""

from __future__ import annotations

import pytest
from cli_tools import git
from faults import Fault

WHY = "Gitea 1.25 no longer needs it"
BRANCH = "refs/heads/patchkit/gitea"


@pytest.fixture
def withdraw(patchkit):
    return lambda *more: patchkit("withdraw", "gitea", "--why", WHY, *more)


def edited(world) -> str:
    """Let ana commit on the branch."""
    origin = world.origins["gitea"]
    git(origin.work, "fetch", "-q", str(origin.bare), "patchkit/gitea")
    git(origin.work, "checkout", "-q", "FETCH_HEAD")
    return origin.commit({"NOTES": "x\n"}, "ana was here", BRANCH)


def test_closed_with_the_reason(world, pr, withdraw):
    pr()
    result = withdraw()
    assert result.code == 0, result.err
    (pull,) = world.pulls("gitea")
    assert pull.state == "closed"
    (asked, said) = world.comments("gitea")
    assert (asked, said.splitlines()[0]) == ("!testme", f"Withdrawn: {WHY}")
    assert world.origins["gitea"].ref(BRANCH) == ""
    assert "gitea: close #1" in result.out
    assert "gitea: delete branch patchkit/gitea" in result.out


def test_again_writes_nothing(world, pr, withdraw):
    pr()
    withdraw()
    before = len(world.writes())
    result = withdraw()
    assert (result.code, len(world.writes())) == (0, before)
    assert "gitea: nothing to withdraw" in result.err


def test_not_proposed_again_by_itself(world, pr, withdraw):
    pr()
    withdraw()
    before = len(world.writes())
    result = pr()
    assert (result.code, len(world.writes())) == (3, before)
    assert "gitea: refused: withdrawn on gitea\n  #1 says that it was withdrawn" in result.err
    assert pr("--reopen").code == 0
    assert [pull.state for pull in world.pulls("gitea")] == ["closed", "open"]
    before = len(world.writes())
    assert (pr().code, len(world.writes())) == (0, before)


def test_reopened_by_a_person_is_proposed_again(world, pr, withdraw):
    pr()
    withdraw()
    world.gitea.forge.set_state(world.repo("gitea"), 1, "open", by="ana")
    result = pr()
    assert (result.code, world.origins["gitea"].ref(BRANCH) != "") == (0, True)
    assert "#1 is behind: its branch is gone" in result.err
    assert [pull.state for pull in world.pulls("gitea")] == ["open"]
    assert "gitea: close #1" in withdraw().out
    assert "refused: withdrawn" in pr().err


def test_withdrawn_is_not_judged(world, pr, withdraw, monkeypatch):
    """Real programs take their time: nobody wants to know any more."""
    from patchkit.cli.pages import Pages

    pr()
    withdraw()
    monkeypatch.delattr(Pages, "page")
    monkeypatch.delattr(Pages, "judged")
    assert pr().code == 3


def test_dry_run_writes_nothing(world, pr, withdraw):
    pr()
    before = len(world.writes())
    result = withdraw("--dry-run")
    assert (result.code, len(world.writes())) == (0, before)
    assert "gitea: comment #1" in result.err
    assert result.out == ""


def test_branch_that_a_person_edited(world, pr, withdraw):
    pr()
    mine = edited(world)
    result = withdraw()
    assert result.code == 3
    assert world.origins["gitea"].ref(BRANCH) == mine
    (pull,) = world.pulls("gitea")
    assert pull.state == "open"
    assert WHY in world.comments("gitea")[-1]
    assert "left open" in world.comments("gitea")[-1]
    before = len(world.writes())
    assert (withdraw().code, len(world.writes())) == (3, before)


def test_branch_that_is_edited_meanwhile(world, pr, withdraw, monkeypatch):
    """Somebody pushes between the look and the deletion: the lease does not hold."""
    from patchkit.cli import withdraw as module

    pr()
    real, mine = module._carried_out, []
    monkeypatch.setattr(
        module, "_carried_out", lambda *given: (mine.append(edited(world)), real(*given))[1]
    )
    result = withdraw()
    assert result.code == 3
    assert world.origins["gitea"].ref(BRANCH) == mine[0]
    assert "left alone patchkit/gitea\n  somebody committed on it meanwhile" in result.out


def test_words_of_others_do_not_withdraw(world, pr, withdraw):
    pr()
    withdraw()
    words = world.comments("gitea")[-1]
    pr("--reopen")
    world.gitea.forge.comment(world.repo("gitea"), 2, words, by="ana")
    assert "#2 is as it should be" in pr().err


def test_closed_by_a_person_stays_theirs(world, pr, withdraw):
    pr()
    world.gitea.forge.set_state(world.repo("gitea"), 1, "closed", by="ana")
    assert withdraw().code == 0
    assert world.comments("gitea") == ["!testme"]
    assert world.origins["gitea"].ref(BRANCH) == ""


def test_nothing_was_proposed(world, withdraw):
    result = withdraw()
    assert (result.code, world.writes()) == (0, [])


def test_closed_by_us_earlier_is_told_too(world, pr, withdraw):
    """Else the fix would come back with the next sync that takes the change away."""
    pr()
    origin = world.origins["gitea"]
    main = origin.ref("refs/heads/main")
    git(origin.bare, "update-ref", "refs/heads/main", BRANCH)
    pr()
    git(origin.bare, "update-ref", "refs/heads/main", main)
    assert withdraw().code == 0
    assert "refused: withdrawn" in pr().err


def test_closed_by_us_and_edited_since(world, pr, withdraw):
    """The pull request is told; the branch of somebody else's work stays."""
    pr()
    origin = world.origins["gitea"]
    main = origin.ref("refs/heads/main")
    git(origin.bare, "update-ref", "refs/heads/main", BRANCH)
    pr()
    git(origin.bare, "update-ref", "refs/heads/main", main)
    mine = edited(world)
    result = withdraw()
    assert (result.code, origin.ref(BRANCH)) == (3, mine)
    assert "left alone patchkit/gitea\n" in result.err
    assert "left open" not in world.comments("gitea")[-1]


@pytest.fixture
def other(world, tmp_path):
    """A second organisation has a mirror too, which a profile names."""
    settings = tmp_path / "here" / "patchkit.toml"
    profile = f'[profiles.other]\nmirror = "{world.url(org="others")}"\n'
    settings.write_text(f"{settings.read_text()}{profile}[profiles.none]\nmirror = ''\n")
    return world.add("gitea", org="others")


def test_everywhere(world, pr, withdraw, other):
    first = world.root / "recipes" / "gitea.git"
    pr()
    pr("--profile", "other")
    assert withdraw().code == 0
    for name, bare in (("recipes", first), ("others", other.bare)):
        (pull,) = world.gitea.forge.repos[f"{name}/gitea"].pulls.values()
        assert pull.state == "closed"
        assert git(bare, "branch", "--list", "patchkit/gitea") == ""
    before = len(world.writes())
    assert (withdraw().code, len(world.writes())) == (0, before)


@pytest.mark.usefixtures("other")
def test_on_one_profile_alone(world, pr, withdraw):
    pr()
    pr("--profile", "other")
    assert withdraw("--profile", "other").code == 0
    states = [
        world.gitea.forge.repos[f"{name}/gitea"].pulls[1].state for name in ("recipes", "others")
    ]
    assert states == ["open", "closed"]


def test_missing_mirror(world, withdraw):
    assert withdraw("--mirror", world.url("nobody")).code == 5


def test_reason_is_needed(world, patchkit):
    assert patchkit("withdraw", "gitea").code == 2
    assert patchkit("withdraw", "gitea", "--why", " ").code == 2


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER, Fault.BAD_GATEWAY])
def test_fault_at_any_request(world, pr, withdraw, fault):
    """Whatever goes wrong for good at some request, the next call does the rest, once."""
    pr()
    reads = requests_of(world, lambda: withdraw("--dry-run"))
    every = requests_of(world, withdraw)
    assert every >= reads + 4
    for at in range(reads, every):
        undone(world)
        world.proxy.fail(fault, at=at, times=100)
        assert withdraw().code == 5
        world.proxy.reset()
        assert withdraw().code == 0
        (pull,) = world.pulls("gitea")
        said = [text for text in world.comments("gitea") if text.startswith("Withdrawn")]
        assert (pull.state, len(said)) == ("closed", 1)
        assert world.origins["gitea"].ref(BRANCH) == ""


def requests_of(world, run) -> int:
    world.proxy.reset()
    run()
    return world.proxy.count


def undone(world) -> None:
    """Put everything back, as it was before the fix was withdrawn."""
    (pull,) = world.pulls("gitea")
    pull.state, pull.closed = "open", None
    pull.events = [event for event in pull.events if not event.body.startswith("Withdrawn")]
    git(world.origins["gitea"].bare, "update-ref", BRANCH, pull.last_sha)
    world.proxy.reset()
