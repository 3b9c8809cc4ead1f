"""Mirrors are fetched by the real git program from repositories on this machine."""

from __future__ import annotations

import multiprocessing
import shutil
from typing import TYPE_CHECKING

import pygit2
import pytest
from cli_tools import git
from loopback import Loopback, Reply
from repos import FILES, Origin

from patchkit.errors import GitError, UsageError
from patchkit.git import clone
from patchkit.git.faults import DAMAGED, DamagedCloneError, RemoteError
from patchkit.git.mirror import mirror
from patchkit.git.remote import check_url, same_repository
from patchkit.git.tags import tags
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from pathlib import Path

    from http_server import GitServer, Request


@pytest.fixture
def url(server: GitServer) -> str:
    return server.url("gitea.git")


def files(url: str, cache: Path) -> dict[str, str]:
    """What a mirror's recipe holds, read through the cache."""
    found = mirror(url, cache)
    tree = RecipeTree.from_commit(found.folder, found.head)
    return {path: tree.text(path) for path in tree.paths()}


def is_fetch(request: Request) -> bool:
    return request.method == "POST"


class TestNews:
    def test_first_clone(self, url, cache, origin):
        git(origin.work, "tag", "1.0.0+1")
        git(origin.work, "tag", "-a", "-m", "x", "1.0.1+1")
        git(origin.work, "push", "-q", "--tags", str(origin.bare))
        assert files(url, cache) == FILES
        found = mirror(url, cache)
        assert tags(found.folder) == {"1.0.0+1": False, "1.0.1+1": True}
        assert found.remote.default_branch == "main"
        assert found.remote.branches == {"main": origin.sha("HEAD")}
        assert sorted(path.suffix for path in cache.iterdir()) == [".git", ".lock"]

    def test_requests(self, url, cache, origin, server):
        mirror(url, cache)
        assert len(server.requests) == 3
        server.requests.clear()
        mirror(url, cache)
        assert len(server.requests) == 1
        server.requests.clear()
        origin.commit({"compose.yml": "x: 1\n"})
        mirror(url, cache)
        assert len(server.requests) == 3

    def test_force_synced(self, url, cache, origin):
        git(origin.work, "push", "-q", str(origin.bare), "HEAD:refs/tags/1.0.0+1")
        mirror(url, cache)
        origin.force_sync({"compose.yml": "x: 2\n", "abra.sh": ""})
        git(origin.bare, "tag", "-d", "1.0.0+1")
        assert files(url, cache) == {**FILES, "compose.yml": "x: 2\n", "abra.sh": ""}
        assert tags(mirror(url, cache).folder) == {}

    def test_default_branch_was_renamed(self, url, cache, origin):
        mirror(url, cache)
        origin.commit({"compose.yml": "x: 3\n"}, ref="refs/heads/trunk")
        git(origin.bare, "symbolic-ref", "HEAD", "refs/heads/trunk")
        git(origin.bare, "branch", "-D", "main")
        found = mirror(url, cache)
        assert found.remote.default_branch == "trunk"
        assert RecipeTree.from_commit(found.folder, "HEAD").text("compose.yml") == "x: 3\n"
        assert set(pygit2.Repository(str(found.folder)).branches) == {"trunk"}

    def test_a_branch_becomes_a_folder_of_branches_and_back(self, url, cache, origin):
        origin.commit({}, ref="refs/heads/upgrade")
        mirror(url, cache)
        git(origin.bare, "branch", "-D", "upgrade")
        origin.commit({}, ref="refs/heads/upgrade/0.3.0+v0.4.219")
        assert set(mirror(url, cache).remote.branches) == {"main", "upgrade/0.3.0+v0.4.219"}
        git(origin.bare, "branch", "-D", "upgrade/0.3.0+v0.4.219")
        sha = origin.commit({}, ref="refs/heads/upgrade")
        folder = mirror(url, cache).folder
        assert git(folder, "rev-parse", "refs/heads/upgrade").strip() == sha
        assert set(pygit2.Repository(str(folder)).branches) == {"main", "upgrade"}

    def test_it_moves_between_two_requests(self, url, cache, origin, server):
        mirror(url, cache)
        origin.commit({"compose.yml": "x: 4\n"})
        greetings = []

        def is_second_greeting(request: Request) -> bool:
            greetings.append(request)
            if len(greetings) == 2:
                origin.force_sync({"compose.yml": "x: 5\n"})
            return False

        server.fail(500, when=is_second_greeting)
        assert files(url, cache)["compose.yml"] == "x: 5\n"

    def test_a_branch_goes_between_two_requests(self, url, cache, origin, server):
        mirror(url, cache)
        origin.commit({"compose.yml": "x: 6\n"}, ref="refs/heads/short")
        greetings = []

        def is_second_greeting(request: Request) -> bool:
            greetings.append(request)
            if len(greetings) == 2:
                git(origin.bare, "branch", "-D", "short")
            return False

        server.fail(500, when=is_second_greeting)
        assert set(mirror(url, cache).remote.branches) == {"main"}

    def test_two_mirrors_of_one_name(self, cache, origin, tmp_path):
        other = Origin(tmp_path / "fork", "gitea.git", {"compose.yml": "x: 7\n"})
        assert files(str(other.bare), cache) == {"compose.yml": "x: 7\n"}
        assert files(str(origin.bare), cache) == FILES

    def test_names_that_are_no_text(self, url, cache, origin):
        sha = origin.sha("HEAD")
        (origin.bare / "packed-refs").write_bytes(
            b"%s refs/heads/\xff\n%s refs/heads/\xc3\xbc\n" % (sha.encode(), sha.encode())
        )
        assert set(mirror(url, cache).remote.branches) == {"main", "ü"}


class TestPulls:
    def test_only_when_asked(self, url, cache, origin):
        sha = origin.commit({"compose.yml": "x: 8\n"}, ref="refs/pull/3/head")
        found = mirror(url, cache)
        assert found.remote.pulls == {3: sha}
        with pytest.raises(GitError, match="does not have"):
            RecipeTree.from_commit(found.folder, sha)
        found = mirror(url, cache, pulls=[3, 4])
        tree = RecipeTree.from_commit(found.folder, found.remote.pulls[3])
        assert tree.text("compose.yml") == "x: 8\n"
        assert 4 not in found.remote.pulls
        assert set(pygit2.Repository(str(found.folder)).branches) == {"main"}

    def test_a_pull_that_was_read_needs_no_second_fetch(self, url, cache, origin, server):
        origin.commit({}, ref="refs/pull/3/head")
        mirror(url, cache, pulls=[3])
        server.requests.clear()
        mirror(url, cache)
        mirror(url, cache, pulls=[3])
        assert len(server.requests) == 2

    def test_a_pull_that_was_forced(self, url, cache, origin):
        origin.commit({}, ref="refs/pull/3/head")
        mirror(url, cache, pulls=[3])
        sha = origin.force_sync({"compose.yml": "x: 9\n"})
        git(origin.bare, "update-ref", "refs/pull/3/head", sha)
        found = mirror(url, cache, pulls=[3])
        tree = RecipeTree.from_commit(found.folder, found.remote.pulls[3])
        assert tree.text("compose.yml") == "x: 9\n"


class Page(Loopback):
    """A server that answers everything with one line of HTML."""

    def answer(self, _: object) -> Reply:
        return Reply(200, b"<!doctype html><title>Hello</title>", (("Content-Type", "text/html"),))


class TestNothingToRead:
    def test_no_commits_yet(self, cache, tmp_path):
        git(tmp_path, "init", "-q", "--bare", "empty.git")
        found = mirror(str(tmp_path / "empty.git"), cache)
        assert (found.remote.head, found.remote.default_branch) == (None, "")
        with pytest.raises(GitError, match="it has no commits yet") as raised:
            print(found.head)
        assert "sync it from upstream" in str(raised.value)

    def test_a_page_in_one_line(self, cache):
        """Git takes it for an empty repository; that a branch is gone would be a lie."""
        with Page() as page, pytest.raises(RemoteError, match="names no branch"):
            mirror(f"{page.url}/gitea.git", cache)

    def test_the_first_commits(self, cache, tmp_path, origin):
        git(tmp_path, "init", "-q", "--bare", "-b", "main", "empty.git")
        mirror(str(tmp_path / "empty.git"), cache)
        git(origin.work, "push", "-q", str(tmp_path / "empty.git"), "main")
        assert files(str(tmp_path / "empty.git"), cache) == FILES

    def test_the_default_branch_is_gone(self, url, cache, origin):
        git(origin.bare, "symbolic-ref", "HEAD", "refs/heads/gone")
        with pytest.raises(GitError, match="its default branch is gone"):
            print(mirror(url, cache).head)

    def test_head_is_a_commit(self, url, cache, origin):
        (origin.bare / "HEAD").write_text(origin.sha("HEAD") + "\n")
        assert mirror(url, cache).remote.default_branch == "main"

    def test_it_vanishes_and_comes_back(self, url, cache, origin, server):
        folder = mirror(url, cache).folder
        away = origin.bare.rename(origin.root / "away")
        with pytest.raises(RemoteError, match="not found") as raised:
            mirror(url, cache)
        assert raised.value.reason == "missing"
        assert (folder / "HEAD").is_file()
        away.rename(origin.bare)
        server.requests.clear()
        assert files(url, cache) == FILES
        assert len(server.requests) == 1

    def test_a_folder_that_is_away(self, cache, tmp_path):
        with pytest.raises(RemoteError, match="git ls-remote failed") as raised:
            mirror(str(tmp_path / "away"), cache)
        problem = raised.value.problems[0]
        assert raised.value.reason == "missing"
        assert str(problem.place) == str(tmp_path / "away")
        assert problem.hint.endswith(f": git ls-remote {tmp_path / 'away'}")

    @pytest.mark.parametrize(
        ("kind", "reason"),
        [
            (401, "denied"),
            (403, "denied"),
            (404, "missing"),
            (429, "unreachable"),
            (500, "unreachable"),
            (502, "unreachable"),
            ("drop", "unreachable"),
            ("cut", "unreachable"),
        ],
    )
    def test_it_does_not_answer(self, url, cache, server, kind, reason):
        folder = mirror(url, cache).folder
        server.heal()
        server.fail(kind)
        with pytest.raises(RemoteError) as raised:
            mirror(url, cache)
        assert raised.value.reason == reason
        assert len(server.requests) == (3 if reason == "unreachable" else 1)
        assert (folder / "HEAD").is_file()

    def test_nobody_listens(self, cache, server):
        url = server.url("gitea.git")
        server._http.server_close()
        with pytest.raises(RemoteError, match="Failed to connect") as raised:
            mirror(url, cache)
        assert raised.value.reason == "unreachable"

    def test_it_never_answers(self, url, cache, server, monkeypatch):
        monkeypatch.setattr("patchkit.git.remote._LOOK_TIMEOUT", 1)
        server.fail("hold")
        with pytest.raises(RemoteError, match="took more than 1 seconds") as raised:
            mirror(url, cache)
        assert raised.value.reason == "unreachable"
        assert len(server.requests) == 1

    @pytest.mark.parametrize("kind", [500, 429, "drop", "drop after", "half", "cut"])
    def test_a_fault_that_passes(self, url, cache, origin, server, kind):
        mirror(url, cache)
        origin.commit({"compose.yml": "x: 10\n"})
        server.fail(kind, when=is_fetch, times=2)
        server.fail(kind, when=lambda request: not is_fetch(request), times=1)
        assert files(url, cache)["compose.yml"] == "x: 10\n"

    @pytest.mark.parametrize("kind", [500, "drop", "half", "cut"])
    def test_a_first_clone_that_breaks(self, url, cache, server, kind):
        server.fail(kind, when=is_fetch)
        with pytest.raises(RemoteError):
            mirror(url, cache)
        assert [path.suffix for path in cache.iterdir()] == [".lock"]
        server.heal()
        assert files(url, cache) == FILES


def _break(path: Path, how: str) -> None:
    path.chmod(0o644)
    data = path.read_bytes()
    if how == "missing":
        path.unlink()
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(data[:-12] + bytes(byte ^ 0xFF for byte in data[-12:]))


class TestDamage:
    """The mirror has nothing new, so that no fetch would notice."""

    @pytest.mark.parametrize("how", ["missing", "empty", "cut", "wrong"])
    @pytest.mark.parametrize("what", ["HEAD", "HEAD:", "HEAD:release", "HEAD:abra.sh"])
    def test_an_object(self, url, cache, origin, how, what):
        folder = mirror(url, cache).folder
        sha = origin.sha(what)
        loose = folder / "objects" / sha[:2] / sha[2:]
        _break(loose, how)
        assert files(url, cache) == FILES

    def test_the_content_of_another_object(self, url, cache, origin):
        folder = mirror(url, cache).folder
        one, other = (
            folder / "objects" / sha[:2] / sha[2:]
            for sha in (origin.sha("HEAD:abra.sh"), origin.sha("HEAD:compose.yml"))
        )
        one.chmod(0o644)
        one.write_bytes(other.read_bytes())
        assert files(url, cache) == FILES

    @pytest.mark.parametrize("how", ["missing", "empty", "cut", "wrong"])
    @pytest.mark.parametrize("suffix", ["pack", "idx"])
    def test_a_pack(self, url, cache, how, suffix):
        folder = mirror(url, cache).folder
        git(folder, "repack", "-qad")
        (pack,) = (folder / "objects" / "pack").glob(f"*.{suffix}")
        _break(pack, how)
        assert files(url, cache) == FILES

    @pytest.mark.parametrize("gone", ["HEAD", "objects", "refs", "config"])
    def test_a_part_of_the_repository(self, url, cache, gone):
        folder = mirror(url, cache).folder
        path = folder / gone
        path.unlink() if path.is_file() else shutil.rmtree(path)
        assert files(url, cache) == FILES

    @pytest.mark.parametrize("text", ["", "ref: refs/heads/main", "garbage\n", f"{'1' * 40}\n"])
    @pytest.mark.parametrize("name", ["HEAD", "refs/heads/main", "packed-refs"])
    def test_a_reference(self, url, cache, name, text):
        folder = mirror(url, cache).folder
        (folder / name).write_text(text)
        assert files(url, cache) == FILES
        assert git(folder, "fsck").strip() == ""

    @pytest.mark.parametrize("what", ["HEAD", "HEAD:abra.sh"])
    def test_while_there_is_news(self, url, cache, origin, what):
        folder = mirror(url, cache).folder
        sha = origin.sha(what)
        (folder / "objects" / sha[:2] / sha[2:]).unlink()
        origin.commit({"compose.yml": "x: 11\n"})
        assert files(url, cache) == {**FILES, "compose.yml": "x: 11\n"}

    def test_one_that_a_command_found(self, url, cache, server):
        folder = mirror(url, cache).folder
        (folder / "mine").touch()
        error = DamagedCloneError(folder, "object lost")
        assert "run the command again" in str(error)
        server.requests.clear()
        mirror(url, cache)
        assert not (folder / DAMAGED).exists()
        assert not (folder / "mine").exists()
        mirror(url, cache)
        assert len(server.requests) == 4

    def test_it_cannot_be_healed_now(self, url, cache, origin, server):
        folder = mirror(url, cache).folder
        sha = origin.sha("HEAD:abra.sh")
        (folder / "objects" / sha[:2] / sha[2:]).unlink()
        server.fail(500, when=is_fetch)
        with pytest.raises(RemoteError):
            mirror(url, cache)
        assert [path.suffix for path in sorted(cache.iterdir())] == [".git", ".lock"]
        server.heal()
        assert files(url, cache) == FILES

    @pytest.mark.parametrize(
        "lock",
        ["HEAD.lock", "packed-refs.lock", "config.lock", "shallow.lock", "refs/heads/main.lock"],
    )
    def test_a_lock_of_a_git_that_was_killed(self, url, cache, origin, lock):
        folder = mirror(url, cache).folder
        git(folder, "pack-refs", "--all")
        (folder / lock).parent.mkdir(exist_ok=True)
        (folder / lock).touch()
        (folder / "mine").touch()
        origin.commit({"compose.yml": "x: 12\n"})
        git(origin.bare, "branch", "-m", "main", "trunk")
        assert files(url, cache)["compose.yml"] == "x: 12\n"
        assert not (folder / lock).exists()
        assert (folder / "mine").exists()

    def test_a_cache_that_is_no_folder(self, url, tmp_path):
        (tmp_path / "cache").write_text("")
        with pytest.raises(GitError, match="the cache cannot be written") as raised:
            mirror(url, tmp_path / "cache")
        assert "PATCHKIT_CACHE" in str(raised.value)


def _read_often(url: str, cache: Path, number: int) -> None:
    for _ in range(5):
        assert files(url, cache)["compose.yml"].startswith("x: ")


def test_processes_at_once(url, cache, origin):
    origin.commit({"compose.yml": "x: 0\n"})
    # Forked ones would hold the ends of the server's pipes open, and wait for each other.
    context = multiprocessing.get_context("spawn")
    readers = [context.Process(target=_read_often, args=(url, cache, i)) for i in range(4)]
    for reader in readers:
        reader.start()
    for number in range(1, 5):
        origin.commit({"compose.yml": f"x: {number}\n"})
    for reader in readers:
        reader.join(60)
    assert [reader.exitcode for reader in readers] == [0] * 4
    assert files(url, cache)["compose.yml"] == "x: 4\n"


def test_the_clone_stays_tidy(url, cache, origin, monkeypatch):
    """Git packs what is loose when it finds too much of it in one folder of objects."""
    (origin.root / ".gitconfig").write_text("[gc]\n\tauto = 1\n")
    monkeypatch.setenv("HOME", str(origin.root))
    folder = mirror(url, cache).folder
    repository = pygit2.Repository(str(folder))
    texts = (b"%d" % number for number in range(10_000))
    crowd = [text for text in texts if str(pygit2.hash(text)).startswith("17")]
    for text in crowd:
        repository.create_blob(text)
    sha = origin.commit({"compose.yml": "x: 14\n"})
    mirror(url, cache)
    assert list((folder / "objects" / "pack").glob("*.pack"))
    assert not (folder / "objects" / sha[:2] / sha[2:]).exists()
    assert not (folder / "packed-refs").exists()
    assert files(url, cache)["compose.yml"] == "x: 14\n"


class TestUrls:
    @pytest.mark.parametrize(
        "url",
        [
            "",
            "-uevil",
            "--upload-pack=evil",
            "ext::sh -c touch% pwned",
            "http::https://example.com/a",
            "https://example.com/a\nb",
            "https://[::1/a",
        ],
    )
    def test_none(self, url):
        with pytest.raises(UsageError, match="is no URL"):
            check_url(url)

    @pytest.mark.parametrize(
        "url",
        [
            "https://example.com:3000/org/a.git",
            "https://bot@example.com/org/a+b",
            "git@example.com:org/a.git",
            "git@[::1]:org/a.git",
            "ssh://git@[::1]:22/org/a.git",
            "/srv/my recipes/a.git",
            "file:///srv/a.git",
            "C:/a",
        ],
    )
    def test_some(self, url):
        check_url(url)

    @pytest.mark.parametrize(
        "secret",
        ["bot:hunter2", ":hunter2", "ghp_hunter2", "0123456789abcdef0123456789abcdef01234567"],
    )
    def test_a_secret_in_the_url(self, cache, secret):
        with pytest.raises(UsageError, match="holds a password") as raised:
            mirror(f"https://{secret}@git.example.com/gitea.git", cache)
        assert secret not in str(raised.value)
        assert not cache.exists()

    def test_a_protocol_that_git_may_not_use(self, cache):
        with pytest.raises(RemoteError, match="not allowed"):
            mirror("ftp://127.0.0.1/gitea.git", cache)

    @pytest.mark.parametrize(
        "other",
        [
            "https://git.example.com/org/a",
            "https://bot@GIT.example.com:443//org/A.git/",
            "ssh://git@git.example.com:2222/org/a.git",
            "git@git.example.com:org/a.git",
            "git.example.com:/org/a.git",
        ],
    )
    def test_the_same_repository(self, other):
        assert same_repository("https://git.example.com/org/a.git", other)

    @pytest.mark.parametrize(
        "other",
        ["https://git.example.com/org/ab.git", "https://example.com/org/a.git", "/org/a.git", ""],
    )
    def test_another_repository(self, other):
        assert not same_repository("https://git.example.com/org/a.git", other)


def test_hooks_and_templates_of_the_user_stay_off(url, cache, origin, tmp_path, monkeypatch):
    hooks = tmp_path / "templates" / "hooks"
    hooks.mkdir(parents=True)
    hook = hooks / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[core]\n\thooksPath = {hooks}\n\tlogAllRefUpdates = always\n"
        f"[init]\n\ttemplateDir = {hooks.parent}\n\tdefaultBranch = odd\n"
        "[fetch]\n\trecurseSubmodules = true\n\tprune = true\n\twriteCommitGraph = true\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    assert files(url, cache) == FILES
    origin.commit({"compose.yml": "x: 13\n"})
    assert files(url, cache)["compose.yml"] == "x: 13\n"
    assert not (tmp_path / "ran").exists()


def test_a_caller_with_a_repository_of_its_own(url, cache, origin, monkeypatch):
    """As a hook has it, which git starts with its own repository named."""
    monkeypatch.setenv("GIT_DIR", str(origin.work / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(origin.work / "index"))
    before = origin.sha("HEAD")
    assert files(url, cache) == FILES
    monkeypatch.delenv("GIT_DIR")
    assert origin.sha("HEAD") == before


def test_a_submodule_is_no_damage(url, cache, origin):
    head = origin.sha("HEAD")
    git(origin.work, "update-index", "--add", "--cacheinfo", f"160000,{head},module")
    git(origin.work, "commit", "-q", "-m", "module")
    git(origin.work, "push", "-q", str(origin.bare), "main")
    folder = mirror(url, cache).folder
    assert clone.is_whole(clone.opened(folder), [origin.sha("HEAD")])
    (folder / "mine").touch()
    mirror(url, cache)
    assert (folder / "mine").exists()
