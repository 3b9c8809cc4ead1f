"""Real answers of Gitea 1.16 and Forgejo 10 are read; what has not their form is an error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from gitea_recordings import CALLS

from patchkit.errors import ForgeError
from patchkit.forge import gitea_objects as read

PULLS = [call["response"] for call in CALLS if "head" in (call["response"] or {})]


def test_a_recorded_pull_request() -> None:
    pull = read.pull_request(CALLS[9]["response"])
    assert (pull.number, pull.title, pull.body, pull.draft) == (4, "probe", "b", True)
    assert (pull.state, pull.base, pull.head) == ("open", "main", "patchkit/probe-1795427903")
    assert (pull.head_owner, pull.author) == ("coop-cloud", "patchbot")
    assert pull.head_sha == "115b0dcb8adc9c470602df828681b1f5318128d5"
    assert (pull.labels, pull.reviewers, pull.assignees) == (("patchkit",), (), ())
    assert pull.created == datetime(2026, 11, 23, 9, 58, 24, tzinfo=UTC)
    assert pull.mergeable is None


def test_a_recorded_pull_request_whose_branch_was_deleted() -> None:
    deleted = CALLS[51]["response"]
    assert deleted["head"]["ref"] == "refs/pull/4/head"
    pull = read.pull_request(deleted)
    assert (pull.head, pull.head_owner) == ("patchkit/probe-1795427903", "coop-cloud")
    assert pull.head_sha == "4aeee1315ab5397405e7417fbd6e566693a2717d"


@pytest.mark.parametrize("data", PULLS, ids=lambda data: data["title"][:20])
def test_every_recorded_pull_request(data) -> None:
    pull = read.pull_request(data)
    assert data["title"].endswith(pull.title)
    assert pull.draft == (data["title"].lower().startswith(("wip:", "[wip]", "draft:")))
    assert pull.head == data["head"]["label"]


def test_recorded_comments_statuses_and_users() -> None:
    (said,) = map(read.comment, CALLS[24]["response"])
    assert (said.id, said.author, said.body) == (27, "patchbot", "!testme")
    assert said.url.endswith("/coop-cloud/gitea/pulls/4#issuecomment-27")
    found = [read.status(data) for data in CALLS[30]["response"]]
    assert [status.state for status in found] == ["pending", "success", "failure"]
    assert (found[0].context, found[0].description, found[0].url) == ("ci/drone", "x", "http://x/1")
    assert read.user(CALLS[1]["response"]) == "patchbot"
    assert read.repository(CALLS[4]["response"]).can_push is True


def test_every_answer_of_a_real_forgejo(real_forgejo) -> None:
    pulls, comments, statuses = [], [], []
    for _, path, _, data in real_forgejo:
        items = data if isinstance(data, list) else [data]
        if "/pulls" in path:
            pulls += [(read.pull_request(item), item) for item in items]
        elif path.endswith("/comments"):
            comments += [(read.comment(item), item) for item in items]
        elif "/statuses/" in path:
            statuses += [(read.status(item), item) for item in items]
    assert min(len(pulls), len(comments), len(statuses)) > 5
    for pull, item in pulls:
        assert pull.draft == item["draft"]
        assert pull.head == item["head"]["label"]
        assert pull.state == ("merged" if item["merged"] else item["state"])
        assert pull.created == datetime.fromisoformat(item["created_at"])
    assert {said.body for said, _ in comments} == {item["body"] for _, item in comments}
    assert {(one.state, item["status"]) for one, item in statuses} <= {
        (state, state) for state in ("success", "failure", "pending", "error")
    }


@pytest.mark.parametrize("data", [None, [], "x", 5, {}, {"title": "x", "head": None}])
@pytest.mark.parametrize(
    "convert",
    [read.pull_request, read.comment, read.status, read.repository, read.user, read.label],
)
def test_what_has_another_form_is_an_error_of_the_forge(convert, data) -> None:
    with pytest.raises(ForgeError, match="the forge's answer holds no") as caught:
        convert(data)
    assert "is it a Gitea?" in str(caught.value)


def test_who_is_gone_has_no_name() -> None:
    data = CALLS[24]["response"][0] | {"user": None}
    assert read.comment(data).author == ""


def test_the_year_1_is_no_time() -> None:
    data = CALLS[24]["response"][0] | {"created_at": "0001-01-01T00:00:00Z"}
    assert read.comment(data).created is None
