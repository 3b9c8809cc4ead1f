"""The adapter over HTTP against emulate; every request fits GitHub's description."""

from __future__ import annotations

import pytest
from github_recordings import ogr, pygithub
from github_standin import BOT, ORG, Door, Emulate, github
from loopback import Reply, Request, json_reply

from patchkit.forge.protocol import Forge, PullRequest


@pytest.fixture
def forge(door: Door, repo: str) -> Forge:
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


def test_a_repository_that_is_not_there_is_none(door: Door) -> None:
    assert github(door.url, "no-such-recipe").repository() is None


def test_a_person_without_rights_cannot_push(door: Door, repo: str) -> None:
    from patchkit.forge.github import GitHub

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
