"""A repository as a forge keeps it, and people who push to it."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cli_tools import git

from patchkit.git.author import Author
from patchkit.git.commit import commit
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from patchkit.git.mirror import Mirror

TOKEN = "s3cr3t+/token%for=tests"
START = 1_700_000_000
ZONE = "-0330"
FILES = {
    "compose.yml": "services: {}\n",
    "abra.sh": "export APP_VERSION=v1\n",
    "release/next": "Nothing yet.\n",
}


class Origin:
    """A bare repository, and the work tree of somebody who pushes to it.

    Attributes:
        root: the folder of all repositories.
        bare: the repository.
        work: the work tree.
    """

    def __init__(self, root: Path, name: str, files: Mapping[str, str] = FILES) -> None:
        """Make it, with one commit on main."""
        self.root, self.bare = root, root / name
        self.work = root / f"{name}.work"
        self._minutes = -1
        self.work.mkdir(parents=True)
        git(root, "init", "-q", "--template=", "--bare", "-b", "main", name)
        git(self.work, "init", "-q", "--template=", "-b", "main")
        self.commit(dict(files))

    def copied(self, root: Path) -> Origin:
        """Return the same in another folder."""
        shutil.copytree(self.root, root)
        new = copy.copy(self)
        new.root, new.bare, new.work = root, root / self.bare.name, root / self.work.name
        return new

    def commit(
        self, files: Mapping[str, str | None], message: str = "x", ref: str = "refs/heads/main"
    ) -> str:
        """Write files (None removes one), commit, push to a reference, return the commit."""
        for path, text in files.items():
            target = self.work / path
            if text is None:
                target.unlink()
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text)
        git(self.work, "add", "-A")
        self._commit(message)
        git(self.work, "push", "-q", "--force", str(self.bare), f"HEAD:{ref}")
        return self.sha("HEAD")

    def _commit(self, message: str) -> None:
        """Commit at a date of old, one minute after the last, in an odd time zone."""
        self._minutes += 1
        when = f"{START + self._minutes * 60} {ZONE}"
        env = {"PATH": os.environ["PATH"], "HOME": str(self.work), "GIT_COMMITTER_DATE": when}
        who = ("-c", "user.name=A", "-c", "user.email=a@example.com")
        command = ["git", *who, "commit", "-q", "--allow-empty", "-m", message]
        subprocess.run(command, cwd=self.work, env=env, check=True)

    def sha(self, rev: str) -> str:
        """Return the commit of a revision of the work tree."""
        return git(self.work, "rev-parse", rev).strip()

    def ref(self, name: str) -> str:
        """Return what a reference of the repository is; empty when there is none."""
        line = git(self.bare, "for-each-ref", "--format=%(objectname)", name)
        return line.strip()

    def force_sync(self, files: Mapping[str, str]) -> str:
        """Replace main by another history, as a sync from upstream does."""
        git(self.work, "checkout", "-q", "--orphan", "synced")
        sha = self.commit(files, "synced")
        git(self.work, "branch", "-q", "-M", "main")
        return sha


def fixed(mirror: Mirror, text: str, message: str = "Fix it", base: str = "") -> str:
    """Return a commit of patchkit's in the clone that gives the compose file a text."""
    on = base or mirror.head
    tree = RecipeTree.from_commit(mirror.folder, on).with_file("compose.yml", text)
    options = {"fix": "pin-redis", "digest": "sha256:abc", "version": "1"}
    return commit(mirror.folder, on, tree, message, Author("A", "a@example.com"), **options)


def command_lines() -> list[bytes]:
    """Return the command line of every process, by Linux' /proc."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(path.read_bytes())
    return lines
