"""`python.import`: imports added in order, or dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, Field, model_validator

from patchkit.edit.python.syntax import import_fault
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.ops.python.common import FILE, changed, edit
from patchkit.ops.python.project import first_party
from patchkit.spec.fields import wrong_together
from patchkit.spec.model import OpModel
from patchkit.spec.templates import has_template

if TYPE_CHECKING:
    from patchkit.draft import Draft
    from patchkit.edit.python.source import Source


def _import(value: str) -> str:
    if not has_template(value) and (wrong := import_fault(value)):
        raise ValueError(f"not an import statement: {wrong}")
    return value


Import = Annotated[str, AfterValidator(_import)]


class PythonImport(OpModel):
    """Add an import to a Python file, in the group and order of isort and ruff, or drop one.

    A name joins the `from` import of its module that is there. What is the repository's own is
    told by its folders and by `src` and `known-first-party` of its ruff settings. A name that
    means something else already is refused, and so is dropping one that is still used.
    """

    file: str = Field(description=FILE, examples=["runner/harness/canonical.py"])
    add: Import | None = Field(
        default=None,
        description="The import statement; it may bring several names.",
        examples=["from harness import warm"],
    )
    drop: Import | None = Field(
        default=None, description="Instead: the import that goes.", examples=["import re"]
    )

    @model_validator(mode="after")
    def _one_way(self) -> PythonImport:
        if (self.add is None) == (self.drop is None):
            raise wrong_together('python.import needs either "add" or "drop"')
        return self


def python_import(draft: Draft, step: PythonImport) -> Changed | Unchanged:
    """Add or drop what is not so yet."""
    before = draft.tree

    def change(source: Source) -> str:
        from patchkit.edit.python.imports import add_import, drop_import  # noqa: PLC0415

        if step.drop is not None:
            return drop_import(source, step.drop)
        return add_import(
            source,
            step.add or "",
            first_party=first_party(draft.tree, step.file),
        )

    what = f"`{step.add or step.drop}`"
    if not edit(draft, step.file, change):
        return Unchanged(f"{step.file} {'has' if step.add else 'lacks'} {what} already")
    return changed(draft, before, f"{'added' if step.add else 'dropped'} {what} in {step.file}")


_HEAD = "import re\nimport sys\n"

IMPORT = Op(
    "python.import",
    PythonImport,
    python_import,
    Example(
        step="op: python.import\nfile: probe.py\nadd: import socket\n",
        before={"probe.py": _HEAD},
        after={"probe.py": _HEAD.replace("import sys", "import socket\nimport sys")},
    ),
)
