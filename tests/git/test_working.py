"""A work tree beside a commit: what counts as edited by hand."""

from __future__ import annotations

import os
import subprocess

import pytest

from patchkit.git.working import edited
from patchkit.tree import EXECUTABLE, REGULAR

ENV = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_NAME": "a" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "a@example.com" for who in ("AUTHOR", "COMMITTER")},
}


@pytest.fixture
def run(tmp_path):
    def git(*arguments: str) -> str:
        command = ["git", "-C", str(tmp_path), *arguments]
        return subprocess.run(command, check=True, capture_output=True, env=ENV, text=True).stdout

    git("init", "-q")
    return git


@pytest.fixture
def commit(run, tmp_path):
    def write(files: dict[str, str]) -> None:
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(text.encode())
        run("add", "-A")
        run("commit", "-qm", "x")

    return write


def test_changed_new_and_removed_files_count_and_ignored_ones_do_not(run, commit, tmp_path):
    commit({"a": "1\n", "gone": "1\n", "same": "1\n", ".gitignore": "*.log\ncompose.local.yml\n"})
    (tmp_path / "a").write_text("2\n")
    (tmp_path / "gone").unlink()
    for path in ("new", "x.log", "compose.local.yml", "compose.x.yml"):
        (tmp_path / path).write_text("n\n")
    (tmp_path / ".patchkit" / "work").mkdir(parents=True)
    (tmp_path / ".patchkit" / "work" / "copy").write_text("n\n")
    found = edited(tmp_path, "HEAD")
    assert found.new.changed_paths(found.old) == ("a", "compose.x.yml", "gone", "new")
    assert found.new.read("a") == b"2\n"
    assert "gone" not in found.new
    assert found.ignored == ("compose.local.yml",)


def test_staged_changes_count_too(run, commit, tmp_path):
    commit({"a": "1\n"})
    (tmp_path / "a").write_text("2\n")
    (tmp_path / "b").write_text("b\n")
    run("add", "-A")
    found = edited(tmp_path, "HEAD")
    assert found.new.changed_paths(found.old) == ("a", "b")


def test_modes_are_those_that_git_sees(run, commit, tmp_path):
    commit({"a": "1\n", "b": "1\n"})
    (tmp_path / "a").chmod(0o755)
    assert edited(tmp_path, "HEAD").new.mode("a") == EXECUTABLE
    run("config", "core.fileMode", "false")
    (tmp_path / "a").write_text("2\n")
    assert edited(tmp_path, "HEAD").new.mode("a") == REGULAR


def test_line_ends_that_git_converts_are_no_change(run, commit, tmp_path):
    commit({"a": "1\n2\n"})
    run("config", "core.autocrlf", "true")
    (tmp_path / "a").unlink()
    run("checkout", "-q", ".")
    assert (tmp_path / "a").read_bytes() == b"1\r\n2\r\n"
    found = edited(tmp_path, "HEAD")
    assert found.new == found.old


def test_sparse_checkout_removes_nothing(run, commit, tmp_path):
    commit({"a/x": "1\n", "b/x": "1\n"})
    run("sparse-checkout", "set", "a")
    assert not (tmp_path / "b").exists()
    found = edited(tmp_path, "HEAD")
    assert found.new == found.old


def test_folder_of_a_repository_is_a_recipe_of_its_own(commit, tmp_path):
    commit({"one/a": "1\n", "two/a": "1\n"})
    (tmp_path / "one" / "a").write_text("2\n")
    (tmp_path / "two" / "a").write_text("2\n")
    found = edited(tmp_path / "one", "HEAD")
    assert found.new.paths() == found.old.paths() == ("a",)
    assert (found.old.read("a"), found.new.read("a")) == (b"1\n", b"2\n")


def test_linked_work_tree_is_read_like_any(run, commit, tmp_path, tmp_path_factory):
    commit({"a": "1\n"})
    other = tmp_path_factory.mktemp("linked") / "tree"
    run("worktree", "add", "-q", str(other))
    (other / "a").write_text("2\n")
    found = edited(other, "HEAD")
    assert found.new.changed_paths(found.old) == ("a",)


def test_odd_names_are_read(commit, tmp_path):
    commit({"a b": "1\n", 'q"ü': "1\n"})
    (tmp_path / 'q"ü').write_text("2\n")
    (tmp_path / "n\nw").write_text("2\n")
    found = edited(tmp_path, "HEAD")
    assert found.new.changed_paths(found.old) == ("n\nw", 'q"ü')
