"""Commits are judged by the git program: the same files give the same objects."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

import pygit2
import pytest
from cli_tools import git
from repos import START, ZONE, Origin

from patchkit.errors import BugError, GitError, RecipeError, UsageError
from patchkit.git.author import Author, identity
from patchkit.git.commit import commit
from patchkit.git.faults import DAMAGED, DamagedCloneError
from patchkit.git.message import with_trailers
from patchkit.git.mirror import mirror
from patchkit.tree import EXECUTABLE, LINK, Entry, RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

BOT = Author("Patch Bot", "bot@example.com")
TITLE = "Pin redis\n\nA moving tag brought a release that refuses the old data."
TRAILERS = "Patchkit-Fix: pin-redis\nPatchkit-Digest: sha256:abc\nPatchkit-Version: 1.2\n"
WHEN = f"{START} {ZONE}"
BASE = {
    "compose.yml": "services: {}\n",
    "abra.sh": "#!/bin/sh\n",
    "a.b": "sorts between the file and the folder a\n",
    "a/deep/er/file": "deep\n",
    "a/other": "other\n",
    "release/next": "notes\n",
    "conf/only": "alone\n",
}


class Clone(NamedTuple):
    """A clone of a mirror, and its head."""

    folder: Path
    base: str

    def tree(self) -> RecipeTree:
        return RecipeTree.from_commit(self.folder, self.base)


@pytest.fixture
def clone(tmp_path, cache):
    """A clone of a recipe."""
    origin = Origin(tmp_path / "srv", "gitea.git", BASE)
    found = mirror(str(origin.bare), cache)
    return Clone(found.folder, found.head)


def committed(clone: Clone, tree: RecipeTree, message: str = TITLE, **more: object) -> str:
    options = {"fix": "pin-redis", "digest": "sha256:abc", "version": "1.2", **more}
    return commit(clone.folder, clone.base, tree, message, BOT, **options)


def judged(
    clone: Clone,
    files: Mapping[str, Entry],
    message: str = f"{TITLE}\n\n{TRAILERS}",
    modules: Mapping[str, str] | None = None,
) -> str:
    """Return the commit that git makes of files, from an empty index."""
    lines = [
        b"160000 %s\t%s\0" % (sha.encode(), path.encode()) for path, sha in (modules or {}).items()
    ]
    for path, entry in files.items():
        blob = git_of(clone, "hash-object", "-w", "--stdin", stdin=entry.data)
        lines.append(b"%o %s\t%s\0" % (entry.mode, blob.encode(), os.fsencode(path)))
    git_of(clone, "read-tree", "--empty")
    git_of(clone, "update-index", "-z", "--index-info", stdin=b"".join(lines))
    tree = git_of(clone, "write-tree")
    return git_of(clone, "commit-tree", "-p", clone.base, tree, stdin=message.encode())


def git_of(clone: Clone, *arguments: str, stdin: bytes = b"") -> str:
    env = {**os.environ, "GIT_INDEX_FILE": str(clone.folder / "judge")}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": BOT.name, f"GIT_{role}_EMAIL": BOT.email}
        env |= {f"GIT_{role}_DATE": WHEN}
    done = subprocess.run(
        ["git", *arguments], cwd=clone.folder, env=env, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


CHANGES: dict[str, Callable[[RecipeTree], RecipeTree]] = {
    "content": lambda tree: tree.with_file("compose.yml", "x: 1\n"),
    "deep content": lambda tree: tree.with_file("a/deep/er/file", "x"),
    "added": lambda tree: tree.with_file("new", "x"),
    "added in new folders": lambda tree: tree.with_file("n/e/w", "x").with_file("n/f", "y"),
    "empty file": lambda tree: tree.with_file("new", ""),
    "removed": lambda tree: tree.without("abra.sh"),
    "the last of its folder": lambda tree: tree.without("conf/only"),
    "the last of folders": lambda tree: tree.without("a/deep/er/file"),
    "all": lambda tree: RecipeTree.from_files({"only": "x"}),
    "file to folder": lambda tree: tree.without("abra.sh").with_file("abra.sh/x", "x"),
    "file to deep folder": lambda tree: tree.without("a/other").with_file("a/other/x/y", "x"),
    "folder to file": lambda tree: tree.without("conf/only").with_file("conf", "x"),
    "deep folder to file": lambda tree: tree.without("a/deep/er/file").with_file("a/deep", "x"),
    "folder to link": lambda tree: tree.without("conf/only").with_file("conf", "a", LINK),
    "executable": lambda tree: tree.with_mode("abra.sh", EXECUTABLE),
    "link": lambda tree: tree.with_file("link", "a/other", LINK),
    "file to link": lambda tree: tree.without("abra.sh").with_file("abra.sh", "a/other", LINK),
    "large": lambda tree: tree.with_file("large", bytes(range(256)) * 2000),
    "no text": lambda tree: tree.with_file("a\udcff\udcfe/b\udc80", "x"),
    "unicode": lambda tree: tree.with_file("ü/日本", "x"),
    "odd names": lambda tree: tree.with_file('-q"x\n', "x").with_file(" / ", "y"),
    "order": lambda tree: tree.with_file("a-", "").with_file("a0", "").with_file("a/deep.x", ""),
}


class TestTrees:
    @pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
    def test_as_git_writes_it(self, clone, change):
        tree = change(clone.tree())
        sha = committed(clone, tree)
        assert RecipeTree.from_commit(clone.folder, sha) == tree
        assert sha == judged(clone, tree.entries)
        assert git(clone.folder, "fsck", "--strict", sha) == ""

    def test_a_tree_from_elsewhere(self, clone, tmp_path):
        tree = clone.tree().with_file("compose.yml", "x: 2\n")
        tree.write(tmp_path / "copy")
        assert committed(clone, RecipeTree.from_dir(tmp_path / "copy")) == committed(clone, tree)

    def test_only_what_changed_is_written(self, clone):
        def objects() -> set[str]:
            return {path.name for path in (clone.folder / "objects").glob("??/*")}

        before = objects()
        committed(clone, clone.tree().with_file("a/deep/er/file", "x"))
        assert len(objects() - before) == len(["blob", "er", "deep", "a", "top", "commit"])

    def test_nothing_moves(self, clone):
        before = git(clone.folder, "for-each-ref"), (clone.folder / "HEAD").read_text()
        committed(clone, clone.tree().with_file("compose.yml", "x: 3\n"))
        assert (git(clone.folder, "for-each-ref"), (clone.folder / "HEAD").read_text()) == before
        assert not (clone.folder / "index").exists()

    def test_submodules_stay(self, clone):
        base, modules = with_modules(clone)
        there = Clone(clone.folder, base)
        tree = there.tree().without("conf/only").with_file("a/new", "x")
        assert committed(there, tree) == judged(there, tree.entries, modules=modules)

    @pytest.mark.parametrize("path", ["conf/module", "conf/module/x"])
    def test_a_file_at_a_submodule(self, clone, path):
        there = Clone(clone.folder, with_modules(clone)[0])
        with pytest.raises(RecipeError, match="is a submodule of the recipe"):
            committed(there, there.tree().with_file(path, "x"))

    def test_a_file_for_a_folder_with_a_submodule(self, clone):
        there = Clone(clone.folder, with_modules(clone)[0])
        tree = there.tree().without("conf/only").with_file("conf", "x")
        with pytest.raises(RecipeError, match="'conf' is a submodule of the recipe, or holds one"):
            committed(there, tree)

    def test_old_modes_of_other_files_stay(self, clone):
        blob = git_of(clone, "rev-parse", f"{clone.base}:abra.sh")
        raw = b"".join(b"100664 %s\0%s" % (name, bytes.fromhex(blob)) for name in (b"a", b"b"))
        tree = git_of(clone, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=raw)
        base = git_of(clone, "commit-tree", "-m", "old", tree)
        there = Clone(clone.folder, base)
        sha = committed(there, there.tree().with_file("b", "x"))
        written = pygit2.Repository(str(clone.folder))[sha].peel(pygit2.Tree).read_raw()
        assert written.startswith(b"100664 a\0")
        assert b"100644 b\0" in written

    def test_nothing_changes(self, clone):
        with pytest.raises(BugError, match="changes nothing"):
            committed(clone, clone.tree())

    @pytest.mark.parametrize("what", ["", ":", ":a"])
    def test_a_damaged_clone(self, clone, what):
        tree = clone.tree().with_file("compose.yml", "x: 4\n").with_file("a/new", "x")
        sha = git_of(clone, "rev-parse", clone.base + what)
        (clone.folder / "objects" / sha[:2] / sha[2:]).unlink()
        with pytest.raises(DamagedCloneError):
            committed(clone, tree)
        assert (clone.folder / DAMAGED).exists()


def with_modules(clone: Clone) -> tuple[str, dict[str, str]]:
    """Return a commit like the base with two submodules, and these."""
    modules = {"conf/module": clone.base, "a/deep/er/module": "1" * 40}
    base = judged(clone, clone.tree().entries, "modules", modules)
    return base, modules


class TestReproducible:
    PROGRAM = """
import sys
from pathlib import Path
from patchkit.git.author import Author
from patchkit.git.commit import commit
from patchkit.git.mirror import mirror
from patchkit.tree import RecipeTree
found = mirror(sys.argv[1], Path(sys.argv[2]))
tree = RecipeTree.from_commit(found.folder, found.head).with_file("\\u00fc/\\u65e5", "x")
tree = tree.with_file("compose.yml", "x: 5\\n").with_mode("abra.sh", 0o100755).without("\\u00e4")
author = Author("J\\u00f6rg Bot", "bot@example.com")
made = {"fix": "f", "digest": "d", "version": "1"}
print(commit(found.folder, found.head, tree, "T\\u00eftle", author, **made))
"""

    def test_on_two_machines(self, origin, tmp_path):
        origin.commit({"ü/a": "a\n", "ä": "b\n"})
        settings = tmp_path / "odd"
        settings.write_text(
            "[core]\n\tautocrlf = true\n\tquotePath = false\n\tcompression = 0\n\tcommentChar = P\n"
            "[i18n]\n\tcommitEncoding = latin1\n[user]\n\tname = Other\n\temail = o@example.com\n"
            "[commit]\n\tcleanup = verbatim\n[trailer]\n\tseparators = =\n\twhere = start\n"
        )
        machines = [
            {"TZ": "UTC", "LC_ALL": "C.UTF-8"},
            {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
            {
                "TZ": "America/St_Johns",
                "LANG": "de_DE.ISO-8859-1",
                "USER": "somebody",
                "GIT_CONFIG_GLOBAL": str(settings),
                "GIT_AUTHOR_NAME": "Env",
                "GIT_COMMITTER_DATE": "1 +0000",
                "SOURCE_DATE_EPOCH": "1",
            },
        ]
        shas = set()
        for number, machine in enumerate(machines):
            env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **machine}
            env["PYTHONHASHSEED"] = str(number)
            program = [
                sys.executable,
                "-c",
                self.PROGRAM,
                str(origin.bare),
                str(tmp_path / f"c{number}"),
            ]
            mask = (0o022, 0o077, 0o002)[number]
            done = subprocess.run(
                program, env=env, umask=mask, check=True, capture_output=True, text=True
            )
            shas.add(done.stdout)
        assert len(shas) == 1

    def test_dates_are_the_bases(self, clone):
        sha = committed(clone, clone.tree().with_file("compose.yml", "x: 6\n"))
        line = git(
            clone.folder, "show", "-s", "--format=%an|%ae|%ad|%cn|%ce|%cd", "--date=raw", sha
        )
        assert line.strip() == "|".join(["Patch Bot", "bot@example.com", WHEN] * 2)

    def test_another_spec_is_another_commit(self, clone):
        tree = clone.tree().with_file("compose.yml", "x: 7\n")
        assert committed(clone, tree) != committed(clone, tree, digest="sha256:def")

    def test_another_version_is_another_commit(self, clone):
        tree = clone.tree().with_file("compose.yml", "x: 7\n")
        assert committed(clone, tree) != committed(clone, tree, version="1.3")


class TestMessages:
    @pytest.mark.parametrize(
        "message",
        [
            "title",
            "title\n\nwhy\n",
            "title\n\nwhy\n\nmore: of it\nand a line",
            "title\n\nNote: this is a trailer to git",
            "title\n\nwhy\n\nSigned-off-by: A <a@example.com>",
            "title\n\nwhy\n\nSigned-off-by: A <a@example.com>\nand a line\nand another",
            "title\n\nSigned-off-by: A <a@example.com>\n1\n2\n3\n4",
            "title\n\na: 1\n b\nc: 2",
            "title\n\n a\nc: 2",
            "title: of a kind",
            "title: of a kind\nsecond: line",
            "title\n\n(cherry picked from commit 0123)\nx",
            "title\n\nno_key: value",
            "title\n\ntrailing: spaces   \n\n\n",
            "title\n\n\n\nmuch room\n",
            "title\r\n\r\ndos: lines\r\n",
        ],
    )
    def test_as_git_adds_them(self, message, tmp_path):
        ours = with_trailers(
            message, {"Patchkit-Fix": "pin-redis", "Patchkit-Digest": "sha256:abc"}
        )
        clean = subprocess.run(
            ["git", "stripspace"], input=message.encode(), capture_output=True, check=True
        ).stdout
        added = ("--trailer", "Patchkit-Fix: pin-redis", "--trailer", "Patchkit-Digest: sha256:abc")
        theirs = subprocess.run(
            ["git", "-C", str(tmp_path), "interpret-trailers", *added],
            input=clean,
            capture_output=True,
            check=True,
        ).stdout
        assert ours == theirs.decode()

    @pytest.mark.parametrize("last", ["Key : value", "https://example.com/a\n", "a:b"])
    def test_lines_that_git_would_write_otherwise_stay(self, last):
        text = with_trailers(f"title\n\n{last}", {"Patchkit-Fix": "x"})
        assert text.startswith(f"title\n\n{last}\n")
        assert text.endswith("\nPatchkit-Fix: x\n")

    @pytest.mark.parametrize("end", ["#12 says so", "# Heading\n\n#: x", "---\nx: y"])
    def test_found_again_behind_what_looks_like_a_comment(self, clone, end):
        sha = committed(clone, clone.tree().with_file("new", "x"), f"title\n\n{end}")
        found = git(clone.folder, "show", "-s", "--format=%(trailers:only)", sha)
        assert found.rstrip("\n").endswith(TRAILERS.rstrip("\n"))
        assert end in git(clone.folder, "show", "-s", "--format=%B", sha)

    @pytest.mark.parametrize("message", ["", "\n \n", "a\0b", "a\ud800"])
    def test_no_message(self, message):
        with pytest.raises(UsageError, match="needs a message"):
            with_trailers(message, {"Patchkit-Fix": "x"})

    @pytest.mark.parametrize("value", ["", " ", "a\nb", "a\x1bb"])
    def test_no_trailer(self, value):
        with pytest.raises(UsageError, match="is no trailer"):
            with_trailers("title", {"Patchkit-Fix": value})


class TestAuthor:
    def test_of_git(self, tmp_path):
        (tmp_path / "home" / ".gitconfig").write_text(
            "[user]\n\tname = Jo Bot\n\temail = jo@example.com\n"
        )
        assert identity(tmp_path) == Author("Jo Bot", "jo@example.com")

    def test_of_the_environment(self, tmp_path, monkeypatch):
        monkeypatch.setenv("GIT_AUTHOR_NAME", "Env")
        monkeypatch.setenv("GIT_AUTHOR_EMAIL", "env@example.com")
        assert str(identity(tmp_path)) == "Env <env@example.com>"

    def test_half_of_it_said(self, tmp_path, monkeypatch):
        """Git would take the user's name on this machine for the other half."""
        monkeypatch.setenv("EMAIL", "jo@example.com")
        with pytest.raises(GitError, match="git does not know who makes the commit"):
            identity(tmp_path)

    def test_nobody_said(self, tmp_path):
        with pytest.raises(GitError, match="git does not know who makes the commit") as raised:
            identity(tmp_path)
        assert "git config --global user.name" in str(raised.value)

    @pytest.mark.parametrize(
        ("text", "name", "email"),
        [
            ("Jo <jo@example.com>", "Jo", "jo@example.com"),
            (' "Jo B." <jo@example.com> ', "Jo B", "jo@example.com"),
            ("Jörg  Öl <jö@example.com>", "Jörg  Öl", "jö@example.com"),
        ],
    )
    def test_written_in_settings(self, text, name, email):
        author = Author.parse(text)
        assert (author.name, author.email) == (name, email)
        env = {"GIT_AUTHOR_NAME": text.partition("<")[0], "GIT_AUTHOR_EMAIL": email}
        ident = subprocess.run(
            ["git", "var", "GIT_AUTHOR_IDENT"],
            env={**os.environ, **env},
            capture_output=True,
            check=True,
        ).stdout.decode()
        assert ident.startswith(f"{author} ")

    @pytest.mark.parametrize(
        "text", ["", "Jo", "<jo@x>", "Jo <>", "Jo <a b>", "... <a@x>", "a\nb <c@x>"]
    )
    def test_no_author(self, text):
        with pytest.raises(UsageError, match="is no author"):
            Author.parse(text)


def _without_signature(raw: bytes) -> bytes:
    return re.sub(rb"\ngpgsig .*(\n .*)*", b"", raw)


class TestSigning:
    @pytest.fixture
    def ssh(self, tmp_path):
        """Git configured to sign with an SSH key of its own."""
        if not shutil.which("ssh-keygen"):
            pytest.skip("signing by SSH needs ssh-keygen: apt-get install openssh-client")
        key = tmp_path / "key"
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "x", "-f", str(key)], check=True
        )
        public = key.with_suffix(".pub").read_text()
        (tmp_path / "signers").write_text(f"bot@example.com {public}")
        self.configure(
            tmp_path,
            "ssh",
            str(key),
            f'[gpg "ssh"]\n\tallowedSignersFile = {tmp_path / "signers"}\n',
        )

    @pytest.fixture
    def gpg(self, tmp_path, monkeypatch):
        """Git configured to sign with a key of GnuPG."""
        if not shutil.which("gpg") or not shutil.which("gpgconf"):
            pytest.skip("signing by OpenPGP needs gpg: apt-get install gnupg")
        home = tmp_path / "gnupg"
        home.mkdir(0o700)
        monkeypatch.setenv("GNUPGHOME", str(home))
        who = ("--quick-generate-key", "Patch Bot <bot@example.com>", "ed25519", "sign", "never")
        quiet = ("gpg", "--batch", "--quiet", "--passphrase", "")
        subprocess.run([*quiet, *who], check=True, capture_output=True)
        self.configure(tmp_path, "openpgp", "bot@example.com")
        yield
        subprocess.run(["gpgconf", "--kill", "all"], check=True)

    @staticmethod
    def configure(tmp_path: Path, kind: str, key: str, more: str = "") -> None:
        (tmp_path / "home" / ".gitconfig").write_text(
            f"[commit]\n\tgpgsign = true\n[gpg]\n\tformat = {kind}\n"
            f"[user]\n\tsigningkey = {key}\n{more}[i18n]\n\tcommitEncoding = latin1\n"
        )

    def check(self, clone: Clone, message: str = "Täst\n\nwhy") -> tuple[str, RecipeTree]:
        tree = clone.tree().with_file("compose.yml", "x: 8\n")
        plain = committed(clone, tree, message, sign=False)
        sha = committed(clone, tree, message)
        subprocess.run(
            ["git", "verify-commit", sha], cwd=clone.folder, check=True, capture_output=True
        )
        repository = pygit2.Repository(str(clone.folder))
        signed = repository[sha].read_raw()
        assert b"\ngpgsig " in signed
        assert _without_signature(signed) == repository[plain].read_raw()
        assert committed(clone, tree, message, like=sha) == sha
        assert committed(clone, tree, message, like=plain) != plain
        assert committed(clone, tree, "other", like=sha) != sha
        assert committed(clone, tree, message, like=sha, version="1.3") == sha
        return sha, tree

    @pytest.mark.usefixtures("ssh")
    def test_ssh(self, clone):
        sha, tree = self.check(clone)
        assert committed(clone, tree, "Täst\n\nwhy") == sha

    @pytest.mark.usefixtures("gpg")
    def test_gpg(self, clone):
        self.check(clone)

    def test_a_key_that_is_missing(self, clone, tmp_path):
        self.configure(tmp_path, "ssh", str(tmp_path / "nope"))
        with pytest.raises(GitError, match="the commit cannot be signed") as raised:
            committed(clone, clone.tree().with_file("new", "x"))
        assert "git config --global commit.gpgsign false" in str(raised.value)

    def test_the_same_unsigned(self, clone):
        tree = clone.tree().with_file("new", "x")
        sha = committed(clone, tree)
        assert committed(clone, tree, like=sha) == sha
        assert committed(clone, tree, like=clone.base) == sha

    def test_what_another_version_made_is_not_made_again(self, clone):
        tree = clone.tree().with_file("new", "x")
        sha = committed(clone, tree, version="1.2")
        assert committed(clone, tree, like=sha, version="1.3") == sha
        other = clone.tree().with_file("new", "y")
        assert committed(clone, other, like=sha, version="1.2") != sha
