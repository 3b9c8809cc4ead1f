"""`python.assign`: a constant, or one entry of a dict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.ops.python.common import DOTTED, FILE, VALUE, Expression, changed, edit
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.python.source import Source


class PythonAssign(OpModel):
    """Set a constant of a Python file or class, or one entry of a dict.

    The value is replaced where it stands; a type annotation, a comment behind it and the way it
    is quoted stay. A new name goes behind the last constant, and behind all that its value uses;
    a new entry goes to the end of its dict. A name that is bound twice, under a condition, or
    together with others (`A = B = 1`) is refused, and so is a dict that is not written in braces.
    Of a function, `key` means the dict that it returns, right there or by way of a variable.
    Comments inside a value that is replaced go with it.
    """

    file: str = Field(description=FILE, examples=["tests/keycloak/recipe_meta.py"])
    name: str = Field(
        description="The name, or that of a class with it: `Class.NAME`; with `key`, a function.",
        pattern=DOTTED,
        examples=["WARM_CANONICAL"],
    )
    key: str | int | None = Field(
        default=None,
        description="The key of the dict that the name holds, or that the function returns.",
        examples=["LOGLEVEL"],
    )
    value: Expression = Field(description=VALUE, examples=["True", '"pds"'])
    after: str | None = Field(
        default=None, description="For a new name: what it goes behind.", examples=["HEALTH_PATH"]
    )
    before: str | None = Field(
        default=None,
        description="For a new name: what it goes before.",
        examples=["def canonical_domain"],
    )

    @model_validator(mode="after")
    def _one_place(self) -> PythonAssign:
        if self.after is not None and self.before is not None:
            raise wrong_together('"after" does not go with "before"')
        if self.key is not None and (self.after or self.before):
            raise wrong_together('"key" goes with neither "after" nor "before"')
        return self


def python_assign(draft: Draft, step: PythonAssign) -> Changed | Unchanged:
    """Give the name or entry its value."""
    before = draft.tree

    def change(source: Source) -> str:
        from patchkit.edit.python.assign import assign  # noqa: PLC0415

        return assign(
            source, step.name, step.value, key=step.key, after=step.after, before=step.before
        )

    what = step.name if step.key is None else f"{step.name}[{step.key!r}]"
    if not edit(draft, step.file, change):
        return Unchanged(f"{what} of {step.file} is so already")
    return changed(draft, before, f"set {what} in {step.file}")


_META = 'HEALTH_PATH = "/"\nEXTRA_ENV = {"LOGLEVEL": "info"}\n'

ASSIGN = Op(
    "python.assign",
    PythonAssign,
    python_assign,
    Example(
        step="op: python.assign\nfile: recipe_meta.py\nname: WARM_CANONICAL\nvalue: true\n",
        before={"recipe_meta.py": _META},
        after={"recipe_meta.py": f"{_META}WARM_CANONICAL = True\n"},
    ),
)
