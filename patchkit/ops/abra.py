"""What `abra.sh` exports: abra reads it before a deploy, for the versions of configs.

Co-op Cloud docs, «Managing configs». Recipes have no shebang in it, since it is only sourced.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from patchkit.edit import shell
from patchkit.ops import Changed, Example, Op, Unchanged
from patchkit.recipe.model import ABRA_SH
from patchkit.spec.fields import ScalarText
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from patchkit.draft import Draft


class AbraExport(OpModel):
    """Export a variable in `abra.sh`, where it stands if it is there; make the file if needed.

    A new export goes behind the last one of a version. What is exported in a function or a
    block, or twice, is refused. Versions of configs that the fix changes are raised without
    this op (closing rule).
    """

    name: str = Field(description="The variable.", examples=["PG_BACKUP_VERSION"])
    value: ScalarText = Field(description="Its value, a literal text.", examples=["v1"])


def abra_export(draft: Draft, step: AbraExport) -> Changed | Unchanged:
    """Export the variable."""
    text = draft.tree.text(ABRA_SH) if ABRA_SH in draft.tree else ""
    if not draft.save(ABRA_SH, shell.set_export(text, step.name, step.value, path=ABRA_SH)):
        return Unchanged(f"{ABRA_SH} exports {step.name}={step.value} already")
    return Changed(f"exported {step.name}={step.value} in {ABRA_SH}")


_APP_INI = "export APP_INI_VERSION=v3\n"

OPS = {
    "export": Op(
        "abra.export",
        AbraExport,
        abra_export,
        Example(
            step="op: abra.export\nname: PG_BACKUP_VERSION\nvalue: v1\n",
            before={"abra.sh": _APP_INI},
            after={"abra.sh": _APP_INI + "export PG_BACKUP_VERSION=v1\n"},
        ),
    ),
}
