"""Writing a recipe into a folder: all or nothing, whatever fails, and at whatever moment."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import resource
import stat
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from patchkit.errors import ExitCode, RecipeError, UsageError, WriteRefused
from patchkit.tree import EXECUTABLE, LINK, REGULAR, Entry, RecipeTree, recover

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD = RecipeTree.from_files(
    {
        "compose.yml": "old\r\n",
        "unchanged": b"\xff\0",
        "gone": "gone",
        "only/one": "the last file of its folder",
        "run.sh": "#!/bin/sh\n",
        "link": Entry(b"compose.yml", LINK),
        "file-then-folder": "f",
        "folder-then-file/a/b": "ab",
        "link-then-folder": Entry(b"only", LINK),
    }
)
NEW = RecipeTree.from_files(
    {
        "compose.yml": "new\r\nlines",
        "unchanged": b"\xff\0",
        "run.sh": Entry(b"#!/bin/sh\n", EXECUTABLE),
        "link": Entry(b"run.sh", LINK),
        "templates/deep/app.ini": "added",
        "file-then-folder/x": "fx",
        "folder-then-file": "now a file",
        "link-then-folder/y": "ly",
    }
)
CHANGED = tuple(sorted({*OLD.paths(), *NEW.paths()} - {"unchanged"}))


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Return type, permissions and content of all that lies in the folder, git's part left out."""
    found = {}
    for top, folders, files in os.walk(folder):
        for path in (Path(top, name) for name in folders + files):
            mode = path.lstat().st_mode
            data = os.fsencode(path.readlink()) if path.is_symlink() else b""
            if stat.S_ISREG(mode):
                data = path.read_bytes()
            found[str(path.relative_to(folder))] = (mode, data)
    return found


def files(found: dict[str, tuple[int, bytes]]) -> dict[str, tuple[int, bytes]]:
    """Return a snapshot without the folders: one that is empty is no part of a recipe."""
    return {path: state for path, state in found.items() if not stat.S_ISDIR(state[0])}


def fill(folder: Path, tree: RecipeTree = OLD) -> dict[str, tuple[int, bytes]]:
    """Write a tree without patchkit's help."""
    folder.mkdir(exist_ok=True)
    for path in tree.paths():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if (link := tree.link(path)) is not None:
            target.symlink_to(link)
        else:
            target.write_bytes(tree.read(path))
            target.chmod(tree.mode(path) & 0o777)
    return snapshot(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(tmp_path / "recipe")
    return tmp_path / "recipe"


@pytest.fixture
def wanted(tmp_path: Path) -> dict[str, tuple[int, bytes]]:
    return fill(tmp_path / "wanted", NEW)


class TestNothingToDo:
    def test_the_same_tree_touches_nothing(self, folder: Path) -> None:
        folder.chmod(0o555)
        before = {path: path.lstat() for path in folder.rglob("*")}
        assert OLD.write(folder, OLD) == ()
        assert OLD.write(folder) == ()
        assert {path: path.lstat() for path in folder.rglob("*")} == before

    def test_an_empty_tree_makes_no_folder(self, tmp_path: Path) -> None:
        assert RecipeTree({}).write(tmp_path / "nope") == ()
        assert not (tmp_path / "nope").exists()

    def test_nothing_to_recover(self, folder: Path) -> None:
        assert recover(folder) is None
        assert recover(folder / "nope") is None


class TestWrite:
    def test_every_kind_of_change(self, folder: Path, wanted: object) -> None:
        base = RecipeTree.from_dir(folder)
        assert NEW.write(folder, base) == CHANGED
        assert snapshot(folder) == wanted
        assert RecipeTree.from_dir(folder) == NEW
        assert base == OLD

    def test_without_base_the_folder_is_read(self, folder: Path, wanted: object) -> None:
        assert NEW.write(folder) == CHANGED
        assert snapshot(folder) == wanted

    @pytest.mark.parametrize("base", [None, OLD])
    def test_into_a_folder_that_is_absent(
        self, tmp_path: Path, wanted: object, base: RecipeTree | None
    ) -> None:
        assert NEW.write(tmp_path / "a" / "b", base) == NEW.paths()
        assert snapshot(tmp_path / "a" / "b") == wanted

    def test_into_an_empty_folder(self, tmp_path: Path, wanted: object) -> None:
        (tmp_path / "new").mkdir()
        assert NEW.write(tmp_path / "new") == NEW.paths()
        assert snapshot(tmp_path / "new") == wanted

    def test_only_what_differs_from_the_base_is_touched(self, folder: Path) -> None:
        base = RecipeTree.from_dir(folder)
        (folder / "gone").write_text("edited by somebody else")
        (folder / "note").write_text("untracked")
        assert base.with_file("compose.yml", "x").write(folder, base) == ("compose.yml",)
        assert (folder / "gone").read_text() == "edited by somebody else"
        assert (folder / "note").read_text() == "untracked"

    def test_gits_files_stay(self, folder: Path) -> None:
        (folder / ".git").mkdir()
        (folder / ".git" / "HEAD").write_text("ref: refs/heads/main")
        RecipeTree.from_files({"a": "a"}).write(folder)
        assert sorted(path.name for path in folder.iterdir()) == [".git", "a"]

    def test_an_empty_folder_gives_way_to_a_file(self, folder: Path) -> None:
        (folder / "new" / "empty").mkdir(parents=True)
        OLD.with_file("new", "n").write(folder, OLD)
        assert (folder / "new").read_text() == "n"

    def test_a_folder_that_is_a_link_itself(self, folder: Path, wanted: object) -> None:
        (folder.parent / "alias").symlink_to(folder)
        NEW.write(folder.parent / "alias")
        assert snapshot(folder) == wanted

    def test_hard_links_elsewhere_keep_the_old_content(self, folder: Path) -> None:
        os.link(folder / "compose.yml", folder.parent / "elsewhere")
        NEW.write(folder, OLD)
        assert (folder.parent / "elsewhere").read_bytes() == b"old\r\n"

    def test_on_a_file_system_without_locks(
        self, folder: Path, wanted: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(handle: int, how: int) -> None:
            raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

        monkeypatch.setattr(fcntl, "flock", refuse)
        NEW.write(folder)
        assert snapshot(folder) == wanted

    def test_a_name_that_is_not_utf8(self, folder: Path) -> None:
        name = os.fsdecode(b"caf\xe9")
        OLD.with_file(name, "x").write(folder, OLD)
        assert (os.fsencode(folder) + b"/caf\xe9") in {os.fsencode(p) for p in folder.iterdir()}


@pytest.fixture
def umask() -> Iterator[Callable[[int], int]]:
    before = os.umask(0o022)
    yield os.umask
    os.umask(before)


class TestPermissions:
    @pytest.mark.parametrize(
        ("mask", "plain", "executable"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700)]
    )
    def test_of_new_files_follow_the_umask(
        self, tmp_path: Path, umask: Callable[[int], int], mask: int, plain: int, executable: int
    ) -> None:
        umask(mask)
        RecipeTree.from_files({"a": "", "b": Entry(b"", EXECUTABLE)}).write(tmp_path / "x")
        modes = [stat.S_IMODE((tmp_path / "x" / name).stat().st_mode) for name in "ab"]
        assert modes == [plain, executable]

    @pytest.mark.parametrize(
        ("before", "mode", "after"),
        [
            (0o640, REGULAR, 0o640),
            (0o600, EXECUTABLE, 0o700),
            (0o664, EXECUTABLE, 0o775),
            (0o750, EXECUTABLE, 0o750),
            (0o740, EXECUTABLE, 0o740),
            (0o775, REGULAR, 0o664),
        ],
    )
    def test_of_existing_files_stay_but_for_x(
        self, folder: Path, before: int, mode: int, after: int
    ) -> None:
        (folder / "run.sh").chmod(before)
        RecipeTree.from_dir(folder).with_file("run.sh", "new", mode).write(folder)
        assert stat.S_IMODE((folder / "run.sh").stat().st_mode) == after
        assert (folder / "run.sh").read_text() == "new"


class TestRefused:
    """Each leaves the folder exactly as it was, and nothing of patchkit's in it."""

    def check(self, folder: Path, message: str, base: RecipeTree | None, tree: RecipeTree) -> None:
        before = snapshot(folder)
        with pytest.raises(WriteRefused, match=message) as info:
            tree.write(folder, base)
        assert info.value.exit_code == ExitCode.REFUSED
        assert info.value.problems[0].hint
        assert snapshot(folder) == before

    @pytest.mark.parametrize("path", ["compose.yml", "gone"])
    def test_a_file_that_changed_meanwhile(self, folder: Path, path: str) -> None:
        (folder / path).write_text("other")
        self.check(folder, f"{path}: the file changed on disk after it was read", OLD, NEW)

    def test_a_file_that_changed_meanwhile_and_was_never_read(self, folder: Path) -> None:
        base = RecipeTree.from_dir(folder)
        (folder / "compose.yml").write_text("OLD\r\n")
        tree = base.with_file("compose.yml", "a new content")
        self.check(folder, r"compose\.yml: the file changed on disk", base, tree)

    def test_a_mode_that_changed_meanwhile(self, folder: Path) -> None:
        (folder / "compose.yml").chmod(0o755)
        self.check(folder, r"compose\.yml: the file changed on disk", OLD, NEW)

    def test_a_file_that_vanished_meanwhile(self, folder: Path) -> None:
        (folder / "compose.yml").unlink()
        self.check(folder, r"compose\.yml: the file changed on disk", OLD, NEW)

    def test_a_file_that_appeared_meanwhile(self, folder: Path) -> None:
        (folder / "new").write_text("mine")
        self.check(folder, "new: the file changed on disk", OLD, OLD.with_file("new", "n"))

    def test_a_fifo_in_the_place_of_a_file(self, folder: Path) -> None:
        os.mkfifo(folder / "new")
        self.check(folder, "new: the file changed on disk", OLD, OLD.with_file("new", "n"))

    def test_a_folder_that_is_not_empty_in_the_place_of_a_file(self, folder: Path) -> None:
        (folder / "new" / "sub").mkdir(parents=True)
        os.mkfifo(folder / "new" / "sub" / "pipe")
        message = "new/sub: cannot be written: Directory not empty"
        self.check(folder, message, OLD, OLD.with_file("new", "n"))

    @pytest.mark.parametrize("target", ["/tmp", "..", "only"])
    def test_a_parent_that_is_a_link(self, folder: Path, target: str) -> None:
        (folder / "conf").symlink_to(target)
        tree = OLD.with_file("conf/app.ini", "x")
        self.check(folder, "conf: this folder is a link on disk", OLD, tree)

    def test_a_parent_that_became_a_link(self, folder: Path) -> None:
        (folder / "only").rename(folder.parent / "outside")
        (folder / "only").symlink_to("../outside")
        tree = OLD.with_file("only/one", "x")
        self.check(folder, "only: this folder is a link on disk", OLD, tree)
        assert (folder.parent / "outside" / "one").read_text() == "the last file of its folder"

    @pytest.mark.parametrize(
        ("target", "message"), [(b"a\0b", "new: a link cannot lead"), (b"", "No such file")]
    )
    def test_a_link_that_no_system_can_make(
        self, folder: Path, target: bytes, message: str
    ) -> None:
        self.check(folder, message, OLD, OLD.with_file("new", target, LINK))

    def test_a_name_that_is_too_long(self, folder: Path) -> None:
        self.check(folder, "File name too long", OLD, OLD.with_file("a" * 300, "x"))

    def test_the_disk_is_full(self, folder: Path) -> None:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
        try:
            self.check(folder, "File too large", OLD, NEW.with_file("z", "z" * 200_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    def test_another_patchkit_is_writing(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        self.check(folder, "another patchkit is writing in this folder", OLD, NEW)
        os.close(handle)

    def test_a_file_in_the_place_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(UsageError, match="this is not a folder"):
            NEW.write(tmp_path / "file")
        with pytest.raises(WriteRefused, match="File exists"):
            NEW.write(tmp_path / "file", OLD)

    def test_a_folder_that_was_made_for_it_goes_again(self, tmp_path: Path) -> None:
        with pytest.raises(WriteRefused):
            NEW.with_file("a" * 300, "x").write(tmp_path / "a" / "b")
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def nobodys_folder() -> Iterator[Path]:
    """Yield a filled folder, and run the test without root's powers, which know no permissions."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, 65534, 65534)
            os.seteuid(65534)
        try:
            fill(Path(name) / "recipe")
            yield Path(name) / "recipe"
        finally:
            if root:
                os.seteuid(0)


class TestReadOnly:
    def test_the_folder(self, nobodys_folder: Path) -> None:
        before = snapshot(nobodys_folder)
        nobodys_folder.chmod(0o555)
        with pytest.raises(WriteRefused) as info:
            NEW.write(nobodys_folder)
        assert str(info.value) == (
            f"{nobodys_folder}/.patchkit-write: cannot be written: Permission denied\n"
            f"  see to the permissions and the free space of {nobodys_folder}, then run it again"
        )
        assert snapshot(nobodys_folder) == before

    @pytest.mark.parametrize("inner", ["only", "folder-then-file/a"])
    def test_a_folder_inside_it(self, nobodys_folder: Path, inner: str) -> None:
        (nobodys_folder / inner).chmod(0o555)
        before = snapshot(nobodys_folder)
        with pytest.raises(WriteRefused, match="cannot be written: Permission denied"):
            NEW.write(nobodys_folder)
        assert snapshot(nobodys_folder) == before

    def test_the_folder_above_one_that_is_absent(self, nobodys_folder: Path) -> None:
        nobodys_folder.chmod(0o555)
        with pytest.raises(WriteRefused, match="new: cannot be written: Permission denied"):
            NEW.write(nobodys_folder / "new" / "sub")
        assert not (nobodys_folder / "new").exists()


STEPS = ("mkdir", "open", "link", "symlink", "replace", "unlink", "rmdir", "fsync", "fchmod")
KILLED, RAISED = 9, 3
Act = Callable[[int, str], None]


def intercept(patch: pytest.MonkeyPatch, *acts: Act, late: bool = False) -> list[str]:
    """Call the acts with number and name of each step on the disk, before it or after it."""
    log: list[str] = []

    def interfere(number: int, name: str) -> None:
        for act in acts:
            act(number, name)

    def wrap(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **keywords: object) -> object:
            log.append(name)
            number = len(log)
            if not late:
                interfere(number, name)
            try:
                return real(*args, **keywords)
            finally:
                if late:
                    interfere(number, name)

        return step

    for name in STEPS:
        patch.setattr(os, name, wrap(name, getattr(os, name)))
    return log


def fail_from(k: int, width: int) -> Act:
    """Let `width` steps fail from the k-th on."""

    def act(number: int, name: str) -> None:
        if k <= number < k + width:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    return act


def kill_at(k: int) -> Act:
    def act(number: int, name: str) -> None:
        if number == k:
            os._exit(KILLED)

    return act


def refusal(folder: Path, *acts: Act) -> str:
    """Write the new recipe while the acts interfere, and return what it is refused with."""
    with pytest.MonkeyPatch.context() as patch:
        intercept(patch, *acts)
        try:
            NEW.write(folder, OLD)
        except WriteRefused as error:
            return str(error)
    return ""


def in_child(work: Callable[[], object], *acts: Act, late: bool = False) -> int:
    """Work in a process of its own while the acts interfere; return its exit status."""
    child = os.fork()
    if child == 0:
        try:
            intercept(pytest.MonkeyPatch(), *acts, late=late)
            work()
            os._exit(0)
        finally:
            os._exit(RAISED)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class FrozenError(BaseException):
    """The disk takes nothing any more: what a kill amounts to, without the price of a process."""


def freeze_at(k: int) -> Act:
    def act(number: int, name: str) -> None:
        if number >= k:
            raise FrozenError

    return act


def freezes(work: Callable[[], object], *acts: Act) -> bool:
    """Work while the acts interfere, and return whether the disk froze."""
    with pytest.MonkeyPatch.context() as patch, suppress(WriteRefused):
        intercept(patch, *acts)
        try:
            work()
        except FrozenError:
            return True
    return False


class Folders:
    """Fresh copies of the old recipe; how old and new look; how many steps lie between."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.old = fill(root / "old")
        self.new = fill(root / "new", NEW)
        self.count = 0
        folder = self.fresh()
        with pytest.MonkeyPatch.context() as patch:
            log = intercept(patch)
            NEW.write(folder, OLD)
        self.steps = range(1, len(log) + 1)

    def fresh(self) -> Path:
        self.count += 1
        fill(self.root / str(self.count))
        return self.root / str(self.count)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    # A process that is killed has no need of fsync, and thousands of writes no time for it.
    monkeypatch.setattr(os, "fsync", lambda _handle: None)
    return Folders(tmp_path)


class TestFailures:
    """A folder that cannot be removed when it is empty is let be; so only files are compared."""

    def test_of_one_step_leave_the_old_recipe(self, folders: Folders) -> None:
        refused = 0
        for k in folders.steps:
            folder = folders.fresh()
            message = refusal(folder, fail_from(k, 1))
            if message:
                refused += 1
                assert "Input/output error" in message
                assert files(snapshot(folder)) == files(folders.old), k
            # Written all the same: a copy takes a hard link's place, and clearing up can wait.
            recover(folder)
            assert files(snapshot(folder)) == files(folders.old if message else folders.new), k
        assert refused > 60

    @pytest.mark.parametrize("width", [2, 3, 10, 10_000])
    def test_of_more_leave_the_old_or_the_new_recipe(self, folders: Folders, width: int) -> None:
        half_way = 0
        for k in folders.steps:
            folder = folders.fresh()
            half_way += "stopped half-way" in refusal(folder, fail_from(k, width))
            recover(folder)
            assert files(snapshot(folder)) in (files(folders.old), files(folders.new)), k
        assert half_way > 10

    @pytest.mark.parametrize("replaces", [3, 7])
    def test_an_interrupt_takes_everything_back(self, folders: Folders, replaces: int) -> None:
        folder, seen = folders.fresh(), []

        def interrupt(number: int, name: str) -> None:
            seen.append(name)
            if name == "replace" and seen.count(name) == replaces:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            refusal(folder, interrupt)
        assert snapshot(folder) == folders.old


class TestKilled:
    @pytest.mark.parametrize("late", [False, True])
    def test_at_any_step(self, folders: Folders, late: bool) -> None:
        told: dict[str, int] = Counter()
        outcomes = {
            "None": (folders.old, folders.new),
            "cleared up after a write into it that changed nothing": (folders.old,),
            "cleared up after a finished write into it": (folders.new,),
            "finished an interrupted write into it": (folders.new,),
        }
        for k in folders.steps:
            folder = folders.fresh()
            assert in_child(partial(NEW.write, folder, OLD), kill_at(k), late=late) == KILLED
            sentence = str(recover(folder)).replace(str(folder), "it")
            told[sentence] += 1
            assert snapshot(folder) in outcomes[sentence], k
        assert told.keys() == outcomes.keys()
        assert told["finished an interrupted write into it"] > 20

    def test_and_killed_again_while_it_recovers(self, folders: Folders) -> None:
        for k in folders.steps[::10]:
            frozen, j = True, 0
            while frozen:
                folder, j = folders.fresh(), j + 1
                assert freezes(partial(NEW.write, folder, OLD), freeze_at(k))
                frozen = freezes(partial(recover, folder), freeze_at(j))
                recover(folder)
                assert snapshot(folder) in (folders.old, folders.new), (k, j)

    def test_while_it_takes_a_failed_write_back(self, folders: Folders) -> None:
        undone = 0
        for k in folders.steps[33::9]:
            frozen, j = True, k
            while frozen:
                folder, j = folders.fresh(), j + 1
                work = partial(NEW.write, folder, OLD)
                frozen = freezes(work, freeze_at(j), fail_from(k, 1))
                undone += (recover(folder) or "").startswith("took back")
                assert files(snapshot(folder)) in (files(folders.old), files(folders.new)), (k, j)
        assert undone > 50


@pytest.fixture
def crashed(folder: Path) -> Path:
    """Return a folder whose writer was killed when half of the files were in place."""
    seen: list[str] = []

    def kill(number: int, name: str) -> None:
        seen.append(name)
        if seen.count("replace") == 7:
            os._exit(KILLED)

    assert in_child(partial(NEW.write, folder, OLD), kill) == KILLED
    assert (folder / ".patchkit-write" / "journal").exists()
    return folder


class TestRecover:
    def test_says_that_it_finished(self, crashed: Path, wanted: object) -> None:
        assert recover(crashed) == f"finished an interrupted write into {crashed}"
        assert snapshot(crashed) == wanted
        assert recover(crashed) is None

    def test_says_that_nothing_changed(self, folder: Path) -> None:
        before = snapshot(folder)
        (folder / ".patchkit-write").mkdir()
        (folder / ".patchkit-write" / "new-0").write_text("half")
        assert recover(folder) == f"cleared up after a write into {folder} that changed nothing"
        assert snapshot(folder) == before

    def test_a_mixture_is_not_read_as_a_recipe(self, crashed: Path) -> None:
        with pytest.raises(RecipeError, match="a write into this folder was interrupted"):
            RecipeTree.from_dir(crashed)

    def test_the_next_write_recovers_first(self, crashed: Path) -> None:
        tree = NEW.with_file("compose.yml", "third")
        assert tree.write(crashed, NEW) == ("compose.yml",)
        assert RecipeTree.from_dir(crashed) == tree

    def test_a_writer_that_ends_just_now(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / ".patchkit-write").mkdir()
        monkeypatch.setattr(fcntl, "flock", lambda *_: (folder / ".patchkit-write").rmdir())
        assert recover(folder) is None

    def test_leaves_a_living_writer_alone(self, crashed: Path) -> None:
        handle = os.open(crashed, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
        with pytest.raises(WriteRefused, match="another patchkit is writing"):
            recover(crashed)
        os.close(handle)


class TestHostileStaging:
    """What lies in the staging folder may come from somebody else's archive."""

    def check(self, folder: Path, message: str) -> None:
        before = snapshot(folder.parent)
        with pytest.raises(WriteRefused, match=message) as info:
            recover(folder)
        assert "remove it by hand" in str(info.value) or "link" in message
        with pytest.raises(WriteRefused, match=message):
            NEW.write(folder)
        assert snapshot(folder.parent) == before

    @pytest.fixture
    def staging(self, folder: Path) -> Path:
        (folder.parent / "outside").mkdir()
        (folder.parent / "outside" / "keep").write_text("keep")
        (folder / ".patchkit-write").mkdir()
        (folder / ".patchkit-write" / "new-0").write_text("evil")
        return folder / ".patchkit-write"

    def test_a_link(self, folder: Path) -> None:
        (folder.parent / "outside").mkdir()
        (folder.parent / "outside" / "journal").write_text("[]")
        (folder / ".patchkit-write").symlink_to("../outside")
        self.check(folder, r"\.patchkit-write is not a folder")

    def test_a_file(self, folder: Path) -> None:
        (folder / ".patchkit-write").write_text("[]")
        self.check(folder, r"\.patchkit-write is not a folder")

    @pytest.mark.parametrize("name", ["journal", "undo"])
    @pytest.mark.parametrize(
        "path",
        ["../outside/keep", "/etc/hostname", ".git/hooks/pre-commit", "a/../../x", "", "a\0b", 7],
    )
    def test_a_path_that_leaves(self, folder: Path, staging: Path, name: str, path: object) -> None:
        (staging / name).write_text(json.dumps([[path, True, True]]))
        self.check(folder, f"holds a {name} that patchkit did not write")

    @pytest.mark.parametrize(
        "text", ["", "{", "7", "[7]", '[["a"]]', '{"a": 1}', "\xff", "[" * 100_000]
    )
    def test_no_journal(self, folder: Path, staging: Path, text: str) -> None:
        (staging / "journal").write_bytes(text.encode("latin-1"))
        self.check(folder, "holds a journal that patchkit did not write")

    def test_a_journal_that_is_a_link(self, folder: Path, staging: Path) -> None:
        (staging / "journal").symlink_to("../../outside/keep")
        self.check(folder, "holds a journal that is not a file")

    def test_a_journal_that_would_block(self, folder: Path, staging: Path) -> None:
        os.mkfifo(staging / "journal")
        self.check(folder, "holds a journal that is not a file")

    @pytest.mark.parametrize("name", ["journal", "undo"])
    def test_a_path_through_a_link(self, folder: Path, staging: Path, name: str) -> None:
        (folder / "conf").symlink_to("../outside")
        (staging / "old-0").write_text("evil")
        (staging / name).write_text('[["conf/keep", true, true]]')
        with pytest.raises(WriteRefused, match="conf: this folder is a link on disk"):
            recover(folder)
        assert (folder.parent / "outside" / "keep").read_text() == "keep"

    def test_what_cannot_be_cleared_is_named(self, folder: Path, staging: Path) -> None:
        (staging / "folder").mkdir()
        with pytest.raises(WriteRefused, match=r"\.patchkit-write: cannot be written: File exists"):
            NEW.write(folder)
