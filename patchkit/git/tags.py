"""The tags of a recipe's repository: abra takes versions from annotated ones only.

https://git-scm.com/docs/git-for-each-ref
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from patchkit.git.program import git

if TYPE_CHECKING:
    from pathlib import Path

_FORMAT = "%(refname:lstrip=2)%09%(objecttype)"


def tags(folder: Path) -> dict[str, bool] | None:
    """Return every tag of the repository in `folder`, bare or not, and whether it is annotated.

    None when the folder is no repository of its own: the tags of one around it are not the
    recipe's.

    Raises:
        GitError: git is missing, or cannot read the repository.
    """
    is_bare = (folder / "HEAD").is_file() and (folder / "objects").is_dir()
    if not is_bare and not (folder / ".git").exists():
        return None
    hint = "run git tag there to see why"
    lines = git(folder, "for-each-ref", f"--format={_FORMAT}", "refs/tags", hint=hint).split("\n")
    pairs = (line.partition("\t") for line in lines if line)
    return {name: kind == "tag" for name, _, kind in pairs}
