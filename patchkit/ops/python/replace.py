"""`python.replace`: what fits a pattern, a function's body, or what it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.ops.python.common import (
    CODE,
    COUNT,
    FILE,
    Count,
    Expression,
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


class PythonReplace(OpModel):
    """Replace code that fits a pattern, the body of a function, or the expression it returns.

    Code is compared by what it says: blanks, brackets and quotes make no difference, and text in
    strings and comments is no code. An expression gets brackets where it needs them; it is
    replaced wherever it stands but where it is assigned to. A new body leaves the docstring,
    unless it brings one; comments in what is replaced go with it. What an f-string holds is not
    edited. A statement that gets too long for its line is broken as ruff breaks it where there is
    but one way; else the op tells the line.
    """

    file: str = Field(description=FILE, examples=["runner/harness/canonical.py"])
    function: str | None = Field(
        default=None,
        description="The function or class to search, inner ones included: `Class.method`;"
        " without it the whole file.",
        examples=["canonical_domain"],
    )
    match: Pattern | None = Field(
        default=None,
        description="The expression or statements; `...` stands for anything.",
        examples=["retry_handshake(...)"],
    )
    by: Statements | None = Field(
        default=None,
        description="What comes instead: an expression for an expression.",
        examples=["retry_handshake(host, budget=120)"],
    )
    body: Statements | None = Field(
        default=None,
        description=f"The new body of the function. {CODE}",
        examples=["return stable_domain(recipe)"],
    )
    template: str | None = Field(
        default=None,
        description="The template that makes the new body, below `templates/`.",
        examples=["wait_for_handshake.py.j2"],
    )
    returns: Expression | None = Field(
        default=None, description="What the function's only `return` gives.", examples=["domain"]
    )
    count: Count = Field(default=1, description=COUNT, examples=[1, "any"])

    @model_validator(mode="after")
    def _one_way(self) -> PythonReplace:
        ways = (self.match, self.body, self.template, self.returns)
        if sum(way is not None for way in ways) != 1:
            message = 'python.replace needs one of "match", "body", "template" and "returns"'
            raise wrong_together(message)
        if (self.match is None) != (self.by is None):
            raise wrong_together('"match" and "by" go together')
        if self.match is None and self.function is None:
            raise wrong_together('"body", "template" and "returns" need "function"')
        return self


def python_replace(draft: Draft, step: PythonReplace) -> Changed | Unchanged:
    """Replace what is not replaced yet."""
    body = draft.template(step.template) if step.template is not None else step.body

    before = draft.tree

    def change(source: Source) -> str:
        from patchkit.edit.python import replace as editor  # noqa: PLC0415

        function = step.function or ""
        if body is not None:
            return editor.replace_body(source, function, body)
        if step.returns is not None:
            return editor.replace_return(source, function, step.returns)
        return editor.replace(
            source, step.match or "", step.by or "", function=step.function, count=step.count
        )

    where = f"{step.function} of {step.file}" if step.function else step.file
    if not edit(draft, step.file, change):
        return Unchanged(f"{where} is so already")
    return changed(draft, before, f"replaced code in {where}")


_CANONICAL = "def domain(recipe):\n    return warm.stable_domain(recipe)\n"

REPLACE = Op(
    "python.replace",
    PythonReplace,
    python_replace,
    Example(
        step="op: python.replace\nfile: canonical.py\nfunction: domain\n"
        "match: warm.stable_domain(...)\nby: warm.canonical_domain(recipe)\n",
        before={"canonical.py": _CANONICAL},
        after={"canonical.py": _CANONICAL.replace("stable", "canonical")},
    ),
)
