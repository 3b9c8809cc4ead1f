"""One fault at each request of each method: the right state, once, and no error.

Every deed is done against a repository of its own, through a proxy that breaks one request.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from faults import Fault, FaultProxy
from github_standin import BOT, ORG, Door, Emulate, github
from loopback import Reply, Request, json_reply

from patchkit.errors import ForgeError
from patchkit.forge.protocol import Forge

FAULTS = [fault for fault in Fault if fault is not Fault.WRONG_CERTIFICATE]


@dataclass(frozen=True)
class Scene:
    """A repository with a pull request, `number`, and a comment of the bot, `said`."""

    emulate: Emulate
    repo: str
    number: int
    said: int

    @property
    def path(self) -> str:
        return f"/repos/{ORG}/{self.repo}"

    def read(self, path: str) -> Any:
        return self.emulate.call("GET", f"{self.path}/{path}")

    @property
    def pull(self) -> Any:
        return self.read(f"pulls/{self.number}")

    @property
    def comments(self) -> list[str]:
        return [one["body"] for one in self.read(f"issues/{self.number}/comments")]


def scene(emulate: Emulate) -> Scene:
    repo = emulate.repository()
    number = emulate.pull(repo)
    comments = f"/repos/{ORG}/{repo}/issues/{number}/comments"
    return Scene(emulate, repo, number, emulate.call("POST", comments, {"body": "Hello"})["id"])


def create(forge: Forge, at: Scene) -> None:
    made = forge.create(title="New", body="b", base="main", head="new", head_owner=ORG)
    assert (made.title, made.head, made.state) == ("New", "new", "open")


def created_once(at: Scene) -> bool:
    return [pull["title"] for pull in at.read("pulls?head=" + f"{ORG}:new")] == ["New"]


def close_and_reopen(forge: Forge, at: Scene) -> None:
    forge.close(at.number)
    assert at.pull["state"] == "closed"
    forge.reopen(at.number)


def reads(forge: Forge, at: Scene) -> None:
    assert forge.user() == BOT
    found = forge.repository()
    assert found is not None
    assert found.name == at.repo
    assert [pull.number for pull in forge.pulls(state="all")] == [at.number]
    [same] = forge.find(base="main", head="fix", head_owner=ORG)
    assert forge.pull(at.number) == replace(same, mergeable=True)
    assert [said.body for said in forge.comments(at.number)] == ["Hello"]
    assert forge.statuses(same.head_sha) == ()


Act, Check = Callable[[Forge, Scene], object], Callable[[Scene], bool]
DEEDS: dict[str, tuple[Act, Check]] = {
    "read": (reads, lambda at: at.comments == ["Hello"]),
    "create": (create, created_once),
    "update": (
        lambda forge, at: forge.update(at.number, title="Other", body="words"),
        lambda at: (at.pull["title"], at.pull["body"]) == ("Other", "words"),
    ),
    "draft": (
        lambda forge, at: forge.update(at.number, draft=True),
        lambda at: at.pull["draft"] is True,
    ),
    "close and reopen": (close_and_reopen, lambda at: at.pull["state"] == "open"),
    "comment": (
        lambda forge, at: forge.comment(at.number, "Hello", since=at.said),
        lambda at: at.comments == ["Hello", "Hello"],
    ),
    "edit a comment": (
        lambda forge, at: forge.edit_comment(at.said, "Bye"),
        lambda at: at.comments == ["Bye"],
    ),
    "label": (
        lambda forge, at: forge.label(at.number, ["one", "two"]),
        lambda at: [label["name"] for label in at.pull["labels"]] == ["one", "two"],
    ),
    "ask for reviews": (
        lambda forge, at: forge.request_reviews(at.number, ["ann", "ben"]),
        lambda at: [user["login"] for user in at.pull["requested_reviewers"]] == ["ann", "ben"],
    ),
    "delete a branch": (
        lambda forge, at: forge.delete_branch("fix"),
        lambda at: at.emulate.branches(at.repo) == {"main"},
    ),
}


@pytest.fixture
def door(door: Door) -> Door:
    """Beside emulate: drafts by GraphQL, which refuses what is so already, and no statuses."""

    def draft(request: Request) -> Reply:
        # GitHub does not say which pull request it is; there is one a repository.
        wanted = "convertPullRequestToDraft" in request.json["query"]
        name = "convertPullRequestToDraft" if wanted else "markPullRequestReadyForReview"
        [path] = {one.path for one in door.requests if "/pulls/" in one.path}
        if door.emulate.call("GET", path)["draft"] is wanted:
            return json_reply({"data": {name: None}, "errors": [{"message": "It is one."}]})
        door.emulate.call("PATCH", path, {"draft": wanted})
        return json_reply({"data": {name: {"pullRequest": {"isDraft": wanted}}}})

    door.put_beside("POST /graphql", draft)
    door.put_beside("GET .*/statuses", lambda request: json_reply([]))
    return door


@pytest.mark.parametrize("deed", DEEDS)
def test_one_fault_at_each_request(
    door: Door, emulate: Emulate, impatient: None, deed: str
) -> None:
    act, is_right = DEEDS[deed]
    with FaultProxy(target=door.url) as proxy:
        at = scene(emulate)
        act(github(proxy.url, at.repo), at)
        assert is_right(at)
        requests = proxy.count
        assert requests
        for fault, broken in itertools.product(FAULTS, range(requests)):
            if fault is Fault.SLOW and deed == "read" and broken:
                continue  # they are read in the same way, and each takes its time
            at = scene(emulate) if deed != "read" else at
            door.requests.clear()
            proxy.reset()
            proxy.fail(fault, at=broken)
            act(github(proxy.url, at.repo, timeout=timeout(fault)), at)
            assert is_right(at), f"{fault} at request {broken}"


def timeout(fault: Fault) -> float:
    """Return seconds that are enough for loopback on a busy machine."""
    return 0.4 if fault is Fault.SLOW else 10


@pytest.mark.parametrize("fault", FAULTS, ids=str)
@pytest.mark.parametrize("deed", ["create", "comment"])
def test_what_must_not_happen_twice_survives_a_row_of_faults(
    door: Door, emulate: Emulate, impatient: None, deed: str, fault: Fault
) -> None:
    act, is_right = DEEDS[deed]
    with FaultProxy(target=door.url) as proxy:
        for times in (2,) if fault is Fault.SLOW else (2, 4):
            at = scene(emulate)
            proxy.reset()
            proxy.fail(fault, times=times)
            act(github(proxy.url, at.repo, timeout=timeout(fault)), at)
            assert is_right(at)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_that_stays_is_told_and_leaves_at_most_one(
    door: Door, emulate: Emulate, impatient: None, fault: Fault
) -> None:
    with FaultProxy(target=door.url) as proxy:
        at = scene(emulate)
        proxy.reset()
        proxy.fail(fault, times=1000)
        forge = github(proxy.url, at.repo, timeout=timeout(fault))
        with pytest.raises(ForgeError) as raised:
            create(forge, at)
        assert "POST" in str(raised.value) or "GET" in str(raised.value)
        assert len(at.read(f"pulls?head={ORG}:new")) <= 1
        assert proxy.count <= 12
        proxy.reset()
        if not forge.find(base="main", head="new", head_owner=ORG):
            create(forge, at)
        assert created_once(at)
