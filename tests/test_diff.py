"""Diffs: their text written out by hand, and each one applied by the real git, byte for byte."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from unidiff import PatchSet

from patchkit.diff import FileStat, stat, unified
from patchkit.tree import EXECUTABLE, LINK, REGULAR, Entry, RecipeTree

if TYPE_CHECKING:
    from collections.abc import Iterator

Files = dict[str, bytes | str | Entry]
QUIET = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


@pytest.fixture(scope="module", autouse=True)
def without_fsync() -> Iterator[None]:
    """Spare the hundreds of small folders what only a power failure would show."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


def tree(files: Files) -> RecipeTree:
    return RecipeTree.from_files(files)


def git_apply(folder: Path, patch: str, *options: str) -> None:
    command = ["git", "-C", str(folder), "apply", "--whitespace=nowarn", *options, "-"]
    stdin = patch.encode(errors="surrogateescape")
    done = subprocess.run(
        command, input=stdin, env=os.environ | QUIET, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode() + patch


def check_applies(base: RecipeTree, head: RecipeTree, context: int = 3) -> str:
    """Return the diff after git has made `head` of `base` with it, and `base` of `head`."""
    patch = unified(base, head, context)
    if base == head:
        assert patch == ""
        return ""
    options = () if context else ("--unidiff-zero",)
    with tempfile.TemporaryDirectory() as name:
        base.write(name)
        git_apply(Path(name), patch, "--check", *options)
        git_apply(Path(name), patch, *options)
        assert RecipeTree.from_dir(name) == head
        git_apply(Path(name), patch, "--reverse", *options)
        assert RecipeTree.from_dir(name) == base
    return patch


def lines(*numbers: int) -> str:
    return "".join(f"{number}\n" for number in numbers)


class TestNothing:
    def test_equal_trees(self) -> None:
        assert unified(tree({"a": "1\n"}), tree({"a": b"1\n"})) == ""
        assert stat(tree({"a": "1\n"}), tree({"a": b"1\n"})) == []


EXACT: list[tuple[str, Files, Files, str]] = [
    (
        "changed",
        {"a.yml": "a\nb\nc\n", "same": "s"},
        {"a.yml": "a\nB\nc\n", "same": "s"},
        "diff --git a/a.yml b/a.yml\n--- a/a.yml\n+++ b/a.yml\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n",
    ),
    (
        "added",
        {},
        {"d/a": "1\n"},
        (
            "diff --git a/d/a b/d/a\nnew file mode 100644\n"
            "--- /dev/null\n+++ b/d/a\n@@ -0,0 +1 @@\n+1\n"
        ),
    ),
    (
        "removed",
        {"d/a": Entry(b"1\n2\n", EXECUTABLE)},
        {},
        (
            "diff --git a/d/a b/d/a\ndeleted file mode 100755\n"
            "--- a/d/a\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-1\n-2\n"
        ),
    ),
    (
        "empty-added",
        {},
        {"a": ""},
        "diff --git a/a b/a\nnew file mode 100644\n",
    ),
    (
        "empty-removed",
        {"a": ""},
        {},
        "diff --git a/a b/a\ndeleted file mode 100644\n",
    ),
    (
        "emptied",
        {"a": "1\n"},
        {"a": ""},
        "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +0,0 @@\n-1\n",
    ),
    (
        "filled",
        {"a": ""},
        {"a": "1"},
        "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+1\n\\ No newline at end of file\n",
    ),
    (
        "executable",
        {"a": "1\n"},
        {"a": Entry(b"1\n", EXECUTABLE)},
        "diff --git a/a b/a\nold mode 100644\nnew mode 100755\n",
    ),
    (
        "mode-and-content",
        {"a": Entry(b"1\n", EXECUTABLE)},
        {"a": "2\n"},
        (
            "diff --git a/a b/a\nold mode 100755\nnew mode 100644\n"
            "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-1\n+2\n"
        ),
    ),
    (
        "last-newline-added",
        {"a": "1\n2"},
        {"a": "1\n2\n"},
        (
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n"
            " 1\n-2\n\\ No newline at end of file\n+2\n"
        ),
    ),
    (
        "last-newline-missing-in-both",
        {"a": "1\n2"},
        {"a": "0\n2"},
        (
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,2 @@\n"
            "-1\n+0\n 2\n\\ No newline at end of file\n"
        ),
    ),
    (
        "line-endings-are-content",
        {"a": "1\r\n2\r\n3\r4\n"},
        {"a": "1\r\n2\n3\r4\n"},
        "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\r\n-2\r\n+2\n 3\r4\n",
    ),
    (
        "only-newline-ends-a-line",
        {"a": "1\x0c2\u20283\x854\n"},
        {"a": "1\x0c2\u20283\x855\n"},
        (
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n"
            "-1\x0c2\u20283\x854\n+1\x0c2\u20283\x855\n"
        ),
    ),
    (
        "link",
        {"a": Entry(b"x", LINK)},
        {"a": Entry(b"y", LINK), "b": Entry(b"x/y", LINK)},
        (
            "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n"
            "-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n"
            "diff --git a/b b/b\nnew file mode 120000\n--- /dev/null\n+++ b/b\n"
            "@@ -0,0 +1 @@\n+x/y\n\\ No newline at end of file\n"
        ),
    ),
    (
        "file-that-becomes-a-link",
        {"a": "x"},
        {"a": Entry(b"x", LINK)},
        (
            "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n"
            "@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n"
            "diff --git a/a b/a\nnew file mode 120000\n--- /dev/null\n+++ b/a\n"
            "@@ -0,0 +1 @@\n+x\n\\ No newline at end of file\n"
        ),
    ),
    (
        "renamed",
        {"old name": "1\n"},
        {"new": Entry(b"1\n", EXECUTABLE)},
        (
            "diff --git a/old name b/new\nold mode 100644\nnew mode 100755\n"
            "similarity index 100%\nrename from old name\nrename to new\n"
        ),
    ),
    (
        "moved-to-the-same-file-name",
        {"a/x": "1\n", "b/y": "1\n"},
        {"c/y": "1\n"},
        (
            "diff --git a/a/x b/a/x\ndeleted file mode 100644\n--- a/a/x\n+++ /dev/null\n"
            "@@ -1 +0,0 @@\n-1\n"
            "diff --git a/b/y b/c/y\nsimilarity index 100%\nrename from b/y\nrename to c/y\n"
        ),
    ),
    (
        "renamed-and-changed",
        {"a": "1\n2\n3\n"},
        {"b": "1\n2\n4\n"},
        (
            "diff --git a/a b/b\nsimilarity index 66%\nrename from a\nrename to b\n"
            "--- a/a\n+++ b/b\n@@ -1,3 +1,3 @@\n 1\n 2\n-3\n+4\n"
        ),
    ),
    (
        "renamed-and-changed-by-half-is-two-files",
        {"a": "1\n2\n"},
        {"b": "1\n3\n"},
        (
            "diff --git a/a b/a\ndeleted file mode 100644\n--- a/a\n+++ /dev/null\n"
            "@@ -1,2 +0,0 @@\n-1\n-2\n"
            "diff --git a/b b/b\nnew file mode 100644\n--- /dev/null\n+++ b/b\n"
            "@@ -0,0 +1,2 @@\n+1\n+3\n"
        ),
    ),
    (
        "name-with-a-blank",
        {"a b": "1\n"},
        {"a b": "2\n"},
        "diff --git a/a b b/a b\n--- a/a b\t\n+++ b/a b\t\n@@ -1 +1 @@\n-1\n+2\n",
    ),
    (
        "name-in-quotes",
        {'ü"\t\x01': "1\n"},
        {'ü"\t\x01': "2\n"},
        (
            'diff --git "a/\\303\\274\\"\\t\\001" "b/\\303\\274\\"\\t\\001"\n'
            '--- "a/\\303\\274\\"\\t\\001"\n+++ "b/\\303\\274\\"\\t\\001"\n@@ -1 +1 @@\n-1\n+2\n'
        ),
    ),
    (
        "not-utf8",
        {"a": b"caf\xe9\n"},
        {"a": b"caf\xe8\n"},
        "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-caf\udce9\n+caf\udce8\n",
    ),
]


@pytest.mark.parametrize(
    ("base", "head", "patch"), [case[1:] for case in EXACT], ids=[case[0] for case in EXACT]
)
def test_exact(base: Files, head: Files, patch: str) -> None:
    assert check_applies(tree(base), tree(head)) == patch


class TestBinary:
    def test_the_text_that_git_writes(self) -> None:
        # Written by git diff --binary --full-index, but for the mode behind the ids.
        assert check_applies(tree({"i.png": b"\0\1\2"}), tree({"i.png": b"\0\1\2\3" * 3})) == (
            "diff --git a/i.png b/i.png\n"
            "index 8352675d67aed6625ece79af41c27fdb4ee2e867"
            "..711db388aa9518a6f1c24ba0f3346bd47620e8b6\n"
            "GIT binary patch\n"
            "literal 12\nNc${NkWMXE3VgLYg022TJ\n\n"
            "literal 3\nKc${NkWC8#H2LJ>B\n\n"
        )

    @pytest.mark.parametrize("size", [1, 25, 26, 27, 51, 52, 53, 5000])
    def test_every_length_of_a_line(self, size: int) -> None:
        noise = b"".join(bytes([n * n * 7 % 251, n // 3 % 256]) for n in range(size))
        check_applies(tree({"a": b"\0"}), tree({"a": b"\0" + noise}))

    @pytest.mark.parametrize(
        ("base", "head"),
        [
            ({}, {"a": b"\0"}),
            ({"a": b"\0"}, {}),
            ({"a": b"\0"}, {"a": b""}),
            ({"a": b"text\n"}, {"a": b"\0"}),
            ({"a": b"\0"}, {"a": Entry(b"\0", EXECUTABLE)}),
            ({"a": b"\0"}, {"a": Entry(b"\1\0", EXECUTABLE)}),
            ({"a": b"\0"}, {"b": b"\0"}),
            ({"a b": b"\0"}, {"a b": b"\0\n"}),
            ({"a": b"\0"}, {"a": Entry(b"b", LINK)}),
        ],
    )
    def test_applies(self, base: Files, head: Files) -> None:
        check_applies(tree(base), tree(head))

    def test_a_nul_far_behind_the_start(self) -> None:
        text = b"line\n" * 5000
        assert "GIT binary patch" in check_applies(tree({"a": text}), tree({"a": text + b"\0"}))


class TestHunks:
    def test_near_changes_share_a_hunk(self) -> None:
        base, head = lines(*range(1, 20)), lines(1, 2, 0, *range(4, 10), 0, *range(11, 20))
        patch = check_applies(tree({"a": base}), tree({"a": head}))
        assert [line for line in patch.split("\n") if line.startswith("@@")] == [
            "@@ -1,13 +1,13 @@"
        ]

    def test_far_changes_do_not(self) -> None:
        base, head = lines(*range(1, 20)), lines(1, 2, 0, *range(4, 11), 0, *range(12, 20))
        patch = check_applies(tree({"a": base}), tree({"a": head}))
        assert [line for line in patch.split("\n") if line.startswith("@@")] == [
            "@@ -1,6 +1,6 @@",
            "@@ -8,7 +8,7 @@",
        ]

    @pytest.mark.parametrize(
        ("context", "heads"),
        [
            (0, ["@@ -2,0 +3 @@", "@@ -6 +6,0 @@"]),
            (1, ["@@ -2,2 +2,3 @@", "@@ -5,3 +6,2 @@"]),
            (2, ["@@ -1,8 +1,8 @@"]),
        ],
    )
    def test_context(self, context: int, heads: list[str]) -> None:
        base, head = lines(*range(1, 10)), lines(1, 2, 0, 3, 4, 5, 7, 8, 9)
        patch = check_applies(tree({"a": base}), tree({"a": head}), context)
        assert [line for line in patch.split("\n") if line.startswith("@@")] == heads

    def test_a_huge_file_takes_no_time(self) -> None:
        base = ["\n" if n % 2 else f"{n}\n" for n in range(40_000)]
        head = ["first\n", *base[1:-2], "last\n", base[-1]]
        patch = unified(tree({"a": "".join(base)}), tree({"a": "".join(head)}))
        assert [line for line in patch.split("\n")[3:] if line.startswith(("+", "-"))] == [
            "-0",
            "+first",
            "-39998",
            "+last",
        ]


def changes(base: str, head: str) -> list[str]:
    """Return what is marked in the diff of two texts."""
    patch = check_applies(tree({"a": base}), tree({"a": head}))
    return [line for line in patch.split("\n")[3:] if line.startswith(("+", "-"))]


class TestWholeEntries:
    """Where a change can be shown in several places, it is shown as an entry."""

    A = "services:\n  a:\n    image: x\n"
    B = "  b:\n    image: x\n"

    def test_a_service_is_added_behind_another(self) -> None:
        assert changes(self.A, self.A + self.B) == ["+  b:", "+    image: x"]

    def test_a_service_is_added_before_another(self) -> None:
        head = "services:\n" + self.B + "  a:\n    image: x\n"
        assert changes(self.A, head) == ["+  b:", "+    image: x"]

    def test_a_service_is_removed(self) -> None:
        assert changes(self.A + self.B + "  c:\n", self.A + "  c:\n") == ["-  b:", "-    image: x"]

    def test_between_services_with_blank_lines(self) -> None:
        base = self.A + "\n  c:\n    image: y\n"
        head = self.A + "\n" + self.B + "\n  c:\n    image: y\n"
        assert changes(base, head) == ["+  b:", "+    image: x", "+"]

    def test_behind_a_service_at_the_end(self) -> None:
        assert changes(self.A, self.A + "\n" + self.B) == ["+", "+  b:", "+    image: x"]

    def test_a_function_of_a_shell_file(self) -> None:
        base = "f() {\n  x\n}\n"
        assert changes(base, base + "\ng() {\n  y\n}\n") == ["+", "+g() {", "+  y", "+}"]

    def test_an_equal_line_goes_to_the_end(self) -> None:
        patch = check_applies(tree({"a": "x\nx\ny\n"}), tree({"a": "x\nx\nx\ny\n"}))
        assert patch.split("\n")[3:] == ["@@ -1,3 +1,4 @@", " x", " x", "+x", " y", ""]

    def test_neighbours_do_not_run_into_each_other(self) -> None:
        check_applies(tree({"a": "x\nx\n1\nx\nx\n"}), tree({"a": "x\nx\nx\n2\nx\nx\nx\n"}))


class TestStat:
    def test_of_every_kind(self) -> None:
        base = tree(
            {"a": "1\n2\n", "gone": "1\n2", "move": "m", "bin": b"\0", "mode": "", "link": "l"}
        )
        head = tree(
            {
                "a": "1\n3\n4\n",
                "new": "9\n",
                "moved": "m",
                "bin": b"\1\0",
                "mode": Entry(b"", EXECUTABLE),
                "link": Entry(b"x", LINK),
            }
        )
        assert stat(base, head) == [
            FileStat("a", 2, 1, "changed"),
            FileStat("bin", 0, 0, "changed"),
            FileStat("gone", 0, 2, "removed"),
            FileStat("link", 0, 1, "removed"),
            FileStat("link", 1, 0, "added"),
            FileStat("mode", 0, 0, "changed"),
            FileStat("moved", 0, 0, "renamed"),
            FileStat("new", 1, 0, "added"),
        ]


def test_read_back_by_unidiff() -> None:
    base = tree({"compose.yml": "a\r\nb\nc\n", "gone.sh": "x\n", "a b.conf": "1\n"})
    head = tree({"compose.yml": "a\r\nB\nB\nc\n", "new.sh": "y", "a b.conf": "2\n"})
    patch = PatchSet(unified(base, head))
    assert [(file.path, file.added, file.removed) for file in patch] == [
        ("a b.conf", 1, 1),
        ("compose.yml", 2, 1),
        ("gone.sh", 0, 1),
        ("new.sh", 1, 0),
    ]
    assert [str(hunk) for hunk in patch[1]] == ["@@ -1,3 +1,4 @@\n a\r\n-b\n+B\n+B\n c\n"]


PATHS = ["a", "b", "a/x", "a/y z", "dir/ü", 'q"\t', "dir/deep/a", "-dash", "new\nline"]
TEXT = st.lists(
    st.sampled_from(["a\n", "b\n", "\n", "  c:\n", "    d\r\n", "é\n", "+x\n", "--- a\n", "\\ N\n"])
).map("".join)
ENDS = st.sampled_from(["", "", "end", "\r", "\\"])
CONTENT = st.one_of(
    st.tuples(TEXT, ENDS).map(lambda parts: "".join(parts).encode()),
    st.sampled_from([b"same\n", b"same\n", b"", b"\0\1", b"\xff\n", b"x\0"]),
)
# Links lead nowhere: git apply looks for the files of a new folder through the link it replaces.
LINKS = st.sampled_from([b"nowhere", b"../up", b"\xc3\xbc"]).map(lambda target: Entry(target, LINK))
FILES = st.builds(Entry, CONTENT, st.sampled_from([REGULAR, EXECUTABLE]))


def without_nesting(files: dict[str, Entry]) -> RecipeTree:
    return tree(
        {
            path: entry
            for path, entry in files.items()
            if not any(other.startswith(f"{path}/") for other in files)
        }
    )


TREES = st.dictionaries(st.sampled_from(PATHS), st.one_of(FILES, FILES, LINKS)).map(without_nesting)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(TREES, TREES, st.sampled_from([1, 3]))
def test_git_makes_head_of_base(base: RecipeTree, head: RecipeTree, context: int) -> None:
    check_applies(base, head, context)


@settings(deadline=None, max_examples=200)
@given(TEXT, TEXT)
def test_no_more_is_marked_than_counted(old: str, new: str) -> None:
    base, head = tree({"a": old}), tree({"a": new})
    patch = PatchSet(unified(base, head))
    assert sum(file.added for file in patch) == sum(file.added for file in stat(base, head))
    assert sum(file.removed for file in patch) == sum(file.removed for file in stat(base, head))
