"""A token is nowhere but where it belongs, however loudly git is told to talk."""

from __future__ import annotations

import base64
import os
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from cli_tools import git
from http_server import GitServer
from repos import TOKEN, command_lines, fixed

from patchkit.errors import PatchkitError, UsageError
from patchkit.git.access import Access
from patchkit.git.mirror import mirror
from patchkit.git.program import Mode, run
from patchkit.git.push import Outcome, delete, push

if TYPE_CHECKING:
    from http_server import Request

BRANCH = "patchkit/pin-redis"
ACCESS = Access(TOKEN)
FORMS = (
    TOKEN,
    quote(TOKEN, safe=""),
    quote(TOKEN),
    base64.b64encode(f"{ACCESS.username}:{TOKEN}".encode()).decode(),
    base64.b64encode(TOKEN.encode()).decode().rstrip("="),
)
LOUD = ("GIT_TRACE", "GIT_TRACE_CURL", "GIT_TRACE_PACKET", "GIT_TRACE_SETUP")


def is_push(request: Request) -> bool:
    return request.method == "POST" and request.service == "git-receive-pack"


def forms_in(text: str | bytes) -> list[str]:
    data = text.encode(errors="surrogateescape") if isinstance(text, str) else text
    return [form for form in FORMS if form.encode() in data]


def whole_life(url: str, cache: Path) -> str:
    """Read, commit, push, delete; everything that was said of it."""
    said = [repr(ACCESS), str(ACCESS)]
    try:
        found = mirror(url, cache, access=ACCESS)
        sha = fixed(found, "x: 1\n")
        pushed = push(found, BRANCH, sha, expected=found.remote.branches.get(BRANCH))
        said += [repr(found), repr(pushed), repr(delete(found, BRANCH, expected=sha))]
    except PatchkitError:
        said.append(traceback.format_exc())
    return "\n".join(said)


@pytest.fixture
def private(server):
    """The server with nothing for those who have no token."""
    server.anonymous = "none"
    return server


@pytest.fixture(params=["stderr", "files"])
def loud(request, tmp_path, monkeypatch):
    """Git told by the user to trace all it does, without hiding anything."""
    monkeypatch.setenv("GIT_TRACE_REDACT", "0")
    for name in LOUD:
        target = "1" if request.param == "stderr" else str(tmp_path / f"trace-{name}")
        monkeypatch.setenv(name, target)
    if request.param == "stderr":
        monkeypatch.setenv("GIT_CURL_VERBOSE", "1")
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(tmp_path / "trace2"))
    return request.param


def check(tmp_path: Path, *texts: str) -> None:
    """Check that no text and no file below a folder holds the token."""
    for text in texts:
        assert forms_in(text) == []
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert forms_in(path.read_bytes()) == [], path


class TestScan:
    @pytest.mark.parametrize(
        "kind", [None, 401, 403, 404, 429, 500, "drop", "drop after", "half", "cut"]
    )
    @pytest.mark.parametrize("when", ["greeting", "push"])
    def test_all_that_is_said(self, private, cache, tmp_path, *, loud, kind, when, capfd, caplog):
        if kind is not None:
            private.fail(kind, when=lambda request: is_push(request) == (when == "push"))
        said = whole_life(private.url("gitea.git"), cache)
        out, err = capfd.readouterr()
        check(tmp_path, said, out, err, caplog.text, repr([vars(r) for r in caplog.records]))
        assert all(forms_in(request.path) == [] for request in private.requests)
        if kind is None:
            assert any(request.token == TOKEN for request in private.requests)
            assert "pushed" in said
        if loud == "files":
            assert "run_command" in (tmp_path / "trace-GIT_TRACE").read_text()
            assert "=> Send header" in (tmp_path / "trace-GIT_TRACE_CURL").read_text()

    @pytest.mark.usefixtures("loud")
    def test_traces_are_no_part_of_messages(self, private, cache):
        private.fail(500)
        said = whole_life(private.url("gitea.git"), cache)
        assert "The requested URL returned error: 500" in said
        assert "run_command" not in said
        assert "=> Send header" not in said

    def test_what_a_remote_repeats(self, origin, private, cache):
        hook = origin.bare / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\necho 'bad {TOKEN} in https://bot:{TOKEN}@host/'\nexit 1\n")
        hook.chmod(0o755)
        found = mirror(private.url("gitea.git"), cache, access=ACCESS)
        pushed = push(found, BRANCH, fixed(found, "x: 1\n"), expected=None)
        assert pushed.outcome is Outcome.REFUSED
        assert "bad *** in https://host/" in pushed.reason
        assert forms_in(pushed.reason) == []

    def test_terminals_are_not_told_what_to_do(self, origin, private, cache):
        hook = origin.bare / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nprintf 'a\\033[31mb\\033]0;c\\007\\n'\nexit 1\n")
        hook.chmod(0o755)
        found = mirror(private.url("gitea.git"), cache, access=ACCESS)
        reason = push(found, BRANCH, fixed(found, "x: 1\n"), expected=None).reason
        assert "a?[31mb" in reason
        assert reason.replace("\n", " ").isprintable()

    @pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux' /proc")
    @pytest.mark.parametrize("service", ["git-upload-pack", "git-receive-pack"])
    def test_no_process_shows_it(self, private, cache, service):
        fault = private.fail("hold", when=lambda r: bool(r.token) and r.service == service, times=1)
        worker = threading.Thread(target=whole_life, args=(private.url("gitea.git"), cache))
        worker.start()
        assert fault.reached.wait(60)
        lines = command_lines()
        fault.release.set()
        worker.join()
        assert any(b"git-remote-http" in line or b"remote-http" in line for line in lines)
        assert any(private.url("gitea.git").encode() in line for line in lines)
        assert [line for line in lines if forms_in(line)] == []


class TestWhoGetsIt:
    def test_helpers_of_the_user_are_not_told(self, private, cache, tmp_path):
        store = tmp_path / "home" / ".git-credentials"
        (tmp_path / "home" / ".gitconfig").write_text(
            f'[credential]\n\thelper = store\n[credential "{private.url("")}"]\n'
            f'\thelper = "!f() {{ cat >> {tmp_path}/asked; }}; f"\n\tusername = other\n'
        )
        assert "pushed" in whole_life(private.url("gitea.git"), cache)
        assert not store.exists()
        assert not (tmp_path / "asked").exists()

    def test_helpers_of_the_user_work_without_a_token(self, private, cache, tmp_path):
        (tmp_path / "home" / ".gitconfig").write_text(
            f'[credential]\n\thelper = "!f() {{ echo username=bot; cat {tmp_path}/pass; }}; f"\n'
        )
        (tmp_path / "pass").write_text(f"password={TOKEN}\n")
        found = mirror(private.url("gitea.git"), cache)
        pushed = push(found, BRANCH, fixed(found, "x: 1\n"), expected=None)
        assert pushed.outcome is Outcome.PUSHED

    def test_a_header_of_the_user_works_without_a_token(self, private, cache, tmp_path):
        (tmp_path / "home" / ".gitconfig").write_text(
            f'[http "{private.url("")}"]\n\textraHeader = "Authorization: Bearer {TOKEN}"\n'
        )
        found = mirror(private.url("gitea.git"), cache)
        pushed = push(found, BRANCH, fixed(found, "x: 1\n"), expected=None)
        assert pushed.outcome is Outcome.PUSHED
        assert {request.scheme for request in private.requests} == {"bearer"}

    @pytest.mark.parametrize("service", ["git-upload-pack", "git-receive-pack"])
    def test_a_server_that_sends_elsewhere(self, origin, server, cache, service):
        """Another host asks for a token, and is given none."""
        with GitServer(origin.root, anonymous="none") as other:
            target = other.url("gitea.git").replace("127.0.0.1", "localhost")
            server.fail("elsewhere", when=lambda r: r.service == service, to=target)
            said = whole_life(server.url("gitea.git"), cache)
            assert other.requests
            assert {request.token for request in other.requests} == {""}
        assert "could not read Username" in said

    def test_a_server_that_sends_on_to_itself(self, origin, private, cache):
        """As a forge does where a repository has another name now."""
        origin.bare.rename(origin.root / "renamed.git")
        private.tokens[TOKEN]["renamed.git"] = "write"
        private.fail(
            "elsewhere", when=lambda r: "/gitea.git/" in r.path, to=private.url("renamed.git")
        )
        found = mirror(private.url("gitea.git"), cache, access=ACCESS)
        sha = fixed(found, "x: 1\n")
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.PUSHED
        ref = f"refs/heads/{BRANCH}"
        assert git(origin.root / "renamed.git", "rev-parse", ref).strip() == sha

    def test_no_askpass_opens_a_window(self, private, cache, tmp_path, monkeypatch):
        """Not even where the token is for another server."""
        program = tmp_path / "askpass"
        program.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\necho x\n")
        program.chmod(0o755)
        monkeypatch.setenv("GIT_ASKPASS", str(program))
        monkeypatch.setenv("SSH_ASKPASS", str(program))
        elsewhere = private.url("gitea.git").replace("127.0.0.1", "localhost")
        private.fail("elsewhere", when=lambda r: r.headers["host"][0] == "1", to=elsewhere)
        assert "could not read Username" in whole_life(private.url("gitea.git"), cache)
        assert not (tmp_path / "asked").exists()

    def test_programs_of_git_for_other_protocols(self, tmp_path, monkeypatch):
        """Ssh has keys of its own: what it starts sees no token."""
        program = tmp_path / "ssh"
        program.write_text(f"#!/bin/sh\nenv > {tmp_path}/seen\nexit 1\n")
        program.chmod(0o755)
        monkeypatch.setenv("GIT_SSH", str(program))
        url = "git@forge.example.com:org/a.git"
        run(tmp_path, "ls-remote", url, mode=Mode.REMOTE, access=ACCESS, url=url)
        assert forms_in((tmp_path / "seen").read_bytes()) == []


class TestAccess:
    @pytest.mark.parametrize("token", ["", " ", "a b", "a\n", "a\r\nusername=x", "tökén", "a\0"])
    def test_no_token(self, token):
        with pytest.raises(UsageError, match="the token is empty, or holds") as raised:
            Access(token)
        assert not token.strip() or token not in str(raised.value)

    @pytest.mark.parametrize("username", ["", "a\nb"])
    def test_no_username(self, username):
        with pytest.raises(UsageError):
            Access("token", username)

    def test_unencrypted(self, tmp_path):
        with pytest.raises(UsageError, match="http shows the token to everybody") as raised:
            mirror("http://git.example.com/gitea.git", tmp_path, access=ACCESS)
        assert "write https://git.example.com/gitea.git" in str(raised.value)

    @pytest.mark.parametrize("url", ["http://localhost:3000/a", "http://[::1]/a", "HTTPS://h.x/a"])
    def test_encrypted_or_at_home(self, url):
        assert ACCESS.arguments(url)
        assert forms_in(" ".join(ACCESS.arguments(url))) == []
        assert TOKEN in ACCESS.environment(url).values()

    def test_no_host(self):
        with pytest.raises(UsageError, match="is no host"):
            ACCESS.arguments("https://a b/c")

    def test_odd_tokens_arrive_as_they_are(self, private, cache):
        token = "".join(chr(code) for code in range(0x21, 0x7F))
        private.tokens = {token: {"gitea.git": "write"}}
        mirror(private.url("gitea.git"), cache, access=Access(token))
        assert private.requests[-1].token == token
        assert os.environ.get("PATCHKIT_GIT_TOKEN") is None
