"""Pushes over smart HTTP with a token, and by a stand-in for ssh, to the real git."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from cli_tools import git
from repos import TOKEN, Origin, command_lines, fixed

from patchkit.errors import UsageError
from patchkit.git.access import Access
from patchkit.git.faults import DamagedCloneError
from patchkit.git.mirror import mirror
from patchkit.git.push import Outcome, delete, push
from patchkit.git.remote import look
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from http_server import Request


BRANCH = "patchkit/pin-redis"
REF = f"refs/heads/{BRANCH}"
ACCESS = Access(TOKEN)


@pytest.fixture
def found(server, cache):
    return mirror(server.url("gitea.git"), cache, access=ACCESS)


@pytest.fixture
def sha(found):
    return fixed(found, "x: 1\n")


def is_push(request: Request) -> bool:
    return request.method == "POST" and request.service == "git-receive-pack"


def moved(origin: Origin, ref: str = REF) -> str:
    """Let a person move the branch; the commit."""
    return origin.commit({"abra.sh": "person\n"}, ref=ref)


class TestPushed:
    def test_a_new_branch(self, found, sha, origin, server):
        server.requests.clear()
        pushed = push(found, BRANCH, sha, expected=None)
        assert (pushed.outcome, pushed.head, pushed.went_well) == (Outcome.PUSHED, sha, True)
        assert origin.ref(REF) == sha
        assert [request.method for request in server.requests] == ["GET", "GET", "POST"]
        assert [request.scheme for request in server.requests] == ["", "basic", "basic"]

    def test_what_it_has_pushed_is_no_news(self, found, sha, server, cache):
        push(found, BRANCH, sha, expected=None)
        server.requests.clear()
        again = mirror(server.url("gitea.git"), cache, access=ACCESS)
        assert again.remote.branches[BRANCH] == sha
        assert len(server.requests) == 1

    def test_again(self, found, sha):
        push(found, BRANCH, sha, expected=None)
        assert push(found, BRANCH, sha, expected=sha).outcome is Outcome.UP_TO_DATE
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.UP_TO_DATE

    @pytest.mark.parametrize(
        "branch", ["upgrade-0.3.0+v0.4.219", "ü/日本", "a.b@c,d", "heads/main", "+a"]
    )
    def test_odd_names(self, found, sha, origin, branch):
        assert push(found, branch, sha, expected=None).outcome is Outcome.PUSHED
        assert origin.ref(f"refs/heads/{branch}") == sha
        assert delete(found, branch, expected=sha).outcome is Outcome.PUSHED
        assert origin.ref(f"refs/heads/{branch}") == ""

    def test_the_base_was_force_synced_meanwhile(self, found, sha, origin, server, cache):
        push(found, BRANCH, sha, expected=None)
        base = origin.force_sync({"compose.yml": "x: 2\n"})
        on_old_base = fixed(found, "x: 3\n")
        assert push(found, BRANCH, on_old_base, expected=sha).outcome is Outcome.PUSHED
        again = mirror(server.url("gitea.git"), cache, access=ACCESS)
        assert again.head == base
        on_new_base = fixed(again, "x: 3\n")
        pushed = push(again, BRANCH, on_new_base, expected=again.remote.branches[BRANCH])
        assert pushed.outcome is Outcome.PUSHED
        assert git(origin.bare, "rev-list", REF).split() == [on_new_base, base]

    def test_in_chunks(self, found, origin, server):
        noise = os.urandom(1_500_000)
        tree = RecipeTree.from_commit(found.folder, found.head)
        sha = fixed(found, noise.hex())
        server.requests.clear()
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.PUSHED
        assert any(request.chunked and len(request.body) > 1_000_000 for request in server.requests)
        assert git(origin.bare, "show", f"{REF}:compose.yml") == noise.hex()
        assert tree.text("compose.yml") == "services: {}\n"

    def test_to_a_fork(self, found, sha, origin, server, cache):
        fork = Origin(origin.root / "bot", "gitea.git")
        server.tokens[TOKEN]["bot/gitea.git"] = "write"
        to = look(server.url("bot/gitea.git"), ACCESS, cache)
        assert push(found, BRANCH, sha, expected=None, to=to).outcome is Outcome.PUSHED
        assert fork.ref(REF) == sha
        assert origin.ref(REF) == ""
        assert git(found.folder, "for-each-ref", REF) == ""

    def test_settings_of_the_user(self, found, sha, origin, tmp_path):
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        (hooks / "pre-push").write_text("#!/bin/sh\nexit 1\n")
        (hooks / "pre-push").chmod(0o755)
        (tmp_path / "home" / ".gitconfig").write_text(
            f"[core]\n\thooksPath = {hooks}\n"
            "[push]\n\tgpgSign = true\n\tfollowTags = true\n\tdefault = nothing\n"
            "\tnegotiate = true\n\tpushOption = merge_request.create\n"
            "\trecurseSubmodules = on-demand\n"
            "[remote]\n\tpushDefault = elsewhere\n[color]\n\tui = always\n"
        )
        git(found.folder, "tag", "-a", "-m", "x", "9.9.9", sha)
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.PUSHED
        assert origin.ref("refs/tags/9.9.9") == ""


class TestStale:
    def test_it_must_not_exist(self, found, sha, origin):
        theirs = moved(origin)
        pushed = push(found, BRANCH, sha, expected=None)
        assert (pushed.outcome, pushed.head) == (Outcome.STALE, theirs)
        assert not pushed.went_well
        assert origin.ref(REF) == theirs

    def test_it_was_moved(self, found, sha, origin):
        push(found, BRANCH, sha, expected=None)
        theirs = moved(origin)
        pushed = push(found, BRANCH, fixed(found, "x: 4\n"), expected=sha)
        assert (pushed.outcome, pushed.head) == (Outcome.STALE, theirs)
        assert origin.ref(REF) == theirs

    def test_it_was_deleted(self, found, sha, origin):
        push(found, BRANCH, sha, expected=None)
        git(origin.bare, "update-ref", "-d", REF)
        pushed = push(found, BRANCH, fixed(found, "x: 4\n"), expected=sha)
        assert (pushed.outcome, pushed.head) == (Outcome.STALE, None)
        assert origin.ref(REF) == ""

    def test_it_is_moved_after_the_greeting(self, found, sha, origin, server):
        """Git's own look at the head is right, and the server's is what counts."""
        theirs = []
        server.fail(500, when=lambda request: is_push(request) and theirs.append(moved(origin)))
        pushed = push(found, BRANCH, sha, expected=None)
        assert (pushed.outcome, pushed.head) == (Outcome.STALE, theirs[0])
        assert origin.ref(REF) == theirs[0]

    @pytest.mark.parametrize("exists", [False, True])
    def test_two_at_once(self, origin, server, tmp_path, exists):
        """Both have seen the same head, and both requests are with the server before it acts."""
        url = server.url("gitea.git")
        start = moved(origin) if exists else None
        clones = [mirror(url, tmp_path / name, access=ACCESS) for name in ("one", "other")]
        shas = [fixed(found, f"x: {number}\n") for number, found in enumerate(clones)]
        together = threading.Barrier(2)

        def meet(request: Request) -> bool:
            if is_push(request):
                together.wait(30)
            return False

        server._lock = threading.Semaphore(2)
        server.fail(500, when=meet, times=2)
        with ThreadPoolExecutor() as pool:
            pushes = [
                pool.submit(push, found, BRANCH, sha, expected=start)
                for found, sha in zip(clones, shas, strict=True)
            ]
            results = [future.result(60) for future in pushes]
        assert sorted(result.outcome for result in results) == [Outcome.PUSHED, Outcome.STALE]
        winner = next(n for n, result in enumerate(results) if result.outcome is Outcome.PUSHED)
        assert origin.ref(REF) == shas[winner]
        assert {result.head for result in results} == {shas[winner]}

    def test_two_at_once_with_one_cache(self, found, origin):
        shas = [fixed(found, f"x: {number}\n") for number in range(2)]
        with ThreadPoolExecutor() as pool:
            futures = [pool.submit(push, found, BRANCH, sha, expected=None) for sha in shas]
            results = [future.result(60) for future in futures]
        assert sorted(result.outcome for result in results) == [Outcome.PUSHED, Outcome.STALE]
        assert {result.head for result in results} == {origin.ref(REF)}


class TestRefused:
    def test_a_hook(self, found, sha, origin):
        hook = origin.bare / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho 'branches are named otherwise here'\nexit 1\n")
        hook.chmod(0o755)
        pushed = push(found, BRANCH, sha, expected=None)
        assert (pushed.outcome, pushed.head) == (Outcome.REFUSED, None)
        assert "pre-receive hook declined" in pushed.reason
        assert "branches are named otherwise here" in pushed.reason

    @pytest.mark.parametrize(
        ("rights", "words"),
        [
            ((TOKEN, "gitea.git", "read"), "403"),
            ((TOKEN, "other.git", "write"), "not found"),
            (("another", "gitea.git", "write"), "Authentication failed"),
        ],
    )
    def test_a_token_without_the_right(self, found, sha, server, rights, words):
        token, repository, right = rights
        server.tokens = {token: {repository: right}}
        server.requests.clear()
        pushed = push(found, BRANCH, sha, expected=None)
        assert pushed.outcome is Outcome.REFUSED
        assert words in pushed.reason
        assert [request.method for request in server.requests] == ["GET", "GET"]

    def test_no_token(self, server, cache):
        found = mirror(server.url("gitea.git"), cache)
        pushed = push(found, BRANCH, fixed(found, "x: 5\n"), expected=None)
        assert pushed.outcome is Outcome.REFUSED
        assert "could not read Username" in pushed.reason

    def test_the_mirror_is_gone(self, found, sha, origin):
        origin.bare.rename(origin.root / "away")
        pushed = push(found, BRANCH, sha, expected=None)
        assert pushed.outcome is Outcome.REFUSED
        assert "not found" in pushed.reason


class TestFaults:
    @pytest.mark.parametrize("kind", [500, 502, 429, "drop", "drop after", "half", "cut"])
    @pytest.mark.parametrize("post", [False, True], ids=["greeting", "push"])
    def test_one_that_passes(self, found, sha, origin, *, server, post, kind):
        server.fail(kind, when=lambda request: is_push(request) == post, times=2)
        pushed = push(found, BRANCH, sha, expected=None)
        assert (pushed.outcome, pushed.head) == (Outcome.PUSHED, sha)
        assert origin.ref(REF) == sha

    @pytest.mark.parametrize("kind", [500, "drop", "half"])
    def test_one_that_stays(self, found, sha, origin, server, kind):
        server.fail(kind, when=is_push)
        server.requests.clear()
        pushed = push(found, BRANCH, sha, expected=None)
        assert pushed.outcome is Outcome.UNREACHABLE
        assert pushed.reason
        # curl tries once more by itself where a connection that it used before is closed.
        assert len([request for request in server.requests if is_push(request)]) in {3, 6}
        assert origin.ref(REF) == ""
        server.heal()
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.PUSHED

    def test_nobody_answers_any_more(self, found, sha, origin, server):
        server.fail("drop after", when=is_push)
        server.fail("drop", when=lambda request: origin.ref(REF) != "")
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.UNREACHABLE
        server.heal()
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.UP_TO_DATE

    def test_an_answer_that_got_lost_while_somebody_moved_it(self, found, sha, origin, server):
        fault = server.fail("drop after", when=is_push, times=1)
        server.fail(500, when=lambda request: fault.times == 0 and _is_first(seen, origin))
        seen: list[str] = []
        pushed = push(found, BRANCH, sha, expected=None)
        assert (pushed.outcome, pushed.head) == (Outcome.STALE, seen[0])

    def test_a_server_that_never_answers(self, found, sha, server, monkeypatch):
        monkeypatch.setattr("patchkit.git.push._TIMEOUT", 1)
        server.fail("hold", when=is_push)
        pushed = push(found, BRANCH, sha, expected=None)
        assert pushed.outcome is Outcome.UNREACHABLE
        assert "took more than 1 seconds" in pushed.reason
        assert not _still_runs(found.remote.url)

    def test_half_of_an_answer_that_looks_whole(self, found, sha, server, monkeypatch):
        """Git waits for the rest without end; what became of the push is told by the remote."""
        monkeypatch.setattr("patchkit.git.push._TIMEOUT", 1)
        server.fail("short", when=is_push)
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.PUSHED
        assert not _still_runs(found.remote.url)


def _still_runs(url: str) -> bool:
    """Whether a process with the URL stays: one that was killed takes a moment to go."""
    for _ in range(100):
        if not any(url.encode() in line for line in command_lines()):
            return False
        time.sleep(0.1)
    return True


def _is_first(seen: list[str], origin: Origin) -> bool:
    if not seen:
        seen.append(moved(origin))
    return False


class TestNever:
    @pytest.mark.parametrize("branch", ["main", "master", "MAIN", "HEAD", "trunk", "Trunk"])
    def test_a_default_branch(self, origin, server, cache, branch):
        git(origin.bare, "branch", "trunk", "main")
        git(origin.bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
        found = mirror(server.url("gitea.git"), cache, access=ACCESS)
        sha = fixed(found, "x: 6\n")
        server.requests.clear()
        with pytest.raises(UsageError, match="takes changes by pull request only"):
            push(found, branch, sha, expected=found.head)
        with pytest.raises(UsageError, match="takes changes by pull request only"):
            delete(found, branch, expected=found.head)
        assert server.requests == []

    @pytest.mark.parametrize(
        "branch",
        [
            "",
            "-x",
            "refs/heads/main",
            "a b",
            "a:b",
            "a..b",
            "a.lock",
            "/a",
            "a/",
            "a\nb",
            "+a",
            "a^",
        ],
    )
    def test_no_branch(self, found, sha, server, branch):
        if branch == "+a":  # git allows it, and it is no mark of force here
            assert push(found, branch, sha, expected=None).outcome is Outcome.PUSHED
            return
        server.requests.clear()
        with pytest.raises(UsageError, match="is no branch's name"):
            push(found, branch, sha, expected=None)
        assert server.requests == []

    @pytest.mark.parametrize("key", ["insteadOf", "pushInsteadOf"])
    @pytest.mark.parametrize("names", ["home", "alias"])
    def test_upstream_that_git_makes_of_the_mirror(
        self, found, sha, server, monkeypatch, key, names
    ):
        """The user's settings turn the mirror's URL into upstream's, or upstream's into it."""
        home = "https://home.example.com/coop-cloud/gitea.git"
        to, of = (home, found.remote.url) if names == "home" else (found.remote.url, home)
        monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
        monkeypatch.setenv("GIT_CONFIG_KEY_0", f"url.{to}.{key}")
        monkeypatch.setenv("GIT_CONFIG_VALUE_0", of)
        server.requests.clear()
        with pytest.raises(UsageError, match="is upstream"):
            push(found, BRANCH, sha, expected=None, upstream=home)
        with pytest.raises(UsageError, match="is upstream"):
            delete(found, BRANCH, expected=sha, upstream=home)
        assert server.requests == []

    def test_upstream(self, found, sha, server):
        server.requests.clear()
        upstream = found.remote.url.removesuffix(".git").replace("127.0.0.1", "bot@127.0.0.1")
        with pytest.raises(UsageError, match="is upstream"):
            push(found, BRANCH, sha, expected=None, upstream=upstream)
        with pytest.raises(UsageError, match="is upstream"):
            delete(found, BRANCH, expected=sha, upstream=upstream)
        assert server.requests == []
        push(found, BRANCH, sha, expected=None, upstream="https://example.com/gitea.git")


class TestDelete:
    def test_an_own_branch(self, found, sha, origin, server, cache):
        push(found, BRANCH, sha, expected=None)
        pushed = delete(found, BRANCH, expected=sha)
        assert (pushed.outcome, pushed.head) == (Outcome.PUSHED, None)
        assert origin.ref(REF) == ""
        server.requests.clear()
        assert BRANCH not in mirror(server.url("gitea.git"), cache, access=ACCESS).remote.branches
        assert len(server.requests) == 1

    def test_one_that_is_gone(self, found, sha):
        push(found, BRANCH, sha, expected=None)
        delete(found, BRANCH, expected=sha)
        assert delete(found, BRANCH, expected=sha).went_well

    def test_one_that_a_person_moved(self, found, sha, origin):
        push(found, BRANCH, sha, expected=None)
        theirs = moved(origin)
        pushed = delete(found, BRANCH, expected=sha)
        assert (pushed.outcome, pushed.head) == (Outcome.STALE, theirs)
        assert origin.ref(REF) == theirs

    @pytest.mark.parametrize("kind", [500, "drop", "drop after"])
    def test_a_fault_that_passes(self, found, sha, origin, server, kind):
        push(found, BRANCH, sha, expected=None)
        server.fail(kind, when=is_push, times=1)
        assert delete(found, BRANCH, expected=sha).outcome is Outcome.PUSHED
        assert origin.ref(REF) == ""


class TestDamaged:
    @pytest.mark.parametrize("what", ["", ":", ":compose.yml"])
    @pytest.mark.parametrize("how", ["gone", "cut"])
    def test_the_commit(self, found, sha, server, *, cache, what, how):
        name = git(found.folder, "rev-parse", sha + what).strip()
        loose = found.folder / "objects" / name[:2] / name[2:]
        loose.chmod(0o644)
        data = loose.read_bytes()
        loose.unlink() if how == "gone" else loose.write_bytes(data[: len(data) // 2])
        with pytest.raises(DamagedCloneError):
            push(found, BRANCH, sha, expected=None)
        again = mirror(server.url("gitea.git"), cache, access=ACCESS)
        assert fixed(again, "x: 1\n") == sha
        assert push(again, BRANCH, sha, expected=None).outcome is Outcome.PUSHED


class TestSsh:
    @pytest.fixture
    def ssh(self, tmp_path, monkeypatch):
        """A stand-in for ssh that runs what it should run there on this machine."""
        program = tmp_path / "ssh"
        program.write_text(
            '#!/bin/sh\nwhile [ $# -gt 2 ]; do shift; done\necho "$@" >> "$0.log"\neval "$2"\n'
        )
        program.chmod(0o755)
        monkeypatch.setenv("GIT_SSH_COMMAND", f"'{program}'")
        monkeypatch.setenv("GIT_SSH_VARIANT", "simple")
        return program

    def test_a_push(self, origin, cache, ssh):
        url = f"git@forge.example.com:{origin.bare}"
        found = mirror(url, cache, access=ACCESS)
        sha = fixed(found, "x: 1\n")
        assert push(found, BRANCH, sha, expected=None).outcome is Outcome.PUSHED
        assert origin.ref(REF) == sha
        assert push(found, BRANCH, fixed(found, "x: 2\n"), expected=None).outcome is Outcome.STALE
        log = ssh.with_suffix(".log").read_text().splitlines()
        assert {line.split()[0] for line in log} == {"git@forge.example.com"}
        assert {line.split()[1] for line in log} == {"git-upload-pack", "git-receive-pack"}

    @pytest.mark.parametrize(
        ("words", "outcome"),
        [
            ("git@forge: Permission denied (publickey).", Outcome.REFUSED),
            ("ERROR: Repository not found.", Outcome.REFUSED),
            ("Host key verification failed.", Outcome.REFUSED),
            ("ssh: connect to host forge port 22: Connection refused", Outcome.UNREACHABLE),
            ("ssh: Could not resolve hostname forge: Name not known", Outcome.UNREACHABLE),
        ],
    )
    def test_no_connection(self, origin, cache, ssh, words, outcome):
        found = mirror(f"git@forge.example.com:{origin.bare}", cache)
        ssh.write_text(f"#!/bin/sh\necho '{words}' >&2\nexit 255\n")
        pushed = push(found, BRANCH, fixed(found, "x: 1\n"), expected=None)
        assert pushed.outcome is outcome
        assert words in pushed.reason
