"""Random edits of the samples: each comes out byte for byte, or is told or refused by name."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from patchkit.errors import EditRefused, PatchkitError, RecipeError
from patchkit.record import Head, Recording, record
from patchkit.rendering import Verdict, render
from patchkit.tree import EXECUTABLE, REGULAR, RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = sorted((Path(__file__).parents[1] / "recipes").iterdir())
SEEDS = range(24)


def _cut(lines: list[str], at: int, _: random.Random) -> None:
    del lines[at : at + 2]


def _put(lines: list[str], at: int, chance: random.Random) -> None:
    lines.insert(at, chance.choice(["# a note\n", "\n", "{{ x }} {% y\n", "\ttab\n"]))


def _tail(lines: list[str], at: int, _: random.Random) -> None:
    lines[at] = lines[at].rstrip("\n") + " # more\n"


def _swap(lines: list[str], at: int, chance: random.Random) -> None:
    other = chance.randrange(len(lines))
    lines[at], lines[other] = lines[other], lines[at]


def _word(lines: list[str], at: int, chance: random.Random) -> None:
    if words := lines[at].split():
        lines[at] = lines[at].replace(chance.choice(words), "zzz")


def _returns(lines: list[str], at: int, _: random.Random) -> None:
    lines[at:] = [line.replace("\n", "\r\n") for line in lines[at:]]


def _end(lines: list[str], _: int, __: random.Random) -> None:
    lines[-1] = lines[-1].rstrip("\n")


EDITS: tuple[Callable[[list[str], int, random.Random], None], ...] = (
    _cut, _put, _tail, _swap, _word, _returns, _end,
)  # fmt: skip


def _edited(tree: RecipeTree, chance: random.Random) -> RecipeTree:
    """Return the tree after a few edits of its files, and of one file as a whole."""
    for _ in range(chance.randint(1, 5)):
        path = chance.choice(tree.paths())
        lines = tree.text(path).splitlines(keepends=True) or ["x\n"]
        chance.choice(EDITS)(lines, chance.randrange(len(lines)), chance)
        tree = tree.with_file(path, "".join(lines))
    path = chance.choice(tree.paths())
    kind = chance.choice(("mode", "move", "none"))
    if kind == "mode":
        return tree.with_mode(path, EXECUTABLE if tree.mode(path) == REGULAR else REGULAR)
    if kind == "move":
        moved = tree.with_file(f"moved/{path}", tree.read(path), tree.mode(path))
        return moved.without(path)
    return tree


def _recorded(
    old: RecipeTree, goal: RecipeTree, head: Head, *, by_meaning: bool = False
) -> Recording | PatchkitError | None:
    try:
        return record(old, goal, head, by_meaning=by_meaning)
    except (EditRefused, RecipeError) as error:
        return error


@pytest.mark.parametrize("seed", SEEDS)
def test_random_edits(seed):
    chance = random.Random(seed)
    folder = chance.choice(SAMPLES)
    old = RecipeTree.from_dir(folder)
    goal = _edited(old, chance)
    kind = "recipe" if "compose.yml" in old else "repository"
    recorded = _recorded(old, goal, Head("probe", folder.name, kind))
    if isinstance(recorded, PatchkitError):
        named = {problem.place.path for problem in recorded.problems}
        assert named <= set(goal.changed_paths(old))
        assert all(problem.message != "no op makes this change" for problem in recorded.problems)
    elif recorded is None:
        assert goal == old
    elif recorded.exact:
        assert render(recorded.fix, old).tree == goal
        assert render(recorded.fix, goal).verdict is Verdict.FIXED
    else:
        assert [line for line in recorded.unsure if line.startswith("a closing rule")]
        assert recorded.beyond.count("diff --git") <= 2  # abra.sh and the release note


@pytest.mark.parametrize("seed", SEEDS[:8])
def test_random_edits_by_meaning(seed):
    """What is said to mean the same has the same data, whatever else stands in the file."""
    chance = random.Random(seed)
    folder = chance.choice([path for path in SAMPLES if (path / "compose.yml").exists()])
    old = RecipeTree.from_dir(folder)
    goal = _edited(old, chance)
    recorded = _recorded(old, goal, Head("probe", folder.name), by_meaning=True)
    if isinstance(recorded, PatchkitError) or recorded is None:
        assert recorded is not None or goal == old
    elif recorded.fits:
        made = recorded.patch.tree
        assert made.paths() == goal.paths()
        for path in (path for path in made.paths() if path.endswith(".yml")):
            one, other = (yaml.safe_load(tree.text(path)) for tree in (made, goal))
            assert _unordered(one) == _unordered(other)
    else:
        assert [line for line in recorded.unsure if line.startswith("a closing rule")]


def _unordered(value):
    if isinstance(value, dict):
        return {key: _unordered(item) for key, item in value.items()}
    return sorted(map(repr, value)) if isinstance(value, list) else value
