"""Which forge is behind a URL: by its host, or by what the server says; and the way to it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from gitea_tools import BOT, ORG, RECIPE, SECRET, World
from loopback import Loopback, Reply, Request, json_reply

from patchkit.errors import ForgeError, UsageError
from patchkit.forge import Address, Forge, Token, connect, detect

HTML = Reply(200, b"<!doctype html><title>Sign in</title>", (("Content-Type", "text/html"),))
SIGN_IN = {"message": "Only signed in user is allowed", "url": "https://x/api/swagger"}
PRIVATE = {
    "message": "Must authenticate to access this API.",
    "documentation_url": "https://docs.github.com/enterprise-server@3.14/rest",
}
VERSION, META = "/api/v1/version", "/api/v3/meta"


class Server(Loopback):
    """Answers paths as it is told to, others with a page for people."""

    answers: dict[str, Reply]

    def answer(self, request: Request) -> Reply:
        assert "Authorization" not in request.headers
        return self.answers.get(request.path, HTML)


@pytest.fixture
def server(impatient):
    with Server() as it:
        yield it


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        pytest.param({VERSION: json_reply({"version": "1.16.0"})}, "gitea", id="Gitea"),
        pytest.param(
            {VERSION: json_reply({"version": "1.26.0+dev-3-gabc"})}, "gitea", id="a Gitea to be"
        ),
        pytest.param(
            {VERSION: json_reply({"version": "14.0.2+gitea-1.22.0"})}, "forgejo", id="Forgejo"
        ),
        pytest.param({VERSION: json_reply(SIGN_IN, 403)}, "gitea", id="a Gitea for members"),
        pytest.param(
            {META: json_reply({"verifiable_password_authentication": True})},
            "github",
            id="GitHub Enterprise",
        ),
        pytest.param(
            {VERSION: Reply(302, b"", (("Location", "/login"),)), META: json_reply(PRIVATE, 401)},
            "github",
            id="GitHub Enterprise for members",
        ),
    ],
)
def test_asks_the_server(server: Server, answers, kind: str) -> None:
    server.answers = answers
    assert detect(Address.parse(f"{server.url}/coop-cloud/gitea.git")) == kind
    assert len(server.requests) <= 2


@pytest.mark.parametrize(
    "answers",
    [
        pytest.param({}, id="pages for people"),
        pytest.param({VERSION: json_reply({"message": "404 Not Found"}, 404)}, id="GitLab"),
        pytest.param({VERSION: json_reply([]), META: json_reply("x")}, id="JSON of another form"),
    ],
)
def test_what_is_none_is_told(server: Server, answers) -> None:
    server.answers = answers
    with pytest.raises(ForgeError, match="answers neither as a Gitea") as caught:
        detect(Address.parse(f"{server.url}/coop-cloud/gitea.git"))
    assert "say which it is: github, gitea, forgejo" in str(caught.value)


def test_a_server_in_trouble_is_asked_again_and_then_told(server: Server) -> None:
    server.answers = {VERSION: Reply(502, b"")}
    with pytest.raises(ForgeError, match="502"):
        detect(Address.parse(f"{server.url}/coop-cloud/gitea.git"))
    assert len(server.requests) == 5


@pytest.mark.parametrize("host", ["github.com", "GitHub.com", "www.github.com", "acme.ghe.com"])
def test_some_hosts_say_it_by_their_name(host: str) -> None:
    assert detect(Address.parse(f"https://{host}/coop-cloud/gitea")) == "github"


@pytest.mark.parametrize("host", ["github.com.example.org", "notgithub.com"])
def test_others_do_not(host: str, monkeypatch) -> None:
    monkeypatch.setattr("patchkit.forge.http.Http.probe", lambda self, where: None)
    with pytest.raises(ForgeError):
        detect(Address.parse(f"https://{host}/coop-cloud/gitea"))


def test_connects_to_what_it_found(world: World) -> None:
    forge: Forge = connect(f"{world.url}/{ORG}/{RECIPE}.git", token=Token(SECRET))
    assert forge.kind == world.server.flavour
    assert forge.user() == BOT
    assert forge.repository().name == RECIPE
    first, *others = world.server.requests
    assert "Authorization" not in first.headers
    assert all(request.headers["Authorization"] == f"token {SECRET}" for request in others)


@pytest.mark.parametrize("kind", ["gitea", "forgejo", "github"])
def test_connects_without_asking_when_the_kind_is_said(kind: str) -> None:
    forge: Forge = connect("git@git.example.org:coop-cloud/gitea.git", kind=kind)
    assert forge.kind == kind
    assert "statuses" not in forge.cannot


def test_another_kind_is_refused() -> None:
    with pytest.raises(UsageError, match="'gitlab' is no forge") as caught:
        connect("https://git.example.org/o/r", kind="gitlab")
    assert "write one of github, gitea, forgejo" in str(caught.value)


def test_what_asks_no_forge_waits_for_none() -> None:
    """Nor for the libraries of one forge when it asks another."""
    code = (
        "import sys, patchkit.cli.boundary as b; b.run(['--version']);"
        "b.run(['diff', 'fixes/gitea.yml']);"
        "print({'requests', 'github', 'stamina'} & set(sys.modules) or 'none', file=sys.stderr);"
        "from patchkit.forge import connect;"
        "connect('https://x.example.org/o/r', kind='gitea');"
        "print({'github'} & set(sys.modules) or 'none', file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-2:] == ["none", "none"]
