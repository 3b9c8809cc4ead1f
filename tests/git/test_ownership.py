"""Who worked on a branch: people act by the git program, patchkit by its own commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_tools import git
from repos import fixed

from patchkit.git.author import Author
from patchkit.git.commit import commit
from patchkit.git.faults import DamagedCloneError
from patchkit.git.mirror import mirror
from patchkit.git.ownership import foreign, is_ours, trailers
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from pathlib import Path

    from repos import Origin

BRANCH = "patchkit/pin-redis"
PERSON = Author("A", "a@example.com")


@pytest.fixture
def proposed(origin, cache):
    """A fix on a branch of the mirror, checked out by a person; the commit."""
    found = mirror(str(origin.bare), cache)
    sha = fixed(found, "x: 1\n")
    git(found.folder, "push", "-q", str(origin.bare), f"{sha}:refs/heads/{BRANCH}")
    git(origin.work, "fetch", "-q", str(origin.bare), BRANCH)
    git(origin.work, "checkout", "-q", "-b", "theirs", sha)
    return sha


def told(origin: Origin, cache: Path, head: str | None = None) -> list[str]:
    """Push what a person has on the branch; who is told of it, and what they did."""
    git(origin.work, "push", "-q", "--force", str(origin.bare), f"theirs:{BRANCH}")
    found = mirror(str(origin.bare), cache)
    others = foreign(found.folder, found.head, head or found.remote.branches[BRANCH])
    return [f"{other.name} <{other.email}>: {other.subject}" for other in others]


@pytest.mark.usefixtures("proposed")
class TestOurs:
    def test_a_fix(self, origin, cache, proposed):
        assert told(origin, cache) == []
        found = mirror(str(origin.bare), cache)
        assert is_ours(found.folder, found.head, proposed)
        assert trailers(found.folder, proposed) == {
            "Patchkit-Fix": "pin-redis",
            "Patchkit-Digest": "sha256:abc",
        }

    def test_nothing_on_the_branch(self, origin, cache):
        git(origin.work, "reset", "-q", "--hard", "main")
        assert told(origin, cache) == []

    def test_behind_the_base(self, origin, cache):
        git(origin.work, "checkout", "-q", "main")
        origin.commit({"abra.sh": "1"})
        git(origin.work, "branch", "-f", "theirs", "main~")
        assert told(origin, cache) == []

    def test_the_base_moved(self, origin, cache):
        git(origin.work, "checkout", "-q", "main")
        origin.commit({"abra.sh": "1"})
        assert told(origin, cache) == []

    def test_the_base_was_rewritten(self, origin, cache):
        """The commits below the fix are no longer on main, and still nobody's work on it."""
        git(origin.work, "checkout", "-q", "main")
        origin.force_sync({"abra.sh": "1"})
        assert told(origin, cache) == []

    def test_a_second_commit_of_patchkits(self, origin, cache, proposed):
        found = mirror(str(origin.bare), cache)
        tree = RecipeTree.from_commit(found.folder, proposed).with_file("new", "x")
        sha = commit(found.folder, proposed, tree, "More", PERSON, fix="f", digest="d", version="1")
        assert is_ours(found.folder, found.head, sha)


@pytest.mark.usefixtures("proposed")
class TestEdited:
    """By a person of the same name as the author of the fix, which is the harder case."""

    def test_a_commit_on_top(self, origin, cache):
        git(origin.work, "commit", "-q", "--allow-empty", "-m", "One\n\nwhy")
        git(origin.work, "commit", "-q", "--allow-empty", "-m", "Two")
        assert told(origin, cache) == ["A <a@example.com>: Two", "A <a@example.com>: One"]

    def test_amended(self, origin, cache):
        (origin.work / "abra.sh").write_text("2")
        git(origin.work, "commit", "-q", "-a", "--amend", "--no-edit")
        assert told(origin, cache)[0] == "A <a@example.com>: Fix it"

    def test_rebased(self, origin, cache):
        git(origin.work, "checkout", "-q", "main")
        origin.commit({"abra.sh": "3"})
        git(origin.work, "checkout", "-q", "theirs")
        git(origin.work, "rebase", "-q", "main")
        assert told(origin, cache) == ["A <a@example.com>: Fix it"]

    def test_the_base_was_merged_into_it(self, origin, cache):
        git(origin.work, "checkout", "-q", "main")
        origin.commit({"abra.sh": "3"})
        git(origin.work, "checkout", "-q", "theirs")
        git(origin.work, "merge", "-q", "-m", "Merge main", "main")
        assert told(origin, cache) == ["A <a@example.com>: Merge main"]

    def test_the_message_of_a_fix_is_not_enough(self, origin, cache, proposed):
        message = git(origin.work, "show", "-s", "--format=%B", proposed)
        git(origin.work, "commit", "-q", "--allow-empty", "-m", message)
        assert told(origin, cache) == ["A <a@example.com>: Fix it"]

    def test_a_branch_without_the_base(self, origin, cache):
        git(origin.work, "checkout", "-q", "--orphan", "lost")
        git(origin.work, "commit", "-q", "-m", "Alone")
        git(origin.work, "branch", "-M", "lost", "theirs")
        assert told(origin, cache) == ["A <a@example.com>: Alone"]


class TestDamaged:
    @pytest.mark.parametrize("how", ["gone", "cut"])
    @pytest.mark.parametrize("what", ["head", "parent", "base"])
    def test_a_commit(self, origin, cache, proposed, how, what):
        git(origin.work, "commit", "-q", "--allow-empty", "-m", "Two")
        told(origin, cache)
        found = mirror(str(origin.bare), cache)
        head = found.remote.branches[BRANCH]
        sha = {"head": head, "parent": proposed, "base": found.head}[what]
        loose = found.folder / "objects" / sha[:2] / sha[2:]
        loose.chmod(0o644)
        loose.unlink() if how == "gone" else loose.write_bytes(loose.read_bytes()[:20])
        with pytest.raises(DamagedCloneError):
            foreign(found.folder, found.head, head)
        assert told(origin, cache) == ["A <a@example.com>: Two"]
