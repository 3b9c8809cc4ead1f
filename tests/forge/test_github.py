"""The adapter over HTTP against emulate; every request fits GitHub's description."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from github_recordings import pygithub
from github_standin import BOT, ORG, Door, Emulate, github
from loopback import Reply, Request, json_reply

from patchkit.errors import ForgeError
from patchkit.forge.github import GitHub

if TYPE_CHECKING:
    from patchkit.forge.protocol import Forge, PullRequest


@pytest.fixture
def forge(door: Door, repo: str, impatient: None) -> Forge:
    return github(door.url, repo)


def create(forge: Forge, head: str = "patchkit/x", **more: object) -> PullRequest:
    given = {"title": "Fix it", "body": "Why", "base": "main", "head_owner": ORG, **more}
    return forge.create(head=head, **given)


def test_tells_who_and_where(forge: Forge, door: Door, repo: str) -> None:
    assert forge.user() == BOT
    assert forge.user() == BOT
    found = forge.repository()
    assert found is not None
    assert (found.owner, found.name, found.default_branch) == (ORG, repo, "main")
    assert found.can_push is True
    assert door.asked == ["GET /user", f"GET /repos/{ORG}/{repo}"]


def test_an_app_is_known_by_its_bot(forge: Forge, door: Door) -> None:
    refused = {"message": "Resource not accessible by integration", "status": "403"}
    door.put_beside("GET /user", lambda request: json_reply(refused, 403))
    told = {"data": {"viewer": {"login": "patchkit[bot]"}}}
    door.put_beside("POST /graphql", lambda request: json_reply(told))
    assert forge.user() == "patchkit[bot]"


def test_a_repository_that_is_not_there_is_none(door: Door) -> None:
    assert github(door.url, "no-such-recipe").repository() is None


def test_a_person_without_rights_cannot_push(door: Door, repo: str) -> None:
    nobody = GitHub(ORG, repo, base_url=door.url, pauses=(0, 0))
    door.check = lambda request: None
    door.put_beside("GET .*", without_rights(door))
    found = nobody.repository()
    assert found is not None
    assert found.can_push is None
    assert door.requests[0].headers["Authorization"] is None


def without_rights(door: Door):
    def answer(request: Request) -> Reply:
        whole = door.emulate.call("GET", request.path)
        return json_reply({key: value for key, value in whole.items() if key != "permissions"})

    return answer


def test_opens_a_pull_request(forge: Forge, door: Door, repo: str) -> None:
    made = create(forge, "patchkit/mattermost+1", draft=True)
    assert door.asked == [f"POST /repos/{ORG}/{repo}/pulls"]
    assert made.title == "Fix it"
    assert (made.body, made.state, made.draft) == ("Why", "open", True)
    assert (made.base, made.head, made.head_owner) == ("main", "patchkit/mattermost+1", ORG)
    assert made.author == BOT
    assert made.url.endswith(f"/{ORG}/{repo}/pull/{made.number}")
    assert forge.pull(made.number) == made


def test_a_pull_request_that_is_not_there_is_none(forge: Forge) -> None:
    assert forge.pull(404) is None


def test_finds_by_base_and_head_with_one_request(
    forge: Forge, door: Door, emulate: Emulate, repo: str
) -> None:
    emulate.call("POST", f"/repos/{ORG}/{repo}/git/refs", new_ref(emulate, repo, "other"))
    for head, base in (("a", "main"), ("a", "other"), ("b", "main"), ("a-b", "main")):
        emulate.pull(repo, head, base)
    [found] = forge.find(base="main", head="a", head_owner=ORG)
    assert (found.number, found.head, found.base) == (1, "a", "main")
    assert forge.find(base="main", head="a", head_owner="stranger") == ()
    assert len(door.requests) == 2
    assert door.requests[0].query["head"] == f"{ORG}:a"


def new_ref(emulate: Emulate, repo: str, branch: str) -> dict[str, str]:
    [head] = emulate.call("GET", f"/repos/{ORG}/{repo}/git/matching-refs/heads/main")
    return {"ref": f"refs/heads/{branch}", "sha": head["object"]["sha"]}


def test_reads_all_pages_newest_first(
    forge: Forge, door: Door, emulate: Emulate, repo: str
) -> None:
    for at in range(103):
        emulate.pull(repo, f"branch-{at}")
    for number in (7, 8):
        emulate.call("PATCH", f"/repos/{ORG}/{repo}/pulls/{number}", {"state": "closed"})
    assert len({pull.number for pull in forge.pulls()}) == 101
    assert len(door.requests) == 2
    everything = list(forge.pulls(state="all"))
    assert {pull.number for pull in everything} == set(range(1, 104))
    assert everything == sorted(everything, key=lambda pull: pull.created, reverse=True)
    assert len(door.requests) == 4


def test_a_list_that_nobody_reads_on_asks_for_one_page(
    forge: Forge, door: Door, emulate: Emulate, repo: str
) -> None:
    for at in range(101):
        emulate.pull(repo, f"branch-{at}")
    assert next(iter(forge.pulls())).state == "open"
    assert len(door.requests) == 1


def test_changes_what_is_given(forge: Forge, door: Door, emulate: Emulate, repo: str) -> None:
    number = emulate.pull(repo)
    assert forge.update(number, title="Better").body == "A body"
    assert forge.update(number, body="Why not").title == "Better"
    changed = forge.update(number, body="")
    assert (changed.title, changed.body) == ("Better", "")
    assert len(door.requests) == 3
    assert forge.update(number) == changed
    assert door.asked[-1] == f"GET /repos/{ORG}/{repo}/pulls/{number}"


@pytest.mark.parametrize("draft", [True, False])
def test_makes_and_unmakes_a_draft(
    forge: Forge, door: Door, emulate: Emulate, repo: str, recorded: None, *, draft: bool
) -> None:
    number = emulate.pull(repo, draft=not draft)
    speak_graphql(door, repo, number)
    assert forge.update(number, title="New", draft=draft).draft is draft
    assert forge.pull(number).draft is draft
    pulls = f"/repos/{ORG}/{repo}/pulls/{number}"
    assert door.asked == [f"PATCH {pulls}", "POST /graphql", f"GET {pulls}"]
    # It is one already: nothing to ask GraphQL for.
    assert forge.update(number, draft=draft).draft is draft
    assert door.asked[3:] == [f"GET {pulls}"]


def speak_graphql(door: Door, repo: str, number: int) -> None:
    """Let GitHub's recorded answers speak, and emulate know what they did."""
    recorded = {
        call.data["data"].popitem()[0]: (call.body, draft)
        for test, draft in (("ConvertToDraft", True), ("MarkReadyForReview", False))
        for call in pygithub(f"PullRequest.test{test}")
        if call.path == "/graphql"
    }

    def answer(request: Request) -> Reply:
        pull = f"/repos/{ORG}/{repo}/pulls/{number}"
        wanted = request.json["variables"]["input"]["pullRequestId"]
        assert door.emulate.call("GET", pull)["node_id"] == wanted
        [(body, draft)] = [told for name, told in recorded.items() if name in str(request.json)]
        door.emulate.call("PATCH", pull, {"draft": draft})
        return Reply(200, body.encode())

    door.put_beside("POST /graphql", answer)


def test_closes_and_opens_again(forge: Forge, door: Door, emulate: Emulate, repo: str) -> None:
    number = emulate.pull(repo)
    forge.close(number)
    assert forge.pull(number).state == "closed"
    forge.reopen(number)
    assert forge.pull(number).state == "open"
    assert len(door.requests) == 4


def test_a_merged_one_is_not_just_closed(forge: Forge, emulate: Emulate, repo: str) -> None:
    number = emulate.pull(repo)
    emulate.call("PUT", f"/repos/{ORG}/{repo}/pulls/{number}/merge", {})
    assert forge.pull(number).state == "merged"
    assert [pull.state for pull in forge.find(base="main", head="fix", head_owner=ORG)] == [
        "merged"
    ]


def test_comments(forge: Forge, door: Door, emulate: Emulate, repo: str) -> None:
    number = emulate.pull(repo)
    first = forge.comment(number, "!testme")
    again = forge.comment(number, "!testme", since=first.id)
    assert again.id > first.id
    assert (first.author, first.body) == (BOT, "!testme")
    forge.edit_comment(first.id, "done")
    assert [said.body for said in forge.comments(number)] == ["done", "!testme"]
    assert len(door.requests) == 4


def test_reads_all_pages_of_comments(forge: Forge, door: Door, emulate: Emulate, repo: str) -> None:
    number = emulate.pull(repo)
    for at in range(101):
        emulate.call("POST", f"/repos/{ORG}/{repo}/issues/{number}/comments", {"body": f"{at}"})
    assert [said.body for said in forge.comments(number)] == [f"{at}" for at in range(101)]
    assert len(door.requests) == 2


def test_labels_are_added_and_missing_ones_made(
    forge: Forge, door: Door, emulate: Emulate, repo: str
) -> None:
    number = emulate.pull(repo)
    emulate.call("POST", f"/repos/{ORG}/{repo}/labels", {"name": "ci", "color": "ff0000"})
    forge.label(number, ["ci"])
    forge.label(number, ["patchkit", "ci", "patchkit"])
    assert set(forge.pull(number).labels) == {"ci", "patchkit"}
    forge.label(number, [])
    assert len(door.requests) == 3


def test_reviews_are_asked_for_once(forge: Forge, door: Door, emulate: Emulate, repo: str) -> None:
    number = emulate.pull(repo)
    forge.request_reviews(number, [BOT.upper(), "ann", "ben", "ann"])
    assert door.requests[-1].json == {"reviewers": ["ann", "ben"]}
    assert set(forge.pull(number).reviewers) == {"ann", "ben"}


def test_who_is_asked_has_reviewed_or_wrote_it_is_not_asked(
    forge: Forge, door: Door, emulate: Emulate, repo: str, recorded: None
) -> None:
    number = emulate.pull(repo)
    pull = f"/repos/{ORG}/{repo}/pulls/{number}"
    emulate.call("POST", f"{pull}/requested_reviewers", {"reviewers": ["ann"]})
    forge.request_reviews(number, ["ann", BOT])
    assert door.asked == [f"GET {pull}"]
    [told] = [
        call for call in pygithub("PullRequestReview.testAttributes") if "reviews" in call.path
    ]
    door.put_beside(f"GET {pull}/reviews", lambda request: Reply(200, told.body.encode()))
    reviewer = told.data[0]["user"]["login"]
    forge.request_reviews(number, [reviewer])
    assert door.asked[1:] == [f"GET {pull}", f"GET {pull}/reviews"]


def test_one_who_cannot_review_does_not_hold_back_the_others(
    forge: Forge, emulate: Emulate, repo: str
) -> None:
    number = emulate.pull(repo)
    with pytest.raises(ForgeError, match="no-such cannot be asked for a review") as raised:
        forge.request_reviews(number, ["ann", "no-such", "ben"])
    assert raised.value.status == 422
    assert set(forge.pull(number).reviewers) == {"ann", "ben"}
    with pytest.raises(ForgeError, match="#1: no-such cannot"):
        forge.request_reviews(number, ["no-such"])


def test_who_may_not_ask_for_reviews_is_told_so(
    forge: Forge, door: Door, emulate: Emulate, repo: str
) -> None:
    number = emulate.pull(repo)
    refused = {"message": "Must have write access"}
    door.put_beside("POST .*/requested_reviewers", lambda request: json_reply(refused, 403))
    with pytest.raises(ForgeError, match="Must have write access"):
        forge.request_reviews(number, ["ann", "ben"])
    assert len([asked for asked in door.asked if asked.startswith("POST")]) == 1


def test_check_runs_and_statuses_newest_first(
    forge: Forge, door: Door, emulate: Emulate, repo: str
) -> None:
    number = emulate.pull(repo)
    sha = forge.pull(number).head_sha
    for at, (name, more) in enumerate(RUNS):
        body = {"name": name, "head_sha": sha, "started_at": f"2020-01-01T00:00:{at:02}Z", **more}
        emulate.call("POST", f"/repos/{ORG}/{repo}/check-runs", body)
    door.put_beside(".*/statuses", lambda request: json_reply([]))
    found = forge.statuses(sha)
    assert [(one.context, one.state) for one in found] == [
        ("build", "success"),
        ("waiting", "pending"),
        ("late", "failure"),
        ("left out", "success"),
        ("build", "failure"),
    ]
    assert {one.kind for one in found} == {"check"}
    assert found[0].description == "All is well"
    assert found[0].url == "https://ci.example.org/2"
    assert door.asked[1:] == [
        f"GET /repos/{ORG}/{repo}/commits/{sha}/statuses",
        f"GET /repos/{ORG}/{repo}/commits/{sha}/check-runs",
    ]


DONE = {"status": "completed"}
WELL = {"output": {"title": "All is well", "summary": ""}}
RUNS = [
    ("build", DONE | {"conclusion": "failure"}),
    ("left out", DONE | {"conclusion": "skipped"}),
    ("late", DONE | {"conclusion": "timed_out"}),
    ("waiting", {"status": "queued"}),
    ("build", DONE | {"conclusion": "success", "details_url": "https://ci.example.org/2"} | WELL),
]


def test_deletes_a_branch_once(forge: Forge, door: Door, emulate: Emulate, repo: str) -> None:
    emulate.pull(repo, "patchkit/a+1")
    forge.delete_branch("patchkit/a+1")
    assert emulate.branches(repo) == {"main"}
    assert door.asked == [f"DELETE /repos/{ORG}/{repo}/git/refs/heads/patchkit/a%2B1"]
    forge.delete_branch("patchkit/a+1")


def test_a_branch_that_may_not_go_is_an_error(forge: Forge, emulate: Emulate, repo: str) -> None:
    with pytest.raises(ForgeError, match="Cannot delete the default branch"):
        forge.delete_branch("main")
    assert emulate.branches(repo) == {"main"}


def test_makes_a_fork_once(forge: Forge, door: Door, repo: str) -> None:
    made = forge.fork(BOT)
    assert (made.owner, made.name) == (BOT, repo)
    assert forge.fork(BOT) == made
    assert door.asked.count(f"POST /repos/{ORG}/{repo}/forks") == 1


def test_tells_what_a_fork_is_of(forge: Forge, door: Door, repo: str) -> None:
    """GitHub names the nearest parent and the root of all; emulate names none."""
    whole = door.emulate.call("GET", f"/repos/{ORG}/{repo}")
    above = {"parent": whole | {"full_name": "a/x"}, "source": whole | {"full_name": "b/x"}}
    door.put_beside(f"GET /repos/{ORG}/{repo}", lambda request: json_reply(whole | above))
    assert forge.repository().parents == ("a/x", "b/x")


def test_makes_no_fork_where_the_user_may_not(forge: Forge) -> None:
    with pytest.raises(ForgeError, match="/forks with 404"):
        forge.fork("nobody")
