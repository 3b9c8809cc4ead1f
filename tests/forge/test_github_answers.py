"""What becomes of an answer: the next step, how long to wait, and where the token may go."""

from __future__ import annotations

import subprocess
import sys
import time
from email.utils import formatdate
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
import trustme
from faults import Fault, FaultProxy
from github_recordings import Replay, pygithub, the
from github_standin import ORG, TOKEN, Door, github
from loopback import Loopback, Reply, Request, json_reply

from patchkit.errors import ForgeError, UsageError
from patchkit.forge import github_http
from patchkit.forge.github import GitHub, api_url
from patchkit.forge.github_answers import judge
from patchkit.forge.once import PassingError
from patchkit.forge.token import Token

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Token(TOKEN, "GITHUB_TOKEN")


def judged(
    status: int, text: str = "{}", token: Token | None = KNOWN, **headers: str
) -> ForgeError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(ForgeError) as raised:
        judge(status, named, text, asked="POST /x", host="api.github.com", token=token)
    return raised.value


def hint(error: ForgeError) -> str:
    return error.problems[0].hint


def test_401_says_which_token() -> None:
    assert "comes from GITHUB_TOKEN" in hint(judged(401))
    assert "make a token for api.github.com" in hint(judged(401, token=None))


def test_403_says_what_the_token_needs() -> None:
    needs = {"x_accepted_oauth_scopes": "repo, public_repo", "x_oauth_scopes": "gist"}
    assert hint(judged(403, **needs)) == (
        "the token needs one of the scopes repo, public_repo; it has gist"
    )
    fine = judged(403, x_accepted_github_permissions="pull_requests=write")
    assert "the permission pull_requests=write" in hint(fine)
    sso = judged(403, x_github_sso="required; url=https://github.com/orgs/x/sso?a=b")
    assert hint(sso).endswith("authorised: https://github.com/orgs/x/sso?a=b")
    assert "lacks the right" in hint(judged(403))


def test_404_does_not_say_that_it_is_missing() -> None:
    assert hint(judged(404)) == "it does not exist, or the token may not see it"


@pytest.mark.parametrize(
    ("errors", "words"),
    [
        (
            '[{"resource": "PullRequest", "field": "base", "code": "invalid"}]',
            "PullRequest.base invalid",
        ),
        ('[{"resource": "Label", "code": "already_exists"}]', "Label already exists"),
        ('[{"code": "custom", "message": "No commits between main and x"}]', "No commits between"),
        ('["Only organisations"]', "Validation Failed: Only organisations"),
        ('[{"message": "one"}, {"message": "two"}]', "one; two"),
        ('"nothing that is a list"', "Validation Failed"),
    ],
)
def test_errors_of_a_validation_are_spelt_out(errors: str, words: str) -> None:
    error = judged(422, f'{{"message": "Validation Failed", "errors": {errors}}}')
    assert "POST /x with 422: Validation Failed" in str(error)
    assert words in str(error)


def test_what_a_stranger_says_is_bounded_and_on_one_line() -> None:
    error = judged(400, '{"message": "\\u001b[31mred\\nand ' + "long " * 500 + '"}')
    assert "\x1b" not in str(error)
    assert len(error.problems[0].message) < 600


@pytest.mark.parametrize("status", [403, 429])
def test_a_limit_that_tells_when_is_waited_for(status: int) -> None:
    limited = judged(status, retry_after="7")
    assert isinstance(limited, PassingError)
    assert limited.wait == 7
    assert limited.acted is False


def test_a_limit_without_a_time_is_a_minute() -> None:
    words = '{"message": "You have exceeded a secondary rate limit."}'
    limited = judged(403, words)
    assert isinstance(limited, PassingError)
    assert limited.wait == 60


def test_a_limit_is_waited_for_until_its_reset() -> None:
    soon = str(int(time.time()) + 30)
    limited = judged(403, x_ratelimit_remaining="0", x_ratelimit_reset=soon)
    assert isinstance(limited, PassingError)
    assert limited.wait is not None
    assert 20 < limited.wait < 40


@pytest.mark.parametrize(
    "later",
    ["3600", "9" * 400, formatdate(time.time() + 7200, usegmt=True)],
    ids=["an hour", "no end", "a date"],
)
def test_a_limit_for_long_is_the_users_to_wait_for(later: str) -> None:
    limited = judged(429, retry_after=later)
    assert not isinstance(limited, PassingError)
    assert "run it again after 2" in hint(limited)


def test_graphql_says_a_limit_in_its_own_way() -> None:
    text = '{"data": null, "errors": [{"type": "RATE_LIMITED", "message": "API rate limit"}]}'
    with pytest.raises(PassingError) as raised:
        judge(200, {}, text, asked="POST /graphql", host="api.github.com", token=KNOWN)
    assert (raised.value.wait, raised.value.acted) == (60, False)


def test_a_403_that_is_no_limit_is_not_tried_again() -> None:
    assert not isinstance(judged(403, '{"message": "Must have admin rights"}'), PassingError)


@pytest.mark.parametrize("text", ["", "<html>", '{"half": "', "null"])
def test_an_answer_that_is_none_may_hide_a_success(text: str) -> None:
    error = judged(201, text)
    assert isinstance(error, PassingError)
    assert error.acted is True


@pytest.mark.parametrize(
    ("pages", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://GitHub.com/", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://git.example.org", "https://git.example.org/api/v3"),
        ("https://git.example.org:8443", "https://git.example.org:8443/api/v3"),
        ("http://localhost:3000", "http://localhost:3000/api/v3"),
    ],
)
def test_where_the_api_is(pages: str, api: str) -> None:
    assert api_url(pages) == api


def test_the_token_does_not_cross_the_network_in_the_clear() -> None:
    with pytest.raises(UsageError, match="http shows the token"):
        GitHub("o", "r", KNOWN, base_url="http://git.example.org/api/v3")
    GitHub("o", "r", base_url="http://git.example.org/api/v3")


class Enterprise(Loopback):
    """Answers where an Enterprise server has its APIs, and nowhere else."""

    def answer(self, request: Request) -> Reply:
        answers = {
            "/api/v3/repos/o/r/pulls/1": {
                "node_id": "x",
                "draft": False,
                "url": f"{self.url}/api/v3/repos/o/r/pulls/1",
            },
            "/api/graphql": {"errors": [{"message": "asked at the right place"}]},
        }
        assert request.headers["X-GitHub-Api-Version"] == "2022-11-28"
        return json_reply(answers[request.path])


def test_an_enterprise_server_has_its_apis_below_a_path() -> None:
    with Enterprise() as server:
        forge = GitHub("o", "r", KNOWN, base_url=api_url(server.url), pauses=(0, 0))
        with pytest.raises(ForgeError, match="asked at the right place"):
            forge.update(1, draft=True)
        assert [one.path for one in server.requests] == [
            "/api/v3/repos/o/r/pulls/1",
            "/api/graphql",
        ]


def test_a_page_on_another_host_does_not_get_the_token(door: Door, repo: str) -> None:
    door.emulate.pull(repo)
    pulls = door.emulate.call("GET", f"/repos/{ORG}/{repo}/pulls")
    link = '<https://elsewhere.example.org/pulls?page=2>; rel="next"'
    door.put_beside("GET .*/pulls", lambda request: json_reply(pulls, Link=link))
    with pytest.raises(ForgeError, match=r"to another place: elsewhere\.example\.org"):
        list(github(door.url, repo).pulls())
    assert len(door.requests) == 1


def test_a_wrong_certificate_is_not_asked_a_second_time(
    door: Door, repo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with FaultProxy(target=door.url, authority=authority) as proxy:
        forge = github(proxy.url, repo)
        assert forge.repository() is not None
        proxy.reset()
        proxy.fail(Fault.WRONG_CERTIFICATE)
        door.requests.clear()
        with pytest.raises(ForgeError, match="name its authority in REQUESTS_CA_BUNDLE"):
            forge.create(title="t", body="b", base="main", head="x", head_owner=ORG)
        assert proxy.count == 1
        assert door.requests == []


def test_assignees_are_added_again_after_a_fault(recorded: None, impatient: None) -> None:
    told = the(pygithub("PullRequest.testAddAndRemoveAssignees"), "POST", "/assignees")
    fault = the(pygithub("Retry.testReturnsRepoAfter3Retries"), "GET", status=502)
    with Replay(calls=(fault.at("POST", told.target), told)) as server:
        forge = GitHub("PyGithub", "PyGithub", KNOWN, base_url=server.url, pauses=(0, 0))
        forge.assign(31, ["jayfk"])
        assert len(server.requests) == 2


def test_an_archived_repository_takes_no_pushes(door: Door, repo: str) -> None:
    archived = door.emulate.call("GET", f"/repos/{ORG}/{repo}") | {"archived": True}
    door.put_beside("GET .*", lambda request: json_reply(archived))
    found = github(door.url, repo).repository()
    assert found is not None
    assert found.can_push is False


def test_requests_keep_their_distance(
    door: Door, repo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    clock = SimpleNamespace(monotonic=lambda: 100.0, sleep=slept.append)
    monkeypatch.setattr(github_http, "time", clock)
    number = door.emulate.pull(repo)
    forge = github(door.url, repo, pauses=(0.25, 1.0))
    forge.pull(number)
    forge.close(number)
    forge.reopen(number)
    assert slept == [0.25, 1.0]


def test_pygithub_is_imported_by_whoever_uses_it_alone() -> None:
    asked = "import sys, patchkit.forge, patchkit.cli.main; print('github' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True)
    assert told.stdout.strip() == "False"
