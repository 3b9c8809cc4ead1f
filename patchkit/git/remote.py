"""Remotes: which URLs git may be given, what they have now, and asking them with patience.

One request tells every reference and the default branch.
https://git-scm.com/docs/git-ls-remote
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import stamina

from patchkit.errors import GitError, Place, UsageError
from patchkit.git.faults import RemoteError
from patchkit.git.program import Mode, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from patchkit.git.access import Access

# Its line about a second try says nothing to those who have set up no logging.
logging.getLogger("stamina").addHandler(logging.NullHandler())

BRANCHES = "refs/heads/"
TAGS = "refs/tags/"
_ATTEMPTS = 3
_LOOK_TIMEOUT = 60  # seconds; it is one small request
_PULL = re.compile(r"refs/pull/([0-9]+)/head")
_SYMREF = re.compile(r"ref: refs/heads/(\S+)\tHEAD$", re.MULTILINE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# What forges call a token when it stands where a user's name should.
_TOKEN = re.compile(r"gh[a-z]_\w+|github_pat_\w+|glpat-\S+|[0-9a-f]{40}")
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")  # git would run a program of that name
_REWRITES = r"^url\..*\.(push)?insteadof$"
_CONFIG_HINT = "see git config --get-regexp insteadof"
_SCP = re.compile(r"(?:[^@/]+@)?(\[[^\]]+\]|[^:/]+):(.*)")


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository elsewhere, as it was when it was asked.

    Attributes:
        url: where git finds it.
        default_branch: empty when it has none, such as a repository without commits.
        branches: the commit at the head of each branch.
        tags: the object of each tag: of an annotated one the tag, not its commit.
        pulls: the commit at the head of each pull request that it lists, open or not.
        access: the token that it was asked with.
    """

    url: str
    default_branch: str
    branches: Mapping[str, str]
    tags: Mapping[str, str]
    pulls: Mapping[int, str]
    access: Access | None = field(default=None, repr=False)

    @property
    def head(self) -> str | None:
        """The commit at the head of the default branch; None when there is none."""
        return self.branches.get(self.default_branch)


def look(url: str, access: Access | None, folder: Path) -> Remote:
    """Return what a remote has now.

    Args:
        url: where git finds it.
        access: a token for it; None leaves it to git's own settings.
        folder: where git runs; any.

    Raises:
        UsageError: the URL is none that git may be given.
        RemoteError: it cannot be reached or read; over HTTP also when it has no commits yet.
    """
    check_url(url)
    arguments = ("ls-remote", "--symref", "--", url)
    answer = ask(folder, *arguments, url=url, access=access, timeout=_LOOK_TIMEOUT)
    refs = _references(answer)
    if not refs and urlsplit(url).scheme.lower() in {"http", "https"}:
        # Git takes a page of HTML in one line for the list of an empty repository.
        raise RemoteError("ls-remote", "the answer names no branch: is there a commit?", url)
    return Remote(
        url,
        _default_branch(answer, refs),
        _below(BRANCHES, refs),
        _below(TAGS, refs),
        {int(m[1]): sha for name, sha in refs.items() if (m := _PULL.fullmatch(name))},
        access,
    )


def _is_passing(error: Exception) -> bool:
    return isinstance(error, RemoteError) and error.passing


@stamina.retry(on=_is_passing, attempts=_ATTEMPTS, wait_initial=0.5, wait_max=10, timeout=None)
def ask(
    folder: Path,
    *arguments: str,
    url: str,
    access: Access | None,
    stdin: bytes = b"",
    timeout: float | None = None,
) -> str:
    """Return what git says of a remote, asking up to three times while that is out of reach.

    Raises:
        RemoteError: it cannot be reached or read.
    """
    mode = Mode.REMOTE
    done = run(folder, *arguments, mode=mode, stdin=stdin, access=access, url=url, timeout=timeout)
    if done.code == 0:
        return done.out
    raise RemoteError(arguments[0], done.why, url, timed_out=done.code is None)


def check_url(url: str) -> None:
    """Refuse what git would take for an option, and secrets that a URL shows to everybody.

    Raises:
        UsageError: with the next step.
    """
    faulty = not url or url.startswith("-") or _HELPER.match(url) is not None
    try:
        parts = urlsplit(url)
    except ValueError:
        faulty = True
    if faulty or _CONTROL.search(url):
        raise UsageError(f"{url!r} is no URL", hint="write --mirror https://host/org/recipe.git")
    if parts.password is not None or _TOKEN.fullmatch(parts.username or ""):
        raise UsageError(
            "the mirror's URL holds a password, which logs and process lists would show",
            hint="leave it out, and let git's credential helper know it: git help credentials",
        )


def push_url(folder: Path, url: str) -> str:
    """Return where git pushes to that is given a URL: its settings may put another in its place.

    Git itself tells it of remotes with a name alone. The longest beginning that fits counts, and
    what is for pushes counts first: https://git-scm.com/docs/git-config, `url.<base>.insteadOf`.

    Raises:
        GitError: the settings cannot be read.
    """
    done = run(folder, "config", "-z", "--get-regexp", _REWRITES, mode=Mode.REMOTE)
    if done.code not in (0, 1):  # 1: there are none
        raise GitError(f"git config failed: {done.why}", place=Place(url), hint=_CONFIG_HINT)
    rules = [entry.partition("\n") for entry in done.out.split("\0") if entry]
    for end in (".pushinsteadof", ".insteadof"):
        fitting = [
            (len(begin), key.removesuffix(end).removeprefix("url.") + url[len(begin) :])
            for key, _, begin in rules
            if key.endswith(end) and url.startswith(begin)
        ]
        if fitting:
            return max(fitting)[1]
    return url


def same_repository(one: str, other: str) -> bool:
    """Whether two URLs name one repository, whatever the protocol, the user and the port."""
    return _identity(one) == _identity(other)


def _identity(url: str) -> tuple[str, str]:
    if "://" in url:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    elif scp := _SCP.fullmatch(url):
        host, path = scp[1], scp[2]
    else:
        host, path = "", url
    clean = re.sub("/+", "/", path).strip("/").removesuffix(".git").rstrip("/")
    return host.casefold().strip("[]"), clean.casefold()


def _references(answer: str) -> dict[str, str]:
    """Return the object of every reference with a name that git allows, and that can be shown."""
    import pygit2  # noqa: PLC0415  what asks no remote should not wait for it

    pairs = (line.partition("\t") for line in answer.split("\n") if not line.startswith("ref: "))
    return {
        name: sha
        for sha, _, name in pairs
        if name.isprintable() and (name == "HEAD" or pygit2.reference_is_valid_name(name))
    }


def _default_branch(answer: str, refs: Mapping[str, str]) -> str:
    """Return the branch of HEAD; where an old server does not say, one at the same commit."""
    if branch := _SYMREF.search(answer):
        return branch[1]
    branches = _below(BRANCHES, refs)
    candidates = ["main", "master", *sorted(branches)] if "HEAD" in refs else []
    return next((name for name in candidates if branches.get(name) == refs["HEAD"]), "")


def _below(prefix: str, refs: Mapping[str, str]) -> dict[str, str]:
    named = (
        (name.removeprefix(prefix), sha) for name, sha in refs.items() if name.startswith(prefix)
    )
    return dict(named)
