"""Runs `abra recipe lint` on a recipe, in an `$ABRA_DIR` of its own.

The checkout is its own origin, so that abra fetches without a network, and has one annotated
tag, the version that its labels say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.errors import PatchkitError
from patchkit.recipe import find
from patchkit.recipe.model import Recipe
from patchkit.verify.abra_table import Table, read
from patchkit.verify.judge import NotAvailableError

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.tree import RecipeTree
    from patchkit.verify.bench import Bench

SECONDS = 60.0
_ABRA = "install abra, the command line of Co-op Cloud: https://docs.coopcloud.tech/abra/install/"
_GIT = "install git (Debian: git)"
_TRY = "try it by hand: abra recipe lint -n NAME"
_LABEL = re.compile(r"coop-cloud\..+\.version")
_VERSION = re.compile(r"\w[\w.+-]*", re.ASCII)
_NETWORK = re.compile(
    r"dial tcp|no such host|could not resolve|i/o timeout|unreachable|connection refused",
    re.IGNORECASE,
)
_TAIL = 10  # lines


class HungError(Exception):
    """abra did not end; says what it showed last."""


def version(tree: RecipeTree) -> str:
    """Return the version that a recipe's labels say, for abra to find as a tag."""
    try:
        labels = find.labels(Recipe(tree).services.get("app"))
    except PatchkitError:  # lint says what is wrong with it
        labels = {}
    said = (value for name, value in labels.items() if _LABEL.fullmatch(name))
    return next((v for v in said if v and _VERSION.fullmatch(v)), "0.1.0+0.1.0")


def abra_lint(bench: Bench, tree: RecipeTree, name: str, at: str) -> Table:
    """Return what abra says of a recipe.

    Args:
        bench: where it runs.
        tree: the recipe.
        name: what the recipe is called.
        at: the bench's folder for it, which is made.

    Raises:
        NotAvailableError: abra or git is missing, or abra judges nothing here.
        HungError: abra did not end.
    """
    abra = bench.find("abra", install=_ABRA)
    checkout = bench.lay(tree, f"{at}/recipes/{name}")
    _commit(bench, checkout, version(tree))
    env = {"ABRA_DIR": str(bench.folder / at), "TERM": "dumb", "NO_COLOR": "1"}
    command = (abra, "recipe", "lint", "-n", name)
    ran = bench.run(
        *command, cwd=checkout, env=bench.environment(env), seconds=SECONDS, terminal=True
    )
    table = read(ran.output)
    last = "\n".join(ran.output.strip().splitlines()[-_TAIL:])
    if ran.code is None:
        raise HungError(last)
    if wanted := next((line for line in table.fatal if _NETWORK.search(line)), ""):
        raise NotAvailableError(f"abra needs the network here: {wanted}", _TRY)
    if not table.rows and not table.fatal:
        raise NotAvailableError(f"abra showed no table of rules, but: {last or 'nothing'}", _TRY)
    return table


def _commit(bench: Bench, checkout: Path, tag: str) -> None:
    git = bench.find("git", install=_GIT)
    env = bench.environment({"GIT_CONFIG_NOSYSTEM": "1"})
    who = ("-c", "user.name=patchkit", "-c", "user.email=patchkit@localhost")
    for command in (
        ("init", "--quiet", "--template=", "--initial-branch=main"),
        ("-c", "core.autocrlf=false", "add", "--all", "--force"),
        (*who, "commit", "--quiet", "--message=The recipe"),
        (*who, "tag", "--annotate", "--message=The recipe", tag),
        ("remote", "add", "origin", str(checkout)),
    ):
        ran = bench.run(git, *command, cwd=checkout, env=env)
        if not ran.ok:
            raise NotAvailableError(f"git made no checkout for abra: {ran.output.strip()}", _GIT)
