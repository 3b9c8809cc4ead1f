"""Where a fix is proposed: a mirror on its forge, with what the settings say of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from patchkit.forge import Forge, PullRequest, Repository
    from patchkit.git.author import Author
    from patchkit.git.mirror import Mirror
    from patchkit.git.remote import Remote
    from patchkit.settings import Settings


@dataclass(frozen=True)
class Target:
    """One mirror that was just read.

    Attributes:
        mirror: its clone, as the mirror is now.
        forge: the same on its forge.
        repository: what the forge says of it.
        settings: those of the recipe.
        author: who commits are by.
        pulls: its open pull requests.
        upstream: the URL that is never pushed to; empty when no setting names one.
        fork: where branches are pushed instead of the mirror; None for the mirror itself.
        fork_owner: the owner of that fork.
        lacks_fork: whether that fork is still to be made.
    """

    mirror: Mirror
    forge: Forge
    repository: Repository
    settings: Settings
    author: Author
    pulls: tuple[PullRequest, ...] = ()
    upstream: str = ""
    fork: Remote | None = field(default=None)
    fork_owner: str = ""
    lacks_fork: bool = False

    @property
    def base(self) -> str:
        """The branch that pull requests go to."""
        return self.mirror.remote.default_branch

    @property
    def head_owner(self) -> str:
        """The owner of the repository that branches are pushed to."""
        return self.fork_owner or self.repository.owner

    @property
    def branches(self) -> Remote:
        """The repository that branches are pushed to, as it was read."""
        return self.fork or self.mirror.remote


def branch_of(fix_id: str) -> str:
    """Return the branch of a fix."""
    return f"patchkit/{fix_id}"
