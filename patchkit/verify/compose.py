"""Whether Docker takes the compose files that operators deploy together.

`docker stack config` reads them as `docker stack deploy` does and needs no daemon. It checks the
form of the files and what is merged; what a service refers to it does not look at: lint does.
https://docs.docker.com/reference/cli/docker/stack/config/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from patchkit.recipe.model import Recipe
from patchkit.verify.deployment import filled, settings
from patchkit.verify.judge import Check, Judge, NothingToJudgeError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from patchkit.verify.bench import Bench, Ran
    from patchkit.verify.judge import Case

_INSTALL = "install Docker's client (Debian: docker-cli or docker-ce-cli); no daemon is needed"
_NEEDED = re.compile(r"(?<!\$)\$\{([A-Za-z_]\w*):?\?")


def _check(case: Case) -> Iterator[Check]:
    """Ask about every combination of files that `.env.sample` offers, commented out or not."""
    docker = case.bench.find("docker", install=_INSTALL)
    after = _Asking(docker, case.bench, case.recipe, case.bench.lay(case.tree))
    before = None
    combinations = [files for files in case.recipe.combinations if after.has(files)]
    if not combinations:
        raise NothingToJudgeError("the recipe has no compose file")
    for files in combinations:
        ran = after.ask(files)
        if not ran.ok and before is None and case.tree != case.patch.base:
            folder = case.bench.lay(case.patch.base, "base")
            before = _Asking(docker, case.bench, Recipe(case.patch.base), folder)
        is_old = not ran.ok and before is not None and _same(ran, before.ask(files))
        what = f"Docker takes {' with '.join(files)}"
        yield Check(what, ran.ok, "" if ran.ok else ran.output.strip(), before=is_old)


def _same(after: Ran, before: Ran) -> bool:
    """Whether Docker says the same of both; lines move, and each lies in a folder of its own."""
    said = [re.sub(r"\d+|/\S*/", "", ran.output) for ran in (after, before)]
    return not before.ok and said[0] == said[1]


class _Asking:
    """One recipe in a folder, with the settings of its sample."""

    def __init__(self, docker: str, bench: Bench, recipe: Recipe, folder: Path) -> None:
        self.docker, self.bench, self.recipe, self.folder = docker, bench, recipe, folder
        known = settings(recipe)
        texts = [recipe.tree.text(path) for path in recipe.compose_paths]
        needed = [name for text in texts for name in _NEEDED.findall(text)]
        self.env = bench.environment(known | filled(needed, known))

    def has(self, files: tuple[str, ...]) -> bool:
        return any(file in self.recipe.tree for file in files)

    def ask(self, files: tuple[str, ...]) -> Ran:
        options = [part for file in files for part in ("--compose-file", file)]
        command = (self.docker, "stack", "config", *options)
        return self.bench.run(*command, cwd=self.folder, env=self.env)


JUDGE = Judge(
    "compose", "Docker takes every set of compose files that `.env.sample` offers.", _check
)
