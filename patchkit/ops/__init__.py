"""Ops: what a fix can do. Each is a model (its YAML form) and one function that edits a draft.

One file a family; families never see each other, and one is imported when a spec names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from patchkit.draft import NoMatch
from patchkit.errors import EditRefused, RecipeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from patchkit.draft import Draft
    from patchkit.errors import Problem
    from patchkit.spec.model import OpModel

FAMILIES: dict[str, tuple[str, ...]] = {
    "abra": ("export",),
    "config": ("add", "remove", "retarget", "version"),
    "env_sample": ("set", "unset"),
    "environment": ("set", "unset", "move", "rename"),
    "file": ("add", "remove", "rename", "chmod"),
    "healthcheck": ("set",),
    "image": ("set",),
    "ini": ("set", "unset"),
    "labels": ("set", "unset", "move", "rename"),
    "network": ("alias",),
    "python": ("assign", "insert", "replace", "argument", "import", "add"),
    "release": ("note",),
    "secret": ("add", "remove", "move"),
    "service": ("add", "remove", "rename", "set", "unset"),
    "text": ("replace", "insert"),
    "volume": ("add", "remove"),
    "yaml": ("set", "unset", "append", "remove", "move"),
}
OP_NAMES = tuple(f"{family}.{verb}" for family, verbs in FAMILIES.items() for verb in verbs)
# Those that speak of files alone, and so work on a repository that is no recipe.
_GENERAL = ("file", "ini", "python", "text", "yaml")
GENERAL_OPS = tuple(name for name in OP_NAMES if name.partition(".")[0] in _GENERAL)

_MODULES = {
    "config": "configs",
    "file": "files",
    "image": "images",
    "network": "networks",
    "secret": "secrets",
    "volume": "volumes",
}


@dataclass(frozen=True, slots=True)
class Changed:
    """The op changed the draft; `message` says what, in the past tense."""

    message: str


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The draft is already as the op wants it."""

    message: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The op could not be made; the draft is as it was.

    Attributes:
        problem: why, where, and the next step.
        absent: what the op should remove is not there, nor anything that looks like it.
    """

    problem: Problem
    absent: bool = False


Outcome: TypeAlias = Changed | Unchanged | Refused


@dataclass(frozen=True, slots=True)
class Op:
    """An op: its model, its function, and its page.

    Attributes:
        name: as specs write it, `<family>.<verb>`.
        model: the pydantic model of its YAML form; its docstring is the op's page.
        run: edits a draft; returns Changed or Unchanged, raises EditRefused to refuse.
        example: a spec fragment, a recipe before and after it, for the page and its test.
    """

    name: str
    model: type[OpModel]
    run: Callable[[Draft, Any], Changed | Unchanged]
    example: Example

    @property
    def removes(self) -> bool:
        """Whether nothing being there is what the op wants."""
        return self.name.endswith((".remove", ".unset"))


@dataclass(frozen=True, slots=True)
class Example:
    """A before and after that `patchkit explain` prints and a test runs.

    Attributes:
        step: the op as YAML, beginning `op: …`.
        before: the recipe's files before it.
        after: those files that it changed; None for one that is gone.
    """

    step: str
    before: dict[str, str]
    after: dict[str, str | None]


def find_op(name: str) -> Op | None:
    """Return the op of that name, importing its family; None when there is none."""
    if name not in OP_NAMES:
        return None
    family, verb = name.split(".")
    module = import_module(f"patchkit.ops.{_MODULES.get(family, family)}")
    op: Op = module.OPS[verb]
    return op


def op_model(name: str) -> type[OpModel] | None:
    """Return the model of an op's YAML form."""
    op = find_op(name)
    return op.model if op else None


def run(op: Op, draft: Draft, step: OpModel) -> Outcome:
    """Make one op on a draft; a refusal leaves the draft as it was."""
    before = draft.tree
    draft.on_alias = step.on_alias
    try:
        return op.run(draft, step)
    except NoMatch as error:
        draft.take(before)
        if step.optional and not error.near:
            return Unchanged(f"nothing to do: {error.problems[0].message}")
        return Refused(error.problems[0], absent=error.gone and op.removes)
    except (EditRefused, RecipeError) as error:
        draft.take(before)
        return Refused(error.problems[0])
