"""`python.insert`: statements at an end of a function, or beside others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.ops.python.common import (
    CODE,
    COUNT,
    FILE,
    TEMPLATE,
    Count,
    Pattern,
    Statements,
    changed,
    edit,
)
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.python.source import Source

_PATTERN = (
    "statements that it has, compared by what they say; `...` stands for anything, and of an"
    " `if`, `for` or `with` the head is enough."
)


class PythonInsert(OpModel):
    """Put statements at an end of a function, or before or after statements that it has.

    The start is behind the docstring, of a file also behind its `__future__` imports. The code
    gets the indentation, line ends and blank lines of its place, and is else taken as it is
    written. Inner functions are not searched. A place that shares its line with other statements,
    or that is never reached, is refused.
    """

    file: str = Field(description=FILE, examples=["tests/mumble/recipe_meta.py"])
    function: str | None = Field(
        default=None,
        description="The function, with the classes it is in: `Class.method`; without it the top"
        " level of the file.",
        examples=["READY_PROBE"],
    )
    at: Literal["start", "end"] | None = Field(
        default=None, description="An end of the function, or of the file."
    )
    before: Pattern | None = Field(
        default=None, description=f"Before {_PATTERN}", examples=["return domain"]
    )
    after: Pattern | None = Field(
        default=None, description=f"After {_PATTERN}", examples=["client = connect(...)"]
    )
    code: Statements | None = Field(default=None, description=CODE, examples=["ctx.wait()"])
    template: str | None = Field(
        default=None, description=TEMPLATE, examples=["wait_for_handshake.py.j2"]
    )
    count: Count = Field(default=1, description=COUNT, examples=[1, "any"])

    @model_validator(mode="after")
    def _one_place(self) -> PythonInsert:
        if sum(place is not None for place in (self.before, self.after, self.at)) != 1:
            raise wrong_together('python.insert needs one of "before", "after" and "at"')
        if (self.code is None) == (self.template is None):
            raise wrong_together('python.insert needs either "code" or "template"')
        return self


def python_insert(draft: Draft, step: PythonInsert) -> Changed | Unchanged:
    """Put the statements where they do not stand yet."""
    code = draft.template(step.template) if step.template is not None else step.code or ""

    before = draft.tree

    def change(source: Source) -> str:
        from patchkit.edit.python.insert import insert  # noqa: PLC0415

        return insert(
            source,
            code,
            function=step.function,
            at=step.at,
            before=step.before,
            after=step.after,
            count=step.count,
        )

    where = f"{step.function} of {step.file}" if step.function else step.file
    if not edit(draft, step.file, change):
        return Unchanged(f"{where} has these statements already")
    return changed(draft, before, f"inserted statements into {where}")


_OPS = 'def pre_backup(ctx):\n    """Leave a mark."""\n    ctx.exec("touch /mark")\n'

INSERT = Op(
    "python.insert",
    PythonInsert,
    python_insert,
    Example(
        step="op: python.insert\nfile: ops.py\nfunction: pre_backup\nbefore: ctx.exec(...)\n"
        "code: ctx.wait()\n",
        before={"ops.py": _OPS},
        after={"ops.py": _OPS.replace("    ctx.exec", "    ctx.wait()\n    ctx.exec")},
    ),
)
