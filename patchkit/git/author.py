"""Who a commit is by: what the settings say, else who git takes the user for.

https://git-scm.com/docs/git-var
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from patchkit.errors import GitError, UsageError
from patchkit.git.program import Mode, git

if TYPE_CHECKING:
    from pathlib import Path

_IDENT = re.compile(r"(?P<name>.+) <(?P<email>[^<>\n]+)> \d+ [+-]\d{4}\n?")
_FORM = re.compile(r"\s*(?P<name>[^<>\n\0]+?)\s*<(?P<email>[^<>\s\0]+)>\s*")
_FORM_HINT = "write Name <name@example.com>"
_HINT = (
    'git config --global user.name "Your Name" && '
    "git config --global user.email you@example.com, or name an author in the settings"
)


_CRUD = " .,:;<>\"\\'"


@dataclass(frozen=True, slots=True)
class Author:
    """A name and an e-mail address, as they stand in commits.

    Args:
        name: what git cuts off at its ends (spaces and punctuation) is cut off here.
        email: the same.

    Raises:
        UsageError: one is empty, or cannot stand in a commit.
    """

    name: str
    email: str

    def __post_init__(self) -> None:
        for field in ("name", "email"):
            text: str = getattr(self, field).strip(_CRUD)
            if not text or not text.isprintable() or set("<>") & set(text):
                raise UsageError(f"{text!r} is no author's {field}", hint=_FORM_HINT)
            object.__setattr__(self, field, text)

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"

    @classmethod
    def parse(cls, text: str) -> Author:
        """Return the author that `Name <address>` says.

        Raises:
            UsageError: it says none.
        """
        if found := _FORM.fullmatch(text):
            return cls(found["name"], found["email"])
        raise UsageError(f"{text!r} is no author", hint=_FORM_HINT)


def identity(folder: Path) -> Author:
    """Return who git takes the user for, in a folder; only what was said, no guess from the host.

    Raises:
        GitError: nobody told git.
    """
    said = ("-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    try:
        ident = git(folder, *said, mode=Mode.USER, hint=_HINT)
    except GitError as error:
        raise GitError("git does not know who makes the commit", hint=_HINT) from error
    if found := _IDENT.fullmatch(ident):
        return Author(found["name"], found["email"])
    raise GitError(f"git takes the user for {ident.strip()!r}", hint=_HINT)
