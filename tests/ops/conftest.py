"""How tests make an op: a step as YAML, a recipe as `{path: text}`, and what became of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from patchkit.draft import Draft
from patchkit.edit.yaml import parse, styled
from patchkit.ops import Changed, Outcome, Refused, Unchanged, find_op, run
from patchkit.tree import RecipeTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.finding import Finding

    Files = dict[str, str]


@dataclass(frozen=True)
class Made:
    """What an op made of a recipe."""

    outcome: Outcome
    tree: RecipeTree
    findings: tuple[Finding, ...] = ()

    @property
    def files(self) -> Files:
        return {path: self.tree.text(path) for path in self.tree.paths()}


class Make(Protocol):
    """Makes the op of a step on a recipe."""

    def __call__(self, files: Files | RecipeTree, step: str) -> Made: ...


def _make(files: Files | RecipeTree, step: str) -> Made:
    tree = files if isinstance(files, RecipeTree) else RecipeTree.from_files(files)
    root = parse(step, "fix.yml").root
    assert root is not None
    values = styled(root)
    op = find_op(values["op"])
    assert op is not None
    draft = Draft(tree)
    outcome = run(op, draft, op.model.model_validate(values))
    return Made(outcome, draft.tree, tuple(draft.findings))


@pytest.fixture
def make() -> Make:
    return _make


@pytest.fixture
def check_noop() -> Callable[[Files, str], None]:
    def check(files: Files, step: str) -> None:
        made = _make(files, step)
        assert isinstance(made.outcome, Unchanged), made.outcome
        assert made.files == files

    return check


@pytest.fixture
def check_changed() -> Callable[[Files, str, Files], None]:
    """Check a change; `after` holds the files that differ. A second run must change nothing."""

    def check(before: Files, step: str, after: Files) -> None:
        made = _make(before, step)
        assert isinstance(made.outcome, Changed), made.outcome
        assert made.files == before | after
        again = _make(made.tree, step)
        assert not isinstance(again.outcome, Changed)
        assert again.files == made.files

    return check


@pytest.fixture
def check_refused() -> Callable[..., Refused]:
    """Check that an op is refused with these words, at this place (`path:line`) if given."""

    def check(files: Files, step: str, *words: str, at: str = "") -> Refused:
        made = _make(files, step)
        assert isinstance(made.outcome, Refused), made.outcome
        assert made.files == files
        said = f"{made.outcome.problem.message}\n{made.outcome.problem.hint}"
        assert [word for word in words if word not in said] == [], said
        place = made.outcome.problem.place
        assert not at or (place and f"{place.path}:{place.line}" == at), place
        return made.outcome

    return check
