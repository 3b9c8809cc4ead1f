"""Two small ops and a spec that is right, for tests of what makes one wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field, model_validator

from patchkit.errors import SpecError
from patchkit.spec.fields import Id, ScalarValue, wrong_together
from patchkit.spec.loader import load
from patchkit.spec.model import OpModel

if TYPE_CHECKING:
    from pathlib import Path

    from patchkit.spec.fix import Fix


class LabelsSet(OpModel):
    """Set labels of a service."""

    service: str = Field(description="The service's key.", min_length=1)
    labels: dict[str, ScalarValue] = Field(description="Names and values.")
    keep: int = Field(default=0, description="How many.", ge=0)
    limits: dict[Id, int] = Field(default={}, description="Keys that are ids.")
    where: dict[str, str] | list[str] = Field(default=[], description="A union.")


class FileAdd(OpModel):
    """Add a file."""

    path: str
    text: str | None = None
    template: str | None = None

    @model_validator(mode="after")
    def _one_content(self) -> FileAdd:
        if (self.text is None) == (self.template is None):
            raise wrong_together('say either "text" or "template"')
        if self.path.startswith("/"):
            raise ValueError("the path must be inside the recipe")
        return self


OPS: dict[str, type[OpModel]] = {"labels.set": LabelsSet, "file.add": FileAdd}

HEAD = """\
id: mattermost
title: Back the database up
recipe: mattermost-lts
why: A restore does nothing.
"""
STEP = """\
ops:
  - op: labels.set
    service: app
    labels: {a: b}
"""


def loaded(text: str, *dirs: Path) -> Fix:
    """Load a spec with the two ops."""
    return load(text, "fix.yml", op_type=OPS.get, op_names=list(OPS), template_dirs=dirs)


def outcome(text: str, *dirs: Path) -> Fix | SpecError:
    """Return the fix, or the error that loading it raised; any other error passes."""
    try:
        return loaded(text, *dirs)
    except SpecError as error:
        return error


def refused(text: str, *dirs: Path) -> list[str]:
    """Return each problem of a spec as a user reads it; none if it is right."""
    result = outcome(text, *dirs)
    return [str(p) for p in result.problems] if isinstance(result, SpecError) else []
