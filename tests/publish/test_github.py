"""The life of a pull request on GitHub: npm's emulate for the API, real git for the branches.

emulate has no statuses, no events of pull requests, and heads of its own: the door before it gives
recorded answers of GitHub for the first, and the head of the real branch. Every request fits
GitHub's description.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import fetched
import pytest
from cli_tools import git
from github_description import Description
from github_recordings import ogr, pygithub, the
from github_standin import ORG, TOKEN, Door, running
from http_server import GitServer
from loopback import json_reply
from platformdirs import user_cache_path
from repos import Origin
from world import SAMPLES

from patchkit.forge.github_http import GitHubRequester

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loopback import Reply, Request

CONTEXT = "cc-ci/testme"
CACHE = user_cache_path()  # before a test has a home of its own


@pytest.fixture(scope="module")
def fetch() -> tuple[object, ...]:
    """What is fetched for it: emulate, GitHub's description, and the recordings."""
    try:
        recorded = fetched.recordings("pygithub"), fetched.recordings("ogr")
        return fetched.emulate(), fetched.openapi(), fetched.graphql_schema(), recorded
    except fetched.CannotFetchError as error:
        pytest.skip(f"cannot be fetched for this test: {error}")


@pytest.fixture(scope="module")
def emulate(fetch, tmp_path_factory):
    """A running emulate."""
    with running(fetch[0], tmp_path_factory.mktemp("emulate")) as it:
        yield it


@pytest.fixture(scope="module")
def description(fetch):
    """GitHub's description of its API."""
    return Description(*fetch[1:3])


class Hub:
    """GitHub with one mirror of gitea: the API behind the door, git beside it."""

    def __init__(self, door: Door, server: GitServer, origin: Origin, name: str) -> None:
        self.door, self.server, self.origin, self.name = door, server, origin, name
        self.statuses: list[dict[str, object]] = []
        self.events: list[dict[str, object]] = []
        here = f"/repos/{ORG}/{name}"
        door.put_beside(f"(GET|POST|PATCH) {here}/pulls(/\\d+)?", self._with_head)
        door.put_beside(f"GET {here}/commits/\\w+/statuses", lambda _: json_reply(self.statuses))
        none = the(ogr("test_check_run", "CheckRun.test_get_list_no_runs"), "GET", "check-runs")
        door.put_beside(f"GET {here}/commits/\\w+/check-runs", lambda _: json_reply(none.data))
        door.put_beside(f"GET {here}/issues/\\d+/events", lambda _: json_reply(self.events))
        door.put_beside(f"GET {here}/issues/\\d+", self._issue)

    def _asked(self, request: Request) -> Reply:
        status, headers, body = self.door.emulate.forward(
            request.method, request.target, self.door.emulate.signed(), request.body
        )
        del headers
        return json_reply(json.loads(body), status)

    def _with_head(self, request: Request) -> Reply:
        """Give pull requests the head that git has; GitHub's lists do not say `mergeable`."""
        reply = self._asked(request)
        data = json.loads(reply.body)
        for pull in data if isinstance(data, list) else [data]:
            if "head" in pull and (sha := self.origin.ref(f"refs/heads/{pull['head']['ref']}")):
                pull["head"]["sha"] = sha
        return json_reply(data, reply.status)

    def _issue(self, request: Request) -> Reply:
        """Say who closed it, as a recorded issue does: in emulate it is always the bot."""
        number = int(request.path.rpartition("/")[2])
        pull = self.pull(number)
        recorded = the(pygithub("ExposeAllAttributes.testAllClasses"), "GET", "issues/188")
        who = recorded.data["closed_by"] | {"login": self.closer}
        closed = pull["state"] == "closed"
        issue = {"number": number, "state": pull["state"], "closed_by": who if closed else None}
        return json_reply(recorded.data | issue)

    closer = "patch-bot"

    def pull(self, number: int) -> dict:
        return self.door.emulate.call("GET", f"/repos/{ORG}/{self.name}/pulls/{number}")

    def comments(self, number: int = 1) -> list[str]:
        where = f"/repos/{ORG}/{self.name}/issues/{number}/comments"
        return [comment["body"] for comment in self.door.emulate.call("GET", where)]

    def say(self, state: str) -> None:
        """Set CI's status, as GitHub answers it: recorded, with these words."""
        calls = ogr("test_generic_commands", "GenericCommands.test_get_commit_statuses")
        told = the(calls, "GET", "/statuses/").data[0]
        words = {"context": CONTEXT, "state": state, "target_url": "https://ci.example.com/runs/9"}
        self.statuses.insert(0, told | words | {"id": told["id"] + len(self.statuses)})

    def reopen(self, number: int) -> None:
        """Let a person open it again, in a while."""
        where = f"/repos/{ORG}/{self.name}/pulls/{number}"
        self.door.emulate.call("PATCH", where, {"state": "open"})
        events = [c.data for c in pygithub("IssueEvent.setUp") if "/events/" in c.path]
        told = next(event for event in events if event["event"] == "reopened")
        self.events.append(told | {"created_at": "2126-01-01T00:00:00Z"})

    def writes(self) -> list[str]:
        pushes = [r.path for r in self.server.requests if r.service == "git-receive-pack"]
        return [*(one for one in self.door.asked if not one.startswith("GET ")), *pushes]


@pytest.fixture
def hub(world, emulate, description, tmp_path, monkeypatch) -> Iterator[Hub]:
    """A GitHub, which the settings name; nobody waits between requests."""
    monkeypatch.setattr(GitHubRequester, "_pause", lambda self: None)
    monkeypatch.setenv("PATCHKIT_TOKEN", TOKEN)
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE))
    name = emulate.repository()
    root = tmp_path / "hub"
    (root / ORG).mkdir(parents=True)
    files = {
        str(path.relative_to(SAMPLES / "gitea")): path.read_text()
        for path in sorted((SAMPLES / "gitea").rglob("*"))
        if path.is_file()
    }
    origin = Origin(root / ORG, f"{name}.git", files)
    rights = {TOKEN: {f"{ORG}/{name}.git": "write"}}
    with (
        GitServer(root, tokens=rights, anonymous="none") as server,
        Door(emulate=emulate, check=description.check) as door,
    ):
        (tmp_path / "here" / "patchkit.toml").write_text(
            f'mirror = "{server.url(f"{ORG}/{name}.git")}"\nforge = "github"\n'
            f'api = "{door.url}"\nauthor = "Bot <bot@example.com>"\n'
        )
        yield Hub(door, server, origin, name)


@pytest.fixture
def row(hub, patchkit):
    """Run `patchkit status` and return exit code and row; it must write nothing."""

    def call():
        before = len(hub.writes())
        result = patchkit("status", "gitea", "--format", "json")
        assert len(hub.writes()) == before
        (found,) = json.loads(result.out)
        return result.code, found

    return call


def test_open_answer_and_withdraw(hub, pr, patchkit, row):
    code, found = row()
    assert (code, found["next"]["action"]) == (0, "create"), found
    assert pr().code == 0
    assert hub.comments() == ["!testme"]
    before = len(hub.writes())
    assert (pr().code, len(hub.writes())) == (0, before)
    code, found = row()
    assert found["pull"]["head"] == hub.origin.ref("refs/heads/patchkit/gitea")
    assert found["pull"]["mergeable"] is not None
    assert (code, found["ci"]["text"]) == (0, "not enrolled?")
    hub.say("failure")
    assert (row()[0], row()[1]["ci"]["state"]) == (1, "failure")
    hub.say("success")
    assert (row()[0], row()[1]["ci"]["green"]) == (0, True)
    assert patchkit("withdraw", "gitea", "--why", "1.25 has it").code == 0
    assert hub.pull(1)["state"] == "closed"
    assert hub.origin.ref("refs/heads/patchkit/gitea") == ""
    assert hub.comments()[-1].startswith("Withdrawn: 1.25 has it")
    code, found = row()
    assert (code, found["next"]["action"]) == (3, "refused: withdrawn")
    before = len(hub.writes())
    assert patchkit("withdraw", "gitea", "--why", "1.25 has it").code == 0
    assert len(hub.writes()) == before
    hub.reopen(1)
    assert row()[1]["next"]["action"] == "update branch"


def test_closed_by_a_person(hub, pr, row):
    assert pr().code == 0
    where = f"/repos/{ORG}/{hub.name}/pulls/1"
    hub.door.emulate.call("PATCH", where, {"state": "closed"})
    hub.closer = "ana"
    code, found = row()
    assert code == 3, (found["error"], hub.door.asked[-3:])
    assert found["next"]["action"] == "refused: closed by a person"


def test_edited_by_a_person_is_left_open(hub, pr, patchkit, row):
    assert pr().code == 0
    git(hub.origin.work, "fetch", "-q", str(hub.origin.bare), "patchkit/gitea")
    git(hub.origin.work, "checkout", "-q", "FETCH_HEAD")
    mine = hub.origin.commit({"NOTES": "x\n"}, "ana", "refs/heads/patchkit/gitea")
    assert row()[1]["editors"] == ["A"]
    assert patchkit("withdraw", "gitea", "--why", "x").code == 3
    assert hub.pull(1)["state"] == "open"
    assert hub.origin.ref("refs/heads/patchkit/gitea") == mine
    assert "left open" in hub.comments()[-1]
