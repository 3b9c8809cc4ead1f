"""RecipeTree as a value: reading from folder, commit and memory, paths, links, text, changes."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchkit.errors import ExitCode, GitError, PatchkitError, RecipeError, UsageError
from patchkit.tree import EXECUTABLE, LINK, MAX_TEXT_BYTES, REGULAR, Entry, RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COMPOSE = b'version: "3.8"\nservices:\n  app:\n    image: nginx:1.27\n'


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    folder = tmp_path / "gitea"
    (folder / "release").mkdir(parents=True)
    (folder / "compose.yml").write_bytes(COMPOSE)
    (folder / "entry.sh").write_bytes(b"#!/bin/sh\n")
    (folder / "entry.sh").chmod(0o755)
    (folder / "release" / "next").write_bytes(b"notes")
    (folder / "base.yml").symlink_to("compose.yml")
    return folder


def refusal(error: pytest.ExceptionInfo[PatchkitError]) -> str:
    return str(error.value)


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """Yield a folder, and run the test without root's powers, which know no permissions."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        os.chown(name, 65534, 65534)
        os.seteuid(65534)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


class TestFromDir:
    def test_files_modes_and_links(self, recipe: Path) -> None:
        tree = RecipeTree.from_dir(recipe)
        assert tree.paths() == ("base.yml", "compose.yml", "entry.sh", "release/next")
        assert tree.name == "gitea"
        assert [tree.mode(path) for path in tree.paths()] == [LINK, REGULAR, EXECUTABLE, REGULAR]
        assert tree.link("base.yml") == "compose.yml"
        assert tree.link("compose.yml") is None
        assert tree.read("release/next") == b"notes"
        assert "entry.sh" in tree
        assert "nope.sh" not in tree
        assert repr(tree) == "<RecipeTree 'gitea' of 4 files>"

    def test_what_is_no_file_of_the_recipe_is_left_out(self, recipe: Path) -> None:
        (recipe / ".git").mkdir()
        (recipe / ".git" / "config").write_text("[core]")
        (recipe / "empty").mkdir()
        (recipe / "sub" / ".git").mkdir(parents=True)
        (recipe / ".patchkit-write").mkdir()
        (recipe / ".patchkit-write" / "new-0").write_text("half")
        os.mkfifo(recipe / "pipe")  # reading it would block for ever
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(recipe / "s"))
        assert RecipeTree.from_dir(recipe).paths() == (
            "base.yml",
            "compose.yml",
            "entry.sh",
            "release/next",
        )

    def test_the_git_file_of_a_worktree_is_left_out(self, recipe: Path) -> None:
        (recipe / ".git").write_text("gitdir: /elsewhere")
        assert ".git" not in RecipeTree.from_dir(recipe)

    def test_linked_folders_are_not_entered(self, recipe: Path) -> None:
        (recipe / "up").symlink_to("..")
        tree = RecipeTree.from_dir(recipe)
        assert tree.mode("up") == LINK
        assert not any(path.startswith("up/") for path in tree.paths())

    def test_bytes_are_read_when_asked_for_and_kept(self, recipe: Path) -> None:
        tree = RecipeTree.from_dir(recipe)
        first = tree.read("compose.yml")
        (recipe / "compose.yml").unlink()
        assert tree.read("compose.yml") is first
        assert tree.with_mode("compose.yml", EXECUTABLE).read("compose.yml") is first

    def test_a_file_that_changed_since_it_was_listed_is_not_passed_off_as_old(
        self, recipe: Path
    ) -> None:
        tree = RecipeTree.from_dir(recipe)
        (recipe / "compose.yml").write_bytes(b"other")
        with pytest.raises(RecipeError, match=r"compose\.yml: the file changed on disk"):
            tree.read("compose.yml")

    @pytest.mark.parametrize("put", [os.mkfifo, lambda path: path.symlink_to("/etc/hostname")])
    def test_what_took_a_files_place_is_not_read(
        self, recipe: Path, put: Callable[[Path], None]
    ) -> None:
        tree = RecipeTree.from_dir(recipe)
        (recipe / "compose.yml").unlink()
        put(recipe / "compose.yml")
        with pytest.raises(RecipeError, match=r"compose\.yml"):
            tree.read("compose.yml")

    def test_no_such_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="there is no such folder\n  name the folder") as info:
            RecipeTree.from_dir(tmp_path / "nope")
        assert info.value.exit_code == ExitCode.USAGE

    def test_not_a_folder(self, recipe: Path) -> None:
        with pytest.raises(UsageError, match=r"compose\.yml: this is not a folder"):
            RecipeTree.from_dir(recipe / "compose.yml")

    def test_an_unreadable_file(self, nobodys_folder: Path) -> None:
        (nobodys_folder / "compose.yml").touch(0)
        with pytest.raises(RecipeError, match=r"compose\.yml: cannot be read: Permission denied"):
            RecipeTree.from_dir(nobodys_folder).read("compose.yml")

    def test_an_unreadable_folder(self, nobodys_folder: Path) -> None:
        (nobodys_folder / "release").mkdir(0)
        with pytest.raises(RecipeError, match="release/: cannot be read: Permission denied"):
            RecipeTree.from_dir(nobodys_folder)

    def test_a_folder_whose_files_cannot_be_looked_at(self, nobodys_folder: Path) -> None:
        (nobodys_folder / "release").mkdir()
        (nobodys_folder / "release" / "next").touch()
        (nobodys_folder / "release").chmod(0o400)
        with pytest.raises(RecipeError, match="release/next: cannot be read: Permission denied"):
            RecipeTree.from_dir(nobodys_folder)

    def test_a_name_that_is_not_utf8_survives(self, recipe: Path) -> None:
        (recipe / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"x")
        assert RecipeTree.from_dir(recipe).read("caf\udce9.txt") == b"x"

    def test_a_name_that_no_recipe_may_have(self, recipe: Path) -> None:
        (recipe / "a\\b").write_bytes(b"x")
        with pytest.raises(RecipeError, match="backslash"):
            RecipeTree.from_dir(recipe)


def git(folder: Path, *args: str, stdin: bytes = b"") -> str:
    mine = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-C", str(folder), "-c", "user.name=n", "-c", "user.email=n@example.org"]
    done = subprocess.run(
        [*command, *args], input=stdin, env=os.environ | mine, check=True, capture_output=True
    )
    return done.stdout.decode().strip()


@pytest.fixture
def checkout(recipe: Path) -> Path:
    git(recipe, "init", "-q", "-b", "main")
    git(recipe, "add", ".")
    git(recipe, "commit", "-q", "-m", "one")
    git(recipe, "tag", "plain")
    (recipe / "compose.yml").write_bytes(b"second\n")
    git(recipe, "commit", "-q", "-a", "-m", "two")
    git(recipe, "tag", "-a", "-m", "annotated", "1.0.0+2")
    git(recipe, "branch", "upgrade-0.3.0+v0.4.219")
    return recipe


class TestFromCommit:
    @pytest.mark.parametrize("bare", [False, True])
    @pytest.mark.parametrize(
        ("rev", "compose"),
        [
            ("HEAD", b"second\n"),
            ("HEAD~1", COMPOSE),
            ("main", b"second\n"),
            ("upgrade-0.3.0+v0.4.219", b"second\n"),
            ("plain", COMPOSE),
            ("1.0.0+2", b"second\n"),
        ],
    )
    def test_any_revision(self, checkout: Path, rev: str, compose: bytes, bare: bool) -> None:
        repo = checkout
        if bare:
            repo = checkout.parent / "bare.git"
            git(checkout, "clone", "-q", "--bare", str(checkout), str(repo))
        (checkout / "compose.yml").write_bytes(b"not committed")
        tree = RecipeTree.from_commit(repo, rev)
        assert tree.read("compose.yml") == compose
        assert tree.name == f"{'bare' if bare else 'gitea'}@{rev}"

    def test_equal_to_the_folder_with_modes_and_links(self, checkout: Path) -> None:
        tree = RecipeTree.from_commit(checkout, git(checkout, "rev-parse", "HEAD"))
        assert tree == RecipeTree.from_dir(checkout)
        assert hash(tree) == hash(RecipeTree.from_dir(checkout))
        assert tree.text("base.yml") == "second\n"

    def test_a_submodule_is_left_out(self, checkout: Path) -> None:
        head = git(checkout, "rev-parse", "HEAD")
        git(checkout, "update-index", "--add", "--cacheinfo", f"160000,{head},module")
        git(checkout, "commit", "-q", "-m", "three")
        assert RecipeTree.from_commit(checkout) == RecipeTree.from_dir(checkout)

    def test_the_old_mode_of_a_group_writable_file(self, checkout: Path) -> None:
        blob = git(checkout, "rev-parse", "HEAD:compose.yml")
        raw = b"100664 a\0" + bytes.fromhex(blob)
        tree = git(checkout, "hash-object", "-t", "tree", "-w", "--stdin", stdin=raw)
        assert RecipeTree.from_commit(checkout, tree).mode("a") == REGULAR

    def test_a_large_file_is_measured_before_it_is_read(self, checkout: Path) -> None:
        (checkout / "compose.yml").write_bytes(b"a" * (MAX_TEXT_BYTES + 1))
        git(checkout, "commit", "-q", "-a", "-m", "large")
        tree = RecipeTree.from_commit(checkout)
        with pytest.raises(RecipeError, match="this file has 5242881 bytes"):
            tree.text("compose.yml")
        assert "data" not in vars(tree.entries["compose.yml"].content)

    @pytest.mark.parametrize("packed", [False, True])
    def test_contents_of_all_sizes(self, checkout: Path, *, packed: bool) -> None:
        noise = random.Random(1).randbytes(2**17)
        files = {
            "empty": b"",
            "small": b"a",
            "noise": noise,  # larger than what is read of a loose object at once
            "edge": noise[: 2**16 - 30],
            "zeros": bytes(2**21),  # small until it is unpacked
        }
        for name, data in files.items():
            (checkout / name).write_bytes(data)
        git(checkout, "add", "-A")
        git(checkout, "commit", "-q", "-m", "sizes")
        if packed:
            git(checkout, "gc", "-q")
        tree = RecipeTree.from_commit(checkout)
        assert {name: tree.entries[name].size for name in files} == {
            name: len(data) for name, data in files.items()
        }
        assert {name: tree.read(name) for name in files} == files

    @pytest.mark.parametrize("rev", ["nope", "HEAD~9", "HEAD:compose.yml", "a..b", ""])
    def test_no_such_revision(self, checkout: Path, rev: str) -> None:
        with pytest.raises(GitError, match=f"does not have '{rev}'") as info:
            RecipeTree.from_commit(checkout, rev)
        assert info.value.exit_code == ExitCode.FORGE
        assert "name a branch" in str(info.value)

    @pytest.mark.parametrize("inside", ["", "release"])
    def test_a_folder_that_is_no_repository(self, checkout: Path, inside: str) -> None:
        # A folder inside a checkout is not the recipe that the checkout holds.
        repo = checkout / inside if inside else checkout.parent
        with pytest.raises(GitError, match="this is no git repository"):
            RecipeTree.from_commit(repo)

    def test_a_content_that_is_missing(self, checkout: Path) -> None:
        tree = RecipeTree.from_commit(checkout)
        blob = git(checkout, "rev-parse", "HEAD:compose.yml")
        (checkout / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
        with pytest.raises(GitError, match=r"compose\.yml: the repository lacks the content"):
            tree.read("compose.yml")
        with pytest.raises(GitError, match="lacks the content"):
            tree.text("compose.yml")

    @pytest.mark.parametrize(
        ("what", "rev"),
        [
            ("HEAD", "HEAD"),
            ("HEAD", "main"),
            ("HEAD", "HEAD~0"),
            ("HEAD:", "HEAD"),
            ("HEAD:release", "HEAD"),
            ("HEAD:compose.yml", "HEAD"),
            ("v1", "v1"),
            ("HEAD", "v1"),
            ("HEAD:", "HEAD:"),
        ],
    )
    def test_an_object_that_is_cut_short(self, checkout: Path, what: str, rev: str) -> None:
        git(checkout, "branch", "-q", "-M", "main")
        git(checkout, "tag", "-a", "-m", "x", "v1")
        assert self.reads(checkout, rev) == ""
        sha = git(checkout, "rev-parse", what)
        loose = checkout / ".git" / "objects" / sha[:2] / sha[2:]
        loose.chmod(0o644)
        loose.write_bytes(loose.read_bytes()[:-6])
        assert "GitError" in self.reads(checkout, rev)

    def test_an_object_that_is_cut_short_elsewhere(self, checkout: Path, tmp_path: Path) -> None:
        """A work tree and a borrower have their objects in another repository."""
        git(checkout, "worktree", "add", "-q", str(tmp_path / "tree"))
        git(checkout, "clone", "-q", "--shared", "--bare", ".", str(tmp_path / "borrower"))
        sha = git(checkout, "rev-parse", "HEAD")
        loose = checkout / ".git" / "objects" / sha[:2] / sha[2:]
        loose.chmod(0o644)
        loose.write_bytes(loose.read_bytes()[:-6])
        assert "GitError" in self.reads(tmp_path / "tree", "HEAD")
        assert "GitError" in self.reads(tmp_path / "borrower", "HEAD")

    @staticmethod
    def reads(folder: Path, rev: str) -> str:
        """Read it in a process that is stopped when it does not end; return what it says."""
        program = (
            "import sys; from patchkit import RecipeTree\n"
            "tree = RecipeTree.from_commit(*sys.argv[1:])\n"
            "[tree.read(path) for path in tree.paths()]"
        )
        done = subprocess.run(
            [sys.executable, "-c", program, str(folder), rev],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        return done.stderr


class TestFromFiles:
    def test_bytes_text_and_entries(self) -> None:
        tree = RecipeTree.from_files(
            {"b": "ü\r\n", "a": b"\xff", "run": Entry(b"#!", EXECUTABLE)}, name="memory"
        )
        assert tree.paths() == ("a", "b", "run")
        assert tree.read("b") == b"\xc3\xbc\r\n"
        assert tree.mode("run") == EXECUTABLE
        assert tree.name == "memory"

    def test_a_file_under_a_file(self) -> None:
        with pytest.raises(RecipeError, match="'a/b' needs a folder where the file 'a' is"):
            RecipeTree.from_files({"a": "", "a/b": ""})

    def test_a_mode_that_git_does_not_know(self) -> None:
        with pytest.raises(RecipeError, match="0o644 is not the git mode of a file"):
            Entry(b"", 0o644)


BAD_PATHS = [
    ("", "empty"),
    ("/etc/passwd", "absolute"),
    ("../x", "climbs"),
    ("a/../b", "climbs"),
    ("./a", "empty part or '.'"),
    ("a//b", "empty part or '.'"),
    ("a/", "empty part or '.'"),
    ("a\\b", "backslash"),
    ("a\0b", "NUL"),
    (".git/config", "git"),
    (".GIT/hooks/x", "git"),
    (".git", "git"),
    ("sub/.git/config", "git"),
    (".patchkit-write/journal", "patchkit"),
    ("\ud800", "no text"),
]


class TestPaths:
    @pytest.mark.parametrize(("path", "reason"), BAD_PATHS)
    def test_refused(self, path: str, reason: str) -> None:
        tree = RecipeTree.from_files({"a/b": ""})
        with pytest.raises(RecipeError, match=reason):
            tree.read(path)
        with pytest.raises(RecipeError, match=reason):
            tree.with_file(path, "")
        with pytest.raises(RecipeError, match=reason):
            tree.without(path)
        with pytest.raises(RecipeError, match=reason):
            RecipeTree.from_files({path: ""})

    @pytest.mark.parametrize("path", ["..a", "a b/ü.yml", ".gitignore", "a/.gitkeep", 'q"x\n'])
    def test_odd_but_allowed(self, path: str) -> None:
        assert RecipeTree.from_files({}).with_file(path, "x").read(path) == b"x"

    def test_missing_with_near_misses(self) -> None:
        tree = RecipeTree.from_files({"compose.yml": "", "abra.sh": ""}, name="gitea")
        with pytest.raises(RecipeError) as info:
            tree.read("compose.yaml")
        assert refusal(info) == "gitea has no file 'compose.yaml'\n  did you mean compose.yml?"

    def test_missing_without_near_misses(self) -> None:
        with pytest.raises(RecipeError, match="the recipe has no file 'x'\n  no other path"):
            RecipeTree.from_files({"compose.yml": ""}).read("x")

    def test_a_folder_is_no_file(self) -> None:
        with pytest.raises(RecipeError, match="release: this is a folder"):
            RecipeTree.from_files({"release/next": ""}).read("release")


def linked(**links: str) -> RecipeTree:
    """Return a recipe with `conf/app.ini`, and a link for each name: `__` is a slash."""
    files: dict[str, bytes | Entry] = {"conf/app.ini": b"ini"}
    for name, target in links.items():
        files[name.replace("__", "/")] = Entry(target.encode(), LINK)
    return RecipeTree.from_files(files)


class TestLinks:
    @pytest.mark.parametrize(
        ("path", "links"),
        [
            ("a", {"a": "conf/app.ini"}),
            ("a", {"a": "./conf//app.ini"}),
            ("a", {"a": "b", "b": "conf/app.ini"}),
            ("sub/a", {"sub__a": "../conf/app.ini"}),
            ("dir/app.ini", {"dir": "conf"}),
            ("dir/app.ini", {"dir": "conf/"}),
            ("dir/sub/app.ini", {"dir": "conf", "conf__sub": "."}),
            # '..' after a link goes up from where the link leads, as on disk
            ("a", {"a": "dir/../app.ini", "dir": "conf/deep", "conf__deep__x": "y"}),
        ],
    )
    def test_inside(self, path: str, links: dict[str, str]) -> None:
        assert linked(**links).read(path) == b"ini"
        assert linked(**links).with_file(path, "new").read("conf/app.ini") == b"new"
        assert linked(**links).with_texts({path: "new"}).read("conf/app.ini") == b"new"

    @pytest.mark.parametrize(
        ("path", "links", "message"),
        [
            ("a", {"a": "/etc/passwd"}, "a: this link leads out of the recipe, to /etc/passwd"),
            ("a", {"a": "../x"}, "a: this link leads out of the recipe"),
            ("a", {"a": "conf/../../x"}, "a: this link leads out of the recipe"),
            ("b", {"b": "a", "a": "../x"}, "a: this link leads out of the recipe"),
            ("sub/a", {"sub__a": "../../x"}, "sub/a: this link leads out of the recipe"),
            ("dir/x", {"dir": ".."}, "dir: this link leads out of the recipe"),
            ("dir/x", {"dir": "/etc"}, "dir: this link leads out of the recipe, to /etc"),
            ("a", {"a": "a"}, "a: this link leads in a circle"),
            ("a", {"a": "b", "b": "a"}, "leads in a circle"),
            ("a", {"a": ".git/config"}, "a: this link does not lead to a file: '.git' belongs"),
            ("dir/config", {"dir": ".git"}, "dir: this link does not lead to a file"),
            ("a", {"a": "."}, "a: this link does not lead to a file"),
        ],
    )
    def test_refused(self, path: str, links: dict[str, str], message: str) -> None:
        tree = linked(**links)
        with pytest.raises(RecipeError) as read:
            tree.read(path)
        with pytest.raises(RecipeError) as written:
            tree.with_file(path, "x")
        assert message in refusal(read)
        assert refusal(read) == refusal(written)

    def test_a_dangling_link(self) -> None:
        tree = linked(a="conf/new.ini")
        with pytest.raises(RecipeError, match=r"no file 'conf/new\.ini', to which 'a' leads"):
            tree.read("a")
        assert tree.with_file("a", "x").read("conf/new.ini") == b"x"

    def test_removal_takes_the_link_and_leaves_its_target(self) -> None:
        assert linked(a="conf/app.ini").without("a") == linked()

    def test_removal_through_a_linked_folder(self) -> None:
        assert linked(dir="conf").without("dir/app.ini").paths() == ("dir",)

    def test_a_link_is_made_and_turned(self) -> None:
        tree = linked().with_file("a", "conf/app.ini", LINK)
        assert tree == linked(a="conf/app.ini")
        assert tree.with_file("a", "b", LINK).link("a") == "b"

    def test_the_mode_of_a_links_target(self) -> None:
        tree = linked(a="conf/app.ini").with_mode("a", EXECUTABLE)
        assert (tree.mode("a"), tree.mode("conf/app.ini")) == (LINK, EXECUTABLE)


class TestText:
    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"", ""),
            (b"a\r\nb\rc\n\n", "a\r\nb\rc\n\n"),
            (b"\xef\xbb\xbfa: 1", "\ufeffa: 1"),
            ("ü\u2028\x85\f".encode(), "ü\u2028\x85\f"),
        ],
    )
    def test_every_character_is_kept(self, data: bytes, text: str) -> None:
        tree = RecipeTree.from_files({"x": data})
        assert tree.text("x") == text
        assert tree.with_file("x", text) == tree

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"a\nb\xe9\n", "x:2: this is not UTF-8: byte 0xe9"),
            (b"\xff\xfea\0", "x:1: this is a binary file"),
            (b"a\n\nb\0", "x:3: this is a binary file"),
            (b"\xed\xa0\x80", "x:1: this is not UTF-8"),
        ],
    )
    def test_refused_with_its_line(self, data: bytes, message: str) -> None:
        with pytest.raises(RecipeError) as info:
            RecipeTree.from_files({"x": data}).text("x")
        assert refusal(info).startswith(message)

    def test_a_large_file_is_not_read(self, tmp_path: Path) -> None:
        with (tmp_path / "compose.yml").open("wb") as file:
            file.truncate(50_000_000)
        tree = RecipeTree.from_dir(tmp_path)
        message = r"compose\.yml: this file has 50000000 bytes; text may have 5242880"
        with pytest.raises(RecipeError, match=message):
            tree.text("compose.yml")
        assert "data" not in vars(tree.entries["compose.yml"].content)

    def test_the_largest_text(self) -> None:
        tree = RecipeTree.from_files({"x": b"a" * MAX_TEXT_BYTES})
        assert len(tree.text("x")) == MAX_TEXT_BYTES

    def test_half_a_character_is_not_written(self) -> None:
        with pytest.raises(RecipeError, match=r"x:2:2: the new content holds U\+D800"):
            RecipeTree.from_files({}).with_file("x", "a\nb\ud800")


class TestChanges:
    BASE = RecipeTree.from_files({"a": "1", "run": Entry(b"#!", EXECUTABLE), "d/x": "x"}, "base")

    def test_the_same_content_is_no_change(self) -> None:
        tree = self.BASE.with_file("a", b"1").with_mode("run", EXECUTABLE)
        assert tree == self.BASE
        assert tree.changed_paths(self.BASE) == ()
        assert hash(tree) == hash(self.BASE)

    def test_the_old_tree_stays(self) -> None:
        self.BASE.with_file("a", "2").without("run")
        assert self.BASE.read("a") == b"1"
        assert "run" in self.BASE

    def test_changes(self) -> None:
        tree = self.BASE.with_file("new", "n").with_file("a", "2").without("d/x")
        tree = tree.with_mode("run", REGULAR)
        assert tree.changed_paths(self.BASE) == ("a", "d/x", "new", "run")
        assert self.BASE.changed_paths(tree) == ("a", "d/x", "new", "run")
        assert tree.name == "base"
        assert tree != self.BASE
        assert tree != "base"

    def test_the_mode_is_kept_or_set(self) -> None:
        assert self.BASE.with_file("run", "x").mode("run") == EXECUTABLE
        assert self.BASE.with_file("new", "x").mode("new") == REGULAR
        assert self.BASE.with_file("new", "x", EXECUTABLE).mode("new") == EXECUTABLE

    def test_a_file_where_a_folder_is(self) -> None:
        with pytest.raises(RecipeError, match="'d/x' needs a folder where the file 'd' is"):
            self.BASE.with_file("d", "x")

    def test_a_file_under_a_file(self) -> None:
        with pytest.raises(RecipeError, match="'a/b' needs a folder where the file 'a' is"):
            self.BASE.with_file("a/b", "x")

    def test_an_unknown_mode(self) -> None:
        with pytest.raises(RecipeError, match="is not the git mode"):
            self.BASE.with_mode("a", 0o755)

    def test_an_entry_is_no_other_value(self) -> None:
        assert Entry(b"a") != b"a"
        assert Entry(b"a") != Entry(b"a", EXECUTABLE)
        assert hash(Entry(b"a")) == hash(Entry(b"a"))
