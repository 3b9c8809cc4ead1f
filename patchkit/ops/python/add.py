"""`python.add`: a new function or class."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.ops.python.common import CODE, FILE, TEMPLATE, Statements, changed, edit
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.python.source import Source


class PythonAdd(OpModel):
    """Add a function or class to a Python file, beside what it has or at its end.

    It gets the blank lines that a formatter wants. The end of the file is before a last
    `if __name__ == "__main__":`. A name that is there already with other code is refused.
    """

    file: str = Field(description=FILE, examples=["tests/mumble/recipe_meta.py"])
    code: Statements | None = Field(
        default=None, description=f"The function or class. {CODE}", examples=["def f():\n    ..."]
    )
    template: str | None = Field(
        default=None, description=TEMPLATE, examples=["wait_for_handshake.py.j2"]
    )
    after: str | None = Field(
        default=None,
        description="The function, class or constant that it goes behind: `Class.method` puts it"
        " into the class. Without both, the end of the file.",
        examples=["READY_PROBE"],
    )
    before: str | None = Field(
        default=None, description="What it goes before.", examples=["canonical_domain"]
    )

    @model_validator(mode="after")
    def _one_way(self) -> PythonAdd:
        if (self.code is None) == (self.template is None):
            raise wrong_together('python.add needs either "code" or "template"')
        if self.after is not None and self.before is not None:
            raise wrong_together('"after" does not go with "before"')
        return self


def python_add(draft: Draft, step: PythonAdd) -> Changed | Unchanged:
    """Add the definition unless it is there."""
    code = draft.template(step.template) if step.template is not None else step.code or ""

    before = draft.tree

    def change(source: Source) -> str:
        from patchkit.edit.python.add import add  # noqa: PLC0415

        return add(source, code, after=step.after, before=step.before)

    if not edit(draft, step.file, change):
        return Unchanged(f"{step.file} has it already")
    return changed(draft, before, f"added a definition to {step.file}")


_ONE = "def one():\n    return 1\n"
_TWO = "def two():\n    return 2\n"

ADD = Op(
    "python.add",
    PythonAdd,
    python_add,
    Example(
        step="op: python.add\nfile: a.py\nafter: one\ncode: |\n  def two():\n      return 2\n",
        before={"a.py": _ONE},
        after={"a.py": f"{_ONE}\n\n{_TWO}"},
    ),
)
