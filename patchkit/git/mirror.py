"""Mirrors: bare clones in the user's cache, brought up to date before they are read.

A mirror's branches are force-synced, so what it has now replaces what it had. A clone that was
interrupted is never seen, and one that got damaged is made again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from patchkit.errors import GitError, Place, UsageError
from patchkit.git.program import git

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFSPECS = ("+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*")
_HINT = "see whether git itself reaches it: git ls-remote {}"


def mirror(url: str, cache: Path | None = None) -> Path:
    """Return the bare clone of a mirror, as the mirror is now; HEAD is its default branch.

    Args:
        url: where git finds it.
        cache: the folder of all clones; the user's cache, or `PATCHKIT_CACHE`, by default.

    Raises:
        UsageError: the URL is none that git may be given.
        GitError: the mirror cannot be reached or read.
    """
    check_url(url)
    folder = (cache or _cache()) / _name(url)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _locked(folder):
        if not folder.exists():
            _clone(url, folder)
            return folder
        try:
            _fetch(url, folder)
        except GitError:
            # Out of reach or damaged: a new clone tells, and says why when it fails too.
            _clone(url, folder)
    return folder


def check_url(url: str) -> None:
    """Refuse what git would take for an option, and a password that a URL shows to everybody."""
    if not url or url.startswith("-"):
        raise UsageError(f"{url!r} is no URL", hint="write --mirror https://host/org/recipe.git")
    try:
        password = urlsplit(url).password
    except ValueError:
        password = None
    if password is not None:
        raise UsageError(
            "the mirror's URL holds a password, which logs and process lists would show",
            hint="leave it out, and let git's credential helper know it: git help credentials",
        )


def _cache() -> Path:
    if given := os.environ.get("PATCHKIT_CACHE"):
        return Path(given) / "mirrors"
    from platformdirs import user_cache_path  # noqa: PLC0415  what reads no mirror need not wait

    return user_cache_path("patchkit") / "mirrors"


def _name(url: str) -> str:
    """Return a folder's name for a URL: readable, and another one for every URL."""
    tail = re.split(r"[/:]", url.rstrip("/").removesuffix(".git"))[-1]
    readable = re.sub(r"[^A-Za-z0-9_-]", "_", tail)[:40]
    return f"{readable}-{hashlib.sha256(url.encode()).hexdigest()[:12]}.git"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Let one process at a time work on a clone; the lock goes with the process."""
    with folder.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _clone(url: str, folder: Path) -> None:
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    arguments = ("clone", "--quiet", "--bare", "--", url, str(new))
    _git(url, folder.parent, *arguments)
    shutil.rmtree(folder, ignore_errors=True)
    new.rename(folder)


def _fetch(url: str, folder: Path) -> None:
    """Take what the mirror has now, and forget what it has no more."""
    _git(url, folder, "fetch", "--quiet", "--prune", "--force", "--no-tags", "--", url, *_REFSPECS)
    head = _git(url, folder, "ls-remote", "--symref", "--", url, "HEAD")
    if branch := re.match(r"ref: (refs/heads/\S+)\tHEAD$", head, re.MULTILINE):
        git(folder, "symbolic-ref", "HEAD", branch[1], hint="remove this folder")


def _git(url: str, folder: Path, *arguments: str) -> str:
    return git(folder, *arguments, hint=_HINT.format(url), remote=True, place=Place(url))
