"""Where Gitea is not GitHub, and one version not the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from gitea_tools import ALICE, BOB, BOT, ORG, RECIPE, WatchedGitea, World, furnish
from loopback import Loopback, Reply, json_reply

from patchkit.errors import ForgeError
from patchkit.forge.gitea import Gitea
from patchkit.forge.http import Http

if TYPE_CHECKING:
    from loopback import Request

HEAD = "patchkit/x+1"
FORM = {"title": "Fix it", "body": "", "base": "main", "head": HEAD, "head_owner": ORG}


def opened(world: World, **more: object) -> int:
    world.branch(HEAD)
    return world.forge().create(**FORM, **more).number


def sent(world: World, method: str, end: str) -> list[object]:
    """Return the bodies of the requests with a method and the end of a path."""
    requests = world.server.requests
    return [r.json for r in requests if r.method == method and r.path.endswith(end)]


def test_its_own_head_goes_without_the_owner_and_a_forks_with(world: World) -> None:
    opened(world)
    world.fork(BOB).branch(HEAD)
    world.forge(BOB).create(**FORM | {"head_owner": BOB})
    heads = [form["head"] for form in sent(world, "POST", "/pulls")]
    assert heads == [HEAD, f"{BOB}:{HEAD}"]


def test_there_is_no_filter_by_head_and_no_lookup(world: World) -> None:
    opened(world)
    world.server.asked.clear()
    world.forge().find(base="main", head=HEAD, head_owner=ORG)
    repo = f"/repos/{ORG}/{RECIPE}"
    assert world.asked() == [f"GET {repo}/pulls?state=all&page=1&limit=50"]


def test_a_conflict_is_found(world: World) -> None:
    number = opened(world)
    world.server.asked.clear()
    assert world.forge().create(**FORM).number == number
    repo = f"/repos/{ORG}/{RECIPE}"
    lookup = f"GET {repo}/pulls?state=open&page=1&limit=50"
    assert world.asked() == [f"POST {repo}/pulls", lookup]


def test_a_conflict_that_nobody_finds_is_told(world: World, monkeypatch) -> None:
    opened(world)
    monkeypatch.setattr(Gitea, "pulls", lambda self, state: iter(()))
    with pytest.raises(ForgeError, match=r"409.*already exists"):
        world.forge().create(**FORM)


def test_a_head_without_new_commits_is_taken(world: World) -> None:
    git = world.state.git
    git.references.create(f"refs/heads/{HEAD}", git.lookup_branch("main").target)
    assert world.forge().create(**FORM).state == "open"


def test_the_branchs_name_is_quoted(world: World) -> None:
    opened(world)
    world.forge().delete_branch(HEAD)
    where = f"/repos/{ORG}/{RECIPE}/branches/patchkit%2Fx%2B1"
    assert world.asked("DELETE") == [f"DELETE {where}"]


def test_labels_go_by_number(world: World) -> None:
    number = opened(world)
    world.server.forge.add_label(ORG, "above")
    world.forge().label(number, ["above", "new"])
    (form,) = sent(world, "POST", f"/issues/{number}/labels")
    known = {label.id for label in world.server.forge.labels_of(world.state)}
    assert set(form["labels"]) == known


def test_a_label_that_is_dropped_in_silence_is_told(world: World, monkeypatch) -> None:
    number = opened(world)
    forge = world.forge()
    monkeypatch.setattr("patchkit.forge.gitea_labels.Labels.number", lambda self, name: 999_999)
    with pytest.raises(ForgeError, match="dropped labels of #1 without a word: patchkit"):
        forge.label(number, ["patchkit"])


def test_a_users_repository_has_no_organisations_labels(tmp_path, gitea_description) -> None:
    with WatchedGitea(description=gitea_description) as server:
        world = furnish(server, tmp_path)
        server.forge.add_repo(ALICE, world.repo, writers=(BOT,))
        world.branch(HEAD)
        forge = Gitea(world.forge()._http, ALICE, RECIPE)
        made = forge.create(**FORM | {"head_owner": ALICE})
        forge.label(made.number, ["new"])
        assert forge.pull(made.number).labels == ("new",)


def test_states_that_patchkit_has_no_word_for_are_no_success(world: World) -> None:
    sha = world.branch(HEAD)
    for state in ("bogus", "warning", "skipped", ""):
        word = {"state": state, "context": "c", "description": "says"}
        world.api(ALICE, "POST", f"{world.there}/statuses/{sha}", word)
    found = [(status.state, status.description) for status in world.forge().statuses(sha)]
    assert found == [
        ("error", "says (no state)"),
        ("success", "says (skipped)"),
        ("failure", "says (warning)"),
        ("error", "says (bogus)"),
    ]


def test_there_are_no_check_runs(world: World) -> None:
    assert world.forge().cannot == {"checks"}
    world.forge().statuses("5" * 40)
    assert not [call for call in world.asked() if "check" in call]


@pytest.mark.parametrize("mark", ["Draft:", "draft: ", "[WIP]", "wip:", "[Draft] "])
def test_marks_of_drafts(mark: str, tmp_path, gitea_description) -> None:
    with WatchedGitea(description=gitea_description) as server:
        world = furnish(server, tmp_path)
        number = opened(world)
        where = f"{world.there}/pulls/{number}"
        world.api(BOT, "PATCH", where, {"title": f"{mark}Fix it"})
        found = world.forge().pull(number)
        assert (found.title, found.draft) == ("Fix it", True)


@pytest.mark.parametrize("world", ["forgejo"], indirect=True)
def test_what_the_forge_says_of_a_draft_goes_before_its_title(world: World) -> None:
    number = opened(world)
    world.api(BOT, "PATCH", f"{world.there}/pulls/{number}", {"title": "Draft: horse"})
    found = world.forge().pull(number)
    assert (found.title, found.draft) == ("Draft: horse", False)


@pytest.mark.parametrize("world", ["forgejo"], indirect=True)
def test_forgejo_tells_who_was_asked(world: World) -> None:
    number = opened(world)
    world.forge().request_reviews(number, [ALICE])
    assert world.forge().pull(number).reviewers == (ALICE,)


def test_without_a_timeline_nobody_knows_who_closed(tmp_path, gitea_description) -> None:
    with WatchedGitea(description=gitea_description, without=("/timeline$",)) as server:
        world = furnish(server, tmp_path)
        number = opened(world)
        world.forge().close(number)
        assert world.forge().closed_by(number) is None


def test_who_merged_has_closed(world: World) -> None:
    number = opened(world)
    world.server.forge.merge(world.state, number, by=ALICE)
    found = world.forge().pull(number)
    assert (found.state, found.mergeable) == ("merged", None)
    assert world.forge().closed_by(number) == ALICE
    with pytest.raises(ForgeError, match=r"412.*already merged"):
        world.forge().reopen(number)


def test_a_conflict_with_the_base_is_told(world: World) -> None:
    number = opened(world)
    assert world.forge().pull(number).mergeable is True
    world.branch("main", "services: {other: {}}\n")
    assert world.forge().pull(number).mergeable is False


@pytest.mark.parametrize("field", ["archived", "mirror"])
def test_nobody_pushes_into_what_is_frozen(world: World, field: str, monkeypatch) -> None:
    whole = world.api(BOT, "GET", world.there) | {field: True}
    monkeypatch.setattr(Gitea, "_unless_missing", lambda self, where: whole)
    assert world.forge().repository().can_push is False


class Lists(Loopback):
    """Answers a list of seven in pages of two, as a header tells or does not."""

    total: str | None = None
    whole = False

    def answer(self, request: Request) -> Reply:
        start = (int(request.query.get("page", "1")) - 1) * 2
        items = [{"id": number} for number in range(7)]
        told = {} if self.total is None else {"X_Total_Count": self.total}
        return json_reply(items if self.whole else items[start : start + 2], **told)


@pytest.mark.parametrize(
    ("total", "whole", "asked"),
    [
        pytest.param("7", False, 4, id="the total is told"),
        pytest.param(None, False, 5, id="until a page is empty"),
        pytest.param("many", False, 5, id="a total that is none"),
        pytest.param("9", False, 5, id="a total that is too high"),
        pytest.param("7", True, 1, id="whole, and the total is told"),
        pytest.param(None, True, 2, id="whole, whatever page is asked for"),
    ],
)
def test_reads_all_pages(total, whole, asked, impatient) -> None:
    with Lists() as server:
        server.total, server.whole = total, whole
        found = [item["id"] for item in Http(server.url, None).pages("x")]
        assert found == list(range(7))
        assert len(server.requests) == asked


def test_a_list_without_pages_must_be_whole(impatient) -> None:
    with Lists() as server:
        server.total = "7"
        with pytest.raises(ForgeError, match="gives 2 of 7 items of x"):
            Http(server.url, None).whole("x")


def test_what_comes_between_two_pages_shows_nothing_twice(world: World, monkeypatch) -> None:
    for number in range(5):
        world.branch(f"h{number}")
        world.forge().create(**FORM | {"head": f"h{number}"})
    world.branch(HEAD)
    listed = []
    for pull in world.forge().pulls():
        if not listed:
            world.forge(ALICE).create(**FORM)
        listed.append(pull.number)
    assert listed == [5, 4, 3, 2, 1]


def test_a_list_has_an_end(impatient, monkeypatch) -> None:
    monkeypatch.setattr("patchkit.forge.http._MOST_PAGES", 3)
    with Lists() as server, pytest.raises(ForgeError, match="more than 3 pages of x"):
        list(Http(server.url, None).pages("x"))


def test_an_assignee_who_is_dropped_in_silence_is_told(world: World, monkeypatch) -> None:
    number = opened(world)
    unchanged = world.api(BOT, "GET", f"{world.there}/pulls/{number}")
    monkeypatch.setattr(Gitea, "_edit", lambda self, number, form: unchanged)
    with pytest.raises(ForgeError, match="cannot be assigned to Alice: the forge drops the name"):
        world.forge().assign(number, [ALICE])
