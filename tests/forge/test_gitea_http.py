"""How Gitea is asked: bounded in time and size, led nowhere, refused in words with a next step."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest
import requests
from gitea_tools import SECRET
from loopback import Loopback, Reply, Request, json_reply

from patchkit.errors import ForgeError, UsageError
from patchkit.forge import exchange
from patchkit.forge.http import Http, path
from patchkit.forge.once import PassingError
from patchkit.forge.token import Token

HTML = (("Content-Type", "text/html"),)


class Answers(Loopback):
    """Answers everything with one reply."""

    reply: Reply | None = json_reply({})

    def answer(self, request: Request) -> Reply | None:  # noqa: ARG002
        return self.reply


@pytest.fixture
def server(impatient):
    with Answers() as it:
        yield it


def ask(server: Answers, reply: Reply | None, *, method: str = "GET", token: bool = True):
    server.reply = reply
    http = Http(server.url, Token(SECRET, "PATCHKIT_TOKEN") if token else None, timeout=60)
    if method == "GET":
        return http.get("user").data
    return http.send(method, "repos/o/r/pulls", {"title": "x"}, harmless=False)


def refused(server: Answers, reply: Reply | None, **how) -> ForgeError:
    with pytest.raises(ForgeError) as caught:
        ask(server, reply, **how)
    return caught.value


def message(text: str, status: int) -> Reply:
    return json_reply({"message": text, "url": "http://x/api/swagger"}, status)


def test_says_who_asks_and_for_what(server: Answers) -> None:
    assert ask(server, json_reply({"login": "x"})) == {"login": "x"}
    assert ask(server, json_reply({"number": 1}, 201), method="POST") == {"number": 1}
    read, written = server.requests
    for request in (read, written):
        assert request.headers["Authorization"] == f"token {SECRET}"
        assert request.headers["User-Agent"].startswith("patchkit/")
        assert request.headers["Accept"] == "application/json"
        assert SECRET not in request.target
    assert (read.method, read.target, read.body) == ("GET", "/api/v1/user", b"")
    assert (written.method, written.json) == ("POST", {"title": "x"})


def test_nobody_sends_no_token(server: Answers) -> None:
    ask(server, json_reply({}), token=False)
    assert "Authorization" not in server.requests[0].headers


def test_parts_of_a_path_are_quoted() -> None:
    assert path("a/b", "ü+?#", 7, "..") == "a%2Fb/%C3%BC%2B%3F%23/7/.."


@pytest.mark.parametrize(
    ("reply", "words", "hint"),
    [
        pytest.param(
            message("token is required", 401),
            "answers GET /api/v1/user with 401: token is required",
            "the token comes from PATCHKIT_TOKEN: make another one at http://localhost",
            id="401",
        ),
        pytest.param(
            message("token does not have at least one of required scope(s): [read:user]", 403),
            "403: token does not have at least one of required scope(s): [read:user]",
            "the token the scopes write:repository and write:issue",
            id="403",
        ),
        pytest.param(
            json_reply({"message": "The target couldn't be found.", "errors": ["no x"]}, 404),
            "404: The target couldn't be found.: no x",
            "it does not exist, or the token may not see it",
            id="404",
        ),
        pytest.param(Reply(404, b"404 page not found\n"), "404: Not Found", "", id="404 in text"),
        pytest.param(message("already exists", 409), "409: already exists", "", id="409"),
        pytest.param(message("[Title]: Required", 422), "422: [Title]: Required", "", id="422"),
        pytest.param(message("archived", 423), "423: archived", "nothing can be changed", id="423"),
        pytest.param(
            Reply(502, b"<html><title>Bad\n Gateway</title>", HTML),
            "502: Bad  Gateway",
            "run it again later",
            id="502",
        ),
        pytest.param(
            Reply(200, b"<!doctype html><title>Sign in</title>", HTML),
            "with what is no JSON: '<!doctype html><title>Sign in</title>'",
            "a Gitea or Forgejo? Ask it: curl http://localhost",
            id="HTML",
        ),
        pytest.param(Reply(599, b""), "599: no reason given", "run it again", id="599"),
        pytest.param(Reply(200, b""), "what is no JSON: ''", "is http://localhost", id="empty"),
        pytest.param(Reply(200, b"["), "what is no JSON: '['", "is http://localhost", id="half"),
        pytest.param(Reply(200, b"[" * 99_999), "what is no JSON: '[[", "", id="bottomless"),
        pytest.param(None, "does not answer GET /api/v1/user:", "can be reached", id="dropped"),
    ],
)
def test_a_refusal_says_what_and_what_next(server: Answers, reply, words, hint) -> None:
    error = refused(server, reply)
    (problem,) = error.problems
    assert problem.message.startswith(server.url.removeprefix("http://"))
    assert words in problem.message
    assert hint in problem.hint
    assert error.status == (reply and reply.status)


def test_nobody_is_told_which_variable(server: Answers) -> None:
    error = refused(server, message("token is required", 401), token=False)
    host = server.url.removeprefix("http://").upper().replace(":", "_")
    assert f"put it into PATCHKIT_TOKEN_{host}" in str(error)


def test_long_words_and_control_characters_are_cut(server: Answers) -> None:
    error = refused(server, message("\x1b[31mred\r\n" + "x" * 9_999, 409))
    assert "\x1b" not in str(error)
    assert len(str(error)) < 700


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_goes_nowhere_else_with_the_token(server: Answers, status: int, method: str) -> None:
    with Answers() as elsewhere:
        where = (("Location", f"{elsewhere.url}/api/v1/user"),)
        error = refused(server, Reply(status, b"", where), method=method)
        assert elsewhere.requests == []
    assert len(server.requests) == 1
    assert f"to {elsewhere.url}/api/v1/user" in str(error)
    assert "has a new name" in str(error)


def test_an_answer_has_an_end(server: Answers, monkeypatch) -> None:
    monkeypatch.setattr(exchange, "_MOST", 100_000)
    error = refused(server, Reply(200, b"x" * 300_000))
    assert "has no end" in str(error)


def test_an_answer_that_drips_is_left(impatient, monkeypatch) -> None:
    clock = iter(range(0, 100_000, 20))
    timer = SimpleNamespace(monotonic=lambda: float(next(clock)))
    monkeypatch.setattr(exchange, "time", timer)
    with Answers() as server:
        server.reply = json_reply({})
        with pytest.raises(ForgeError, match="takes too long"):
            Http(server.url, None, timeout=15).get("user")
        assert len(server.requests) == 5


def test_an_answer_that_does_not_come_is_left(impatient) -> None:
    with Answers() as server:
        server.reply = Reply(wait_for_client=True)
        with pytest.raises(ForgeError, match="Read timed out"):
            Http(server.url, None, timeout=0.1).get("user")
        # Who asks may give up before the server has noted that it was asked.
        end = time.monotonic() + 60
        while len(server.requests) < 5 and time.monotonic() < end:
            time.sleep(0.01)
        assert len(server.requests) == 5


def test_nobody_there_is_told(impatient) -> None:
    with Answers() as server:
        url = server.url
    with pytest.raises(ForgeError, match="Connection refused") as caught:
        Http(url, None).send("POST", "x", {}, harmless=False)
    assert f"see whether {url} can be reached from here" in str(caught.value)


@pytest.mark.parametrize(
    ("reply", "acted"),
    [
        (None, True),
        (Reply(200, b"<html>"), True),
        (Reply(500, b""), True),
        (Reply(502, b""), True),
        (Reply(504, b""), True),
        (Reply(429, b""), False),
    ],
)
def test_a_write_that_may_have_been_done_says_so(server: Answers, reply, acted) -> None:
    error = refused(server, reply, method="POST")
    assert isinstance(error, PassingError)
    assert error.acted is acted
    # What cannot have been done is tried again here, the rest by who can look.
    assert len(server.requests) == (1 if acted else 5)


def test_a_write_that_never_arrived_was_not_done(impatient, monkeypatch) -> None:
    with Answers() as server:
        url = server.url
    with pytest.raises(PassingError) as caught:
        Http(url, None).send("POST", "x", {}, harmless=False)
    assert caught.value.acted is False


@pytest.mark.parametrize(("header", "wait"), [("7", 7.0), ("0", 0.0), ("soon", None)])
def test_what_the_forge_asks_to_wait_is_known(server: Answers, header, wait) -> None:
    reply = Reply(429, b"", (("Retry-After", header),))
    error = refused(server, reply)
    assert isinstance(error, PassingError)
    assert error.wait == wait


def test_what_the_forge_asks_to_wait_too_long_is_the_users_to_wait(server: Answers) -> None:
    error = refused(server, Reply(503, b"", (("Retry-After", "86400"),)))
    assert "it asks to wait for 86400 seconds" in str(error)
    assert len(server.requests) == 1


def test_a_netrc_does_not_take_the_tokens_place(server, tmp_path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login x password y\n")
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth(server.url) == ("x", "y")
    ask(server, json_reply({}))
    ask(server, json_reply({}), token=False)
    told = [request.headers.get("Authorization") for request in server.requests]
    assert told == [f"token {SECRET}", None]


@pytest.mark.parametrize("base", ["http://git.example.org", "http://10.0.0.1:3000/gitea"])
def test_the_token_does_not_cross_the_network_in_the_clear(base: str) -> None:
    with pytest.raises(UsageError, match="http shows the token") as caught:
        Http(base, Token(SECRET))
    assert f"write {base.replace('http', 'https')}" in str(caught.value)
    Http(base, None)


def test_a_forge_may_lie_below_a_path(server: Answers) -> None:
    server.reply = json_reply({})
    Http(f"{server.url}/gitea", None).get("user")
    assert server.requests[0].path == "/gitea/api/v1/user"


def test_threads_may_ask_at_once(server: Answers) -> None:
    server.reply = json_reply({"login": "x"})
    http, found = Http(server.url, None), []
    threads = [
        threading.Thread(target=lambda: found.append(http.get("user").data)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [{"login": "x"}] * 8
