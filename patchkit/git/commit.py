"""Commits written into a bare clone, without a checkout, that everybody gets the same way.

Author and committer date are the committer date of the base, so the same base, files, message,
author and version of patchkit give the same commit on any machine. A signature is made by git as
it is configured; of those only ssh signatures with ed25519 or RSA keys come out the same twice.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pygit2
from pygit2.enums import ObjectType

from patchkit.errors import BugError, GitError, Place
from patchkit.git.clone import BROKEN, opened, read_commit
from patchkit.git.faults import DamagedCloneError
from patchkit.git.message import DIGEST, FIX, VERSION, with_trailers
from patchkit.git.program import Mode, run
from patchkit.git.signing import is_signing
from patchkit.git.trees import write_tree
from patchkit.tree import RecipeTree
from patchkit.tree.objects import Store
from patchkit.tree.sources import walk_tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from patchkit.git.author import Author
    from patchkit.tree import Entry

_SIGNATURE = re.compile(rb"^gpgsig(-sha256)? .*\n( .*\n)*", re.MULTILINE)
_VERSION = re.compile(rb"^%s: .*\n" % VERSION.encode(), re.MULTILINE)
_SIGN_HINT = (
    "see what git says there to: git commit-tree -S -m test HEAD^{tree}; or do without: "
    "git config --global commit.gpgsign false"
)


def commit(
    folder: Path,
    base: str,
    tree: RecipeTree,
    message: str,
    author: Author,
    *,
    fix: str,
    digest: str,
    version: str,
    like: str | None = None,
    sign: bool | None = None,
    before: RecipeTree | None = None,
) -> str:
    """Write the commit that makes a recipe of the one at a base commit, and return its SHA.

    No reference is moved. Submodules of the base stay as they are.

    Args:
        folder: the bare clone.
        base: the commit to change, by its whole SHA.
        tree: the recipe as it should be.
        message: title, blank line, text; trailers are added.
        author: who it is by.
        fix: the fix's id, for the trailer `Patchkit-Fix`.
        digest: of the fix's spec, for the trailer `Patchkit-Digest`.
        version: patchkit's, for the trailer `Patchkit-Version`.
        like: a commit that may be the very same but for its signature, which is not made twice,
            and for the version of patchkit that made it: it is returned then.
        sign: whether it is signed; None asks git's configuration.
        before: the recipe at the base commit, where it was read already.

    Raises:
        DamagedCloneError: the clone lacks the base, or something of it.
        RecipeError: a file would take the place of a submodule.
        UsageError: the message cannot stand in a commit.
        GitError: it cannot be signed, or written.
    """
    signed = is_signing(folder) if sign is None else sign
    text = with_trailers(message, {FIX: fix, DIGEST: digest, VERSION: version})
    try:
        with _freed(opened(folder)) as repository:
            top = read_commit(repository, base)
            known = _recipe(repository, top) if before is None else before
            changes = {path: tree.entries.get(path) for path in tree.changed_paths(known)}
            if not changes:
                raise BugError("a commit was wanted that changes nothing", place=Place(tree.name))
            draft = _draft(repository, top, changes, text, author)
            if like and _is_like(repository, like, draft.raw, signed=signed):
                return like
            if not signed:
                return str(repository.write(ObjectType.COMMIT, draft.raw))
    except (GitError, *BROKEN) as error:
        raise DamagedCloneError(folder, error) from error
    return _signed(folder, draft)


@contextmanager
def _freed(repository: pygit2.Repository) -> Iterator[pygit2.Repository]:
    """Let go of what a repository holds, which refers to itself and would stay in memory."""
    try:
        yield repository
    finally:
        repository.free()


@dataclass(frozen=True, slots=True)
class _Draft:
    """A commit before it is written; its tree is there."""

    raw: bytes
    tree: str
    base: str
    who: pygit2.Signature
    message: str


def _recipe(repository: pygit2.Repository, top: pygit2.Commit) -> RecipeTree:
    return RecipeTree(dict(walk_tree(Store.of(repository), top.tree_id)))


def _draft(
    repository: pygit2.Repository,
    top: pygit2.Commit,
    changes: Mapping[str, Entry | None],
    text: str,
    author: Author,
) -> _Draft:
    oid = write_tree(repository, top.tree, changes)
    when = top.committer
    who = pygit2.Signature(author.name, author.email, when.time, when.offset, "utf-8")
    # pygit2 declares another type than it returns.
    raw = cast("str", repository.create_commit_string(who, who, text, oid, [top.id])).encode()
    return _Draft(raw, str(oid), str(top.id), who, text)


def _is_like(repository: pygit2.Repository, sha: str, raw: bytes, *, signed: bool) -> bool:
    bare, signatures = _SIGNATURE.subn(b"", read_commit(repository, sha).read_raw(), count=1)
    same = _VERSION.sub(b"", bare) == _VERSION.sub(b"", raw)
    return same and bool(signatures) == signed


def _signed(folder: Path, draft: _Draft) -> str:
    """Let git write a commit with its signature: it knows every way of signing."""
    hours, minutes = divmod(abs(draft.who.offset), 60)
    zone = f"{'-' if draft.who.offset < 0 else '+'}{hours:02}{minutes:02}"
    env = {
        f"GIT_{role}_{name}": value
        for role in ("AUTHOR", "COMMITTER")
        for name, value in (
            ("NAME", draft.who.name),
            ("EMAIL", draft.who.email),
            ("DATE", f"@{draft.who.time} {zone}"),
        )
    }
    sign = ("-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S", "-p", draft.base, "-F", "-")
    message = draft.message.encode()
    done = run(folder, *sign, draft.tree, mode=Mode.USER, stdin=message, env=env)
    if done.code == 0:
        return done.out.strip()
    raise GitError(
        f"the commit cannot be signed: {done.why}", place=Place(str(folder)), hint=_SIGN_HINT
    )
