"""Mirrors are fetched by the real git program from repositories on this disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cli_tools import git

from patchkit.errors import GitError, UsageError
from patchkit.git.mirror import check_url, mirror
from patchkit.git.tags import tags
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def remote(tmp_path):
    """A recipe's repository with one commit and a tag of each kind."""
    folder = tmp_path / "gitea"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "compose.yml", "services: {}\n")
    git(folder, "tag", "1.0.0+1")
    git(folder, "tag", "-a", "-m", "x", "1.0.1+1")
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def commit(folder: Path, path: str, text: str) -> None:
    (folder / path).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x")


def fetched(remote: Path, cache: Path, path: str = "compose.yml") -> str:
    return RecipeTree.from_commit(mirror(str(remote), cache), "HEAD").text(path)


def test_first_clone(remote, cache):
    assert fetched(remote, cache) == "services: {}\n"
    assert tags(mirror(str(remote), cache)) == {"1.0.0+1": False, "1.0.1+1": True}


def test_new_commit(remote, cache):
    fetched(remote, cache)
    commit(remote, "compose.yml", "services: {app: {}}\n")
    assert fetched(remote, cache) == "services: {app: {}}\n"


def test_force_synced(remote, cache):
    fetched(remote, cache)
    git(remote, "commit", "-q", "--amend", "-m", "y")
    commit(remote, "compose.yml", "version: '3.8'\n")
    git(remote, "tag", "-f", "1.0.0+1")
    git(remote, "tag", "-d", "1.0.1+1")
    assert fetched(remote, cache) == "version: '3.8'\n"
    assert tags(mirror(str(remote), cache)) == {"1.0.0+1": False}


def test_default_branch_was_renamed(remote, cache):
    fetched(remote, cache)
    git(remote, "checkout", "-q", "-b", "trunk")
    commit(remote, "compose.yml", "x: 1\n")
    assert fetched(remote, cache) == "x: 1\n"


def test_interrupted_clone_is_not_seen(remote, cache):
    folder = mirror(str(remote), cache)
    shutil.move(folder, folder.with_suffix(".new"))
    (folder.with_suffix(".new") / "HEAD").unlink()
    assert fetched(remote, cache) == "services: {}\n"


@pytest.mark.parametrize("gone", ["HEAD", "objects", "refs"])
def test_damaged_clone_is_made_again(remote, cache, gone):
    folder = mirror(str(remote), cache)
    path = folder / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert fetched(remote, cache) == "services: {}\n"


def test_out_of_reach(remote, cache):
    folder = mirror(str(remote), cache)
    shutil.move(remote, remote.with_name("away"))
    with pytest.raises(GitError, match="git clone failed") as raised:
        mirror(str(remote), cache)
    problem = raised.value.problems[0]
    assert str(problem.place) == str(remote)
    assert problem.hint == f"see whether git itself reaches it: git ls-remote {remote}"
    assert (folder / "HEAD").is_file()


def test_two_mirrors_of_one_name(remote, cache, tmp_path):
    other = tmp_path / "fork" / "gitea"
    shutil.copytree(remote, other)
    commit(other, "compose.yml", "x: 2\n")
    assert fetched(other, cache) == "x: 2\n"
    assert fetched(remote, cache) == "services: {}\n"


def test_repository_without_commits(tmp_path, cache):
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    with pytest.raises(GitError):
        fetched(tmp_path / "empty.git", cache)


@pytest.mark.parametrize("url", ["", "-uevil", "--upload-pack=evil"])
def test_an_option_is_no_url(url):
    with pytest.raises(UsageError, match="is no URL"):
        check_url(url)


def test_a_url_that_runs_a_program(cache):
    with pytest.raises(GitError, match="not allowed"):
        mirror("ext::sh -c touch% pwned", cache)


def test_a_password_in_the_url(cache):
    with pytest.raises(UsageError) as raised:
        mirror("https://bot:hunter2@git.example.com/gitea.git", cache)
    assert "hunter2" not in str(raised.value)
    assert not cache.exists()


def test_hooks_of_the_user_stay_off(remote, cache, tmp_path, monkeypatch):
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    hook = hooks / "reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(f"[core]\n\thooksPath = {hooks}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    fetched(remote, cache)
    commit(remote, "compose.yml", "x: 3\n")
    assert fetched(remote, cache) == "x: 3\n"
    assert not (tmp_path / "ran").exists()
