"""The adapter on real answers of GitHub; what is expected comes from other answers of the same.

For what emulate does not have: statuses, who closed, assignees, refusals, rate limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from github_recordings import Call, Replay, ogr, pygithub, the
from github_standin import TOKEN

from patchkit.errors import ForgeError
from patchkit.forge.github import GitHub
from patchkit.forge.token import Token

if TYPE_CHECKING:
    from github_description import Description

SHA = "c891a9e4ac01e6575f3fd66cf1b7db2f52f10128"
Replayed = Callable[..., "Replay"]


@pytest.fixture
def replay(description: Description, recorded: None, impatient: None) -> Replayed:
    @contextmanager
    def start(repo: str, *calls: Call) -> Iterator[tuple[Replay, GitHub]]:
        with Replay(calls=calls, check=description.check) as server:
            owner, name = repo.split("/")
            yield (
                server,
                GitHub(owner, name, Token(TOKEN, "a test"), base_url=server.url, pauses=(0, 0)),
            )

    return start


def pull_calls(test: str) -> tuple[Call, ...]:
    return ogr("test_pull_requests", f"PullRequests.{test}")


def command_calls(test: str) -> tuple[Call, ...]:
    return ogr("test_generic_commands", f"GenericCommands.{test}")


def test_lists_every_page_and_tells_merged_from_closed(replay: Replayed) -> None:
    calls = pull_calls("test_pr_list")
    pages = [
        call
        for call in calls
        if re.search(r"/pulls\?state=all", call.target)
        and re.search("packit/ogr|repositories/161636700", call.target)
    ]
    # GitHub was asked of each whether it is merged: 204 says yes, 404 no.
    asked = {
        int(found[1]): call.status == 204
        for call in calls
        if (found := re.fullmatch(r"/repos/packit/ogr/pulls/(\d+)/merge", call.path))
    }
    with replay("packit/ogr", *pages) as (server, forge):
        pulls = list(forge.pulls(state="all"))
        assert len(server.requests) == len(pages) > 5
    assert len(pulls) == len({pull.number for pull in pulls}) > 200
    closed = {pull.number: pull.state == "merged" for pull in pulls if pull.state != "open"}
    known = closed.keys() & asked.keys()
    assert len(known) > 100
    assert {number: closed[number] for number in known} == {n: asked[n] for n in known}
    assert {True, False} == {closed[number] for number in known}


def test_reads_one_pull_request_whole(replay: Replayed) -> None:
    told = the(pygithub("PullRequest.setUp"), "GET", "austinsasko/PyGithub/pulls/21")
    with replay("austinsasko/PyGithub", told) as (server, forge):
        pull = forge.pull(21)
        assert len(server.requests) == 1
    assert pull is not None
    assert (pull.number, pull.state, pull.draft) == (21, "merged", told.data["draft"])
    assert told.data["merged"] is True
    assert pull.title == told.data["title"]
    assert pull.body == told.data["body"]
    assert f"{pull.head_owner}:{pull.head}" == told.data["head"]["label"]
    assert pull.head_sha == told.data["head"]["sha"]
    assert pull.base == told.data["base"]["ref"]
    assert pull.author == told.data["user"]["login"]
    assert list(pull.labels) == [label["name"] for label in told.data["labels"]]
    assert list(pull.assignees) == [user["login"] for user in told.data["assignees"]]
    assert pull.created is not None
    assert f"{pull.created:%Y-%m-%dT%H:%M:%SZ}" == told.data["created_at"]


def test_a_fork_that_is_gone_has_no_owner(replay: Replayed) -> None:
    pages = (call for call in pull_calls("test_pr_list") if "/pulls?" in call.target)
    page, gone = next(
        (call, pull) for call in pages for pull in call.data if pull["head"]["repo"] is None
    )
    alone = replace(page.at("GET", "/repos/packit/ogr/pulls"), headers=())
    base, head = gone["base"]["ref"], gone["head"]["ref"]
    with replay("packit/ogr", alone) as (_, forge):
        found = forge.find(base=base, head=head, head_owner="who-it-was")
    assert (gone["number"], "") in {(pull.number, pull.head_owner) for pull in found}


def test_reads_all_pages_of_statuses(replay: Replayed) -> None:
    statuses = [
        call for call in command_calls("test_get_commit_statuses") if "/statuses/" in call.target
    ]
    none = the(ogr("test_check_run", "CheckRun.test_get_list_no_runs"), "GET", "check-runs")
    runs = none.at("GET", f"/repos/packit/ogr/commits/{SHA}/check-runs")
    told = [status for call in statuses for status in call.data]
    with replay("packit/ogr", *statuses, runs) as (server, forge):
        found = forge.statuses(SHA)
        assert len(server.requests) == len(statuses) + 1 > 2
    assert {one.id for one in found} == {status["id"] for status in told}
    assert [one.id for one in found] == [status["id"] for status in told]
    first = told[0]
    assert (found[0].context, found[0].state) == (first["context"], first["state"])
    assert (found[0].description, found[0].url) == (first["description"], first["target_url"])
    assert {one.kind for one in found} == {"status"}


def test_reads_check_runs_beside_no_statuses(replay: Replayed) -> None:
    runs = the(pygithub("CheckRun.testGetCheckRunsForRef"), "GET", "check-runs")
    runs = next(
        call
        for call in pygithub("CheckRun.testGetCheckRunsForRef")
        if len(call.data["check_runs"]) == 4
    )
    sha = runs.path.split("/")[-2]
    none = the(command_calls("test_commit_flags"), "GET", "/statuses/")
    empty = none.at("GET", f"/repos/PyGithub/PyGithub/commits/{sha}/statuses")
    with replay("PyGithub/PyGithub", runs, empty) as (server, forge):
        found = forge.statuses(sha)
        assert len(server.requests) == 2
    told = {run["id"]: run for run in runs.data["check_runs"]}
    assert {one.id: (one.context, one.state) for one in found} == {
        number: (run["name"], run["conclusion"]) for number, run in told.items()
    }
    assert {one.url for one in found} == {run["details_url"] for run in told.values()}
    assert [one.created for one in found] == sorted((one.created for one in found), reverse=True)


def test_who_closed_it_is_the_actor_of_the_last_event(replay: Replayed) -> None:
    calls = pygithub("ExposeAllAttributes.testAllClasses")
    issue = the(calls, "GET", "jacquev6/PyGithub/issues/188")
    events = the(calls, "GET", "jacquev6/PyGithub/issues/188/events").data
    closed = [event for event in events if event["event"] in {"closed", "reopened"}]
    with replay("jacquev6/PyGithub", issue) as (server, forge):
        assert forge.closed_by(188) == closed[-1]["actor"]["login"]
        assert len(server.requests) == 1


def test_nobody_closed_what_was_opened_again(replay: Replayed) -> None:
    issue = the(pygithub("PaginatedList.testCustomPerPageIteration"), "GET", "issues/1136")
    assert issue.data["closed_by"]["login"] == "stale[bot]"
    with replay("PyGithub/PyGithub", issue) as (_, forge):
        assert forge.closed_by(1136) is None


def test_tells_when_it_was_opened_again(replay: Replayed) -> None:
    calls = pygithub("IssueEvent.setUp")
    events = [call.data for call in calls if "/events/" in call.path]
    told = [event["created_at"] for event in events if event["event"] == "reopened"]
    assert told
    where = "/repos/PyGithub/PyGithub/issues/30/events"
    page = replace(calls[1].at("GET", where), body=json.dumps(events), headers=())
    with replay("PyGithub/PyGithub", page) as (server, forge):
        assert f"{forge.reopened(30):%Y-%m-%dT%H:%M:%SZ}" == max(told)
        assert len(server.requests) == 1
    other = the(pygithub("ExposeAllAttributes.testAllClasses"), "GET", "issues/188/events")
    with replay("jacquev6/PyGithub", other) as (_, forge):
        assert forge.reopened(188) is None


def test_assigns_and_says_who_cannot_be_assigned(replay: Replayed) -> None:
    told = the(pygithub("PullRequest.testAddAndRemoveAssignees"), "POST", "/assignees")
    with replay("PyGithub/PyGithub", told) as (server, forge):
        forge.assign(31, ["jayfk", "JZelinskie"])
        assert server.requests[-1].json == {"assignees": ["jayfk", "JZelinskie"]}
        with pytest.raises(ForgeError, match="#31 cannot be assigned to a-stranger") as raised:
            forge.assign(31, ["jayfk", "a-stranger"])
        assert "give them access" in str(raised.value)
        forge.assign(31, [])
        assert len(server.requests) == 2


def test_labels_that_are_missing_are_made_by_github(replay: Replayed) -> None:
    calls = pull_calls("test_pr_labels")
    # Nobody made these: GitHub did, in the colour that it gives.
    made = the(calls, "POST", "/issues/1/labels")
    assert {label["color"] for label in made.data} == {"ededed"}
    with replay("packit/ogr", made) as (server, forge):
        forge.label(1, ["test_lb1"])
        assert [one.json for one in server.requests] == [{"labels": ["test_lb1"]}]


def refusal(repo: str) -> Call:
    """GitHub's refusal of something that is there, as one of a pull request."""
    told = the(ogr("test_service", "Service.test_project_create_duplicate"), "POST", status=422)
    return told.at("POST", f"/repos/{repo}/pulls")


def test_one_that_is_open_is_returned_instead(replay: Replayed) -> None:
    repo = "packit/hello-world"
    lists = [
        call for call in pull_calls("test_pr_create_upstream_fork") if "/pulls?" in call.target
    ]
    whole = next(
        call for call in lists if any(p["title"] == "test: upstream <- fork" for p in call.data)
    )
    there = next(p for p in whole.data if p["title"] == "test: upstream <- fork")
    owner, _, head = there["head"]["label"].partition(":")
    with replay(repo, refusal(repo), whole) as (server, forge):
        pull = forge.create(
            title="t", body="b", base=there["base"]["ref"], head=head, head_owner=owner
        )
        assert pull.number == there["number"]
        assert [one.method for one in server.requests] == ["POST", "GET"]
        assert server.requests[1].query["state"] == "open"
        assert server.requests[0].json["head"] == f"{owner}:{head}"


def test_another_refusal_is_told_in_githubs_words(replay: Replayed) -> None:
    repo = "packit/hello-world"
    lists = the(pull_calls("test_pr_create_upstream_fork"), "GET", "/pulls?")
    with replay(repo, refusal(repo), lists) as (_, forge), pytest.raises(ForgeError) as raised:
        forge.create(title="t", body="b", base="main", head="none-of-them", head_owner="packit")
    assert raised.value.status == 422
    assert "POST /repos/packit/hello-world/pulls" in str(raised.value)
    assert "Repository creation failed.: name already exists on this account" in str(raised.value)


def moved(call: Call) -> Call:
    return call.at("GET", "/repos/packit/ogr")


REFUSALS = {
    "no token that GitHub knows": (
        lambda: the(
            ogr("test_service", "Service.test_wrong_auth_static_method"), "GET", status=401
        ),
        401,
        "Bad credentials",
        "the token comes from a test: it is wrong, revoked or expired",
    ),
    "a second factor": (
        lambda: the(pygithub("SpecificExceptions.test2FARequired"), "GET"),
        401,
        "Must specify two-factor authentication",
        "make another",
    ),
    "no right": (
        lambda: the(ogr("test_issues", "Issues.test_issue_no_such_assignee"), "PATCH", status=403),
        403,
        "Must have admin rights to Repository.",
        "the token's user lacks the right",
    ),
    "a description too long": (
        lambda: the(command_calls("test_set_commit_status_long_description"), "POST", status=422),
        422,
        "Validation Failed: description is too long (maximum is 140 characters)",
        "",
    ),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_refusal_has_status_words_and_next_step(replay: Replayed, kind: str) -> None:
    call, status, words, hint = REFUSALS[kind]
    with (
        replay("packit/ogr", moved(call())) as (server, forge),
        pytest.raises(ForgeError) as raised,
    ):
        forge.repository()
    assert raised.value.status == status
    assert f"GET /repos/packit/ogr with {status}: {words}" in str(raised.value)
    assert hint in raised.value.problems[0].hint
    assert len(server.requests) == 1


def test_a_new_name_of_the_repository_is_told_not_followed(replay: Replayed) -> None:
    told = the(command_calls("test_redirection"), "GET", status=301)
    repo = told.path.removeprefix("/repos/")
    location = next(value for name, value in told.headers if name.lower() == "location")
    with replay(repo, told, told.at("GET", f"{told.path}/pulls")) as (server, forge):
        with pytest.raises(ForgeError, match=re.escape(location.rpartition("/")[2])) as raised:
            forge.find(base="main", head="x", head_owner="y")
        assert raised.value.status == 301
        assert "has a new name" in str(raised.value)
        assert len(server.requests) == 1


WAITS = {
    "abuse detection": ("SpecificExceptions.testAuthenticatedRateLimitExceeded", 403),
    "rate limit": ("SpecificExceptions.testRateLimitExceeded", 403),
    "a page of a load balancer": ("Exceptions.testNonJsonDataReturnedByGithub", 503),
    "502": ("Retry.testReturnsRepoAfter3Retries", 502),
}


@pytest.mark.parametrize("kind", WAITS)
def test_what_passes_is_tried_again(replay: Replayed, kind: str) -> None:
    test, status = WAITS[kind]
    fault = the(pygithub(test), "GET", status=status)
    right = the(pull_calls("test_pr_labels"), "GET", "/repos/packit/ogr", 200)
    with replay("packit/ogr", *(moved(fault) for _ in range(3)), right) as (server, forge):
        found = forge.repository()
        assert len(server.requests) == 4
    assert found is not None
    assert (found.owner, found.default_branch) == ("packit", "master")
    assert found.can_push is right.data["permissions"]["push"]


@pytest.mark.parametrize("kind", WAITS)
def test_what_does_not_pass_is_told_after_some_tries(replay: Replayed, kind: str) -> None:
    test, status = WAITS[kind]
    fault = the(pygithub(test), "GET", status=status)
    with (
        replay("packit/ogr", moved(fault)) as (server, forge),
        pytest.raises(ForgeError, match="run it again") as raised,
    ):
        forge.repository()
    assert raised.value.status == status
    assert len(server.requests) == 5


def test_a_write_that_a_rate_limit_held_back_is_sent_again(replay: Replayed) -> None:
    limit = the(pygithub("SpecificExceptions.testRateLimitExceeded"), "GET", status=403)
    made = the(pygithub("Repository.testCreatePull"), "POST")
    label = made.data["head"]["label"]
    owner, _, head = label.partition(":")
    with replay("PyGithub/PyGithub", limit.at("POST", made.target), made) as (server, forge):
        base = made.data["base"]["ref"]
        pull = forge.create(title="t", body="b", base=base, head=head, head_owner=owner)
        assert [one.method for one in server.requests] == ["POST", "POST"]
    assert (pull.number, pull.head, pull.head_owner) == (made.data["number"], head, owner)


def test_a_mutation_that_graphql_refuses_is_an_error(replay: Replayed) -> None:
    pull = the(pygithub("PullRequest.setUp"), "GET", "PyGithub/PyGithub/pulls/31")
    refused = the(pygithub("PullRequest.testEnableAutomergeError"), "POST", "/graphql")
    with (
        replay("PyGithub/PyGithub", pull, refused) as (server, forge),
        pytest.raises(ForgeError, match="Pull request Auto merge is not allowed"),
    ):
        forge.update(31, draft=True)
    assert [one.method for one in server.requests] == ["GET", "POST"]
