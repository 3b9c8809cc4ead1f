"""Reads everything that the plan for a fix on a mirror depends on; writes nothing to the forge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from patchkit import __version__
from patchkit.errors import PatchkitError
from patchkit.git.commit import commit
from patchkit.git.message import VERSION
from patchkit.git.mirror import bring, mirror
from patchkit.git.ownership import foreign, trailers
from patchkit.publish import ci
from patchkit.publish.asked import asked, with_asked
from patchkit.publish.body import same, with_part
from patchkit.publish.judged import Judged, said_of, with_section
from patchkit.publish.plan import Facts
from patchkit.publish.target import branch_of
from patchkit.publish.withdrawn import is_withdrawn
from patchkit.rendering import Verdict, check, render
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from patchkit.forge import Comment, PullRequest
    from patchkit.lint import Gate
    from patchkit.publish.target import Target
    from patchkit.rendering import Patch
    from patchkit.spec.fix import Fix

UPSTREAM = "The recipe has this change by now"

# What a recipe is to a fix that has nothing to change in it any more.
_NOTHING_LEFT = frozenset((Verdict.FIXED, Verdict.OTHER))


class Page(NamedTuple):
    """What a pull request says: its title, and patchkit's part of its body."""

    title: str
    body: str


class Writer(Protocol):
    """Writes what a pull request says, and has it judged."""

    def page(self, fix: Fix, patch: Patch, gate: Gate, *, version: str, body: str) -> Page:
        """Return the page, with a placeholder for what judges say.

        Args:
            fix: the spec.
            patch: what it made of the recipe.
            gate: what it does to lint.
            version: that of patchkit which made the commit.
            body: the pull request's, as the forge has it; empty where there is none.
        """

    def judged(self, fix: Fix, patch: Patch) -> Judged:
        """Return what judges say; asked once a commit."""


@dataclass(frozen=True)
class Survey:
    """What was read of a fix on a mirror.

    Attributes:
        fix: the spec.
        target: the mirror.
        patch: what the fix makes of the head of its default branch.
        gate: what that does to lint.
        page: what the pull request should say; None when there is nothing to propose.
        comment: what CI is asked with; empty for nothing.
        facts: all of it, as the plan wants it.
        draft: whether a new pull request is to be a draft.
    """

    fix: Fix
    target: Target
    patch: Patch
    gate: Gate
    page: Page | None
    comment: str
    facts: Facts
    draft: bool = False

    @property
    def branch(self) -> str:
        """The branch of the fix."""
        return branch_of(self.fix.id)

    @property
    def body(self) -> str:
        """The whole body that the pull request should have, people's words kept."""
        old = self.facts.pull.body if self.facts.pull else ""
        return with_part(old, with_asked(self.page.body if self.page else "", asked(old)))


def survey(
    fix: Fix,
    target: Target,
    write: Writer,
    *,
    params: Mapping[str, Any] | None = None,
    reopen: bool = False,
    draft: bool = False,
) -> Survey:
    """Return everything that the plan for a fix on a mirror depends on.

    Args:
        fix: the spec.
        target: the mirror, as it was just read.
        write: writes what the pull request says, and has it judged.
        params: values for the fix's parameters.
        reopen: whether what a person closed may be proposed again.
        draft: whether a new pull request is to be a draft.

    Raises:
        PatchkitError: the recipe, the clone or the forge cannot be read.
    """
    patch = render(fix, RecipeTree.from_commit(target.mirror.folder, target.mirror.head), params)
    gate = check(fix, patch)
    pull = own_pull(fix.id, target)
    head, closer = _head(fix, target), closer_of(target, pull)
    facts = Facts(
        verdict=patch.verdict,
        asks=patch.asks,
        passed=gate.passed and not patch.findings,
        branch=head,
        editors=editors_of(target, head),
        base=target.base,
        pull=pull,
        closer=closer,
        closed_by_us=is_us(target, closer),
        commented=_told(target, pull) if patch.verdict in _NOTHING_LEFT else False,
        reopen=reopen,
        withdrawn=is_withdrawn(target, pull),
    )
    read = Survey(fix, target, patch, gate, None, "", facts, draft)
    if facts.withdrawn and not reopen:
        return read
    if patch.verdict is not Verdict.APPLIES or not facts.passed or facts.editors:
        return read
    return _proposed(read, write, params)


def _proposed(
    read: Survey,
    write: Writer,
    params: Mapping[str, Any] | None,
) -> Survey:
    """Return the survey of a fix that has something to propose."""
    fix, target, patch, facts = read.fix, read.target, read.patch, read.facts
    sha = _commit(fix, target, patch, facts.branch)
    made_by = trailers(target.mirror.folder, sha).get(VERSION, __version__)
    body = facts.pull.body if facts.pull and facts.is_open else ""
    page = write.page(fix, patch, read.gate, version=made_by, body=body)
    said = said_of(body, sha)
    judged = write.judged(fix, patch) if said is None else Judged(said, passed=True)
    page = Page(page.title, with_section(page.body, sha, judged.text))
    comment = fix.pull_request(patch.params).comment or ""
    facts = replace(
        facts,
        commit=sha,
        passed=judged.passed,
        text_differs=_differs(facts.pull, page),
        unfinished=_unfinished(target, facts.pull, facts.branch, comment),
        holder=None if facts.is_open else _holder(fix, target, params),
    )
    return replace(read, page=page, comment=comment, facts=facts)


def _head(fix: Fix, target: Target) -> str:
    """Return the head of the fix's branch, which is in the clone then; empty when there is none."""
    branch = branch_of(fix.id)
    if target.fork is not None:
        bring(target.mirror, target.fork, branch)
    return target.branches.branches.get(branch, "")


def own_pull(fix_id: str, target: Target) -> PullRequest | None:
    """Return the fix's pull request: the one that is open, else the newest, to whatever base."""
    if mine := open_pulls(fix_id, target):
        return next((p for p in mine if p.base == target.base), mine[0])
    found = target.forge.find(head=branch_of(fix_id), head_owner=target.head_owner)
    return max(found, key=lambda pull: pull.number, default=None)


def open_pulls(fix_id: str, target: Target) -> tuple[PullRequest, ...]:
    """Return the open pull requests of a fix."""
    branch, owner = branch_of(fix_id), target.head_owner.casefold()
    return tuple(p for p in target.pulls if p.head == branch and p.head_owner.casefold() == owner)


def _commit(fix: Fix, target: Target, patch: Patch, head: str) -> str:
    """Write the commit into the clone, where it harms nobody, and return it.

    The head of the branch is returned where only another version of patchkit made it: nobody's
    review and no run of CI is worth less for that.
    """
    title = fix.pull_request(patch.params).title or fix.title
    message = f"{title}\n\n{fix.spec.why.strip()}"
    return commit(
        target.mirror.folder,
        target.mirror.head,
        patch.tree,
        message,
        target.author,
        fix=fix.id,
        digest=fix.digest,
        version=__version__,
        like=head or None,
    )


def editors_of(target: Target, head: str) -> tuple[str, ...]:
    """Return who else committed on the fix's branch, each once."""
    if not head:
        return ()
    commits = foreign(target.mirror.folder, target.mirror.head, head)
    return tuple(dict.fromkeys(commit.name for commit in commits))


def closer_of(target: Target, pull: PullRequest | None) -> str:
    """Return who closed a pull request; empty when it is not closed, or the forge does not tell."""
    if pull is None or pull.state != "closed":
        return ""
    return target.forge.closed_by(pull.number) or ""


def is_us(target: Target, login: str) -> bool:
    """Whether a login is that of patchkit's own user."""
    return login != "" and login.casefold() == target.forge.user().casefold()


def _told(target: Target, pull: PullRequest | None) -> bool:
    """Whether a comment of ours says already that the change is upstream."""
    if pull is None or pull.state != "open":
        return False
    return told(target, target.forge.comments(pull.number))


def told(target: Target, comments: Iterable[Comment]) -> bool:
    """Whether one of these comments is ours, and says that the change is upstream."""
    me = target.forge.user().casefold()
    return any(c.author.casefold() == me and c.body.startswith(UPSTREAM) for c in comments)


def _differs(pull: PullRequest | None, page: Page) -> bool:
    if pull is None or pull.state != "open":
        return False
    wanted = with_part(pull.body, with_asked(page.body, asked(pull.body)))
    return pull.title != page.title or not same(pull.body, wanted)


def _unfinished(target: Target, pull: PullRequest | None, head: str, comment: str) -> bool:
    if pull is None or pull.state != "open":
        return False
    return asked(pull.body) is None or ci.is_due(target, pull, head, comment)


def _holder(
    fix: Fix,
    target: Target,
    params: Mapping[str, Any] | None,
) -> int | None:
    """Return another open pull request whose head has the change already."""
    numbers = [p.number for p in target.pulls if p.base == target.base]
    if not numbers:
        return None
    remote = target.mirror.remote
    heads = mirror(remote.url, target.mirror.folder.parent, pulls=numbers, access=remote.access)
    return next(
        (
            n
            for n in sorted(numbers)
            if (sha := heads.remote.pulls.get(n))
            and _holds(lambda: render(fix, RecipeTree.from_commit(heads.folder, sha), params))
        ),
        None,
    )


def _holds(rendered: Callable[[], Patch]) -> bool:
    try:
        return rendered().verdict in _NOTHING_LEFT
    except PatchkitError:
        return False  # what cannot be read holds nothing
